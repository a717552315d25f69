"""CASME II as owners keep it: every edition of its sheet, its objective classes, and any of its layouts."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import CODING, save_sheets, touch

from mebench.data.clips.aus import parse_aus
from mebench.data.clips.table import check_clips, clip_rows
from mebench.data.dataset import Dataset
from mebench.data.reading import read_clips
from mebench.errors import MebenchError
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.casme2 import Casme2

SHEET = "CASME2-coding-20140508.xlsx"
CLASSES = "CASME2-ObjectiveClasses.xlsx"
FULL = (
    "Subject",
    "Filename",
    None,
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    None,
    "Action Units",
    "Estimated Emotion",
)
CLEANED = CODING
SMALL = TwinOptions(subjects=2, clips=2, size=32)

Row = tuple[object, ...]


@pytest.fixture
def casme2() -> Dataset:
    return Casme2()


def write_sheet(folder: Path, *rows: Row, name: str = SHEET) -> Path:
    """Write the owner's sheet with the two empty columns and the empty sheets that it comes with."""
    return save_sheets(folder / name, **{"Sheet1": [FULL, *rows], "Sheet2": [], "Sheet3": []})


def write_classes(folder: Path, *rows: Row) -> Path:
    """Write the workbook of objective classes with the scribbles in its second sheet."""
    header = ("Subject", "Filename", "Objective Class")
    return save_sheets(folder / CLASSES, **{"Sheet1": [header, *rows], "Sheet2": [(7, None, "x"), (None, 3)]})


def clip(
    subject: object = 1, name: str = "EP91_01", onset: object = 5, apex: object = 7, aus: object = 12
) -> Row:
    """One made-up row of the owner's sheet."""
    return (subject, name, None, onset, apex, 9, None, aus, "happiness")


@pytest.mark.parametrize(
    "name",
    [
        "CASME2-coding-20140508.xlsx",
        "CASME2-coding-20190701.xlsx",
        "CASME2-coding-updated.xlsx",
        "CASME2-coding.xlsx",
    ],
)
def test_every_edition_of_the_sheet_is_found(tmp_path: Path, casme2: Dataset, name: str) -> None:
    write_classes(tmp_path)
    path = write_sheet(tmp_path, clip(), name=name)
    assert casme2.find_annotation(tmp_path) == path


def test_an_older_workbook_and_a_csv_copy_give_the_same_clips(tmp_path: Path, casme2: Dataset) -> None:
    xlwt = pytest.importorskip("xlwt", reason="writing an .xls workbook takes xlwt")
    rows = [FULL, clip(), clip("02", apex="/", aus="4+L10")]
    expected = casme2.read_annotation(write_sheet(tmp_path / "xlsx", *rows[1:]))
    for name in ("CASME2-coding-20140508.csv", "CASME2_coding.csv", "CASME2_label_Ver_2.csv"):
        copy = tmp_path / name / name
        copy.parent.mkdir()
        with copy.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        assert casme2.find_annotation(copy.parent) == copy
        pd.testing.assert_frame_equal(casme2.read_annotation(copy), expected)
    for name in ("CASME2_label_Ver_2.xls", "CASME2-coding-20140508.xls"):
        book = xlwt.Workbook()
        page = book.add_sheet("Sheet1")
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write(place, column, cell)
        older = tmp_path / name / name
        older.parent.mkdir()
        book.save(str(older))
        assert casme2.find_annotation(older.parent) == older
        pd.testing.assert_frame_equal(casme2.read_annotation(older), expected)


def test_the_two_columns_without_a_name_do_not_matter(tmp_path: Path, casme2: Dataset) -> None:
    full = write_sheet(tmp_path, clip())
    cleaned = save_sheets(
        tmp_path / "cleaned.xlsx", **{"casme2": [CLEANED, (1, "EP91_01", 5, 7, 9, 12, "happiness")]}
    )
    table = casme2.read_annotation(full)
    pd.testing.assert_frame_equal(casme2.read_annotation(cleaned), table)
    assert table[["key", "subject", "clip", "aus", "emotion", "objective_class"]].iloc[0].tolist() == [
        "casme2/sub01/EP91_01/5",
        "sub01",
        "EP91_01",
        "12",
        "happiness",
        "",
    ]
    assert table[["onset", "apex", "offset", "fps"]].iloc[0].tolist() == [5, 7, 9, 200.0]


@pytest.mark.parametrize("subject", [3, 3.0, "3", "03", " 03 ", "sub03", "Sub3"])
def test_a_subject_is_named_as_its_folder_is(tmp_path: Path, casme2: Dataset, subject: object) -> None:
    path = write_sheet(tmp_path, clip(subject), clip(26))
    assert casme2.read_annotation(path)["subject"].tolist() == ["sub03", "sub26"]


def test_action_units_are_kept_as_written_whether_the_cell_is_a_number_or_text(
    tmp_path: Path, casme2: Dataset
) -> None:
    written = [12, "4+L10", "L14+L15", "R1+R2", "?", None]
    path = write_sheet(tmp_path, *(clip(onset=n, aus=aus) for n, aus in enumerate(written)))
    aus = casme2.read_annotation(path)["aus"].tolist()
    assert aus == ["12", "4+L10", "L14+L15", "R1+R2", "?", ""]
    assert [len(parse_aus(text)) for text in aus] == [1, 2, 2, 2, 0, 0]


def test_a_missing_apex_is_the_middle_of_its_window_and_the_table_says_so(
    tmp_path: Path, casme2: Dataset
) -> None:
    write_sheet(tmp_path, clip(apex="/"), clip(2, apex=None), clip(3))
    touch(tmp_path, *(f"Cropped/sub0{n}/EP91_01/reg_img{i}.jpg" for n in (1, 2, 3) for i in range(5, 10)))
    data = read_clips(casme2, tmp_path)
    assert not data.drops
    assert data.table["apex_source"].tolist() == ["middle: none given", "middle: none given", "owner"]
    middle = data.table["onset"] + (data.table["offset"] - data.table["onset"]) // 2
    assert data.table["apex"][:2].tolist() == middle[:2].tolist()


def test_an_apex_on_the_onset_or_on_the_offset_is_no_fault(tmp_path: Path, casme2: Dataset) -> None:
    path = write_sheet(tmp_path, clip(1, apex=5), clip(2, apex=9))
    table, drops = check_clips(casme2.read_annotation(path))
    assert (table["apex"].tolist(), drops) == ([5, 9], [])


def test_clips_of_one_name_belong_to_their_own_subjects(tmp_path: Path, casme2: Dataset) -> None:
    write_sheet(tmp_path, clip(1), clip(2))
    touch(tmp_path, "Cropped/sub01/EP91_01/reg_img5.jpg", "Cropped/sub02/EP91_01/reg_img6.jpg")
    frames = read_clips(casme2, tmp_path).frames
    assert {key: list(found.numbers) for key, found in frames.items()} == {
        "casme2/sub01/EP91_01/5": [5],
        "casme2/sub02/EP91_01/5": [6],
    }


def test_objective_classes_are_joined_on_subject_and_clip(tmp_path: Path, casme2: Dataset) -> None:
    path = write_sheet(tmp_path, clip(1), clip(2), clip("03"), clip(4))
    write_classes(tmp_path, ("03", "EP91_01 ", 7), (2, "EP91_01", 3), ("1", "EP91_01", "1"))
    table = casme2.read_annotation(path)
    assert table["objective_class"].tolist() == ["1", "3", "7", ""]
    assert check_clips(table)[1] == []


def test_the_workbook_of_objective_classes_is_part_of_the_annotations_identity(
    tmp_path: Path, casme2: Dataset
) -> None:
    path = write_sheet(tmp_path, clip())
    touch(tmp_path, "Cropped/sub01/EP91_01/reg_img5.jpg")
    alone = read_clips(casme2, tmp_path)
    assert casme2.annotation_parts(path) == (path,)
    classes = write_classes(tmp_path, (1, "EP91_01", 1))
    assert casme2.annotation_parts(path) == (path, classes)
    assert read_clips(casme2, tmp_path).sha256 != alone.sha256


def test_a_damaged_workbook_of_objective_classes_is_named(tmp_path: Path, casme2: Dataset) -> None:
    path = write_sheet(tmp_path, clip())
    (tmp_path / CLASSES).write_text("not a workbook")
    with pytest.raises(MebenchError, match=CLASSES):
        casme2.read_annotation(path)


def test_a_sheet_without_a_column_says_which(tmp_path: Path, casme2: Dataset) -> None:
    path = save_sheets(
        tmp_path / SHEET, **{"Sheet1": [tuple(c for c in FULL if c != "OnsetFrame")], "Sheet2": []}
    )
    with pytest.raises(MebenchError, match=r"Sheet1.*lacks the column 'OnsetFrame'"):
        casme2.read_annotation(path)


@pytest.mark.parametrize(
    "name",
    [
        "Cropped/sub01/EP91_01/reg_img{}.jpg",
        "Cropped-updated/Cropped/sub01/EP91_01/reg_img{}.jpg",
        "CASME2_RAW_selected/sub01/EP91_01/img{}.jpg",
        "CASME2_RAW_selected/sub01/EP91_01/img{:03d}.jpg",
        "CASME2-RAW/sub01/EP91_01/img{:03d}.jpg",
        "CASME2-RAW/sub01/EP91_01/img{}.jpg",
        "sub01/EP91_01/reg_img{}.jpg",
        "sub01/EP91_01/img{}.jpg",
    ],
)
def test_raw_and_cropped_frames_are_found_among_stray_files(
    tmp_path: Path, casme2: Dataset, name: str
) -> None:
    write_sheet(tmp_path, (1, "EP91_01", None, 8, 9, 11, None, 12, "happiness"))
    frames = [name.format(n) for n in range(7, 13)]
    folder = frames[0].rpartition("/")[0]
    touch(tmp_path, *frames, f"{folder}/../Desktop - Shortcut.lnk", f"{folder}/Desktop - Shortcut.lnk")
    data = read_clips(casme2, tmp_path)
    found = data.frames["casme2/sub01/EP91_01/8"]
    assert found.numbers == (8, 9, 10, 11)
    assert [path.relative_to(tmp_path).as_posix() for path in found.paths] == frames[1:5]
    assert (data.drops, data.missing_frames(), data.twin) == ((), {}, False)


def test_cropped_faces_are_taken_before_raw_frames(tmp_path: Path, casme2: Dataset) -> None:
    write_sheet(tmp_path, clip())
    touch(tmp_path, "CASME2-RAW/sub01/EP91_01/img5.jpg", "Cropped/sub01/EP91_01/reg_img5.jpg")
    (frame,) = read_clips(casme2, tmp_path).frames["casme2/sub01/EP91_01/5"].paths
    assert frame.name == "reg_img5.jpg"


@pytest.mark.parametrize("layout", range(len(Casme2.layouts)))
def test_a_twin_in_any_layout_is_read_back_whole(tmp_path: Path, casme2: Dataset, layout: int) -> None:
    options = TwinOptions(subjects=2, clips=2, size=32, layout=layout)
    written = make_twin(casme2, tmp_path / "twin", options)
    data = read_clips(casme2, tmp_path / "twin")
    assert (len(data.table), data.drops, data.missing_frames(), data.twin) == (4, (), {}, True)
    assert sum(len(frames) for frames in data.frames.values()) == written
    first = next(clip_rows(data.table))
    expected = casme2.layouts[layout].path(tmp_path / "twin", first, first.onset)
    assert data.frames[first.key].paths[0] == expected


def test_a_written_annotation_is_read_back_to_the_same_table(tmp_path: Path, casme2: Dataset) -> None:
    make_twin(casme2, tmp_path / "twin", SMALL)
    table = casme2.read_annotation(tmp_path / "twin" / SHEET)
    assert set(table["objective_class"]) <= set("1234567")
    (tmp_path / "again").mkdir()
    casme2.write_annotation(table, tmp_path / "again" / SHEET)
    pd.testing.assert_frame_equal(casme2.read_annotation(tmp_path / "again" / SHEET), table)


def test_no_part_of_a_twins_annotation_tells_when_it_was_made(tmp_path: Path, casme2: Dataset) -> None:
    make_twin(casme2, tmp_path / "twin", SMALL)
    parts = casme2.annotation_parts(tmp_path / "twin" / SHEET)
    made = [openpyxl.load_workbook(part).properties.created for part in parts]
    assert [time.year for time in made if time] == [1980, 1980]


def test_a_twins_sheet_has_the_owners_columns_and_kinds_of_cells(tmp_path: Path, casme2: Dataset) -> None:
    path = write_sheet(
        tmp_path, clip(aus=12), clip(2, aus="R1+R2"), (3, "EP9", None, 1, 2, 3, None, 4, "fear")
    )
    casme2.write_annotation(casme2.read_annotation(path), tmp_path / "again.xlsx")
    rows = {
        name: list(openpyxl.load_workbook(name)["Sheet1"].iter_rows(values_only=True))
        for name in (path, tmp_path / "again.xlsx")
    }
    assert rows[path] == rows[tmp_path / "again.xlsx"]
    assert openpyxl.load_workbook(tmp_path / "again.xlsx").sheetnames == ["Sheet1", "Sheet2", "Sheet3"]
