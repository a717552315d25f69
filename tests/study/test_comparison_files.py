"""Runs compared, as files for a paper."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.scoring.compared_runs import Comparison, compare_runs
from mebench.scoring.comparison_tables import between, matrices
from mebench.study.comparison_files import write_comparison

COHORT = invented_cohort(10, 3)
TRUTH = COHORT.clips["label"].to_numpy()


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Three runs of two seeds: a good one, one with two more errors, and one that is wrong of every other clip."""
    folder = tmp_path_factory.mktemp("runs")
    runs = []
    for number, wrong in enumerate(([], [0, 4], range(0, len(TRUTH), 2))):
        told = TRUTH.copy()
        told[list(wrong)] = (told[list(wrong)] + 1) % len(EMOTIONS)
        runs.append(
            record_run(folder / str(number), COHORT, lambda seed, told=told: np.roll(told, 0), seeds=(0, 1))
        )
    return compare_runs(runs, permutations=500, replicates=100)


def test_a_matrix_shows_each_two_runs_twice_with_p_after_holm_and_tie_groups(compared: Comparison) -> None:
    (matrix, _) = matrices(compared)
    assert matrix.columns == ("", "UF1", "group", "A", "B", "C")
    best, close, worst = matrix.rows
    assert (best[0], best[2], close[2], worst[2]) == ("A", "a", "a", "b")
    difference, p = between(compared, "uf1", "A", "C")
    assert difference is not None
    assert difference > 0.3
    assert between(compared, "uf1", "C", "A") == (-difference, p)
    assert str(best[5]).startswith(f"+{100 * difference:.2f} (")
    assert str(best[5]).endswith(")*")
    assert best[3] == ""
    assert not str(best[4]).endswith("*")


def test_files_hold_the_same_figures_and_are_the_same_bytes_again(
    compared: Comparison, tmp_path: Path
) -> None:
    files = write_comparison(compared, tmp_path)
    assert [file.name for file in files] == [
        *("comparison.md", "comparison.csv", "comparison.tex", "matrix.svg", "matrix.png")
    ]
    rows = list(csv.DictReader((tmp_path / "comparison.csv").open(encoding="utf-8")))
    assert [(row["first"], row["second"], row["score"]) for row in rows[:3]] == [
        *(("A", "B", "uf1"), ("A", "B", "uar"), ("A", "B", "accuracy"))
    ]
    score = compared["pairs"][0]["scores"]["uf1"]
    assert float(rows[0]["difference"]) == score["difference"]
    assert float(rows[0]["holm"]) == score["holm"]
    assert float(rows[0]["over_seeds_better"]) == 0
    text = (tmp_path / "comparison.md").read_text(encoding="utf-8")
    assert "**UF1: row less column in points" in text
    assert "cannot be told apart" in text
    assert r"\begin{table}" in (tmp_path / "comparison.tex").read_text(encoding="utf-8")
    before = [file.read_bytes() for file in files]
    assert [file.read_bytes() for file in write_comparison(compared, tmp_path)] == before


def test_two_runs_have_no_matrix_and_an_old_picture_goes(compared: Comparison, tmp_path: Path) -> None:
    (tmp_path / "matrix.png").write_bytes(b"of before")
    two: Comparison = {**compared, "groups": {}, "pairs": compared["pairs"][:1]}
    assert [file.suffix for file in write_comparison(two, tmp_path)] == [".md", ".csv", ".tex"]
    assert not (tmp_path / "matrix.png").exists()
    assert "95 \\% interval" in (tmp_path / "comparison.tex").read_text(encoding="utf-8")
