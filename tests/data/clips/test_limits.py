"""A table that unfolds to more than any list of clips is refused before it fills the memory."""

from __future__ import annotations

import io
import itertools
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from mutations import little_memory

from mebench.data.clips.sheet import read_sheet, sheet_names
from mebench.data.clips.workbook import table_rows
from mebench.data.clips.xlsx import hold_xlsx
from mebench.errors import MebenchError

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
ROW = b'<row r="1"><c r="A1"><v>1</v></c></row>'
KIND = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sharedStrings+xml"/>'
)
BEYOND = r"which no list of clips has: save the rows that count as a new \.xlsx or \.csv"


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    with little_memory():
        yield


def workbook(path: Path, **parts: bytes) -> Path:
    """Write a workbook of which some parts hold these bytes: ``sheet``, ``strings``, ``styles``, ``workbook``."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book["Sheet"].append(["x"])
    book.save(stream)
    names = {
        "sheet": SHEET,
        "strings": "xl/sharedStrings.xml",
        "styles": "xl/styles.xml",
        "workbook": "xl/workbook.xml",
        "properties": "docProps/core.xml",
    }
    changed = {names[name]: content for name, content in parts.items()}
    with (
        zipfile.ZipFile(stream) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, None, 1) as target,
    ):
        for name in source.namelist():
            content = changed.pop(name, None) or source.read(name)
            if name == "[Content_Types].xml" and "strings" in parts:
                content = content.replace(b"</Types>", KIND + b"</Types>")
            target.writestr(name, content)
        for name, content in changed.items():
            target.writestr(name, content)
    return path


def sheet(*pieces: bytes) -> bytes:
    return b"".join((HEAD, *pieces, TAIL))


STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
BOMBS = {
    "texts": (
        {"strings": STRINGS + b"<si><t>a</t></si>" * 1_200_000 + b"</sst>"},
        "unfolds to 19 MiB in xl/shared",
    ),
    "styles": ({"styles": b"<x>" + b"<xf/>" * 500_000 + b"</x>"}, "unfolds to 2 MiB in xl/styles.xml"),
    "parts": ({"workbook": b" " * (17 << 20)}, "unfolds to 17 MiB in xl/workbook.xml"),
    "properties": ({"properties": b"<a>" + b"<b/>" * (5 << 20) + b"</a>"}, "unfolds to 20 MiB in docProps"),
    "a high number": (
        {"sheet": sheet(b'<row r="999999999"><c><v>1</v></c></row>')},
        "has a row numbered 999999999",
    ),
    "elements": ({"sheet": sheet(b"<x/>" * 9_000_000, ROW)}, "has a sheet of more than 8000000 elements"),
    "elements in UTF-16": (
        {"sheet": sheet(b"<x/>" * 9_000_000, ROW).decode().encode("utf-16")},
        "has a sheet of more than 8000000 elements",
    ),
    "elements in a row": (
        {"sheet": sheet(b'<row r="1">', b"<c/>" * 9_000_000, b"<c><v>1</v></c></row>")},
        "has a sheet of more than 8000000 elements",
    ),
    "wide rows": (
        {"sheet": sheet(*(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(1, 200)))},
        "has more than 1000000 cells",
    ),
    "a long cell": (
        {"sheet": sheet(b'<row r="1"><c t="inlineStr"><is><t>' + b"a" * 40_000 + b"</t></is></c></row>")},
        "has a cell of 40000 letters",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_workbook_that_unfolds_too_far_is_refused(name: str, tmp_path: Path) -> None:
    parts, why = BOMBS[name]
    path = workbook(tmp_path / "bomb.xlsx", **parts)
    began = time.monotonic()
    with pytest.raises(MebenchError, match=f"bomb.xlsx {why}.*{BEYOND}"):
        table_rows(path)
    assert time.monotonic() - began < 15


def test_the_zeros_of_gigabytes_are_not_unfolded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(workbook(path), "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        info = zipfile.ZipInfo("xl/worksheets/sheet2.xml")
        archive.writestr(info, b"<x/>")
        info.file_size = 3 << 30  # as the archive's list says
    with pytest.raises(MebenchError):
        read_sheet(path, {"subject": ()}, sheet="sheet2")
    assert sheet_names(path) == ["Sheet"]


def test_a_million_rows_with_a_colour_and_no_value_are_passed_over(tmp_path: Path) -> None:
    empty = b"".join(b'<row r="%d" s="1"><c r="A%d" s="1"/></row>' % (n, n) for n in range(2, 300_000))
    path = workbook(tmp_path / "a.xlsx", sheet=sheet(ROW, empty))
    assert table_rows(path) == [(1, ["1"])]


def test_a_workbook_that_is_held_is_smaller(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", sheet=sheet(ROW, b'<row r="2"/>' * 1_500_000))
    assert table_rows(path) == [(1, ["1"])]
    with pytest.raises(MebenchError, match=f"a.xlsx unfolds to 17 MiB, {BEYOND}"):
        hold_xlsx(path, path.read_bytes())


def test_entities_are_not_unfolded(tmp_path: Path) -> None:
    names = "abcdefgh"
    entities = b'<!ENTITY a "%s">' % (b"lol" * 1000)
    for one, other in itertools.pairwise(names):
        entities += f'<!ENTITY {other} "{f"&{one};" * 30}">'.encode()
    strings = b"<!DOCTYPE sst [" + entities + b"]>" + STRINGS + b"<si><t>&h;</t></si></sst>"
    path = workbook(tmp_path / "lol.xlsx", strings=strings)
    with pytest.raises(MebenchError, match=r"is damaged \(.*: get it again from its owner"):
        table_rows(path)


def test_a_text_of_too_many_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"subject,clip\n" + (b"," * 999 + b"\n") * 1001)
    with pytest.raises(MebenchError, match=f"a.csv has more than 1000000 cells, {BEYOND}"):
        table_rows(path)
    path.write_bytes(b"a" * (17 << 20))
    with pytest.raises(
        MebenchError, match=r"a\.csv is larger than 16 MiB, which no such file is: restore it"
    ):
        table_rows(path)
