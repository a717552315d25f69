"""SAMM as owners keep it: a sheet below prose or not, three-digit folders, and any spelling of a frame's name."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import save_sheets, touch

from mebench.cohort.building import build_cohort
from mebench.cohort.protocol import AU_UNKNOWN
from mebench.data.clips.aus import parse_aus
from mebench.data.clips.table import check_clips, clip_rows
from mebench.data.dataset import Dataset
from mebench.data.reading import read_annotated, read_clips
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.samm import Samm

SHEET = "SAMM_Micro_FACS_Codes_v2.xlsx"
HEADER = (
    "Subject",
    "Filename",
    "Inducement Code",
    "Onset Frame",
    "Apex Frame",
    "Offset Frame",
    "Duration",
    "Micro",
    "Action Units",
    "Estimated Emotion",
    "Objective Classes",
    "Notes",
)
PROSE = 13

Row = tuple[object, ...]


@pytest.fixture
def samm() -> Dataset:
    return Samm()


def write_sheet(
    folder: Path, *rows: Row, name: str = SHEET, title: str = "MICRO_ONLY", prose: int = PROSE
) -> Path:
    """Write a sheet whose header stands below ``prose`` rows, the first of them filled."""
    above = (("A title",), ("Subject and Filename are explained here",), ("/",), *[()] * PROSE)[:prose]
    return save_sheets(folder / name, **{title: (*above, HEADER, *rows)})


def clip(
    subject: object = "091",
    name: str = "091_1_2",
    apex: object = 1007,
    aus: object = "12A",
    emotion: str = "Anger",
    number: object = 3,
) -> Row:
    """One made-up row of the owner's sheet."""
    return (subject, name, 1, 1005, apex, 1009, 5, "Micro - 1/2", aus, emotion, number, None)


@pytest.mark.parametrize(
    ("name", "title", "prose"),
    [
        (SHEET, "MICRO_ONLY", PROSE),
        ("SAMM_20181215_Micro_FACS_Codes_v2.xlsx", "MICRO_ONLY", 0),
        ("SAMM_Micro_FACS_Codes_v2.xlsx", "Sheet1", 0),
        ("SAMM.xlsx", "SAMM", 0),
    ],
)
@pytest.mark.parametrize("folder", [".", "SAMM"])
def test_every_edition_of_the_sheet_is_found_and_read(
    tmp_path: Path, samm: Dataset, name: str, title: str, prose: int, folder: str
) -> None:
    path = write_sheet(tmp_path / folder, clip(), name=name, title=title, prose=prose)
    assert samm.find_annotation(tmp_path) == path
    table = samm.read_annotation(path)
    assert len(table) == 1
    names = ["key", "subject", "clip", "emotion", "aus", "objective_class"]
    assert table[names].iloc[0].tolist() == [
        "samm/091/091_1_2/1005",
        "091",
        "091_1_2",
        "anger",
        "12A",
        "3",
    ]
    assert table[["onset", "apex", "offset", "fps"]].iloc[0].tolist() == [1005, 1007, 1009, 200.0]
    assert table.loc[0, "row"] == prose + 2


def test_an_older_workbook_and_a_csv_copy_give_the_same_clips(tmp_path: Path, samm: Dataset) -> None:
    xlwt = pytest.importorskip("xlwt", reason="writing an .xls workbook takes xlwt")
    rows = [HEADER, clip(), clip("6", "006_9_9", aus="R6 or R12", emotion="Others")]
    book = xlwt.Workbook()
    page = book.add_sheet("MICRO_ONLY")
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write(place, column, cell)
    older, copy = tmp_path / "a" / "SAMM_Micro_FACS_Codes_v2.xls", tmp_path / "b" / "SAMM.csv"
    for path in (older, copy):
        path.parent.mkdir()
    book.save(str(older))
    with copy.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    newest = write_sheet(tmp_path / "c", *rows[1:], name="SAMM_20181215.xlsx", prose=0)
    expected = samm.read_annotation(newest)
    assert expected["subject"].tolist() == ["091", "006"]
    for path in (older, copy, newest):
        assert samm.find_annotation(path.parent) == path
        pd.testing.assert_frame_equal(samm.read_annotation(path), expected)


def test_the_workbook_of_the_long_videos_is_not_the_annotation(tmp_path: Path, samm: Dataset) -> None:
    write_sheet(tmp_path, clip(), name="SAMM_LongVideos_V3_Release.xlsx")
    with pytest.raises(MebenchError, match="holds no samm annotation"):
        samm.find_annotation(tmp_path)


def test_the_sheet_of_micro_expressions_is_taken_before_others(tmp_path: Path, samm: Dataset) -> None:
    path = write_sheet(tmp_path, clip())
    book = openpyxl.load_workbook(path)
    other = book.create_sheet("EVERYTHING", 0)
    other.append(HEADER)
    other.append(clip("092", "092_1_1"))
    book.save(path)
    assert samm.read_annotation(path)["subject"].tolist() == ["091"]


@pytest.mark.parametrize("subject", [6, 6.0, "6", "006", " 006"])
def test_a_subject_is_named_as_its_folder_is(tmp_path: Path, samm: Dataset, subject: object) -> None:
    path = write_sheet(tmp_path, clip(subject, "006_9_9"))
    assert samm.read_annotation(path)["subject"].tolist() == ["006"]


@pytest.mark.parametrize("word", ["Other", "Others", "others "])
def test_other_and_others_are_one_emotion(tmp_path: Path, samm: Dataset, word: str) -> None:
    path = write_sheet(tmp_path, clip(emotion=word))
    assert samm.read_annotation(path)["emotion"].tolist() == ["other"]


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("A/L12", {12}),
        ("(R6 or R12)+R15", {6, 12, 15}),
        ("L12 or L14", {12, 14}),
        ("ref(7B)+43", {7, 43}),
        (" L12 + 61 ", {12, 61}),
        ("R14+17+soft focus", {14, 17}),
        (4, {4}),
    ],
)
def test_action_units_are_kept_as_written(
    tmp_path: Path, samm: Dataset, written: object, numbers: set[int]
) -> None:
    path = write_sheet(tmp_path, clip(aus=written))
    (aus,) = samm.read_annotation(path)["aus"]
    assert aus == str(written).strip()
    assert {unit.number for unit in parse_aus(aus)} == numbers


def test_the_objective_class_is_not_needed(tmp_path: Path, samm: Dataset) -> None:
    path = write_sheet(tmp_path, clip())
    book = openpyxl.load_workbook(path)
    book["MICRO_ONLY"].delete_cols(HEADER.index("Objective Classes") + 1)
    book.save(path)
    table = samm.read_annotation(path)
    assert table[["emotion", "objective_class"]].to_numpy().tolist() == [["anger", ""]]


def test_an_apex_outside_its_window_or_that_is_no_number_gives_way_to_the_middle(
    tmp_path: Path, samm: Dataset
) -> None:
    path = write_sheet(tmp_path, clip(apex=1013), clip("092", "092_1_1"), clip("093", apex="?"))
    table, drops = check_clips(samm.read_annotation(path))
    assert (table["subject"].tolist(), drops) == (["091", "092", "093"], [])
    assert table["apex"].tolist() == [1007, 1007, 1007]
    assert table["apex_source"].tolist() == ["middle: outside its window", "owner", "middle: none given"]


def test_the_owners_untouched_sheet_loses_no_clip_for_its_two_false_apexes(
    tmp_path: Path, samm: Dataset, registry: Registry
) -> None:
    def expression(name: str, window: tuple[int, int, int], emotion: str) -> Row:
        return (name[:3], name, 1, *window, 9, "Micro - 1/2", "4", emotion, 7, None)

    def many(count: int, first: int, emotion: str) -> list[Row]:
        names = [f"{first + n % 26:03d}_9_{n}" for n in range(count)]
        return [expression(name, (100, 105, 110), emotion) for name in names]

    # As many clips of each emotion as the owner's sheet, and the two as they stand there.
    rows = [
        expression("028_4_1", (1071, 1143, 1134), "Contempt"),
        expression("032_3_1", (4896, 1930, 4970), "Contempt"),
        *many(57, 1, "Anger"),
        *many(10, 2, "Contempt"),
        *many(26, 3, "Happiness"),
        *many(15, 4, "Surprise"),
        *many(26, 5, "Other"),
        *many(9, 6, "Disgust"),
        *many(8, 7, "Fear"),
        *many(6, 8, "Sadness"),
    ]
    rows = [(*row[:1], f"{row[1]}_{n}" if n > 1 else row[1], *row[2:]) for n, row in enumerate(rows)]
    write_sheet(tmp_path, *rows)
    data = read_annotated(samm, tmp_path)
    assert (len(data.table), data.drops) == (159, ())
    false = data.table.set_index("clip").loc[["028_4_1", "032_3_1"], ["apex", "apex_source"]]
    assert false.to_numpy().tolist() == [[1102, "middle: outside its window"], [4930, "repair"]]
    assert [str(repair) for repair in data.repairs.applied] == [str(samm.repairs.repairs[0])]
    for name, clips in (("samm-3c", 133), ("samm-5c", 136)):
        cohort = build_cohort(registry.get("protocol", name).load(), [data])
        assert (len(cohort.clips), cohort.faults()) == (clips, [])
    unrepaired = read_annotated(samm, tmp_path, repairs=False)
    assert unrepaired.table.set_index("clip").loc["032_3_1", "apex"] == 4933
    assert len(unrepaired.table) == 159


def test_a_copy_that_has_another_apex_for_the_repaired_clip_is_left_alone(
    tmp_path: Path, samm: Dataset
) -> None:
    write_sheet(tmp_path, ("032", "032_3_1", 1, 4896, 4945, 4970, 9, "Micro - 1/2", "4", "Contempt", 7, None))
    data = read_annotated(samm, tmp_path)
    assert data.table[["apex", "apex_source"]].to_numpy().tolist() == [[4945, "owner"]]
    assert [why for _, why in data.repairs.unmatched] == ["the sheet holds 4945"]


def test_a_cell_with_plain_words_makes_the_units_of_its_clip_unknown(
    tmp_path: Path, samm: Dataset, registry: Registry
) -> None:
    cells = ("R14+17+soft focus", "R14+17", "12L")
    write_sheet(tmp_path, *(clip(f"{n:03d}", aus=cell) for n, cell in enumerate(cells, 1)))
    cohort = build_cohort(registry.get("protocol", "samm-5c").load(), [read_annotated(samm, tmp_path)])
    assert cohort.protocol.aus == (2, 4, 7, 12)
    assert cohort.aus.tolist() == [[AU_UNKNOWN] * 4, [0, 0, 0, 0], [0, 0, 0, 1]]


def test_a_sheet_without_a_column_says_which(tmp_path: Path, samm: Dataset) -> None:
    path = write_sheet(tmp_path, clip())
    book = openpyxl.load_workbook(path)
    book["MICRO_ONLY"].delete_cols(HEADER.index("Onset Frame") + 1)
    book.save(path)
    with pytest.raises(MebenchError, match=r"MICRO_ONLY.*lacks the column 'Onset Frame'.*row 14"):
        samm.read_annotation(path)


@pytest.mark.parametrize("folder", ["SAMM/091/091_1_2", "SAMM_CROP/091/091_1_2", "091/091_1_2"])
@pytest.mark.parametrize("name", ["091_{:05d}.jpg", "091_{:04d}.jpg", "091_{:06d}.jpg", "img{}.jpg"])
def test_frames_are_found_whatever_their_padding(
    tmp_path: Path, samm: Dataset, folder: str, name: str
) -> None:
    write_sheet(tmp_path, clip(91))
    frames = [f"{folder}/{name.format(n)}" for n in range(1004, 1011)]
    touch(tmp_path, *frames, f"{folder}/Thumbs.db", f"{folder}/092_01006.jpg")
    data = read_clips(samm, tmp_path)
    found = data.frames["samm/091/091_1_2/1005"]
    assert found.numbers == (1005, 1006, 1007, 1008, 1009)
    assert [path.relative_to(tmp_path).as_posix() for path in found.paths] == frames[1:6]
    assert (data.drops, data.missing_frames(), data.twin) == ((), {}, False)


def test_paddings_may_differ_within_a_clip(tmp_path: Path, samm: Dataset) -> None:
    row = ("091", "091_1_2", 1, 998, 1000, 1001, 4, "Micro - 1/2", "4", "Fear", 7)
    write_sheet(tmp_path, row)
    names = ("091_0998.jpg", "091_00999.jpg", "091_1000.jpg", "091_01001.jpg")
    touch(tmp_path, *(f"SAMM/091/091_1_2/{name}" for name in names))
    assert read_clips(samm, tmp_path).missing_frames() == {}


def test_cropped_faces_are_taken_before_full_frames(tmp_path: Path, samm: Dataset) -> None:
    write_sheet(tmp_path, clip())
    touch(tmp_path, *(f"{top}/091/091_1_2/091_01005.jpg" for top in ("SAMM", "SAMM_CROP")))
    (frame,) = read_clips(samm, tmp_path).frames["samm/091/091_1_2/1005"].paths
    assert frame.relative_to(tmp_path).parts[0] == "SAMM_CROP"


@pytest.mark.parametrize("layout", range(len(Samm.layouts)))
def test_a_twin_in_any_layout_is_read_back_whole(tmp_path: Path, samm: Dataset, layout: int) -> None:
    options = TwinOptions(subjects=2, clips=2, size=32, layout=layout)
    written = make_twin(samm, tmp_path / "twin", options)
    data = read_clips(samm, tmp_path / "twin")
    assert (len(data.table), data.drops, data.missing_frames(), data.twin) == (4, (), {}, True)
    assert sum(len(frames) for frames in data.frames.values()) == written
    first = next(clip_rows(data.table))
    expected = samm.layouts[layout].path(tmp_path / "twin", first, first.onset)
    assert data.frames[first.key].paths[0] == expected


def test_a_written_annotation_is_read_back_to_the_same_table(tmp_path: Path, samm: Dataset) -> None:
    make_twin(samm, tmp_path / "twin", TwinOptions(subjects=2, clips=2, size=32))
    table = samm.read_annotation(tmp_path / "twin" / SHEET)
    assert set(table["objective_class"]) <= set("1234567")
    samm.write_annotation(table, tmp_path / SHEET)
    pd.testing.assert_frame_equal(samm.read_annotation(tmp_path / SHEET), table)


def test_a_twins_sheet_has_the_owners_header_below_prose(tmp_path: Path, samm: Dataset) -> None:
    path = write_sheet(tmp_path, clip(), clip("092", "092_1_1", emotion="Other", number=7))
    samm.write_annotation(samm.read_annotation(path), tmp_path / "again.xlsx")
    rows = {
        name: list(openpyxl.load_workbook(name)["MICRO_ONLY"].iter_rows(values_only=True))[PROSE:]
        for name in (path, tmp_path / "again.xlsx")
    }
    assert rows[path] == rows[tmp_path / "again.xlsx"]
