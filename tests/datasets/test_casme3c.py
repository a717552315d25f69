"""CAS(ME)^3 part C as owners keep it: a sheet without apexes, commas between units, and five layouts."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import save_sheets, touch

from mebench.data.clips.apex import fill_middle_apex
from mebench.data.clips.aus import parse_aus_with_rest
from mebench.data.dataset import Dataset
from mebench.data.reading import read_clips
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.casme3c import Casme3C

SHEET = "CAS(ME)3_part_C_ME.xlsx"
HEADER = ("sub", "count", "onset", "offset", "au", "emotion")

Row = tuple[object, ...]


@pytest.fixture
def casme3c() -> Dataset:
    return Casme3C()


def clip(subject: object = 1, count: object = 1, onset: int = 5, aus: object = 4) -> Row:
    """One made-up row of the sheet: a clip of six frames."""
    return (subject, count, onset, onset + 5, aus, "negative")


def write_sheet(folder: Path, *rows: Row, title: str = "mockCrimeME") -> Path:
    return save_sheets(folder / SHEET, **{title: (HEADER, *rows)})


def touch_numbers(root: Path, folder: str, *numbers: int) -> None:
    touch(root / folder, *(f"{number}.jpg" for number in numbers))


def test_subjects_are_spelt_as_their_folders_and_clips_are_their_numbers(
    tmp_path: Path, casme3c: Dataset
) -> None:
    table = casme3c.read_annotation(write_sheet(tmp_path, clip(), clip("02", "3", 40), clip(31, 12, 700)))
    assert table["key"].tolist() == ["casme3c/01/1/5", "casme3c/02/3/40", "casme3c/31/12/700"]
    assert table["fps"].tolist() == [30.0] * 3


@pytest.mark.parametrize("title", ["mockCrimeME", "Sheet1"])
def test_the_sheet_is_known_by_its_columns(tmp_path: Path, casme3c: Dataset, title: str) -> None:
    assert len(casme3c.read_annotation(write_sheet(tmp_path, clip(), title=title))) == 1


@pytest.mark.parametrize("folder", [".", "annotation", "annotation/partC", "part_C/annotation"])
def test_the_workbook_is_found_where_owners_keep_it(tmp_path: Path, casme3c: Dataset, folder: str) -> None:
    path = write_sheet(tmp_path / folder, clip())
    assert casme3c.find_annotation(tmp_path).resolve() == path.resolve()


def test_the_apex_is_the_middle_of_the_window_and_says_so(tmp_path: Path, casme3c: Dataset) -> None:
    path = write_sheet(tmp_path, clip())
    assert casme3c.read_annotation(path)["apex"].isna().all()
    touch_numbers(tmp_path, "ME_C/01/1/color", *range(5, 11))
    table = read_clips(casme3c, tmp_path).table
    assert table[["onset", "apex", "offset", "apex_source"]].to_numpy().tolist() == [
        [5, 7, 10, "middle: none given"]
    ]


@pytest.mark.parametrize(
    ("cell", "numbers", "uncertain"),
    [
        (12, [12], []),
        ("R4,5", [4, 5], []),
        ("14,L24,", [14, 24], []),
        ("4\uff0c11", [4, 11], []),
        ("13?", [13], [13]),
    ],
)
def test_action_units_are_kept_as_written_and_none_is_lost(
    tmp_path: Path, casme3c: Dataset, cell: object, numbers: list[int], uncertain: list[int]
) -> None:
    aus = casme3c.read_annotation(write_sheet(tmp_path, clip(aus=cell)))["aus"][0]
    assert aus == str(cell)
    text = parse_aus_with_rest(aus)
    assert [unit.number for unit in text.units] == numbers
    assert [unit.number for unit in text.units if unit.uncertain] == uncertain
    assert text.rest == ()


@pytest.mark.parametrize(
    "folders",
    [
        ("ME_C/01/1/color", "ME_C/01/2/color"),
        ("01/color/1_1", "01/color/1_2"),
        ("sub1/color/1_1", "sub1/color/1_2"),
        ("RGB_Depth/part_C/part_C/01/a/color", "RGB_Depth/part_C/part_C/01/a/color"),
        ("part_C/01/a/color", "part_C/01/a/color"),
    ],
)
def test_frames_are_found_in_the_release_and_in_what_its_readers_made_of_it(
    tmp_path: Path, casme3c: Dataset, folders: tuple[str, str]
) -> None:
    write_sheet(tmp_path, clip(), clip(count=2, onset=373))
    touch_numbers(tmp_path, folders[0], *range(5, 11))
    touch_numbers(tmp_path, folders[1], *range(373, 379))
    data = read_clips(casme3c, tmp_path)
    assert {key: frames.numbers for key, frames in data.frames.items()} == {
        "casme3c/01/1/5": tuple(range(5, 11)),
        "casme3c/01/2/373": tuple(range(373, 379)),
    }
    assert data.drops == ()


@pytest.mark.parametrize("layout", range(len(Casme3C.layouts)))
def test_a_twin_in_any_layout_is_read_back_whole(tmp_path: Path, casme3c: Dataset, layout: int) -> None:
    make_twin(casme3c, tmp_path / "twin", TwinOptions(subjects=2, clips=2, size=32, layout=layout))
    data = read_clips(casme3c, tmp_path / "twin")
    assert (len(data.table), data.drops, data.missing_frames(), data.twin) == (4, (), {}, True)


def test_the_sheet_of_a_twin_has_the_owners_form_and_is_read_back_to_the_same_clips(
    tmp_path: Path, casme3c: Dataset
) -> None:
    make_twin(casme3c, tmp_path / "twin", TwinOptions(subjects=2, clips=2, size=32))
    path = casme3c.find_annotation(tmp_path / "twin")
    rows = list(openpyxl.load_workbook(path)["mockCrimeME"].iter_rows(values_only=True))
    assert rows[0] == HEADER
    assert rows[1][:2] == (1, 1)
    assert any("," in str(row[4]) for row in rows[1:])
    table = casme3c.read_annotation(path)
    assert [parse_aus_with_rest(aus).rest for aus in table["aus"]] == [()] * 4
    casme3c.write_annotation(fill_middle_apex(table), tmp_path / SHEET)
    pd.testing.assert_frame_equal(casme3c.read_annotation(tmp_path / SHEET), table)
