"""Merging folders of records: what agrees is joined once, what does not is refused and changes nothing."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from edited_runs import edit, edit_record
from invented import invented_cohort, store_run

from mebench.errors import MebenchError, MebenchWarning
from mebench.evidence.digests import digest_of
from mebench.files import to_json
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task, find_runs
from mebench.runner.merge import merge_runs
from mebench.scoring.rebuild import score_run
from mebench.scoring.stored import read_scores

Store = Callable[..., RunDirectory]
FOLDS = [f"casme3/spNO.{n}" for n in (1, 2, 3)]


@pytest.fixture
def store(tmp_path: Path, registry: Registry) -> Store:
    """Record a whole run in a folder of runs; ``folds`` and ``seeds`` are what it keeps."""
    entry = registry.get("model", "majority")

    def make(name: str, folds: tuple[int, ...] = (0, 1, 2), **change: Any) -> RunDirectory:
        directory = store_run(tmp_path / name, invented_cohort(), entry, entry.load()(), **change)
        for number, fold in enumerate(FOLDS):
            for seed in change.get("seeds", (0,)):
                if number not in folds:
                    directory.record_file(Task(seed, fold)).unlink()
        return directory

    return make


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_parts_of_a_run_become_the_run_that_was_made_in_one_place(tmp_path: Path, store: Store) -> None:
    store("a", folds=(0,))
    store("b", folds=(1, 2))
    before = _tree(tmp_path / "a"), _tree(tmp_path / "b")
    (joined,) = merge_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "deep" / "all")
    assert (joined.joined, joined.there, joined.recorded, joined.due) == (3, 0, 3, 3)
    whole = store("whole")
    scores = score_run(whole)
    assert score_run(joined.directory) == scores
    assert read_scores(joined.directory, joined.directory.read_run()) == json.loads(to_json(scores))
    for fold in FOLDS:
        assert joined.directory.read_record(Task(0, fold)) == whole.read_record(Task(0, fold))
    assert (_tree(tmp_path / "a"), _tree(tmp_path / "b")) == before, "the sources are only read"
    kept = [p.name for p in (tmp_path / "deep" / "all").rglob("*") if p.name.startswith(".")]
    assert not kept, "nothing temporary is left"


def test_fitted_models_are_left_and_it_is_said(tmp_path: Path, store: Store) -> None:
    store("a", folds=(0,))
    kept = store("b", folds=(1, 2)).path / "models" / "seed0-casme3_spNO.2"
    kept.mkdir(parents=True)
    with pytest.warns(
        MebenchWarning, match=f"^the fitted models in {kept.parent} are not merged: copy"
    ) as said:
        (joined,) = merge_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "all")
    assert len(said) == 1
    assert not (joined.directory.path / "models").exists()
    assert kept.is_dir()


def test_merging_twice_is_harmless(tmp_path: Path, store: Store) -> None:
    store("a", folds=(0,))
    store("b", folds=(1, 2))
    sources = [tmp_path / "a", tmp_path / "b"]
    merge_runs(sources, tmp_path / "all")
    before = _tree(tmp_path / "all")
    (again,) = merge_runs(sources, tmp_path / "all")
    assert (again.joined, again.there) == (0, 3)
    assert _tree(tmp_path / "all") == before


def test_the_target_may_be_one_of_the_sources(tmp_path: Path, store: Store) -> None:
    store("a", folds=(0,))
    store("b", folds=(1, 2))
    (joined,) = merge_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "a")
    assert (joined.joined, joined.there, joined.recorded) == (2, 1, 3)
    assert joined.directory.scores_file.exists()
    assert [d.path for d in find_runs(tmp_path / "a")] == [joined.directory.path]


def test_a_single_run_s_folder_is_a_source_too(tmp_path: Path, store: Store) -> None:
    part = store("a", folds=(0, 1))
    (joined,) = merge_runs([part.path], tmp_path / "all")
    assert joined.directory.path == tmp_path / "all" / "four" / part.path.name
    assert (joined.recorded, joined.due) == (2, 3)
    assert not joined.directory.scores_file.exists()


def test_seeds_are_joined_and_a_score_of_fewer_is_taken_back(tmp_path: Path, store: Store) -> None:
    store("a", seeds=(0,))
    merge_runs([tmp_path / "a"], tmp_path / "all")
    store("b", folds=(0, 1), seeds=(0, 2))
    (joined,) = merge_runs([tmp_path / "b"], tmp_path / "all")
    assert joined.directory.read_run()["seeds"] == [0, 2]
    assert (joined.joined, joined.there, joined.recorded, joined.due) == (2, 3, 5, 6)
    assert not joined.directory.scores_file.exists()
    store("c", folds=(2,), seeds=(0, 2))
    (joined,) = merge_runs([tmp_path / "c"], tmp_path / "all")
    assert json.loads(joined.directory.scores_file.read_text())["seeds"] == [0, 2]


def test_runs_of_several_models_stay_apart(tmp_path: Path, store: Store) -> None:
    store("a")
    store("b", shuffle_labels=True)
    assert len(merge_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "all")) == 2
    assert len(list(find_runs(tmp_path / "all"))) == 2


def test_times_and_hosts_may_differ(tmp_path: Path, store: Store) -> None:
    store("a")
    other = store("b")
    edit_record(other, Task(0, FOLDS[0]), fit_seconds=99.0)
    (joined,) = merge_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "all")
    record = joined.directory.read_record(Task(0, FOLDS[0]))
    assert record is not None
    assert record["fit_seconds"] == 0.5


def test_other_conditions_are_named(tmp_path: Path, store: Store) -> None:
    store("a")
    other = store("b")
    edit(other.run_file, {"hardware": {"cores": 999}})
    with pytest.warns(MebenchWarning, match=r"b/four/.* other conditions than .*a/four/.* \(the hardware\)"):
        merge_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "all")


def test_a_failure_beside_a_joined_record_goes(tmp_path: Path, store: Store) -> None:
    target = store("all", folds=(1, 2))
    target.write_failure(Task(0, FOLDS[0]), "ValueError: odd", "")
    store("a", folds=(0,))
    merge_runs([tmp_path / "a"], tmp_path / "all")
    assert not target.failure_file(Task(0, FOLDS[0])).exists()


def _cut(directory: RunDirectory) -> None:
    file = directory.record_file(Task(0, FOLDS[0]))
    file.write_bytes(file.read_bytes()[:40])


def _no_record(directory: RunDirectory) -> None:
    directory.record_file(Task(0, FOLDS[0])).write_text("[]")


def _changed(directory: RunDirectory) -> None:
    file = directory.record_file(Task(0, FOLDS[0]))
    file.write_text(file.read_text().replace('"threads": 1', '"threads": 2'))


def _renamed(directory: RunDirectory) -> None:
    directory.record_file(Task(0, FOLDS[0])).rename(directory.path / "folds" / "copy of it.json")


def _of_another_seed(directory: RunDirectory) -> None:
    edit_record(directory, Task(0, FOLDS[0]), seed=7)
    directory.record_file(Task(0, FOLDS[0])).rename(directory.record_file(Task(7, FOLDS[0])))


def _of_fewer_clips(directory: RunDirectory) -> None:
    record = directory.read_record(Task(0, FOLDS[0]))
    assert record is not None
    edit_record(directory, Task(0, FOLDS[0]), predictions=record["predictions"][1:])


@pytest.mark.parametrize("damage", [_cut, _no_record, _changed, _renamed, _of_another_seed, _of_fewer_clips])
def test_a_damaged_record_is_named_and_left_out(
    tmp_path: Path, store: Store, damage: Callable[[RunDirectory], None]
) -> None:
    damage(store("a"))
    with pytest.warns(MebenchWarning) as caught:
        (joined,) = merge_runs([tmp_path / "a"], tmp_path / "all")
    (message,) = (str(warning.message) for warning in caught)
    assert message.startswith(f"record {tmp_path / 'a'}")
    assert "is left out (" in message
    assert "\n" not in message
    assert (joined.recorded, joined.due) == (2, 3)
    store("b")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (mended,) = merge_runs([tmp_path / "b"], tmp_path / "all")
    assert (mended.joined, mended.recorded) == (1, 3)


def test_a_damaged_record_of_the_target_is_replaced(tmp_path: Path, store: Store) -> None:
    _cut(store("all"))
    store("a")
    with pytest.warns(MebenchWarning, match="is left out"):
        (joined,) = merge_runs([tmp_path / "a"], tmp_path / "all")
    assert (joined.joined, joined.there, joined.recorded) == (1, 2, 3)


def _other_identity(directory: RunDirectory) -> str:
    decided = {**directory.read_run()["decided_by"], "threads": 9}
    edit(directory.run_file, {"threads": 9, "decided_by": decided, "identity": digest_of(decided)})
    return r"a/four/.*run\.json describes a run whose folder is named majority-"


def _other_cohort(directory: RunDirectory) -> str:
    text = directory.cohort_file.read_text()
    directory.cohort_file.write_text(text.replace(",happy,", ",surprise,", 1))
    return r"a/.*cohort\.csv is not the one that its run was made with"


def _shorter_cohort(directory: RunDirectory) -> str:
    lines = directory.cohort_file.read_text().splitlines(keepends=True)
    directory.cohort_file.write_text("".join(lines[:-1]))
    return r"a/.*cohort\.csv is not the one that its run was made with"


def _no_cohort(directory: RunDirectory) -> str:
    directory.cohort_file.unlink()
    return r"a/.*cohort\.csv is missing or damaged"


def _other_predictions(directory: RunDirectory) -> str:
    record = directory.read_record(Task(0, FOLDS[1]))
    assert record is not None
    predictions = [dict(each) for each in record["predictions"]]
    predictions[1]["probabilities"] = [0.25] * 4
    edit_record(directory, Task(0, FOLDS[1]), predictions=predictions)
    return (
        r"all/.*spNO\.2\.json and .*a/.*spNO\.2\.json predict differently, first for clip casme3/spNO\.2/b/10"
    )


def _record_of_another_run(directory: RunDirectory) -> str:
    edit_record(directory, Task(0, FOLDS[1]), identity="f" * 64)
    return r"a/.*spNO\.2\.json was made under the identity ffffffffffff, and .*run\.json names"


def _damaged_description(directory: RunDirectory) -> str:
    directory.run_file.write_text("{")
    return r"a/.*run\.json is not readable JSON"


REFUSED = [
    *(_other_identity, _other_cohort, _shorter_cohort, _no_cohort),
    *(_other_predictions, _record_of_another_run, _damaged_description),
]


@pytest.mark.parametrize("change", REFUSED)
def test_what_does_not_agree_is_refused_and_changes_nothing(
    tmp_path: Path, store: Store, change: Callable[[RunDirectory], str]
) -> None:
    store("all", folds=(0, 1))
    store("other", shuffle_labels=True)  # it would be joined, were it alone
    reason = change(store("a"))
    before = _tree(tmp_path)
    with pytest.raises(MebenchError, match=reason) as refused:
        merge_runs([tmp_path / "other", tmp_path / "a"], tmp_path / "all")
    assert "\n" not in str(refused.value)
    assert _tree(tmp_path) == before


@pytest.mark.parametrize("change", [_other_identity, _other_predictions])
def test_a_refused_merge_makes_no_target(
    tmp_path: Path, store: Store, change: Callable[[RunDirectory], str]
) -> None:
    store("all")
    reason = change(store("a"))
    with pytest.raises(MebenchError, match=reason):
        merge_runs([tmp_path / "all", tmp_path / "a"], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_without_runs_and_a_target_that_is_a_run_are_refused(tmp_path: Path, store: Store) -> None:
    part = store("a")
    with pytest.raises(MebenchError, match="empty holds no run"):
        merge_runs([tmp_path / "empty"], tmp_path / "all")
    with pytest.raises(MebenchError, match="one run's own folder"):
        merge_runs([tmp_path / "a"], part.path)
    place = tmp_path / "all" / "four" / part.path.name
    place.mkdir(parents=True)
    (place / "mine.txt").write_text("mine")
    with pytest.raises(MebenchError, match="is in the way"):
        merge_runs([tmp_path / "a"], tmp_path / "all")
    shutil.rmtree(tmp_path / "all")
    assert merge_runs([tmp_path / "a"], tmp_path / "all")
