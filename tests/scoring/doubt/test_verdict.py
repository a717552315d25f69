"""Verdicts: what is said of figures, and that a reader can follow it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mebench.errors import MebenchError
from mebench.scoring.doubt.printed import Printed
from mebench.scoring.doubt.verdict import Verdict, judge
from mebench.scoring.metrics import uar, uf1


def of(counts: tuple[int, ...], effort: float = 1e9, **texts: str) -> Verdict:
    return judge(counts, {name: Printed.read(name, text) for name, text in texts.items()}, effort)


def test_lbp_top_on_smic_is_impossible_by_a_bound_of_one_line() -> None:
    verdict = of((70, 51, 43), uf1=".2000", uar=".5280")
    assert verdict.kind == "impossible"
    assert not verdict.slip
    assert "2 (√29.78 + √43)² / 258 = 1.1189, so UF1 is at least .3729" in verdict.proof
    # By hand: recall 1 of the 43, .58385 of the 51, none of the 70.
    by_hand = 2 * (math.sqrt((3 * 0.52795 - 1) * 51) + math.sqrt(43)) ** 2 / (2 * 164 - 70) / 3
    assert by_hand == pytest.approx(0.37297, abs=5e-6)
    assert "1 of 70, 35 of 51, 38 of 43: with 0/40/50 false positives UF1 is .387959" in verdict.proof


def test_possible_figures_come_with_a_matrix_that_has_them() -> None:
    verdict = of((70, 51, 43), uf1=".5727", uar=".5829")
    assert verdict.kind == "possible"
    assert verdict.manner == {"uf1": "rounded", "uar": "rounded"}
    matrix = np.array(verdict.matrix)
    assert tuple(matrix.sum(1)) == (70, 51, 43)
    assert (f"{float(uf1(matrix)):.4f}", f"{float(uar(matrix)):.4f}") == ("0.5727", "0.5829")


def test_a_figure_that_only_cutting_off_gives_is_said_to_be_cut_off() -> None:
    verdict = of((2, 1), accuracy=".66")
    assert verdict.kind == "possible"
    assert verdict.manner == {"accuracy": "truncated"}
    assert verdict.sentence.endswith("(truncated)")


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"accuracy": ".4913"}, "422 of 860 clips are .490698 and 423 are .491860"),
        ({"uf1": ".9100", "uar": ".8000"}, "UF1 is at most 2 x .800100 / 1.800100 = .8890"),
        ({"uf1": ".1000", "accuracy": ".8000"}, "At least 688 of 860 clips are right"),
        ({"uf1": ".9000", "accuracy": ".3000"}, "At most 258 of 860 clips are right"),
        (
            {"uar": ".9600", "accuracy": ".3000"},
            "The fewest clips are right when recall lies in the smallest classes",
        ),
        (
            {"uar": ".2000", "accuracy": ".9000"},
            "The most clips are right when recall lies in the largest classes",
        ),
    ],
)
def test_each_bound_says_its_numbers(texts: dict[str, str], said: str) -> None:
    verdict = of((457, 55, 187, 161), **texts)
    assert verdict.kind == "impossible"
    assert said in verdict.proof


def test_where_no_bound_decides_the_ways_that_come_nearest_are_named() -> None:
    verdict = of((88, 32, 25), uf1=".8382", uar=".8686")
    assert verdict.kind == "impossible"
    assert "Exactly 1 way for clips of each class to be right gives UAR .8686" in verdict.proof
    assert "85 of 88, 32 of 32, 16 of 25: with 0/9/3 false positives UF1 is .862215" in verdict.proof


def test_a_last_digit_that_is_one_off_is_told_from_what_cannot_be_at_all() -> None:
    verdict = of((32, 63, 27, 25, 99), accuracy=".7155")
    assert verdict.kind == "impossible"
    assert verdict.slip
    assert "possible if last digits were one more or less" in verdict.sentence


def test_a_search_that_ends_early_is_undecided_by_name() -> None:
    verdict = of((70, 51, 43), effort=1e3, uf1=".412345678912", uar=".5280")
    assert verdict.kind == "undecided"
    assert verdict.sentence.startswith("undecided: no confusion matrix")
    assert "--effort" in verdict.proof


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((70,), "one class"),
        ((70, 0), "a class without clips"),
        ((10_000, 10_001), "at most"),
        ((), "one class"),
    ],
)
def test_counts_that_are_none_are_refused(counts: tuple[int, ...], said: str) -> None:
    with pytest.raises(MebenchError, match=said):
        of(counts, uf1=".5")
    with pytest.raises(MebenchError, match="no figure"):
        of((3, 2))
