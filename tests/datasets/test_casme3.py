"""CAS(ME)^3 part A as owners keep it: any of its layouts, its annotation, and what goes missing on the way."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import save_sheets

from mebench.data.clips.aus import shown_units
from mebench.data.clips.layout import FrameLayout
from mebench.data.clips.remarks import unread_units
from mebench.data.clips.table import ClipRow, check_clips, clip_rows
from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData, read_clips
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError, MebenchWarning
from mebench.plugin.registry import Registry

SHEET = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
HEADER = ("Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion")


@pytest.fixture(scope="module")
def casme3(registry: Registry) -> Dataset:
    return load_dataset(registry, "casme3")


def write_sheet(folder: Path, *rows: tuple[object, ...], name: str = SHEET) -> Path:
    return save_sheets(folder / name, **{"label": (HEADER, *rows)})


def clip(
    subject: str = "spNO.1", name: str = "a", onset: int = 5, emotion: str = "fear"
) -> tuple[object, ...]:
    """One row of the sheet: a clip of five frames."""
    return (subject, name, onset, onset + 2, onset + 4, "4+R12", "II", emotion)


def touch_frames(layout: FrameLayout, root: Path, subject: str, name: str, *numbers: int) -> None:
    for number in numbers:
        path = layout.path(root, ClipRow("key", "casme3", subject, name, 1, 1, 1, "", "", "", "", 2), number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize("index", range(6))
def test_every_layout_of_the_release_and_of_its_readers_is_found(
    tmp_path: Path, casme3: Dataset, index: int
) -> None:
    assert len(casme3.layouts) == 6
    write_sheet(tmp_path, clip(), clip("spNO.2", "J"))
    touch_frames(casme3.layouts[index], tmp_path, "spNO.1", "a", *range(5, 10))
    touch_frames(casme3.layouts[index], tmp_path, "spNO.2", "j", *range(1, 20))
    data = read_clips(casme3, tmp_path)
    assert {key: list(frames.numbers) for key, frames in data.frames.items()} == {
        "casme3/spNO.1/a/5": [5, 6, 7, 8, 9],
        "casme3/spNO.2/J/5": [5, 6, 7, 8, 9],
    }
    assert data.drops == ()
    assert data.missing_frames() == {}
    assert not data.twin


@pytest.mark.parametrize(
    "folder",
    [
        ".",
        "annotation",
        "annotation/partA",
        "annotation/part_A",
        "part_A",
        "part_A/annotation",
        "part_A/data",
    ],
)
@pytest.mark.parametrize("name", [SHEET, "cas(me)3_part_A_ME_label_JpgIndex_v2_refined.xlsx"])
def test_the_workbook_is_found_in_each_annotation_folder(
    tmp_path: Path, casme3: Dataset, folder: str, name: str
) -> None:
    path = write_sheet(tmp_path / folder, clip(), name=name)
    assert casme3.find_annotation(tmp_path).resolve() == path.resolve()


def test_the_first_edition_and_a_csv_copy_are_read_where_there_is_no_newer_workbook(
    tmp_path: Path, casme3: Dataset
) -> None:
    xlwt = pytest.importorskip("xlwt", reason="writing an .xls workbook takes xlwt")
    rows = [HEADER, clip(), clip(onset=50, emotion="Others")]
    first = tmp_path / "cas(me)3_part_A_ME_label_JpgIndex_v1.xls"
    book = xlwt.Workbook()
    page = book.add_sheet("Sheet1")
    for place, row in enumerate(rows):
        # Two columns without a name make ten.
        for column, cell in enumerate((*row[:2], None, *row[2:5], None, *row[5:])):
            page.write(place, column, cell)
    copy = tmp_path / "cas(me)3_part_A_ME_label_JpgIndex_v2_edited.csv"
    with copy.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    assert casme3.find_annotation(tmp_path) == copy
    book.save(str(first))
    with pytest.warns(MebenchWarning, match=r"v2_edited\.csv is taken .*_v1\.xls could be it too"):
        assert casme3.find_annotation(tmp_path) == copy
    newest = write_sheet(tmp_path / "newest", *rows[1:])
    expected = casme3.read_annotation(newest)
    assert len(expected) == 2
    for path in (first, copy):
        pd.testing.assert_frame_equal(casme3.read_annotation(path), expected)
    newest.rename(tmp_path / SHEET)
    with pytest.warns(MebenchWarning, match="could be it too and are not read"):
        assert casme3.find_annotation(tmp_path) == tmp_path / SHEET


def test_a_sheet_of_macro_expressions_too_is_refused(tmp_path: Path, casme3: Dataset) -> None:
    book = openpyxl.Workbook()
    for row in ((*HEADER, "Expression type"), (*clip(), "Macro-expression")):
        book["Sheet"].append(list(row))
    book.save(tmp_path / "all.xlsx")
    with pytest.raises(MebenchError, match="lists macro-expressions too"):
        casme3.read_annotation(tmp_path / "all.xlsx")


def test_lock_files_of_an_open_spreadsheet_are_not_the_annotation(tmp_path: Path, casme3: Dataset) -> None:
    for name in (f"~${SHEET}", f".~lock.{SHEET}", f"._{SHEET}"):
        (tmp_path / name).write_text("lock")
    with pytest.raises(MebenchError, match="holds no casme3 annotation"):
        casme3.find_annotation(tmp_path)
    path = write_sheet(tmp_path, clip())
    assert casme3.find_annotation(tmp_path) == path


def refusal(casme3: Dataset, root: Path, annotation: Path | None = None) -> str:
    with pytest.raises(MebenchError) as caught:
        read_clips(casme3, root, annotation)
    return str(caught.value)


def test_a_missing_folder_is_said_to_be_missing(tmp_path: Path, casme3: Dataset) -> None:
    message = refusal(casme3, tmp_path / "nowhere")
    assert f"the casme3 folder {tmp_path / 'nowhere'} does not exist" in message


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path, casme3: Dataset) -> None:
    assert f"the casme3 folder {tmp_path} is empty" in refusal(casme3, tmp_path)


def test_a_folder_without_the_workbook_is_told_which_one_and_where(tmp_path: Path, casme3: Dataset) -> None:
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "a", 5)
    message = refusal(casme3, tmp_path)
    for words in (
        str(tmp_path),
        "*part_A_ME_label* (.xlsx, .xls, .csv)",
        "annotation/partA",
        "--annotations FILE",
    ):
        assert words in message


def test_a_workbook_without_frames_is_told_the_layouts(tmp_path: Path, casme3: Dataset) -> None:
    write_sheet(tmp_path, clip())
    touch_frames(casme3.layouts[0], tmp_path, "spNO.2", "a", 5)
    message = refusal(casme3, tmp_path)
    assert "holds no frames of any annotated subject" in message
    assert all(layout.template in message for layout in casme3.layouts)


def test_an_annotation_file_that_is_not_there_is_named(tmp_path: Path, casme3: Dataset) -> None:
    assert str(tmp_path / "mine.xlsx") in refusal(casme3, tmp_path, tmp_path / "mine.xlsx")


def test_an_annotation_without_a_single_usable_clip_says_why(tmp_path: Path, casme3: Dataset) -> None:
    path = write_sheet(tmp_path, ("spNO.1", "a", 9, 10, 5, "4", "II", "fear"))
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "a", 9)
    message = refusal(casme3, tmp_path)
    assert str(path) in message
    assert "row 2" in message
    assert "onset 9 comes after offset 5" in message
    write_sheet(tmp_path)
    assert "has no usable clip" in refusal(casme3, tmp_path)


def test_the_annotation_may_lie_elsewhere(tmp_path: Path, casme3: Dataset) -> None:
    path = write_sheet(tmp_path / "mine", clip(), name="my own name.xlsx")
    touch_frames(casme3.layouts[0], tmp_path / "data", "spNO.1", "a", *range(5, 10))
    data = read_clips(casme3, tmp_path / "data", path)
    assert data.annotation == path
    assert len(data.table) == 1


def test_dropped_frames_are_tolerated_and_counted(tmp_path: Path, casme3: Dataset) -> None:
    write_sheet(tmp_path, clip(), clip(name="b"))
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "a", 5, 7, 9, 100)
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "b", *range(5, 10))
    data = read_clips(casme3, tmp_path)
    assert data.missing_frames() == {"casme3/spNO.1/a/5": 2}
    assert data.frames["casme3/spNO.1/a/5"].numbers == (5, 7, 9)
    assert data.drops == ()


def test_a_clip_with_fewer_than_half_of_its_frames_is_dropped_and_the_count_told(
    tmp_path: Path, casme3: Dataset
) -> None:
    write_sheet(tmp_path, clip(), clip(onset=50))
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "a", *range(5, 10), 50, 52)
    data = read_clips(casme3, tmp_path)
    assert data.table["key"].tolist() == ["casme3/spNO.1/a/5"]
    assert [(drop.key, drop.row, drop.reason, drop.by_rule) for drop in data.drops] == [
        (
            "casme3/spNO.1/a/50",
            3,
            "only 2 of the 5 frames of its window are on disk, fewer than half",
            False,
        )
    ]
    assert len(read_clips(casme3, tmp_path, judge_frames=False).table) == 2


def test_a_clip_whose_onset_and_apex_would_be_one_picture_is_dropped(tmp_path: Path, casme3: Dataset) -> None:
    write_sheet(
        tmp_path,
        ("spNO.1", "a", 6, 7, 9, "4", "II", "fear"),
        ("spNO.1", "b", 6, 9, 9, "4", "II", "fear"),
        ("spNO.1", "c", 6, 6, 9, "4", "II", "fear"),
    )
    for name in "abc":
        touch_frames(casme3.layouts[0], tmp_path, "spNO.1", name, 8, 9)
    data = read_clips(casme3, tmp_path)
    # Onset and apex of c are one frame by annotation; those of b are 8 and 9.
    assert data.table["clip"].tolist() == ["b", "c"]
    (drop,) = data.drops
    assert (drop.key, drop.reason) == (
        "casme3/spNO.1/a/6",
        "onset 6 and apex 7 would both be frame 8: 2 of the 4 frames of its window are on disk, and none nearer",
    )


def test_a_clip_without_a_single_frame_is_dropped_with_its_reason(tmp_path: Path, casme3: Dataset) -> None:
    write_sheet(tmp_path, clip(), clip(onset=50), clip(name="b"))
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "a", 5, 6, 7, 49, 55)
    data = read_clips(casme3, tmp_path)
    assert data.table["key"].tolist() == ["casme3/spNO.1/a/5"]
    assert [(drop.key, drop.row, drop.reason, drop.by_rule) for drop in data.drops] == [
        ("casme3/spNO.1/a/50", 3, "none of its frames is on disk", False),
        ("casme3/spNO.1/b/5", 4, "none of its frames is on disk", False),
    ]


def test_expressions_split_into_numbered_folders_are_found(tmp_path: Path, casme3: Dataset) -> None:
    write_sheet(tmp_path, clip(name="b"), clip(name="b", onset=50))
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "b", *range(5, 10))
    touch_frames(casme3.layouts[0], tmp_path, "spNO.1", "b2", *range(50, 55))
    assert read_clips(casme3, tmp_path).missing_frames() == {}


def test_names_that_point_out_of_the_folder_are_never_followed(tmp_path: Path, casme3: Dataset) -> None:
    root = tmp_path / "data"
    write_sheet(root, clip("../../outside"), clip(), clip("..", "outside"))
    touch_frames(casme3.layouts[-1], tmp_path, "outside", "a", 5)
    touch_frames(casme3.layouts[-1], root, "spNO.1", "a", *range(5, 10))
    data = read_clips(casme3, root)
    assert list(data.frames) == ["casme3/spNO.1/a/5"]
    assert [drop.reason for drop in data.drops] == [
        "subject '../../outside' is not a plain name",
        "subject '..' is not a plain name",
    ]


def test_emotions_are_lower_case_whatever_the_owner_wrote(tmp_path: Path, casme3: Dataset) -> None:
    path = write_sheet(tmp_path, clip(emotion="Others"), clip(onset=50, emotion="others "))
    assert casme3.read_annotation(path)["emotion"].tolist() == ["others", "others"]


def test_the_objective_class_is_not_needed(tmp_path: Path, casme3: Dataset) -> None:
    path = write_sheet(tmp_path, clip())
    book = openpyxl.load_workbook(path)
    book["label"].delete_cols(HEADER.index("Objective class") + 1)
    book.save(path)
    table = casme3.read_annotation(path)
    assert table[["aus", "emotion"]].to_numpy().tolist() == [["4+R12", "fear"]]


def test_an_annotation_that_is_written_is_read_back_to_the_same_table(
    tmp_path: Path, casme3: Dataset, twin: Path
) -> None:
    table = casme3.read_annotation(casme3.find_annotation(twin))
    assert len(table) == 12
    casme3.write_annotation(table, tmp_path / SHEET)
    pd.testing.assert_frame_equal(casme3.read_annotation(tmp_path / SHEET), table)
    assert len(check_clips(table)[0]) == 12


def test_a_twin_is_read_without_drops_or_missing_frames(casme3: Dataset, twin: Path) -> None:
    data = read_clips(casme3, twin)
    assert (len(data.table), data.drops, data.missing_frames()) == (12, (), {})
    assert data.twin


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, casme3: Dataset, real_workbook: Path) -> ClipData:
    """The owner's annotation with empty files for the frames of each clip."""
    root = tmp_path_factory.mktemp("real")
    shutil.copyfile(real_workbook, root / real_workbook.name)
    table, _ = casme3.repairs.apply(casme3.read_annotation(root / real_workbook.name))
    for row in clip_rows(check_clips(table)[0]):
        touch_frames(casme3.layouts[0], root, row.subject, row.clip, *range(row.onset, row.offset + 1))
    return read_clips(casme3, root)


def test_every_clip_of_the_owners_workbook_is_used(real: ClipData) -> None:
    assert len(real.table) == 860
    assert real.table["subject"].nunique() == 94
    assert real.drops == ()
    assert not real.twin


def test_the_owners_workbook_gets_its_seven_repairs(real: ClipData) -> None:
    assert real.repairs.name == "casme3-v2"
    assert [(r.key, r.field, r.old, r.new) for r in real.repairs.applied] == [
        ("casme3/spNO.149/d/112", "apex", 83, 123),
        ("casme3/spNO.214/c/5", "offset", 3460, 34),
        ("casme3/spNO.216/d/3647", "onset", 3647, 2647),
        ("casme3/spNO.216/e/0", "onset", 0, 1),
        ("casme3/spNO.216/e/0", "apex", 0, 1),
        ("casme3/spNO.40/e/1812", "offset", 0, 1845),
        ("casme3/spNO.40/e/2327", "offset", 0, 2403),
    ]
    assert real.repairs.unmatched == ()
    assert all(repair.reason and repair.source for repair in real.repairs.applied)


def test_without_repairs_four_clips_of_the_owners_workbook_could_not_be_used(
    casme3: Dataset, real_workbook: Path
) -> None:
    table, drops = check_clips(casme3.read_annotation(real_workbook))
    assert {drop.key: drop.reason for drop in drops} == {
        "casme3/spNO.214/c/5": "its window of 115 seconds, 5 to 3460, is no expression (at most 60 seconds)",
        "casme3/spNO.216/d/3647": "onset 3647 comes after offset 2694",
        "casme3/spNO.40/e/1812": "onset 1812 comes after offset 0",
        "casme3/spNO.40/e/2327": "onset 2327 comes after offset 0",
    }
    replaced = table[table["apex_source"] != "owner"]
    assert replaced[["key", "apex", "apex_source"]].to_numpy().tolist() == [
        ["casme3/spNO.149/d/112", 112 + (358 - 112) // 2, "middle: outside its window"]
    ]


def test_every_apex_of_the_owners_workbook_is_the_owners_or_repaired_and_every_unit_understood(
    real: ClipData,
) -> None:
    assert real.table["apex_source"].value_counts().to_dict() == {"owner": 858, "repair": 2}
    assert unread_units(real.table) == []
    assert all(shown_units(cell) for cell in real.table["aus"])
    instances = sum(len(shown_units(cell) or ()) for cell in real.table["aus"])
    assert len({number for cell in real.table["aus"] for number in shown_units(cell) or ()}) == 24
    assert instances == 1077


def test_the_owners_upper_case_recording_is_found_in_a_lower_case_folder(
    tmp_path: Path, casme3: Dataset, real_workbook: Path
) -> None:
    table = casme3.read_annotation(real_workbook)
    upper = next(row for row in clip_rows(check_clips(table)[0]) if row.clip == "J")
    touch_frames(casme3.layouts[0], tmp_path, upper.subject, "j", *range(upper.onset, upper.offset + 1))
    assert upper.key in read_clips(casme3, tmp_path, real_workbook).table["key"].tolist()
