"""Text from anywhere: the encodings that spreadsheet programs write, and what divides the cells."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from mebench.data.clips.sheet import read_sheet
from mebench.data.clips.text_rows import text_cells, text_of
from mebench.data.clips.workbook import table_rows
from mebench.errors import MebenchError

COLUMNS = {"subject": ("Subject",), "onset": ("Onset",), "emotion": ("Emotion",)}
TEXT = "Subject,Onset,Emotion\n张三,5,厌恶\n李四,7,惊讶\n"
CELLS = [[2, "张三", "5", "厌恶"], [3, "李四", "7", "惊讶"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def read(path: Path) -> list[list[object]]:
    rows: list[list[object]] = read_sheet(path, COLUMNS, sheet="label").to_numpy(dtype=object).tolist()
    return rows


def cells(path: Path, text: str) -> list[list[str]]:
    path.write_text(text, encoding="utf-8", newline="")
    return list(text_cells(path, text_of(path, path.read_bytes())))


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(MebenchError) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("gbk"),
        TEXT.encode("gb18030"),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "le-bare", "be-bare", "utf-32", "gbk", "gb18030"],
)
def test_a_table_in_any_encoding_of_spreadsheet_programs_gives_the_same_cells(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    assert read(path) == CELLS


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Subject,Onset,Emotion\nJos\u00e9e,5,d\u00e9go\u00fbt\n", "latin-1"),
        ("Subject,Onset,Emotion\nMa\u0161a,5,\u0161ok\n", "cp1250"),
    ],
)
def test_text_in_another_encoding_is_refused_and_never_read_as_chinese(
    path: Path, text: str, encoding: str
) -> None:
    assert "is not text in UTF-8, UTF-16 or GB18030" in refusal(path, text.encode(encoding))


def test_zero_bytes_that_are_not_utf_16_are_refused(path: Path) -> None:
    assert "is not text" in refusal(path, b"Subject,Onset,Emotion\n1,5,\0sad\n")


def test_a_utf_16_file_that_was_cut_in_a_character_is_refused(path: Path) -> None:
    assert "is not text" in refusal(path, TEXT.encode("utf-16")[:-1])


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\t\n"])
def test_a_file_without_content_is_said_to_be_empty(path: Path, content: bytes) -> None:
    assert "is empty" in refusal(path, content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_says_what_divides_cells_whatever_stands_in_them(path: Path, delimiter: str) -> None:
    row = ['"1;1,0\t"', "5", '"a,b,c;d;e\tf\tg"']
    text = f"{delimiter.join(['Subject', 'Onset', 'Emotion'])}\n{delimiter.join(row)}\n"
    assert cells(path, text)[1] == ["1;1,0\t", "5", "a,b,c;d;e\tf\tg"]


def test_decimal_commas_do_not_mislead(path: Path) -> None:
    text = "subject;clip;p_negative;p_positive\n1;a;0,75;0,25\n"
    assert cells(path, text)[1] == ["1", "a", "0,75", "0,25"]


def test_prose_above_the_header_does_not_mislead(path: Path) -> None:
    path.write_text("codes of A, B, C, D, E and F, by G\n\nSubject;Onset;Emotion\n1;5;sad\n")
    assert read(path) == [[4, "1", "5", "sad"]]


def test_the_first_line_by_which_excel_names_the_delimiter_is_no_row(path: Path) -> None:
    path.write_text("sep=;\r\nSubject;Onset;Emotion\r\n1,5;5;sad\r\n", newline="")
    assert read(path) == [[3, "1,5", "5", "sad"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(path: Path, ending: str) -> None:
    path.write_text(TEXT.replace("\n", ending), encoding="utf-8", newline="")
    assert read(path) == CELLS


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below(path: Path) -> None:
    message = refusal(path, b'Subject,Onset,Emotion\n1,5,sad\n2,7,"sad\n3,9,sad\n')
    assert "row 3: unexpected end of data; see that every quote there is closed" in message


def test_a_workbook_of_several_sheets_with_rows_is_no_list(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book["Sheet"].append(["subject", 6.0])
    book.create_sheet("empty")
    book.save(tmp_path / "list.xlsx")
    assert table_rows(tmp_path / "list.xlsx") == [(1, ["subject", "6"])]
    book.create_sheet("other").append(["x"])
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(MebenchError, match=r"rows in several sheets \(Sheet, other\)"):
        table_rows(tmp_path / "list.xlsx")
