"""A run that was changed after the fact is left out by name, and every command goes on with the others."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edited_runs import edit, edit_record, forge
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.cli import main
from mebench.errors import MebenchError, MebenchWarning
from mebench.evidence.digests import sealed
from mebench.files import to_json
from mebench.leaderboard.build import build_leaderboards
from mebench.records import RunDirectory, Task, find_runs
from mebench.runner.completion import settle
from mebench.scoring.compared_runs import compare_runs
from mebench.scoring.listing import run_rows
from mebench.scoring.rebuild import score_run

COHORT = invented_cohort(3, 4)
TRUTH = COHORT.clips["label"].to_numpy()
TASK = Task(0, "casme3/spNO.1")
OTHER = Task(0, "casme3/spNO.2")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: of a poor and of a good model, and one of synthetic data, each right in its own clips."""
    runs = tmp_path_factory.mktemp("recorded")
    poor = np.where(np.arange(len(TRUTH)) % 2, (TRUTH + 1) % len(EMOTIONS), TRUTH)
    settle(record_run(runs, COHORT, lambda _: poor, seeds=(0, 1)))
    settle(record_run(runs, COHORT, lambda _: TRUTH, model="difference-svm"))
    settle(record_run(runs, invented_cohort(3, 4, twin=True), lambda _: TRUTH))
    return runs


@pytest.fixture
def runs(recorded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "runs"))


def poor_of(runs: Path) -> RunDirectory:
    """The run that is attacked: a poor model's, of real data."""
    return next(d for d in find_runs(runs) if d.path.name.startswith("majority-") and _real(d))


def good_of(runs: Path) -> RunDirectory:
    return next(d for d in find_runs(runs) if d.path.name.startswith("difference-svm-"))


def twin_of(runs: Path) -> RunDirectory:
    return next(d for d in find_runs(runs) if not _real(d))


def _real(directory: RunDirectory) -> bool:
    return not json.loads(directory.run_file.read_text())["synthetic"]


Attack = Callable[[RunDirectory, Path], Any]


def _change(name: str, value: Any) -> Attack:
    return lambda run, runs: edit(run.run_file, {name: value})


def _change_unsealed(run: RunDirectory, runs: Path) -> None:
    edit(run.run_file, {"created": "2020-01-01T00:00:00+00:00"}, seal=False)


def _change_what_decided(run: RunDirectory, runs: Path) -> None:
    decided = json.loads(run.run_file.read_text())["decided_by"]
    edit(run.run_file, {"decided_by": {**decided, "data": [{**decided["data"][0], "twin": True}]}})


def _forge_identity_alone(run: RunDirectory, runs: Path) -> None:
    decided = {**json.loads(run.run_file.read_text())["decided_by"], "threads": 9}
    place = forge(run, decided, threads=9).path
    place.rename(run.path)


def _marked_real(run: RunDirectory, runs: Path) -> None:
    """The synthetic run, with its marks taken off and everything that follows made to fit, but what it is of."""
    twin = twin_of(runs)
    decided = json.loads(twin.run_file.read_text())["decided_by"]
    forged = forge(twin, {"shown": {**decided["shown"], "synthetic": False}}, synthetic=False)
    shutil.rmtree(run.path)
    forged.path.rename(run.path)


def _rename(run: RunDirectory, runs: Path) -> None:
    place = run.path.with_name("majority-best")
    run.path.rename(place)


def _swap_descriptions(run: RunDirectory, runs: Path) -> None:
    shutil.copy(good_of(runs).run_file, run.run_file)


def _edit_labels(run: RunDirectory, runs: Path) -> None:
    text = run.cohort_file.read_text()
    run.cohort_file.write_text(text.replace(",1,surprise,", ",2,disgust,"))


def _edit_labels_and_hash(run: RunDirectory, runs: Path) -> None:
    import hashlib

    _edit_labels(run, runs)
    decided = json.loads(run.run_file.read_text())["decided_by"]
    truth = hashlib.sha256(run.cohort_file.read_bytes()).hexdigest()
    edit(run.run_file, {"decided_by": {**decided, "truth": truth}})


def _swap_cohorts(run: RunDirectory, runs: Path) -> None:
    other = record_run(runs.parent / "other", invented_cohort(3, 5), lambda _: np.zeros(15, int))
    shutil.copy(other.cohort_file, run.cohort_file)


def _no_cohort(run: RunDirectory, runs: Path) -> None:
    run.cohort_file.unlink()


def _replace(what: str, make: Callable[[Path], Any]) -> Attack:
    def attack(run: RunDirectory, runs: Path) -> None:
        place = run.record_file(TASK) if what == "record" else run.path / what
        place.unlink()
        make(place)

    return attack


def _long(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 << 20)


def _deep(path: Path) -> None:
    path.write_text('{"format": 3, "x": ' + "[" * 100_000 + "]" * 100_000 + "}")


def _cut(what: str) -> Attack:
    def attack(run: RunDirectory, runs: Path) -> None:
        place = run.record_file(TASK) if what == "record" else run.path / what
        place.write_bytes(place.read_bytes()[:-30])

    return attack


def _twice(run: RunDirectory, runs: Path) -> None:
    run.run_file.write_text(
        run.run_file.read_text().replace('"synthetic": ', '"synthetic": true,\n  "synthetic": ', 1)
    )


# What is done to the run, and the file that has to be named.
ON_THE_RUN: dict[str, tuple[Attack, str]] = {
    "synthetic": (_change("synthetic", True), "run.json"),
    "selection": (_change("selection", "oracle"), "run.json"),
    "shuffled labels": (_change("shuffled_labels", True), "run.json"),
    "subject dependent": (_change("subject_dependent", True), "run.json"),
    "label": (_change("label", "best"), "run.json"),
    "local code": (_change("local_code", {"file": "a.py", "sha256": "0" * 64}), "run.json"),
    "changed settings": (_change("changed_settings", {"c": 3}), "run.json"),
    "settings": (_change("settings", {"c": 3}), "run.json"),
    "classes": (_change("classes", ["a", "b", "c", "d"]), "run.json"),
    "protocol": (_change("protocol", "casme3-4c"), "run.json"),
    "odd protocol": (_change("protocol", "../../outside"), "run.json"),
    "manifest": (_change("manifest", "0"), "run.json"),
    "seeds twice": (_change("seeds", [0, 0]), "run.json"),
    "no seed": (_change("seeds", []), "run.json"),
    "negative seed": (_change("seeds", [-1]), "run.json"),
    "a seed that is true": (_change("seeds", [True]), "run.json"),
    "huge seed": (_change("seeds", [10**30]), "run.json"),
    "counts": (_change("cohort", {"clips": 3}), "run.json"),
    "bridged": (_change("substitutions", {"missing_frames": 3}), "run.json"),
    "data is a dict": (_change("data", {}), "run.json"),
    "versions are a list": (_change("versions", []), "run.json"),
    "threads in quotes": (_change("threads", "1"), "run.json"),
    "unsealed": (_change_unsealed, "run.json"),
    "what decided it": (_change_what_decided, "run.json"),
    "identity alone": (_forge_identity_alone, "run.json"),
    "marked real": (_marked_real, "run.json"),
    "renamed": (_rename, "run.json"),
    "another description": (_swap_descriptions, "run.json"),
    "cut description": (_cut("run.json"), "run.json"),
    "names twice": (_twice, "run.json"),
    "a pipe": (_replace("run.json", os.mkfifo), "run.json"),
    "a folder": (_replace("run.json", Path.mkdir), "run.json"),
    "200 MB": (_replace("run.json", _long), "run.json"),
    "deep": (_replace("run.json", _deep), "run.json"),
    "labels": (_edit_labels, "cohort.csv"),
    "labels and their hash": (_edit_labels_and_hash, "run.json"),
    "another cohort": (_swap_cohorts, "cohort.csv"),
    "cut cohort": (_cut("cohort.csv"), "cohort.csv"),
    "a cohort that is a pipe": (_replace("cohort.csv", os.mkfifo), "cohort.csv"),
    "a cohort that is a folder": (_replace("cohort.csv", Path.mkdir), "cohort.csv"),
    "a cohort of 200 MB": (_replace("cohort.csv", _long), "cohort.csv"),
}


def _record(**change: Any) -> Attack:
    return lambda run, runs: edit_record(run, TASK, **change)


def _predictions(change: Callable[[list[dict[str, Any]]], Any]) -> Attack:
    def attack(run: RunDirectory, runs: Path) -> None:
        rows = json.loads(run.record_file(TASK).read_text())["predictions"]
        edit_record(run, TASK, predictions=change(rows))

    return attack


def _copy_record(source: Task, **change: Any) -> Attack:
    def attack(run: RunDirectory, runs: Path) -> None:
        shutil.copy(run.record_file(source), run.record_file(TASK))
        if change:
            edit_record(run, TASK, **change)

    return attack


def _record_of_another_run(run: RunDirectory, runs: Path) -> None:
    shutil.copy(good_of(runs).record_file(TASK), run.record_file(TASK))


def _unsealed_predictions(run: RunDirectory, runs: Path) -> None:
    rows = json.loads(run.record_file(TASK).read_text())["predictions"]
    edit(run.record_file(TASK), {"predictions": rows[::-1]}, seal=False)


def _with(rows: list[dict[str, Any]], **change: Any) -> list[dict[str, Any]]:
    return [{**rows[0], **change}, *rows[1:]]


ON_A_RECORD: dict[str, Attack] = {
    "unsealed": _unsealed_predictions,
    "another fold's": _copy_record(OTHER),
    "another fold's, renamed": _copy_record(OTHER, fold=TASK.fold),
    "another seed's": _copy_record(Task(1, TASK.fold)),
    "another seed's, renamed": _copy_record(Task(1, TASK.fold), seed=0),
    "another run's": _record_of_another_run,
    "cut": _cut("record"),
    "a pipe": _replace("record", os.mkfifo),
    "a folder": _replace("record", Path.mkdir),
    "200 MB": _replace("record", _long),
    "deep": _replace("record", _deep),
    "a list": lambda run, runs: run.record_file(TASK).write_text("[]"),
    "NaN": lambda run, runs: run.record_file(TASK).write_text(
        run.record_file(TASK).read_text().replace("1.0", "NaN", 1)
    ),
    "1e999": lambda run, runs: run.record_file(TASK).write_text(
        run.record_file(TASK).read_text().replace("1.0", "1e999", 1)
    ),
    "another device": _record(device="cuda"),
    "predictions are a dict": _record(predictions={}),
    "a fold that is a number": _record(fold=3),
    "a seed that is false": _record(seed=False),
    "a seed with a point": _record(seed=0.0),
    "times below nothing": _record(fit_seconds=-1.0),
    "curves are a list": _record(curves=[1.0]),
    "checks are words": _record(checks={"again": "0"}),
    "an epoch alone": _record(epoch=3),
    "an epoch that is none": _record(epoch=5, epochs=3, equal_epochs=[5]),
    "a billion epochs": _record(epoch=1, epochs=2**52, equal_epochs=[2]),
    "a clip less": _predictions(lambda rows: rows[1:]),
    "a clip twice": _predictions(lambda rows: [rows[0], *rows[:-1]]),
    "a clip more": _predictions(lambda rows: [*rows, {**rows[0], "clip": "casme3/spNO.2/a/10"}]),
    "a clip's name is a list": _predictions(lambda rows: _with(rows, clip=[])),
    "a class more": _predictions(lambda rows: _with(rows, probabilities=[1.0, 0.0, 0.0, 0.0, 0.0])),
    "shares in quotes": _predictions(lambda rows: _with(rows, probabilities=["1.0", 0.0, 0.0, 0.0])),
    "shares that are true": _predictions(lambda rows: _with(rows, probabilities=[True, False, False, False])),
    "shares of two": _predictions(lambda rows: _with(rows, probabilities=[2.0, 0.0, 0.0, 0.0])),
    "huge shares": _predictions(lambda rows: _with(rows, probabilities=[10**400, 0, 0, 0])),
    "shares of nothing": _predictions(lambda rows: _with(rows, probabilities=[0.0, 0.0, 0.0, 0.0])),
    "shares that are None": _predictions(lambda rows: _with(rows, probabilities=None)),
    "units of one clip": _predictions(lambda rows: _with(rows, aus=[0.5, 0.5, 0.5])),
}


def _said(runs: Path, out: Path) -> tuple[list[dict[str, Any]], dict[str, str], list[str]]:
    """Return what a list and a board say of runs: the list's rows, why runs are left out of the board, warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MebenchWarning)
        rows = [dict(row) for row in run_rows(runs)]
        built = build_leaderboards(runs, out)
    messages = [str(each.message) for each in caught]
    assert not [text for text in messages if "\n" in text]
    assert (out / "four.md").exists()
    return rows, {path.name: reason for path, reason in built.left_out}, messages


@pytest.mark.parametrize("name", ON_THE_RUN)
def test_a_run_that_does_not_agree_is_left_out_and_the_file_named(
    name: str, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attack, file = ON_THE_RUN[name]
    run, good = poor_of(runs), good_of(runs)
    attack(run, runs)
    place = run.path if run.path.exists() else run.path.with_name("majority-best")
    rows, left_out, messages = _said(runs, tmp_path / "tables")
    assert str(place) not in [row["run"] for row in rows]
    assert str(good.path) in [row["run"] for row in rows]
    assert [text for text in messages if str(place / file) in text], messages
    assert str(place / file) in left_out[place.name]
    assert good.path.name in (tmp_path / "tables" / "four.csv").read_text()
    for command in (["show", str(place)], ["compare", str(place), str(good.path)]):
        with pytest.raises(SystemExit) as ended:
            main(command)
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert said.startswith("error: ")
        if (place / "run.json").exists():  # nobody finds a run in a folder whose run.json is a folder
            assert str(place / file) in said


@pytest.mark.parametrize("name", ON_A_RECORD)
def test_a_record_that_does_not_agree_does_not_count_and_is_named(
    name: str, runs: Path, tmp_path: Path
) -> None:
    run, good = poor_of(runs), good_of(runs)
    ON_A_RECORD[name](run, runs)
    rows, left_out, messages = _said(runs, tmp_path / "tables")
    (row,) = (row for row in rows if row["run"] == str(run.path))
    assert (row["done"], row["folds"], row["uf1"]) == (5, 6, None)
    file = str(run.record_file(TASK))
    assert [text for text in messages if text.startswith(f"record {file} does not count (")], messages
    assert left_out == {run.path.name: left_out[run.path.name]}
    assert left_out[run.path.name].startswith(f"{file} does not count (")
    with pytest.raises(MebenchError, match="does not count"):
        score_run(run)
    assert good.path.name in (tmp_path / "tables" / "four.csv").read_text()


def test_a_comparison_goes_on_without_a_run_that_does_not_agree(runs: Path, tmp_path: Path) -> None:
    poor, good = poor_of(runs), good_of(runs)
    third = record_run(runs, COHORT, lambda _: TRUTH, seeds=(0, 1), shuffle_labels=True)
    edit(poor.run_file, {"label": "best"})
    with pytest.warns(MebenchWarning, match=rf"{poor.path.name} is left out: .*run\.json was changed"):
        found = compare_runs([poor, good, third])
    assert [run["run"] for run in found["runs"].values()] == [str(good.path), str(third.path)]
    with pytest.raises(MebenchError, match=r"run\.json was changed"):
        compare_runs([good, third], reference=poor)


def test_what_hashes_cannot_notice_is_what_the_documentation_says(runs: Path, tmp_path: Path) -> None:
    """New predictions with a new checksum; a run whose every file was made up. Only another run tells."""
    run = poor_of(runs)
    before = score_run(run)["uf1"]["mean"]
    for seed in (0, 1):
        for fold in run.read_truth().folds:
            right = json.loads(good_of(runs).record_file(Task(0, fold)).read_text())["predictions"]
            edit_record(run, Task(seed, fold), predictions=right)
    assert before is not None
    assert score_run(run)["uf1"]["mean"] == 1.0 > before
    twin = twin_of(runs)
    decided = json.loads(twin.run_file.read_text())["decided_by"]
    real = forge(
        twin,
        {
            "shown": {**decided["shown"], "synthetic": False},
            "data": [{**each, "twin": False} for each in decided["data"]],
            "model": "made-up",
        },
        synthetic=False,
        model="made-up",
        data=[{**each, "twin": False} for each in json.loads(twin.run_file.read_text())["data"]],
    )
    assert real.read_run()["synthetic"] is False


def test_a_mark_cannot_be_taken_off_without_another_name(runs: Path, tmp_path: Path) -> None:
    twin = twin_of(runs)
    decided = json.loads(twin.run_file.read_text())["decided_by"]
    clean = {**decided["shown"], "synthetic": False}
    data = [{**each, "twin": False} for each in json.loads(twin.run_file.read_text())["data"]]
    forged = forge(
        twin,
        {"shown": clean, "data": [{**each, "twin": False} for each in decided["data"]]},
        synthetic=False,
        data=data,
    )
    assert forged.path.name != twin.path.name


@pytest.mark.parametrize(
    "change",
    [
        {"uf1": {"mean": 1.0}},
        {"uf1": 1.0},
        {"identity": "0" * 64},
        {"seeds": [0]},
        {"classes": {}},
        {"confusion": None},
        {"checksum": "0" * 64},
    ],
    ids=str,
)
def test_scores_that_do_not_stand_are_named_and_computed_from_the_records(
    runs: Path, change: dict[str, Any], tmp_path: Path
) -> None:
    run = poor_of(runs)
    (whole,) = (row for row in run_rows(runs) if row["run"] == str(run.path))
    edit(run.scores_file, change, seal="checksum" not in change)
    rows, left_out, messages = _said(runs, tmp_path / "tables")
    assert whole in rows
    (message,) = messages
    assert str(run.scores_file) in message
    assert "these are computed from the records" in message
    assert not left_out


def test_scores_older_than_a_record_are_not_believed(runs: Path) -> None:
    run = poor_of(runs)
    scores = json.loads(run.scores_file.read_text())
    uf1 = scores["uf1"]["mean"]
    run.scores_file.write_text(to_json(sealed({**scores, "uf1": {**scores["uf1"], "mean": 1.0}})))
    assert 1.0 in [row["uf1"] for row in run_rows(runs) if row["run"] == str(run.path)], "it is a cache"
    os.utime(run.record_file(TASK))
    assert [row["uf1"] for row in run_rows(runs) if row["run"] == str(run.path)] == [uf1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"format": 1, "model": "x"}, "format 1 did not say what decided a run"),
        ({"format": 2, "identity": "0" * 64}, "format 2 did not say which cohort.csv belongs to a run"),
        ({"format": 4}, "describes no run of format 3"),
        ({"format": True}, "describes no run of format 3"),
        ({"format": 3}, "it lacks model"),
        ({}, "describes no run of format 3"),
    ],
    ids=str,
)
def test_descriptions_of_other_formats_are_told_in_one_sentence(
    runs: Path, content: dict[str, Any], reason: str
) -> None:
    run = poor_of(runs)
    run.run_file.write_text(json.dumps(content))
    with pytest.raises(MebenchError) as refused:
        run.read_run()
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_run_goes_on_and_says_that_its_truth_was_changed(runs: Path) -> None:
    run = poor_of(runs)
    before = run.cohort_file.read_bytes()
    _edit_labels(run, runs)
    with pytest.warns(
        MebenchWarning, match=r"cohort\.csv was changed since the run began; it is written anew"
    ):
        record_run(runs, COHORT, lambda _: TRUTH, seeds=(0, 1))
    assert run.cohort_file.read_bytes() == before
