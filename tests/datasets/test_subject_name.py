"""A subject's cell becomes the name of its folder."""

from __future__ import annotations

import pytest

from mebench_datasets.subject_name import subject_name


@pytest.mark.parametrize("cell", [7, 7.0, "7", "07", "007", " 7 ", "sub7", "SUB07"])
def test_a_number_in_any_dress_gets_the_folders_spelling(cell: object) -> None:
    assert subject_name(cell, "sub{:02d}") == "sub07"


@pytest.mark.parametrize("cell", ["", "7a", "person 7", "7.5", "total"])
def test_a_cell_without_such_a_number_stays_as_it_is(cell: str) -> None:
    assert subject_name(cell, "sub{:02d}") == cell


def test_an_empty_cell_is_an_empty_name() -> None:
    assert subject_name(None, "{:03d}") == ""
    assert subject_name(float("nan"), "{:03d}") == ""
