"""Reading an owner's workbook: the header is found by its names, and a bad file is told in one sentence."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from mebench.data.clips.sheet import read_sheet, sheet_names
from mebench.data.clips.workbook import open_workbook
from mebench.errors import MebenchError

COLUMNS = {"subject": ("Subject", "sub_ID"), "onset": ("Onset", "OnsetFrame"), "aus": ("Action Units",)}
HEADER = ["Subject", "OnsetFrame", "Action Units"]

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(rows: Sequence[Sequence[object]], sheet: str = "label", name: str = "sheet.xlsx") -> Path:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        page.title = sheet
        for row in rows:
            page.append(list(row))
        path = tmp_path / name
        book.save(path)
        return path

    return write


def read(path: Path) -> list[list[object]]:
    rows: list[list[object]] = read_sheet(path, COLUMNS, sheet="label").to_numpy(dtype=object).tolist()
    return rows


def refusal(path: Path, sheet: str = "label") -> str:
    with pytest.raises(MebenchError) as caught:
        read_sheet(path, COLUMNS, sheet=sheet)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_header_is_found_below_rows_of_prose_and_rows_keep_the_workbooks_numbers(write: Write) -> None:
    prose = [["Master codes"], [], ["Subject: one participant"], ['"/" = or', "Onset"], []]
    path = write([*prose, HEADER, ["006", 5562, "12"], [], ["007", 17, "4+7"]])
    assert read(path) == [[7, "006", 5562, "12"], [9, "007", 17, "4+7"]]


@pytest.mark.parametrize(
    "header",
    [
        ["subject", "ONSETFRAME", "action units"],
        [" Subject ", "Onset Frame", "Action  Units"],
        ["Sub_ID", "onset", "ActionUnits"],
        ["Sub ject", "On\nset", "Action\u00a0Units"],
    ],
)
def test_case_spaces_and_accepted_spellings_of_the_header_do_not_matter(
    write: Write, header: list[str]
) -> None:
    assert read(write([header, ["1", 2, "3"]])) == [[2, "1", 2, "3"]]


def test_empty_and_foreign_columns_in_between_are_passed_over(write: Write) -> None:
    path = write(
        [
            [None, "Subject", None, "Onset", None, "Remarks", "Action Units", None],
            [None, "1", None, 46, None, "blink", "4+L10", None],
            [None, None, None, None, None, "255 rows in all", None, None],
        ]
    )
    assert read(path) == [[2, "1", 46, "4+L10"]]


def test_columns_may_stand_in_any_order_and_the_order_asked_for_comes_back(write: Write) -> None:
    path = write([["Action Units", "Subject", "Onset"], ["12", "1", 5]])
    assert list(read_sheet(path, COLUMNS, sheet="label").columns) == ["row", "subject", "onset", "aus"]
    assert read(path) == [[2, "1", 5, "12"]]


def test_cells_keep_the_type_they_have_in_the_workbook(write: Write) -> None:
    rows = [[1, 46, 12], ["01", 46.5, "4+7"], [3.0, "46", None], ["x", True, "?"]]
    table = [row[1:] for row in read(write([HEADER, *rows]))]
    assert table == rows
    # A spreadsheet knows one kind of number: 3.0 is stored, and comes back, as 3.
    assert [type(row[1]) for row in table] == [int, float, str, bool]


def test_a_row_shorter_than_the_header_has_empty_cells(write: Write) -> None:
    assert read(write([HEADER, ["1"], ["2", 3, "4"]]))[0] == [2, "1", None, None]


def test_a_header_without_rows_gives_an_empty_table_with_its_columns(write: Write) -> None:
    table = read_sheet(write([HEADER]), COLUMNS, sheet="label")
    assert table.empty
    assert list(table.columns) == ["row", *COLUMNS]


def test_a_missing_column_is_named_with_the_row_of_the_nearest_header(write: Write) -> None:
    message = refusal(write([["Codes of Subject"], ["Subject", "Apex", "Action Units"], ["1", 5, "12"]]))
    assert "lacks the column 'Onset'" in message
    assert "row 2" in message
    assert "Subject, Apex, Action Units" in message


def test_several_missing_columns_are_all_named(write: Write) -> None:
    message = refusal(write([["Action Units"], ["1"]]))
    assert "lacks the columns 'Subject', 'Onset'" in message


def test_a_sheet_without_any_header_says_so(write: Write) -> None:
    assert "no header row was found" in refusal(write([["1", 2, 3], ["4", 5, 6]]))


def test_an_empty_workbook_says_that_no_header_was_found(write: Write) -> None:
    assert "no header row was found" in refusal(write([]))


def test_a_missing_sheet_gets_the_near_match(write: Write) -> None:
    assert "no sheet 'label': did you mean 'Labels'?" in refusal(write([HEADER], sheet="Labels"))


@pytest.mark.parametrize("name", ["sheet.xlsx", "sheet.xls", "sheet.txt", "sheet.CSV", "sheet"])
def test_a_text_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("Subject\tOnset\tAction Units\n1\t2\t4,7\n")
    assert read(path) == [[2, "1", "2", "4,7"]]


def test_an_older_workbook_without_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    assert "is damaged" in refusal(path)
    assert sheet_names(path) == []


def test_a_zip_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "not a workbook")
    assert "is a ZIP archive, not a workbook: unpack it first" in refusal(path)


def test_a_workbook_cut_short_anywhere_is_refused(write: Write) -> None:
    path = write([HEADER, *([str(n), n, "12"] for n in range(50))])
    whole = path.read_bytes()
    for end in range(0, len(whole) - 1, len(whole) // 12):
        path.write_bytes(whole[:end])
        refusal(path)


def test_damaged_bytes_anywhere_give_rows_or_one_sentence_and_never_another_error(write: Write) -> None:
    path = write([HEADER, *([str(n), n, "12"] for n in range(50))])
    whole = path.read_bytes()
    rng = random.Random(0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            read_sheet(path, COLUMNS, sheet="label")
        except MebenchError:
            refused += 1
    assert refused > 50


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """Return a copy of a workbook whose sheet has other XML."""
    copy = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert content.count(old) == 1
                content = content.replace(old, new)
            target.writestr(name, content)
    return copy


def rows_read(path: Path) -> int:
    """Return how many rows of a workbook's sheet the reader takes apart."""
    with open_workbook(path) as book:
        return len(list(book.rows("label")))


def test_a_million_claimed_rows_are_not_looked_for(write: Write) -> None:
    path = write([HEADER, ["1", 2, "3"]])
    claimed = rewritten(path, b'ref="A1:C2"', b'ref="A1:XFD1048576"')
    assert read(claimed) == [[2, "1", 2, "3"]]
    assert rows_read(claimed) == 2


def test_rows_of_blank_but_coloured_cells_are_not_taken_apart(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("label")
    blank = openpyxl.cell.WriteOnlyCell(page)
    blank.fill = PatternFill("solid", fgColor="FFFF00")
    for row in (HEADER, ["1", 2, "3"], *[[blank] * 3] * 20_000):
        page.append(row)
    path = tmp_path / "coloured.xlsx"
    book.save(path)
    path = rewritten(path, b"<sheetData>", b'<dimension ref="A1:C20002"/><sheetData>')
    assert read(path) == [[2, "1", 2, "3"]]
    assert rows_read(path) == 2


def test_a_gap_of_a_hundred_blank_rows_hides_nothing(write: Write) -> None:
    path = write([HEADER, ["1", 2, "3"], *[[]] * 100, ["2", 3, "4"]])
    assert read(path) == [[2, "1", 2, "3"], [103, "2", 3, "4"]]


def test_rows_beyond_the_size_that_a_sheet_claims_are_read(write: Write) -> None:
    path = write([HEADER, *([str(n), n, "12"] for n in range(30))])
    claimed = rewritten(path, b'ref="A1:C31"', b'ref="A1:B5"')
    assert read(claimed) == [[n + 2, str(n), n, "12"] for n in range(30)]


def test_hundreds_of_blank_rows_hide_nothing_in_any_form(write: Write, tmp_path: Path) -> None:
    path = write([HEADER, ["1", 2, "3"], *[[]] * 5000, ["2", 3, "4"]])
    assert read(path) == [[2, "1", 2, "3"], [5003, "2", 3, "4"]]
    text = tmp_path / "a.csv"
    text.write_text(",".join(HEADER) + "\n1,2,3\n" + ",,\n" * 250 + "\n" * 250 + "2,3,4\n")
    assert read(text) == [[2, "1", "2", "3"], [503, "2", "3", "4"]]


def test_a_value_after_thousands_of_coloured_rows_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("label")
    blank = openpyxl.cell.WriteOnlyCell(page)
    blank.fill = PatternFill("solid", fgColor="FFFF00")
    for row in (HEADER, *[[blank] * 3] * 2000, ["1", 2, "3"], *[[blank] * 3] * 10):
        page.append(row)
    book.save(tmp_path / "coloured.xlsx")
    assert read(tmp_path / "coloured.xlsx") == [[2002, "1", 2, "3"]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<row r="3"', b"<row"),  # a row without its number stands below the last one
        (b"<sheetData>", b"<sheetData><!-- row, <v> and <row -->"),
        (b"</sheetData>", b'</sheetData><rowBreaks count="0"/>'),
    ],
)
def test_rows_are_read_to_the_last_however_their_xml_is_written(write: Write, old: bytes, new: bytes) -> None:
    path = rewritten(write([HEADER, ["1", 2, "3"], ["2", 3, "4"]]), old, new)
    assert read(path) == [[2, "1", 2, "3"], [3, "2", 3, "4"]]


def test_hidden_rows_and_columns_and_those_that_a_filter_hides_count(write: Write) -> None:
    path = write([HEADER, ["1", 2, "3"], ["2", 3, "4"]])
    book = openpyxl.load_workbook(path)
    page = book["label"]
    page.row_dimensions[2].hidden = True
    page.column_dimensions["B"].hidden = True
    page.auto_filter.ref = "A1:C3"
    page.auto_filter.add_filter_column(0, ["2"])
    book.save(path)
    assert read(path) == [[2, "1", 2, "3"], [3, "2", 3, "4"]]


def test_a_header_that_is_repeated_further_down_is_no_clip(write: Write) -> None:
    path = write([HEADER, ["1", 2, "3"], ["subject", "Onset Frame", "Action Units"], ["2", 3, "4"]])
    assert read(path) == [[2, "1", 2, "3"], [4, "2", 3, "4"]]


def test_of_two_rows_of_headers_the_one_with_the_columns_counts(write: Write) -> None:
    path = write([["Subject", "Window", None], HEADER, ["1", 2, "3"]])
    assert read(path) == [[3, "1", 2, "3"]]


@pytest.mark.parametrize("gone", ["apex", "aus", "objective_class"])
def test_apex_action_units_and_objective_class_may_be_missing(write: Write, gone: str) -> None:
    fields = ("subject", "onset", "apex", "aus", "objective_class")
    path = write([[f for f in fields if f != gone], ["1", 2, 3, 4]])
    table = read_sheet(path, dict.fromkeys(fields, ()), sheet="label")
    assert table[gone].tolist() == [None]
    assert table.drop(columns=["row", gone]).to_numpy().tolist() == [["1", 2, 3, 4]]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("sub", "subject"),
        ("#Subject", "subject"),
        ("Subject_ID", "subject"),
        ("filename_o", "clip"),
        ("File Name", "clip"),
        ("Onset_frame", "onset"),
        ("apex.frame", "apex"),
        ("action_units", "aus"),
        ("Aus", "aus"),
        ("Label", "emotion"),
        ("\ufeffestimated-emotion", "emotion"),
    ],
)
def test_headers_of_other_peoples_copies_are_known(write: Write, header: str, field: str) -> None:
    path = write([["x", header, "y"], [1, "a", 2]])
    assert read_sheet(path, {field: ()}, sheet="label")[field].tolist() == ["a"]


def test_the_owners_spelling_goes_before_the_common_ones(write: Write) -> None:
    path = write([["label", "emotion", "mood"], ["a", "b", "c"]])
    assert read_sheet(path, {"emotion": ("mood",)}, sheet="label")["emotion"].tolist() == ["c"]
    assert read_sheet(path, {"emotion": ()}, sheet="label")["emotion"].tolist() == ["b"]


def test_formulas_that_were_never_calculated_come_back_as_empty_cells(write: Write) -> None:
    assert read(write([HEADER, ["1", "=40+6", "12"]])) == [[2, "1", None, "12"]]


def test_merged_cells_count_for_their_first_row_only(tmp_path: Path, write: Write) -> None:
    path = write([HEADER, ["1", 5, "12"], [None, 9, "4"]])
    book = openpyxl.load_workbook(path)
    book["label"].merge_cells("A2:A3")
    book.save(path)
    assert read(path) == [[2, "1", 5, "12"], [3, None, 9, "4"]]
