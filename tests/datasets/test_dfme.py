"""DFME as owners keep it: three workbooks that are three parts, a frame rate a row, frames counted from 0."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import save_sheets, touch

from mebench.data.clips.aus import parse_aus
from mebench.data.dataset import Dataset
from mebench.data.reading import read_clips
from mebench.errors import MebenchError
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.dfme import Dfme

TRAIN, TEST_A, TEST_B = (f"{part}_full_with_AU.xlsx" for part in ("training", "testA", "testB"))
HEADER = (
    "Subject",
    "Filename",
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    "Emotion",
    "EmotionId",
    "Fps",
    "AU",
)

Row = tuple[object, ...]


@pytest.fixture
def dfme() -> Dataset:
    return Dfme()


def clip(name: str = "sub9003_01", onset: object = 0, fps: object = 500, aus: object = 12) -> Row:
    """One made-up row of a workbook: a clip of ten frames."""
    return (name.partition("_")[0], name, onset, 4, 9, "happiness", 4, fps, aus)


def write_sheet(path: Path, *rows: Row) -> Path:
    return save_sheets(path, **{"Sheet1": (HEADER, *rows)})


def touch_numbers(root: Path, folder: str, *numbers: int) -> None:
    touch(root / folder, *(f"{number:05d}.png" for number in numbers))


def test_the_three_workbooks_are_read_as_three_parts(tmp_path: Path, dfme: Dataset) -> None:
    write_sheet(tmp_path / TRAIN, clip(), clip("sub9003_02"))
    write_sheet(tmp_path / TEST_A, clip("sub9004_01"))
    write_sheet(tmp_path / TEST_B, clip("sub9005_01"))
    path = dfme.find_annotation(tmp_path)
    assert path.name == TRAIN
    table = dfme.read_annotation(path)
    assert table[["key", "part", "row"]].to_numpy().tolist() == [
        ["dfme/sub9003/sub9003_01/0", "train", 2],
        ["dfme/sub9003/sub9003_02/0", "train", 3],
        ["dfme/sub9004/sub9004_01/0", "testA", 2],
        ["dfme/sub9005/sub9005_01/0", "testB", 2],
    ]
    assert [part.name for part in dfme.annotation_parts(path)] == [TRAIN, TEST_A, TEST_B]


def test_a_change_of_any_workbook_changes_the_annotations_hash(tmp_path: Path, dfme: Dataset) -> None:
    write_sheet(tmp_path / TRAIN, clip())
    touch_numbers(tmp_path, "DFME_train/sub9003_01", *range(10))
    hashes = {read_clips(dfme, tmp_path).sha256}
    for aus in (12, 14):
        write_sheet(tmp_path / TEST_B, clip("sub9005_01", aus=aus))
        hashes.add(read_clips(dfme, tmp_path).sha256)
    assert len(hashes) == 3


def test_a_part_may_be_all_that_one_has(tmp_path: Path, dfme: Dataset) -> None:
    write_sheet(tmp_path / TEST_B, clip("sub9005_01"))
    touch_numbers(tmp_path, "DFME_testB/sub9005_01", *range(10))
    data = read_clips(dfme, tmp_path)
    assert data.table["part"].tolist() == ["testB"]
    assert data.drops == ()


def test_a_workbook_whose_name_tells_no_part_is_refused(tmp_path: Path, dfme: Dataset) -> None:
    path = write_sheet(tmp_path / "mine.xlsx", clip())
    with pytest.raises(MebenchError, match="its name must begin with training, testA, testB"):
        dfme.read_annotation(path)


def test_the_same_clip_in_two_parts_is_used_once_and_reported(tmp_path: Path, dfme: Dataset) -> None:
    write_sheet(tmp_path / TRAIN, clip())
    write_sheet(tmp_path / TEST_A, clip())
    touch_numbers(tmp_path, "DFME_train/sub9003_01", *range(10))
    data = read_clips(dfme, tmp_path)
    assert data.table["part"].tolist() == ["train"]
    assert ["stand in row 2 already" in drop.reason for drop in data.drops] == [True]


def test_each_row_has_its_own_frame_rate(tmp_path: Path, dfme: Dataset) -> None:
    rates = (500, "300", 200.0, None)
    path = write_sheet(
        tmp_path / TRAIN, *(clip(f"sub9003_0{n}", fps=fps) for n, fps in enumerate(rates, start=1))
    )
    fps = dfme.read_annotation(path)["fps"]
    assert fps[:3].tolist() == [500.0, 300.0, 200.0]
    assert fps.isna().tolist() == [False, False, False, True]


def test_a_csv_copy_gives_the_same_clips(tmp_path: Path, dfme: Dataset) -> None:
    rows = [clip(), clip("sub9003_02", onset=2, fps=200, aus="23+AD31")]
    table = dfme.read_annotation(write_sheet(tmp_path / TRAIN, *rows))
    path = tmp_path / "training_full_with_AU.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows((HEADER, *rows))
    pd.testing.assert_frame_equal(dfme.read_annotation(path), table)


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        (12, [("AU", 12)]),
        ("23+AD31", [("AU", 23), ("AD", 31)]),
        ("AD38", [("AD", 38)]),
        ("M58", [("M", 58)]),
        ("4+7+R20", [("AU", 4), ("AU", 7), ("AU", 20)]),
    ],
)
def test_action_descriptors_and_movements_are_told_from_action_units(
    tmp_path: Path, dfme: Dataset, cell: object, kinds: list[tuple[str, int]]
) -> None:
    aus = dfme.read_annotation(write_sheet(tmp_path / TRAIN, clip(aus=cell)))["aus"][0]
    assert [(unit.kind, unit.number) for unit in parse_aus(aus)] == kinds


@pytest.mark.parametrize("place", ["DFME_{}", "DFME/DFME_{}", "{}"])
def test_frames_from_number_0_are_found_in_the_folder_of_their_part(
    tmp_path: Path, dfme: Dataset, place: str
) -> None:
    write_sheet(tmp_path / TRAIN, clip())
    write_sheet(tmp_path / TEST_A, clip("sub9004_01", onset=3))
    touch_numbers(tmp_path, f"{place.format('train')}/sub9003_01", *range(12))
    touch_numbers(tmp_path, f"{place.format('testa')}/sub9004_01", *range(12))
    data = read_clips(dfme, tmp_path)
    assert {key: frames.numbers for key, frames in data.frames.items()} == {
        "dfme/sub9003/sub9003_01/0": tuple(range(10)),
        "dfme/sub9004/sub9004_01/3": tuple(range(3, 10)),
    }
    assert data.drops == ()


@pytest.mark.parametrize("layout", range(len(Dfme.layouts)))
def test_a_twin_in_any_layout_is_read_back_whole(tmp_path: Path, dfme: Dataset, layout: int) -> None:
    make_twin(dfme, tmp_path / "twin", TwinOptions(subjects=2, clips=2, size=32, layout=layout))
    data = read_clips(dfme, tmp_path / "twin")
    assert (len(data.table), data.drops, data.missing_frames(), data.twin) == (4, (), {}, True)
    assert data.table["part"].tolist() == ["train", "train", "testA", "testA"]


def test_clips_that_are_written_keep_part_and_frame_rate(tmp_path: Path, dfme: Dataset) -> None:
    write_sheet(tmp_path / TRAIN, clip(), clip("sub9004_01", fps=300, aus="4+7+R20"))
    write_sheet(tmp_path / TEST_B, clip("sub9001_01", fps=200))
    table = dfme.read_annotation(tmp_path / TRAIN)
    (tmp_path / "copy").mkdir()
    dfme.write_annotation(table, tmp_path / "copy" / TRAIN)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [TEST_B, TRAIN]
    rows = list(openpyxl.load_workbook(tmp_path / "copy" / TRAIN)["Sheet1"].iter_rows(values_only=True))
    assert rows == [HEADER, clip(), clip("sub9004_01", fps=300, aus="4+7+R20")]
    pd.testing.assert_frame_equal(dfme.read_annotation(tmp_path / "copy" / TRAIN), table)


def test_subjects_of_a_twin_are_dealt_to_the_parts_as_unequally_as_the_owners(
    tmp_path: Path, dfme: Dataset
) -> None:
    make_twin(dfme, tmp_path / "twin", TwinOptions(subjects=6, clips=1, size=32))
    parts = read_clips(dfme, tmp_path / "twin").table["part"].value_counts()
    assert parts.to_dict() == {"train": 4, "testA": 1, "testB": 1}
