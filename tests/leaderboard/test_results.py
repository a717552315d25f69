"""Stored results: what submit writes is what verify finds, and whatever is altered in one is refused by name."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stored_results import Change, altered, flow_cohort, flow_list, oracle_run, whole_run

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.errors import MebenchError
from mebench.evidence.digests import sealed
from mebench.leaderboard.results import files, schema
from mebench.leaderboard.results.alone import problems_alone
from mebench.leaderboard.results.files import find_results, read_result, read_results
from mebench.leaderboard.results.labels import Labels
from mebench.leaderboard.results.pairs import read_pairs
from mebench.leaderboard.results.submit import submit
from mebench.leaderboard.results.verify import Verified, verify
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task
from mebench.scoring.optimism import optimism_of
from mebench.scoring.rebuild import score_run

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def cohort(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return flow_cohort(registry, tmp_path_factory.mktemp("flow"))


@pytest.fixture(scope="module")
def runs(
    registry: Registry, cohort: Cohort, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, RunDirectory]:
    folder = tmp_path_factory.mktemp("runs")
    return {
        "majority": whole_run(registry, folder, cohort),
        "flow-svm": whole_run(registry, folder, cohort, "flow-svm", wrong=3),
        "oracle": oracle_run(folder, cohort),
    }


@pytest.fixture(scope="module")
def board(
    registry: Registry, runs: dict[str, RunDirectory], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder of leaderboards with the results of three runs. Copy it; do not change it."""
    out = tmp_path_factory.mktemp("board") / "leaderboards"
    for directory in runs.values():
        submit(directory, out, registry)
    return out


@pytest.fixture
def results(board: Path, tmp_path: Path) -> Path:
    """The same results, to be changed."""
    return Path(shutil.copytree(board / "results", tmp_path / "results"))


@pytest.fixture(scope="module")
def labels(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Labels:
    file = flow_list(tmp_path_factory.mktemp("list") / "combined_3class_gt.csv")
    return Labels(registry, lists={"megc2019": file})


@pytest.fixture
def nothing(registry: Registry) -> Labels:
    return Labels(registry)


def one_of(results: Path, start: str) -> Path:
    """Return the first file of a model; of an oracle run it is that of the last epochs if ``start`` says so."""
    found = [path for path in find_results(results) if path.name.startswith(start.partition(":")[0])]
    if rule := start.partition(":")[2]:
        found = [path for path in found if json.loads(path.read_text())["selection"] == rule]
    return found[0]


def problems(found: list[Verified]) -> list[str]:
    return [problem for each in found for problem in each.problems]


# What submit writes


def test_a_stored_result_scores_what_its_run_does_and_holds_no_label(
    board: Path, runs: dict[str, RunDirectory]
) -> None:
    path = one_of(board, "majority")
    result = read_result(path)
    assert path.parent == board / "results" / "megc2019"
    assert json.loads(json.dumps(score_run(runs["majority"]))) == result["scores"]
    assert list(result["predictions"]) == sorted(result["predictions"])
    assert len(result["predictions"]) == 27
    assert {len(rows) for rows in result["predictions"].values()} == {2}
    # No field but the summed counts and each subject's share tells of a true class.
    assert set(result) == {
        *(
            "schema",
            "checksum",
            "title",
            "selection",
            "run",
            "predictions",
            "scores",
            "subjects",
            "timing",
            "command",
        )
    }
    assert "label" not in "".join(result["predictions"])
    assert sum(line.startswith('  "casme2/sub1/') for line in path.read_text().splitlines()) == 3, (
        "a clip a line"
    )


def test_the_same_run_gives_the_same_bytes(
    board: Path, runs: dict[str, RunDirectory], registry: Registry, tmp_path: Path
) -> None:
    for name in ("oracle", "flow-svm", "majority"):
        submit(runs[name], tmp_path, registry)
    there = {path.relative_to(board): path.read_bytes() for path in board.rglob("*.json")}
    here = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.json")}
    assert len(here) == 5
    assert here == there


def test_subjects_shares_can_be_left_out(
    runs: dict[str, RunDirectory], registry: Registry, labels: Labels, tmp_path: Path
) -> None:
    done = submit(runs["majority"], tmp_path, registry, subjects=False)
    assert "subjects" not in read_result(done.written[0])
    assert problems(verify([tmp_path], registry, labels)) == []


def test_an_oracle_run_gives_two_results_and_their_difference_is_what_the_choice_is_worth(
    board: Path, runs: dict[str, RunDirectory]
) -> None:
    last, chosen = (read_result(one_of(board, f"ststnet:{rule}")) for rule in ("last", "oracle"))
    assert (last.get("trained_under"), chosen.get("trained_under")) == ("oracle", None)
    assert last["run"] == chosen["run"]
    assert last["scores"]["uf1"]["mean"] < chosen["scores"]["uf1"]["mean"] == 1
    pairs = read_pairs(board / "results" / "megc2019")
    assert pairs is not None
    of_oracle = [each for each in pairs["pairs"] if chosen["checksum"] in (each["a"], each["b"])]
    assert [(each["a"], each["b"]) for each in of_oracle] == [(last["checksum"], chosen["checksum"])]
    due = optimism_of(runs["oracle"])["scores"]["uf1"]
    assert of_oracle[0]["scores"]["uf1"]["difference"] == due["difference"]
    assert of_oracle[0]["scores"]["uf1"]["low"] == due["low"]
    # Of the three that are ranked, every two.
    assert len(pairs["pairs"]) == 1 + 3


def test_one_of_an_oracle_runs_results_can_be_stored_alone(
    runs: dict[str, RunDirectory], registry: Registry, tmp_path: Path
) -> None:
    done = submit(runs["oracle"], tmp_path, registry, selection="last")
    assert [read_result(path)["selection"] for path in find_results(tmp_path)] == ["last"]
    assert len(done.written) == 2
    with pytest.raises(
        MebenchError, match="no predictions by the rule 'oracle': its epochs were chosen by 'last'"
    ):
        submit(runs["majority"], tmp_path, registry, selection="oracle")


def test_more_seeds_of_a_run_take_the_place_of_fewer_and_never_the_other_way(
    registry: Registry, cohort: Cohort, tmp_path: Path
) -> None:
    few = whole_run(registry, tmp_path / "few", cohort, seeds=(0,))
    more = whole_run(registry, tmp_path / "more", cohort, seeds=(0, 1, 2))
    first = submit(few, tmp_path / "out", registry).written[0]
    done = submit(more, tmp_path / "out", registry)
    assert done.replaced == [first]
    assert find_results(tmp_path / "out") == [done.written[0]]
    with pytest.raises(MebenchError, match=r"with the seeds 1 2, which .* lacks: run those seeds too"):
        submit(few, tmp_path / "out", registry)
    assert find_results(tmp_path / "out") == [done.written[0]]


def test_a_run_that_is_not_whole_or_learnt_shuffled_labels_is_no_result(
    registry: Registry, cohort: Cohort, tmp_path: Path
) -> None:
    cut = whole_run(registry, tmp_path / "runs", cohort)
    cut.record_file(Task(1, "samm/2")).unlink()
    with pytest.raises(MebenchError, match=r"fold samm/2 of seed 1 has no record"):
        submit(cut, tmp_path / "out", registry)
    shuffled = whole_run(registry, tmp_path / "runs", cohort, shuffle_labels=True)
    with pytest.raises(MebenchError, match="training labels were shuffled"):
        submit(shuffled, tmp_path / "out", registry)
    assert not (tmp_path / "out").exists()


# What verify finds


def test_sound_results_are_verified_with_labels_and_without_them_it_is_told(
    board: Path, registry: Registry, labels: Labels, nothing: Labels
) -> None:
    found = verify([board / "results"], registry, labels)
    assert problems(found) == []
    assert len(found) == 5
    assert {each.scored_with for each in found} == {"combined_3class_gt.csv", "the labels above"}
    found = verify([board / "results"], registry, nothing)
    assert problems(found) == []
    assert all("no " in each.absent for each in found)


def _first(content: dict[str, Any]) -> str:
    return next(key for key, rows in content["predictions"].items() if rows[0] == [1.0, 0.0, 0.0])


def _flip(content: dict[str, Any]) -> None:
    content["predictions"][_first(content)][0] = [0.0, 1.0, 0.0]


def _swap(content: dict[str, Any]) -> None:
    """Exchange the predictions of two clips of one dataset: no count changes."""
    told = content["predictions"]
    one, other = "casme2/sub1/EP1_0", "casme2/sub3/EP3_2"
    assert told[one] != told[other]
    told[one], told[other] = told[other], told[one]


def _drop(content: dict[str, Any]) -> None:
    del content["predictions"]["samm/1/001_1_0"]


def _short(content: dict[str, Any]) -> None:
    content["predictions"]["samm/1/001_1_0"].pop()


def _rename(content: dict[str, Any]) -> None:
    content["predictions"]["samm/1/001_9_9"] = content["predictions"].pop("samm/1/001_1_0")


def _set(where: str, value: Any) -> Change:
    def change(content: dict[str, Any]) -> None:
        *path, name = where.split(".")
        for each in path:
            content = content[each]
        content[name] = value(content[name]) if callable(value) else value

    return change


def _all(*changes: Change) -> Change:
    def change(content: dict[str, Any]) -> None:
        for each in changes:
            each(content)

    return change


def _confusion(content: dict[str, Any]) -> None:
    """Move a count between two rows of a matrix, as other labels would: its columns stay what was predicted."""
    matrix = content["scores"]["confusion"]["per_seed"][0]
    matrix[0][1] -= 1
    matrix[2][1] += 1


# What is altered, whether the identity fits again, and what verify says; LABELS marks what labels alone can tell.
LABELS = True
ALTERED: dict[str, tuple[Change, bool, str, bool]] = {
    "a prediction": (
        _flip,
        False,
        r"scores\.confusion\.per_seed\.0 has the column sums .* predictions say",
        False,
    ),
    "two predictions": (_swap, False, r"is .*, and (the )?predictions (and labels )?give", LABELS),
    "a setting": (_set("run.settings", {"x": 1}), False, "run was changed: it says of settings", False),
    "a setting said twice": (
        _all(_set("run.settings", {"x": 1}), _set("run.decided_by.settings", {"x": 1})),
        False,
        "run was changed: what it says decided the run is not its identity",
        False,
    ),
    "the model": (_set("run.model", "famnet"), False, "run was changed: it says of model", False),
    "the label hash": (_set("run.decided_by.truth", "0" * 64), False, "is not its identity", False),
    "the label hash and the identity": (
        _set("run.decided_by.truth", "0" * 64),
        True,
        r"run\.decided_by\.truth is 000000000000, and combined_3class_gt\.csv gives",
        LABELS,
    ),
    "a clip less": (_drop, False, "predictions are of 26 clips, and scores of 27: incomplete", False),
    "a seed of a clip less": (
        _short,
        False,
        r"predictions\.samm/1/001_1_0 has 1 sets .* 2 are due.*incomplete",
        False,
    ),
    "a seed more": (
        _set("run.seeds", [0, 1, 2]),
        False,
        r"scores\.seeds are \[0, 1\], and run\.seeds \[0, 1, 2\]",
        False,
    ),
    "an unknown clip": (_rename, False, r"predictions lack 1 of 27 clips \(samm/1/001_1_0\)", LABELS),
    "a clip of another dataset": (
        _all(_set("predictions", lambda told: {**told, "casme3/1/a": told["samm/1/001_1_0"]}), _drop),
        False,
        r"predictions\.casme3/1/a is a clip of no dataset of the run",
        False,
    ),
    "no probability": (
        _set("predictions.samm/1/001_1_0", [[1.7, -0.7, 0.0], [1.0, 0.0, 0.0]]),
        False,
        r"predictions\.samm/1/001_1_0 holds a probability below 0 or above 1",
        False,
    ),
    "probabilities of another sum": (
        _set("predictions.samm/1/001_1_0", [[0.5, 0.2, 0.0], [1.0, 0.0, 0.0]]),
        False,
        r"predictions\.samm/1/001_1_0 holds probabilities that do not sum to 1",
        False,
    ),
    "two probabilities": (
        _set("predictions.samm/1/001_1_0", [[0.5, 0.5], [1.0, 0.0, 0.0]]),
        False,
        r"predictions\.samm/1/001_1_0 has not 3 probabilities in each set",
        False,
    ),
    "a score": (
        _set("scores.uf1.mean", 0.99),
        False,
        r"scores\.uf1\.mean is 0\.9900, and the matrices give",
        False,
    ),
    "a score of a dataset": (
        _set("scores.per_dataset.samm.uar.per_seed", [0.9, 0.9]),
        False,
        r"scores\.per_dataset\.samm\.uar\.per_seed is \[0\.9000, 0\.9000\], and the matrices give",
        False,
    ),
    "a class's score": (
        _set("scores.per_class.surprise.recall.mean", 0.0),
        False,
        r"scores\.per_class\.surprise\.recall is not what the matrices give",
        False,
    ),
    "a matrix": (_confusion, False, r"scores\.confusion\.per_seed has other row sums in one set", False),
    "an interval": (
        _set("scores.uf1.low", lambda low: low + 0.01),
        False,
        r"scores\.uf1\.low is .*, and the predictions give",
        LABELS,
    ),
    "no interval": (
        _set("scores.uf1.low", 0.999),
        False,
        r"scores\.uf1: 0\.9990 to .* is no interval",
        False,
    ),
    "a subject's share": (
        _set("subjects.samm/1.right", lambda right: 1 - right),
        False,
        "subjects have .* right answers together, and the matrices",
        False,
    ),
    "a subject's clips": (
        _set("subjects.samm/1.clips", 4),
        False,
        r"subjects\.samm/1\.clips is 4, and 3",
        False,
    ),
    "subject-dependent": (
        _all(_set("run.subject_dependent", True), _set("run.decided_by.shown.subject_dependent", True)),
        True,
        r"run\.subject_dependent: it is said to be subject-dependent, and megc2019 is not",
        False,
    ),
    "shuffled labels": (
        _all(_set("run.shuffled_labels", True), _set("run.decided_by.shuffled_labels", True)),
        True,
        r"run\.shuffled_labels",
        False,
    ),
    "the rule": (
        _set("selection", "inner"),
        False,
        r"selection is 'inner', and its run followed 'last'",
        False,
    ),
    "trained under": (
        _set("trained_under", "oracle"),
        False,
        r"trained_under is 'oracle' beside selection",
        False,
    ),
    "a newer schema": (
        _set("schema", 2),
        False,
        r"schema is 2, and this version of mebench knows none above 1",
        False,
    ),
    "no schema": (_set("schema", "1"), False, "schema is '1'", False),
    "a field less": (lambda content: content.pop("timing"), False, "it lacks timing", False),
}


@pytest.mark.parametrize("what", ALTERED)
def test_whatever_is_altered_is_refused_by_its_file_and_field(
    what: str, results: Path, registry: Registry, labels: Labels, nothing: Labels
) -> None:
    change, decided, said, with_labels = ALTERED[what]
    path = altered(one_of(results, "majority"), change, decided=decided)
    seen = problems(verify([path], registry, labels))
    assert any(re.search(said, each) for each in seen), seen
    alone = problems(verify([path], registry, nothing))
    assert with_labels or any(re.search(said, each) for each in alone), alone
    if with_labels and not decided:
        assert alone == []


def test_a_changed_byte_without_a_new_checksum_is_told_beside_what_it_did(
    results: Path, registry: Registry, nothing: Labels
) -> None:
    path = one_of(results, "majority")
    path.write_text(path.read_text().replace("[0.0, 1.0, 0.0]", "[0.0, 0.0, 1.0]", 1))
    said = problems(verify([path], registry, nothing))
    assert said[0].startswith("checksum does not agree with the content")
    assert any("column sums" in each for each in said)
    with pytest.raises(MebenchError, match=r"majority-.*checksum does not agree"):
        list(read_results(results))


def test_the_test_clips_choice_is_not_passed_off_as_the_last_epoch(
    results: Path, registry: Registry, nothing: Labels
) -> None:
    path = altered(one_of(results, "ststnet:oracle"), _set("selection", "last"), placed=True)
    said = problems(verify([path], registry, nothing))
    assert any("the epochs of its run were chosen on the test clips" in each for each in said), said


def test_last_epochs_of_an_oracle_run_say_so(results: Path, registry: Registry, nothing: Labels) -> None:
    path = altered(one_of(results, "ststnet:last"), lambda content: content.pop("trained_under"))
    said = problems(verify([path], registry, nothing))
    assert any("passed off as others" in each for each in said), said


def test_a_file_in_another_place_or_of_another_name_is_refused(
    results: Path, registry: Registry, nothing: Labels
) -> None:
    path = one_of(results, "majority")
    (results / "megc2018").mkdir()
    moved = path.rename(results / "megc2018" / path.name)
    assert problems(verify([moved], registry, nothing)) == [
        "run.protocol is megc2019, and the file lies in the folder megc2018"
    ]
    (results / "synthetic" / "megc2019").mkdir(parents=True)
    moved = moved.rename(results / "synthetic" / "megc2019" / "best.json")
    said = problems(verify([moved], registry, nothing))
    assert said[0] == "run.synthetic: it is of real data, and lies in the folder synthetic"
    assert said[1].startswith("the file's name is best.json, and what it holds is named majority-")


def test_ten_wrongs_of_one_file_are_ten_sentences(results: Path, registry: Registry, nothing: Labels) -> None:
    wrongs = _all(
        _set("run.settings", {"x": 1}),
        _set("run.label", "best"),
        _set("selection", "inner"),
        _set("run.seeds", [1, 0]),
        _set("run.subject_dependent", True),
        _set("predictions.samm/1/001_1_0", [[1.7, -0.7, 0.0], [1.0, 0.0, 0.0]]),
        _set("predictions.samm/1/001_1_1", [[0.5, 0.2, 0.0], [1.0, 0.0, 0.0]]),
        _set("predictions.samm/1/001_1_2", [[1.0, 0.0, 0.0]]),
        _set("predictions.samm/2/002_1_0", [[1.0], [1.0]]),
        _set("run.cohort.clips", 20),
        lambda content: content["predictions"].pop("casme2/sub1/EP1_0"),
    )
    path = altered(one_of(results, "majority"), wrongs)
    path = path.rename(path.with_name("by-hand.json"))
    said = problems(verify([path], registry, nothing))
    due = (
        *("of settings", "of label", "selection is 'inner'", "run.seeds are", "run.subject_dependent"),
        *("001_1_0 holds a probability", "001_1_1 holds probabilities", "001_1_2 has 1 sets"),
        *("002_1_0 has not 3", "the cohort has 20", "incomplete", "by-hand.json"),
    )
    assert [words for words in due if not any(words in each for each in said)] == []
    assert len(said) >= 10
    assert len(set(said)) == len(said)


def test_a_list_of_other_labels_is_told_from_none(board: Path, registry: Registry, tmp_path: Path) -> None:
    file = flow_list(tmp_path / "other.csv")
    file.write_text(file.read_text().replace("EP1_0,0", "EP1_0,1"))
    said = problems(verify([one_of(board, "majority")], registry, Labels(registry, lists={"megc2019": file})))
    assert len(said) == 1
    assert "and it is not the annotation of smic-hs, casme2, samm that run.data names" in said[0]


# Differences between results


def test_altered_or_missing_differences_are_refused(
    results: Path, registry: Registry, labels: Labels, nothing: Labels
) -> None:
    path = results / "megc2019" / "pairs.json"
    whole = path.read_text()
    content = json.loads(whole)
    content["pairs"][0]["scores"]["uf1"]["p"] = 0.001
    path.write_text(files.result_text(sealed(content)))
    said = problems(verify([results], registry, labels))
    assert len(said) == 1
    assert re.match(r"pairs: \S+\.json against \S+\.json is .* and predictions and labels give", said[0])
    assert problems(verify([results], registry, nothing)) == []
    del content["pairs"][0]
    path.write_text(files.result_text(sealed(content)))
    assert "pairs lack" in problems(verify([results], registry, nothing))[0]
    path.write_text(whole.replace('"seeds": [0, 1]', '"seeds": [0]', 1))
    assert "checksum" in problems(verify([results], registry, nothing))[0]


def test_a_result_that_went_leaves_a_difference_that_is_named(
    results: Path, registry: Registry, nothing: Labels
) -> None:
    one_of(results, "majority").unlink()
    assert "is the checksum of no result here" in problems(verify([results], registry, nothing))[0]


def test_who_has_the_labels_renews_figures_of_sound_predictions(
    results: Path, board: Path, registry: Registry, labels: Labels, nothing: Labels
) -> None:
    before = {path.name: path.read_bytes() for path in (board / "results" / "megc2019").iterdir()}
    path = altered(one_of(results, "majority"), _set("scores.uf1.low", lambda low: low - 0.01))
    assert problems(verify([results], registry, nothing, renew=True)) != [], "nobody renews without labels"
    found = verify([results], registry, labels, renew=True)
    assert problems(found) == []
    assert {each.path.name for each in found if each.renewed} == {path.name}
    assert {path.name: path.read_bytes() for path in (results / "megc2019").iterdir()} == before
    for change in (_flip, _swap, _set("run.settings", {"x": 1}), _set("scores.uf1.mean", 0.9)):
        changed = altered(path, change).read_bytes()
        assert problems(verify([path], registry, labels, renew=True)) != [], (
            "what was altered is not made good"
        )
        assert path.read_bytes() == changed
        path.write_bytes(before[path.name])


# Synthetic ones, older ones, and those of this repository


@pytest.fixture
def of_twin(registry: Registry, twin: Path, tmp_path: Path) -> tuple[Path, Labels]:
    place = {"casme3": Location(twin)}
    run = whole_run(registry, tmp_path / "runs", open_cohort(registry, "casme3-4c", data=place), wrong=2)
    return submit(run, tmp_path / "out", registry).written[0], Labels(registry, data=place)


def test_a_synthetic_result_lies_apart_and_is_not_passed_off_as_real(
    of_twin: tuple[Path, Labels], registry: Registry, nothing: Labels
) -> None:
    path, labels = of_twin
    assert path.parts[-4:-1] == ("results", "synthetic", "casme3-4c")
    (found,) = verify([path], registry, labels)
    assert (found.problems, found.scored_with != "") == ([], True)
    assert "no labels of the synthetic twin of casme3" in verify([path], registry, nothing)[0].absent
    real = _all(_set("run.synthetic", False), _set("run.decided_by.shown.synthetic", False))
    said = problems(verify([altered(path, real, decided=True)], registry, nothing))
    assert any("casme3 is a synthetic twin: it is passed off as real" in each for each in said), said


def test_a_result_of_schema_1_is_read_as_it_was_written(registry: Registry) -> None:
    path = GOLDEN / "result-1.json"
    result = read_result(path)
    assert result["schema"] == 1
    assert problems_alone(result, registry) == []
    assert round(result["scores"]["uf1"]["mean"] or 0, 6) == 0.797222
    assert path.read_text() == files.result_text(result)


def test_a_result_of_an_older_schema_is_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a next schema will do: here it calls the title a name."""

    def renamed(content: dict[str, Any]) -> dict[str, Any]:
        return {**content, "title": content["title"].upper()}

    monkeypatch.setattr(schema, "SCHEMA", 3)
    monkeypatch.setattr(files, "SCHEMA", 3)
    monkeypatch.setattr(schema, "UPGRADES", {1: renamed, 2: lambda content: content})
    result = read_result(GOLDEN / "result-1.json")
    assert (result["schema"], result["title"].isupper()) == (3, True)


def test_the_results_of_this_repository_agree_with_themselves(registry: Registry, nothing: Labels) -> None:
    stored = REPOSITORY / "leaderboards" / "results"
    found = verify([stored], registry, nothing) if stored.exists() else []
    assert {str(each.path): each.problems for each in found if each.problems} == {}


def test_the_results_of_this_repository_are_what_the_official_list_gives(
    registry: Registry, official_list: Path
) -> None:
    stored = REPOSITORY / "leaderboards" / "results" / "megc2019"
    labels = Labels(registry, lists={"megc2019": official_list})
    found = verify([stored], registry, labels) if stored.exists() else []
    assert {str(each.path): each.problems for each in found if each.problems} == {}
    assert all(each.scored_with for each in found)


# The commands


def test_submit_says_what_it_wrote_and_verify_how_it_ended(
    call: Callable[..., Any], runs: dict[str, RunDirectory], tmp_path: Path
) -> None:
    folder = runs["oracle"].path.parent.parent
    said = call("leaderboard", "submit", runs["oracle"].path.name, "--runs", folder, "--out", "boards")
    assert (said.code, said.out.count("wrote boards")) == (0, 3)
    assert "For a pull request" in said.out
    file = flow_list(tmp_path / "list.csv")
    said = call("leaderboard", "verify", "boards/results", "--list", f"megc2019={file}")
    assert (said.code, "3 files: 3 verified" in said.out) == (0, True)
    said = call("leaderboard", "verify", "boards/results")
    assert "3 only agree with themselves, for their labels are not here" in said.out
    path = altered(one_of(tmp_path / "boards", "ststnet:last"), _flip)
    said = call("leaderboard", "verify", path)
    assert (said.code, "1 refused" in said.out) == (1, True)
    assert f"{path.name}: scores.confusion.per_seed.0 has the column sums" in said.out.replace("\n", "")
    for wrong, told in (
        (("verify", "nowhere"), "there is no nowhere"),
        (("verify", path, "--list", "megc2019"), "write it as PROTOCOL=FILE"),
        (("verify", path, "--list", f"megc209={file}"), "megc2019"),
        (("verify", path, "--list", "megc2019=nowhere.csv"), "there is no nowhere.csv"),
        (("submit", "nothing", "--runs", folder), "no run named 'nothing'"),
    ):
        said = call("leaderboard", *wrong)
        assert (said.code, told in said.err) == (2, True), said
