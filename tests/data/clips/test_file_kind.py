"""A file that is no table is told as what it is, with the mend; its name says nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from mebench.data.clips.file_kind import content_of, kind_of
from mebench.data.clips.sheet import read_sheet
from mebench.errors import MebenchError

COLUMNS = {"subject": ("Subject",), "onset": ("Onset",)}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
XML_2003 = (
    b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
)


def zipped(members: Mapping[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def stream(name: str) -> bytes:
    return OLE + name.encode("utf-16-le") + bytes(100)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            stream("EncryptionInfo"),
            "is a workbook locked with a password: take the password away and save it as",
        ),
        (stream("WordDocument"), "is a text document (.doc): save it as .xlsx or .csv"),
        (
            zipped(
                {
                    "[Content_Types].xml": "",
                    "xl/workbook.xml": '<x xmlns="http://purl.oclc.org/ooxml/s/main"/>',
                }
            ),
            "is a workbook in the strict form of Open XML: save it as an ordinary .xlsx",
        ),
        (zipped({"xl/workbook.bin": ""}), "is a binary workbook (.xlsb): save it as"),
        (zipped({"word/document.xml": ""}), "is a text document (.docx): save it as"),
        (
            zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
            "is an OpenDocument file (.ods): save it as .xlsx or .csv",
        ),
        (zipped({"sheet.xlsx": ""}), "is a ZIP archive, not a workbook: unpack it first"),
        (b"PK\x03\x04 and no more", "is a damaged workbook or archive"),
        (b"<html><body><table><tr><td>Subject</td></tr></table>", "is a web page (HTML): open it in a"),
        (b"\xef\xbb\xbf \r\n<!DOCTYPE html>", "is a web page (HTML)"),
        ("\ufeff<table><tr>".encode("utf-16-le"), "is a web page (HTML)"),
        (XML_2003, "is a workbook in the XML form of 2003: save it as .xlsx or .csv"),
        (b'<?xml version="1.0"?><other/>', "is an XML file"),
        (b"%PDF-1.7\n", "is a PDF document: take the table out of it"),
        (LFS, "is a pointer of Git LFS, not the file itself: download it with `git lfs pull`"),
        (b"/annex/objects/SHA256E-s1--00.xlsx\n", "is a pointer of git-annex"),
        (b"\x1f\x8b\x08\0", "is a gzip archive: unpack it first"),
        (b"\x89PNG\r\n\x1a\n", "is a picture"),
        (b"", "is empty"),
    ],
)
@pytest.mark.parametrize("name", ["sheet.xls", "sheet.csv"])
def test_a_file_that_is_no_table_is_told_as_what_it_is(
    tmp_path: Path, content: bytes, said: str, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MebenchError) as refused:
        read_sheet(path, COLUMNS, sheet="label")
    assert str(refused.value).startswith(f"{path} {said}")
    assert "\n" not in str(refused.value)


def test_tables_are_known_by_their_bytes(tmp_path: Path) -> None:
    xlwt = pytest.importorskip("xlwt", reason="writing an .xls workbook takes xlwt")
    older, newer = xlwt.Workbook(), openpyxl.Workbook()
    older.add_sheet("label")
    older.save(str(tmp_path / "a.csv"))
    newer.save(tmp_path / "b.csv")
    (tmp_path / "c.xlsx").write_text("Subject<x>\t1\n")
    assert [
        kind_of(tmp_path / name, content_of(tmp_path / name)) for name in ("a.csv", "b.csv", "c.xlsx")
    ] == ["xls", "xlsx", "text"]


def test_a_folder_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match="cannot be read: Is a directory"):
        content_of(tmp_path)
