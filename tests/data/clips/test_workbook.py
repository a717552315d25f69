"""Reading the same cells from .xlsx, .xls and .csv, whatever the file's name says."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from mebench.data.clips.sheet import read_sheet, sheet_names
from mebench.errors import MebenchError

COLUMNS = {"subject": ("Subject",), "onset": ("Onset",), "aus": ("AU",)}
ROWS: list[list[object]] = [
    ["codes of made-up people", None, None, None],
    [None, None, None, None],
    ["Subject", None, "Onset", "AU"],
    [1, None, 46, 12],
    ["01", None, 46.5, "4+7"],
    [None, None, None, None],
    ["x", None, True, "4\uff0c11"],
]
CELLS = [[4, 1, 46, 12], [5, "01", 46.5, "4+7"], [7, "x", True, "4\uff0c11"]]


def write_xlsx(path: Path, rows: Sequence[Sequence[object]] = ROWS, sheet: str = "label") -> Path:
    book = openpyxl.Workbook()
    page = book["Sheet"]
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def write_xls(path: Path, rows: Sequence[Sequence[object]] = ROWS, sheet: str = "label") -> Path:
    xlwt = pytest.importorskip("xlwt", reason="writing an .xls workbook takes xlwt")
    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None:
                page.write(place, column, cell)
    book.add_sheet("Sheet2")
    book.save(str(path))
    return path


def write_csv(path: Path, rows: Sequence[Sequence[object]] = ROWS, encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows(rows)
    return path


def read(path: Path) -> list[list[object]]:
    cells: list[list[object]] = read_sheet(path, COLUMNS, sheet="label").to_numpy(dtype=object).tolist()
    return cells


def refusal(path: Path) -> str:
    with pytest.raises(MebenchError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_xls_and_xlsx_give_the_same_cells_of_the_same_types(tmp_path: Path) -> None:
    older, newer = read(write_xls(tmp_path / "a.xls")), read(write_xlsx(tmp_path / "a.xlsx"))
    assert older == newer == CELLS
    for one, other in zip(older, newer, strict=True):
        assert [type(cell) for cell in one] == [type(cell) for cell in other]


def test_the_sheets_of_an_xls_are_named_and_a_wrong_name_gets_the_near_match(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls", sheet="Labels")
    assert sheet_names(path) == ["Labels", "Sheet2"]
    assert "no sheet 'label': did you mean 'Labels'?" in refusal(path)


def test_the_bytes_say_what_a_workbook_is_and_not_its_name(tmp_path: Path) -> None:
    shutil.move(write_xlsx(tmp_path / "a.xlsx"), tmp_path / "b.xls")
    shutil.move(write_xls(tmp_path / "a.xls"), tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xls") == read(tmp_path / "b.xlsx") == CELLS


@pytest.mark.parametrize("name", ["a.csv", "a.CSV"])
def test_a_csv_gives_the_cells_as_text_and_the_same_row_numbers(tmp_path: Path, name: str) -> None:
    path = write_csv(tmp_path / name)
    assert read(path) == [[row, *(str(cell) for cell in cells)] for row, *cells in CELLS]
    assert sheet_names(path) == []


def test_the_mark_that_spreadsheet_programs_put_before_a_csv_is_no_part_of_its_header(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["Subject", "Onset", "AU"], ["1", "5", "4"]], encoding="utf-8-sig")
    assert read(path) == [[2, "1", "5", "4"]]


def test_cells_of_a_csv_may_hold_commas_and_line_breaks(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", [["Subject", "Onset", "AU"], ["1", "5", "14,L24,"], ["2\n3", "", ""]]
    )
    assert read(path) == [[2, "1", "5", "14,L24,"], [3, "2\n3", None, None]]


@pytest.mark.parametrize("content", ["Subject,Onset,AU\n1,2,\u00e9".encode("latin-1"), b"\xff\xfe1\x00\x00"])
def test_a_csv_in_another_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert "is not text in UTF-8, UTF-16 or GB18030 (byte" in refusal(path)


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.xlsx"])
def test_a_file_that_is_not_there_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / name)
    assert sheet_names(tmp_path / name) == []


def test_an_odd_xls_is_read_without_a_word(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls")
    path.write_bytes(path.read_bytes() + b"\0")  # no whole number of sectors
    code = (
        "import sys, pathlib, mebench.data.clips.sheet as sheet\n"
        "assert sheet.sheet_names(pathlib.Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_damaged_xls_gives_rows_or_one_sentence_and_never_another_error(tmp_path: Path) -> None:
    header = ["Subject", "Onset", "AU"]
    path = write_xls(tmp_path / "a.xls", [header, *([str(n), n, "12"] for n in range(50))])
    whole = path.read_bytes()
    rng = random.Random(0)
    refused = 0
    for turn in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(8, len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged[: rng.randrange(8, len(damaged))] if turn % 2 else damaged)
        try:
            read(path)
        except MebenchError:
            refused += 1
    assert refused > 100
