"""The wanted sheet is found by its columns, and a workbook without it is told so."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheets import save_sheets

from mebench.errors import MebenchError
from mebench_datasets.sheet_search import read_first_sheet

COLUMNS = {"subject": ("Subject",), "onset": ("Onset", "OnsetFrame")}
OPTIONAL = {"aus": ("AU",), "note": ("Note",)}


def test_the_first_sheet_with_all_columns_is_read(tmp_path: Path) -> None:
    good: list[tuple[object, ...]] = [("Subject", "Onset"), ("a", 1)]
    path = save_sheets(
        tmp_path / "book.xlsx", Empty=[], Half=[("Subject",), ("no",)], Good=good, Later=[good[0]]
    )
    assert read_first_sheet(path, COLUMNS)["subject"].tolist() == ["a"]


def test_a_named_sheet_is_tried_before_the_others(tmp_path: Path) -> None:
    header = ("Subject", "Onset")
    path = save_sheets(tmp_path / "book.xlsx", One=[header, ("a", 1)], Two=[header, ("b", 2)])
    assert read_first_sheet(path, COLUMNS, first="Two")["subject"].tolist() == ["b"]
    assert read_first_sheet(path, COLUMNS, first="Gone")["subject"].tolist() == ["a"]


def test_each_optional_column_is_read_where_it_is_there(tmp_path: Path) -> None:
    path = save_sheets(tmp_path / "book.xlsx", One=[("Note", "Subject", "OnsetFrame"), ("n", "a", 1)])
    raw = read_first_sheet(path, COLUMNS, optional=OPTIONAL)
    assert raw.to_dict("records") == [{"row": 2, "subject": "a", "onset": 1, "note": "n"}]


def test_a_workbook_without_the_columns_is_told_about_its_first_sheet(tmp_path: Path) -> None:
    path = save_sheets(tmp_path / "book.xlsx", One=[("Subject",)], Two=[("x",)])
    with pytest.raises(MebenchError, match="'One' lacks the column 'Onset'"):
        read_first_sheet(path, COLUMNS)
    with pytest.raises(MebenchError, match="'Two' lacks the columns"):
        read_first_sheet(path, COLUMNS, first="Two")


def test_a_file_that_is_no_workbook_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_text("text")
    with pytest.raises(MebenchError, match=r"book\.xlsx lacks the columns .*no header row was found"):
        read_first_sheet(path, COLUMNS)
