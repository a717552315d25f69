"""Several runs compared: pairs and their correction, answers that changed, and how all of it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.cohort.building import Cohort
from mebench.cohort.splits import LeaveOneDatasetOut
from mebench.errors import MebenchError
from mebench.records import RunDirectory
from mebench.scoring.compared import compare_pooled
from mebench.scoring.compared_runs import Comparison, compare_runs, letter, marked
from mebench.scoring.comparison import holm
from mebench.scoring.comparison_tables import clip_tables, comparison_note, comparison_tables, p_text, points
from mebench.scoring.rebuild import read_predictions, score_run
from mebench.scoring.tables import Table

COHORT = invented_cohort(5, 4, datasets=("casme3", "samm"))
TRUTH = COHORT.clips["label"].to_numpy()
KEYS = list(COHORT.clips["key"])


def wrong_at(*places: int) -> np.ndarray:
    """Return class numbers (n,) that are wrong in some places: the next class."""
    told = TRUTH.copy()
    told[list(places)] = (told[list(places)] + 1) % len(EMOTIONS)
    return told


def recorded(runs: Path, told: np.ndarray, cohort: Cohort = COHORT, **change: Any) -> RunDirectory:
    return record_run(runs, cohort, lambda _: told, **change)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[RunDirectory]:
    """Three runs: all right; wrong in the first half; wrong in clip 0 and clip 39."""
    folder = tmp_path_factory.mktemp("runs")
    answers = (TRUTH, wrong_at(*range(20)), wrong_at(0, 39))
    return [recorded(folder / str(number), told) for number, told in enumerate(answers)]


def pairs_of(found: Comparison) -> list[tuple[str, str]]:
    return [(pair["a"], pair["b"]) for pair in found["pairs"]]


def row(table: Table, *start: str) -> Sequence[object]:
    (found,) = [row for row in table.rows if tuple(row[: len(start)]) == start]
    return found[len(start) :]


def test_every_two_runs_are_a_pair_with_what_the_second_has_more(runs: list[RunDirectory]) -> None:
    found = compare_runs(runs)
    assert pairs_of(found) == [("A", "B"), ("A", "C"), ("B", "C")]
    for pair in found["pairs"]:
        a, b = (runs["ABC".index(letter)] for letter in (pair["a"], pair["b"]))
        plain = compare_pooled(read_predictions(a), read_predictions(b))
        for name, score in plain.items():
            assert {key: pair["scores"][name][key] for key in score} == score


def test_p_is_corrected_over_the_pairs_for_each_score_by_itself(runs: list[RunDirectory]) -> None:
    pairs = compare_runs(runs)["pairs"]
    for name in ("uf1", "uar", "accuracy"):
        corrected = [pair["scores"][name]["holm"] for pair in pairs]
        assert corrected == holm([pair["scores"][name]["p"] for pair in pairs])
    assert pairs[0]["scores"]["uf1"]["holm"] > pairs[0]["scores"]["uf1"]["p"]


def test_a_reference_is_compared_with_each_other_run_alone(runs: list[RunDirectory]) -> None:
    found = compare_runs(runs, reference=runs[1])
    assert (found["reference"], pairs_of(found)) == ("B", [("B", "A"), ("B", "C")])


def test_a_reference_that_is_not_among_the_runs_comes_first(runs: list[RunDirectory]) -> None:
    found = compare_runs(runs[:1], reference=runs[2])
    assert [run["run"] for run in found["runs"].values()] == [str(runs[2].path), str(runs[0].path)]
    assert (found["reference"], pairs_of(found)) == ("A", [("A", "B")])


def test_runs_have_the_scores_of_all_their_seeds(runs: list[RunDirectory]) -> None:
    for directory, run in zip(runs, compare_runs(runs)["runs"].values(), strict=True):
        assert run["uf1"] == score_run(directory)["uf1"]


def test_a_run_beside_itself_is_told_so(runs: list[RunDirectory]) -> None:
    again = RunDirectory(runs[0].path.parent / ".." / runs[0].path.parent.name / runs[0].path.name)
    with pytest.raises(MebenchError, match="is named twice: a run does not differ from itself"):
        compare_runs([runs[0], runs[1], again])


def test_one_run_alone_is_refused(runs: list[RunDirectory]) -> None:
    with pytest.raises(MebenchError, match="two runs or more"):
        compare_runs(runs[:1])
    with pytest.raises(MebenchError, match="two runs or more"):
        compare_runs(runs[:1], reference=runs[0])


def test_other_runs_with_the_same_answers_are_told_so(tmp_path: Path) -> None:
    found = compare_runs([recorded(tmp_path / name, TRUTH) for name in "ab"])
    assert found["notes"] == ["B answers as A does for every clip"]
    assert found["pairs"][0]["scores"]["uf1"]["p"] == 1.0
    assert found["pairs"][0]["changed"]["clips"] == []


def test_answers_are_counted_by_class_and_dataset(runs: list[RunDirectory]) -> None:
    changed = compare_runs(runs)["pairs"][2]["changed"]  # wrong in 0 to 19, then in 0 and 39
    assert {key: changed[key] for key in ("answers", "gained", "lost")} == {
        "answers": 40,
        "gained": 19,
        "lost": 1,
    }
    assert changed["per_dataset"]["casme3"] == {"answers": 20, "gained": 19, "lost": 0}
    assert changed["per_dataset"]["samm"] == {"answers": 20, "gained": 0, "lost": 1}
    assert changed["per_class"]["happy"] == {"answers": 10, "gained": 4, "lost": 0}
    assert changed["per_class"]["others"] == {"answers": 10, "gained": 5, "lost": 1}
    assert changed["per_unit"] == {}


def test_clips_are_listed_with_what_each_run_told(runs: list[RunDirectory]) -> None:
    clips = compare_runs(runs)["pairs"][2]["changed"]["clips"]
    assert [clip["clip"] for clip in clips] == [*KEYS[1:20], KEYS[39]]
    assert clips[-1] == {
        "clip": KEYS[39],
        "unit": None,
        "truth": "others",
        "a": ["others"],
        "b": ["happy"],
        "gained": 0,
        "lost": 1,
    }


def test_with_several_seeds_every_seeds_answer_counts(tmp_path: Path) -> None:
    poor = wrong_at(0)
    a = record_run(tmp_path / "a", COHORT, lambda task: poor if task.seed < 2 else TRUTH, seeds=(0, 1, 2))
    b = record_run(tmp_path / "b", COHORT, lambda task: poor if task.seed == 2 else TRUTH, seeds=(0, 1, 2))
    found = compare_runs([a, b])
    changed = found["pairs"][0]["changed"]
    assert (changed["answers"], changed["gained"], changed["lost"]) == (120, 2, 1)
    assert row(clip_tables(found)[0], "gained 2, lost 1") == (
        KEYS[0],
        "happy",
        "surprise 2, happy",
        "happy 2, surprise",
    )


def test_seeds_that_only_one_run_has_are_named(tmp_path: Path) -> None:
    a = recorded(tmp_path / "a", TRUTH, seeds=(0, 1, 2))
    b = recorded(tmp_path / "b", wrong_at(0), seeds=(2, 1))
    found = compare_runs([a, b])
    assert found["notes"] == ["B - A: seeds 1 2 alone, which both have"]
    assert found["pairs"][0]["seeds"] == [1, 2]


def test_action_units_of_one_run_alone_are_named_and_not_compared(tmp_path: Path) -> None:
    a = recorded(tmp_path / "a", TRUTH)
    b = recorded(tmp_path / "b", wrong_at(0), aus=lambda _: COHORT.aus)
    found = compare_runs([a, b])
    assert found["notes"] == ["B - A: B alone detects action units, so they are not compared"]
    assert row(comparison_tables(found)[0], "B", str(b.path)) == (
        *("", "0", "97.49", "97.50", "100.00"),
        "real, isolation none",
    )
    assert "AU F1" not in [cells[1] for cells in comparison_tables(found)[1].rows]


def test_under_a_protocol_of_units_alone_changes_are_of_units(tmp_path: Path) -> None:
    cohort = invented_cohort(datasets=("one", "two"), classes=(), labels={}, split=LeaveOneDatasetOut())
    never = np.zeros(cohort.aus.shape)
    a = record_run(tmp_path / "a", cohort, aus=lambda _: never)
    b = record_run(tmp_path / "b", cohort, aus=lambda _: cohort.aus)
    found = compare_runs([a, b])
    changed = found["pairs"][0]["changed"]
    assert changed["per_class"] == {}
    assert {name: tally["gained"] for name, tally in changed["per_unit"].items()} == {
        f"au{unit}": int(column.sum()) for unit, column in zip((1, 4, 12), cohort.aus.T, strict=True)
    }
    assert changed["lost"] == 0
    assert row(comparison_tables(found)[1], "B - A", "AU F1")[0] == "+100.00"
    table = clip_tables(found)[0]
    assert table.columns == ("change", "clip", "unit", "truth", "A", "B")
    assert {tuple(cells[3:]) for cells in table.rows} == {("present", "absent", "present")}


def test_other_folds_of_the_same_clips_are_named(tmp_path: Path) -> None:
    other = invented_cohort(5, 4, datasets=("casme3", "samm"), split=LeaveOneDatasetOut())
    renamed = invented_cohort(5, 4, datasets=("casme3", "samm"), name="renamed")
    a, b, c = (
        recorded(tmp_path / str(n), wrong_at(n), cohort) for n, cohort in enumerate((COHORT, other, renamed))
    )
    notes = compare_runs([a, b, c], reference=a)["notes"]
    assert notes == [
        "A and B have the same clips and labels, and other folds, windows or action units",
        "A and C have the same clips and labels under other protocols",
    ]


def test_a_run_that_is_not_complete_has_no_comparison(tmp_path: Path, runs: list[RunDirectory]) -> None:
    part = recorded(tmp_path, TRUTH)
    next(part.path.glob("folds/*.json")).unlink()
    with pytest.raises(MebenchError, match="has no record, so there is no score"):
        compare_runs([runs[0], part])


def test_what_must_not_be_overlooked_stands_with_each_run(tmp_path: Path) -> None:
    twin = invented_cohort(5, 4, datasets=("casme3", "samm"), twin=True)
    a, b = recorded(tmp_path / "a", TRUTH, twin), recorded(tmp_path / "b", TRUTH, twin, shuffle_labels=True)
    found = compare_runs([a, b])
    table = comparison_tables(found)[0]
    assert row(table, "A")[-1] == "SYNTHETIC, isolation none"
    assert row(table, "B")[-1] == "SYNTHETIC, labels SHUFFLED, isolation none"
    found["runs"]["A"] |= {"selection": "oracle", "subject_dependent": True, "synthetic": False}
    marks = row(comparison_tables(found)[0], "A")[-1]
    assert marks == "real, ORACLE: epochs chosen on the test clips, SUBJECT-DEPENDENT, isolation none"
    found["runs"]["B"]["selection"] = "inner"
    assert (
        row(comparison_tables(found)[0], "B")[-1]
        == "SYNTHETIC, labels SHUFFLED, epochs: inner, isolation none"
    )


def test_tables_of_two_runs_have_no_correction_and_of_three_they_have(runs: list[RunDirectory]) -> None:
    two, three = compare_runs(runs[:2]), compare_runs(runs, reference=runs[0])
    difference = row(comparison_tables(two)[1], "B - A", "UF1")
    assert difference[0] == points(two["pairs"][0]["scores"]["uf1"]["difference"])
    assert len(difference) == 3
    assert "Holm" not in comparison_note(two)
    assert comparison_tables(three)[1].columns[-1] == "p after Holm"
    assert "corrected for 2 comparisons" in comparison_note(three)
    assert [cells[0] for cells in comparison_tables(three)[0].rows] == ["A (reference)", "B", "C"]


def test_figures_are_points_with_a_sign_and_p_keeps_what_tells_it_from_the_level() -> None:
    assert [points(value) for value in (0.0426, -0.5, 0.0, -0.0, None)] == [
        "+4.26",
        "-50.00",
        "+0.00",
        "+0.00",
        "",
    ]
    assert [p_text(value) for value in (0.0001, 0.0499, 0.25, 1.0, None)] == [
        "0.0001",
        "0.0499",
        "0.250",
        "1.000",
        "",
    ]


def test_after_z_comes_aa() -> None:
    assert [letter(number) for number in (0, 25, 26, 27, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AB",
        "BA",
        "ZZ",
        "AAA",
    ]


def test_an_oracle_and_data_of_two_kinds_are_named_below(tmp_path: Path) -> None:
    twin = invented_cohort(5, 4, datasets=("casme3", "samm"), twin=True)
    a, b = recorded(tmp_path / "a", TRUTH), recorded(tmp_path / "b", wrong_at(0), twin)
    notes = compare_runs([a, b])["notes"]
    assert "A is of real data and B of SYNTHETIC data: their difference is not the models' alone" in notes
    change = {"selection": "oracle"}
    pooled = {"A": read_predictions(a), "B": replace(read_predictions(a), run={**a.read_run(), **change})}
    assert list(marked(pooled)) == [
        "B is ORACLE: epochs chosen on the test clips; what it has more may be that alone"
    ]
