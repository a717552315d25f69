"""Matrices made from right clips and false positives, and their exact figures."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mebench.errors import MebenchError
from mebench.scoring.doubt.matrices import exists, figures_of, matrix_with, read_matrix, told_matrix, uf1_of
from mebench.scoring.doubt.precision import precision_as_uar
from mebench.scoring.doubt.printed import Printed
from mebench.scoring.doubt.reach import false_at_least, false_at_most, least, most
from mebench.scoring.metrics import accuracy, uar, uf1

COUNTS = (4, 3, 2)
WAYS = list(itertools.product(*(range(count + 1) for count in COUNTS)))


def errors_of(correct: tuple[int, ...]) -> list[tuple[int, ...]]:
    every = itertools.product(range(sum(COUNTS) + 1), repeat=len(COUNTS))
    return [false for false in every if exists(COUNTS, correct, false)]


def test_there_is_a_matrix_exactly_where_it_is_said_to_exist() -> None:
    seen = set()
    for rows in itertools.product(
        *([r for r in itertools.product(range(n + 1), repeat=3) if sum(r) == n] for n in COUNTS)
    ):
        matrix = np.array(rows)
        right = np.diag(matrix)
        seen.add((tuple(map(int, right)), tuple(map(int, matrix.sum(0) - right))))
    said = {(correct, false) for correct in WAYS for false in errors_of(correct)}
    assert said == seen
    for correct, false in said:
        made = np.array(matrix_with(COUNTS, correct, false))
        assert (made >= 0).all()
        assert tuple(made.sum(1)) == COUNTS
        assert tuple(np.diag(made)) == correct
        assert tuple(made.sum(0) - np.diag(made)) == false


def test_uf1_of_right_clips_lies_between_what_is_said_to_be_least_and_most() -> None:
    for correct in WAYS:
        values = [uf1_of(COUNTS, correct, false) for false in errors_of(correct)]
        assert uf1_of(COUNTS, correct, false_at_least(COUNTS, correct)) == min(values)
        assert uf1_of(COUNTS, correct, false_at_most(COUNTS, correct)) == max(values)
        row = np.array([correct])
        assert least(np.array(COUNTS), row)[0] <= 3 * float(min(values)) + 1e-9
        assert most(np.array(COUNTS), row)[0] == pytest.approx(3 * float(max(values)))


def test_exact_figures_are_those_of_the_metrics() -> None:
    matrix = ((214, 21, 15), (33, 76, 0), (25, 8, 50))
    exact = figures_of(matrix)
    for name, metric in (("uf1", uf1), ("uar", uar), ("accuracy", accuracy)):
        assert float(exact[name]) == pytest.approx(float(metric(np.array(matrix))))
    assert figures_of(((3, 0), (2, 0)))["precision"] == figures_of(((3, 0), (2, 0)))["accuracy"] / 2


def test_macro_precision_in_the_place_of_uar_is_named() -> None:
    matrix = read_matrix("214,21,15;33,76,0;25,8,50")
    found = precision_as_uar({"uar": Printed.read("uar", ".7599")}, matrix)
    assert found is not None
    assert "UAR .7599 is the macro precision of the known confusion matrix, whose UAR is .7186" in found[0]
    assert "(214/272 + 76/105 + 50/65) / 3 = .759935" in found[1]
    for other in (".7186", ".7600"):
        assert precision_as_uar({"uar": Printed.read("uar", other)}, matrix) is None
    # Where both print alike, nothing is wrong.
    assert precision_as_uar({"uar": Printed.read("uar", ".75")}, ((3, 1), (1, 3))) is None


def test_a_matrix_is_read_and_told_alike() -> None:
    assert told_matrix(read_matrix(" 3, 1; 2,4 ;")) == "3,1;2,4"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3,1;2", "one of 1 cells"),
        ("3,x;2,4", "'x'"),
        ("0,0;2,4", "no clip in row 1"),
        ("", "''"),
        ("-1,2;3,4", "'-1'"),
    ],
)
def test_what_is_no_matrix_is_refused(text: str, said: str) -> None:
    with pytest.raises(MebenchError, match=said):
        read_matrix(text)
