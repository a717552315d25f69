"""Objective classes follow from action units alone."""

from __future__ import annotations

import pytest

from mebench_datasets.objective_class import objective_class


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [({12}, 1), ({6, 12}, 1), ({1, 2}, 2), ({4}, 3), ({4, 9}, 4), ({15, 17}, 5), ({1, 2, 4}, 6)],
)
def test_a_listed_combination_has_its_class(numbers: set[int], expected: int) -> None:
    assert objective_class(frozenset(numbers)) == expected


@pytest.mark.parametrize("numbers", [set(), {14}, {1, 2, 5, 12}])
def test_any_other_combination_is_class_seven(numbers: set[int]) -> None:
    assert objective_class(frozenset(numbers)) == 7
