"""Sheets and frames as owners keep them, written for the tests of datasets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl
import pytest

from mebench.data.clips.layout import forget_folders

Row = Sequence[object]

# The columns of MMEW's sheet, and of CASME II's without the two that have no name.
CODING = (
    "Subject",
    "Filename",
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    "Action Units",
    "Estimated Emotion",
)


def save_sheets(path: Path, **sheets: Iterable[Row]) -> Path:
    """Write a workbook (.xlsx) of the named sheets; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    book.save(path)
    return path


def save_xls(path: Path, **sheets: Iterable[Row]) -> Path:
    """Write a workbook of the old format."""
    xlwt = pytest.importorskip("xlwt", reason="writing an .xls workbook takes xlwt")
    book = xlwt.Workbook()
    for title, rows in sheets.items():
        page = book.add_sheet(title)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write(place, column, cell)
    book.save(str(path))
    return path


def save_csv(path: Path, rows: Iterable[Row]) -> Path:
    """Write a copy of a sheet as comma-separated values."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def touch(folder: Path, *files: str) -> None:
    """Make empty files below a folder, and forget what was listed before."""
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    forget_folders()
