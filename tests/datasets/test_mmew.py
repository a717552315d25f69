"""MMEW as its owner releases it: a workbook that numbers its subjects, and folders sorted by emotion."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import CODING, save_sheets, touch

from mebench.data.clips.aus import shown_units
from mebench.data.clips.table import check_clips, clip_rows
from mebench.data.reading import read_clips
from mebench.errors import MebenchError
from mebench.synthetic.invent import invent_clips
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.mmew import Mmew

MMEW = Mmew()
SHEET = "MMEW_Micro_Exp.xlsx"
HEADER = (*CODING, "remarks")


def write_sheet(
    folder: Path, *rows: tuple[object, ...], name: str = SHEET, header: tuple[str, ...] = HEADER
) -> Path:
    return save_sheets(folder / name, **{"Sheet": (header, *rows), "Sheet2": ()})


def clip(
    subject: object = 7, name: str = "S07-50-001", emotion: str = "anger", aus: object = "4+7"
) -> tuple[object, ...]:
    """One made-up row: a clip of five frames."""
    return (subject, name, 1, 3, 5, aus, emotion)


def touch_numbers(root: Path, folder: str, *numbers: int) -> None:
    touch(root / folder, *(f"{number}.jpg" for number in numbers))


@pytest.mark.parametrize("prefix", ["Micro_Expression/", "MMEW/Micro_Expression/", ""])
def test_frames_lie_under_their_emotion(tmp_path: Path, prefix: str) -> None:
    write_sheet(tmp_path, clip(), clip(12, "S12-51-002", "Surprise"))
    touch_numbers(tmp_path, f"{prefix}anger/S07-50-001", *range(1, 12))
    touch_numbers(tmp_path, f"{prefix}surprise/S12-51-002", *range(1, 6))
    touch_numbers(tmp_path, f"{prefix}fear/S07-50-001", 900)
    data = read_clips(MMEW, tmp_path)
    assert {key: list(frames.numbers) for key, frames in data.frames.items()} == {
        "mmew/S07/S07-50-001/1": [1, 2, 3, 4, 5],
        "mmew/S12/S12-51-002/1": [1, 2, 3, 4, 5],
    }
    assert data.drops == ()
    assert data.table["fps"].tolist() == [90.0, 90.0]


def test_clips_of_others_lie_in_others_or_in_repression(tmp_path: Path) -> None:
    write_sheet(
        tmp_path, clip(name="S07-52-001", emotion="others"), clip(name="S07-52-002", emotion="others")
    )
    touch_numbers(tmp_path, "Micro_Expression/repression/S07-52-001", 1, 2, 3)
    touch_numbers(tmp_path, "Micro_Expression/others/S07-52-002", 2, 3, 4)
    data = read_clips(MMEW, tmp_path)
    assert [list(frames.numbers) for frames in data.frames.values()] == [[1, 2, 3], [2, 3, 4]]
    assert data.table["emotion"].tolist() == ["others", "others"]


@pytest.mark.parametrize("subject", [7, 7.0, "7", "07", "S07", " s07 "])
def test_a_subject_is_named_as_in_the_names_of_clips(tmp_path: Path, subject: object) -> None:
    table = MMEW.read_annotation(write_sheet(tmp_path, clip(subject)))
    assert table["subject"].tolist() == ["S07"]
    assert table["key"].tolist() == ["mmew/S07/S07-50-001/1"]


def test_action_units_are_kept_as_written_number_or_text(tmp_path: Path) -> None:
    table = MMEW.read_annotation(write_sheet(tmp_path, clip(aus=12), clip(aus="R4+ L10"), clip(aus=None)))
    assert table["aus"].tolist() == ["12", "R4+ L10", ""]


def test_a_sheet_without_remarks_and_with_spaces_in_its_header_is_read(tmp_path: Path) -> None:
    header = ("subject", "Filename ", "Onset Frame", "Apex Frame", "Offset Frame", "ActionUnits")
    path = write_sheet(tmp_path, clip(), header=(*header, "Estimated  emotion"))
    assert MMEW.read_annotation(path)[["onset", "apex", "offset", "emotion"]].to_numpy().tolist() == [
        [1, 3, 5, "anger"]
    ]


def test_a_sheet_without_its_header_names_what_is_missing(tmp_path: Path) -> None:
    path = write_sheet(tmp_path, clip(), header=(*HEADER[:6], "mood"))
    with pytest.raises(MebenchError, match="lacks the column 'Estimated Emotion'"):
        MMEW.read_annotation(path)


@pytest.mark.parametrize("folder", [".", "annotation", "MMEW", "Micro_Expression"])
@pytest.mark.parametrize("name", [SHEET, "MMEW_Micro_Exp_new.xlsx"])
def test_the_workbook_is_found_under_both_names(tmp_path: Path, folder: str, name: str) -> None:
    path = write_sheet(tmp_path / folder, clip(), name=name)
    assert MMEW.find_annotation(tmp_path).resolve() == path.resolve()


def test_windows_that_cannot_be_true_are_reported_not_guessed(tmp_path: Path) -> None:
    write_sheet(
        tmp_path,
        clip(),
        (7, "S07-50-002", 1, 3, None, "4", "anger"),
        (7, "S07-50-003", 6, 9, 5, "4", "anger"),
        (7, "S07-50-004", 5, 3, 5, "4", "anger"),
    )
    touch_numbers(tmp_path, "Micro_Expression/anger/S07-50-001", *range(1, 6))
    data = read_clips(MMEW, tmp_path)
    assert [(drop.row, drop.reason) for drop in data.drops] == [
        (3, "offset is not a frame number"),
        (4, "onset 6 comes after offset 5"),
        (5, "onset and offset are both 5, but the apex is 3"),
    ]
    assert data.repairs.applied == ()


def test_an_apex_missing_or_swapped_with_the_offset_gives_way_to_the_middle(tmp_path: Path) -> None:
    write_sheet(
        tmp_path,
        (7, "S07-50-002", 1, None, 5, "4", "anger"),
        (7, "S07-50-003", 1, 9, 5, "4", "anger"),
    )
    table, drops = check_clips(MMEW.read_annotation(tmp_path / SHEET))
    assert (table["apex"].tolist(), drops) == ([3, 3], [])
    assert table["apex_source"].tolist() == ["middle: none given", "middle: outside its window"]


# Seven cells with a side behind the number, as the owner's sheet has.
BEHIND = {
    "12L": {12},
    "10R": {10},
    "20L": {20},
    "4R": {4},
    "4R+7": {4, 7},
    "12 L+14": {12, 14},
    "1+2R": {1, 2},
}


def test_a_sheet_with_sides_behind_numbers_gives_all_its_units(tmp_path: Path) -> None:
    # As many clips, units and instances as the owner's sheet; which clip shows what is made up.
    numbers = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 23, 24, 25, 26, 28, 38]
    rest = [{numbers[n % 21]} | ({numbers[(n + 5) % 21]} if n < 197 else set()) for n in range(293)]
    units = [*BEHIND.values(), *rest]
    written = [
        *BEHIND,
        *("+".join(f"{'L' * (n % 3 == 0)}{u}" for u in sorted(s)) for n, s in enumerate(rest)),
    ]
    write_sheet(tmp_path, *(clip(name=f"S07-50-{n:03d}", aus=cell) for n, cell in enumerate(written)))
    table = MMEW.read_annotation(tmp_path / SHEET)
    assert [shown_units(cell) for cell in table["aus"]] == units
    assert (sum(map(len, units)), len(set().union(*units)), len(units)) == (500, 21, 300)


@pytest.mark.parametrize("layout", range(len(MMEW.layouts)))
def test_a_twin_in_each_layout_is_read_back_to_the_same_table(tmp_path: Path, layout: int) -> None:
    assert MMEW.twin is not None
    make_twin(MMEW, tmp_path / "twin", TwinOptions(subjects=2, clips=2, size=32, layout=layout))
    data = read_clips(MMEW, tmp_path / "twin")
    told = check_clips(invent_clips("mmew", MMEW.twin, subjects=2, clips=2, seed=0))[0]
    pd.testing.assert_frame_equal(data.table, told)
    assert (data.drops, data.missing_frames(), data.twin) == ((), {}, True)
    for row in clip_rows(data.table):
        first = MMEW.layouts[layout].path(tmp_path / "twin", row, row.onset)
        assert data.frames[row.key].paths[0] == first


def test_the_written_sheet_looks_like_the_owners(tmp_path: Path) -> None:
    assert MMEW.twin is not None
    table = invent_clips("mmew", MMEW.twin, subjects=2, clips=7, seed=3)
    MMEW.write_annotation(table, tmp_path / SHEET)
    rows = list(openpyxl.load_workbook(tmp_path / SHEET).worksheets[0].iter_rows(values_only=True))
    assert rows[0] == HEADER
    assert [row[0] for row in rows[1:]] == [1] * 7 + [2] * 7
    pd.testing.assert_frame_equal(MMEW.read_annotation(tmp_path / SHEET), table)
