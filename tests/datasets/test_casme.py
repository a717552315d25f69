"""CASME as owners keep it: either edition of its sheet, clips that share a recording, cropped and raw frames."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import save_csv, save_sheets, save_xls, touch

from mebench.data.clips.table import check_clips
from mebench.data.dataset import Dataset
from mebench.data.reading import read_clips
from mebench.errors import MebenchError
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.casme import Casme

HEADER = ("Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "AU", "Emotion")
SMALL = TwinOptions(subjects=2, clips=4, size=32)

Row = tuple[object, ...]


@pytest.fixture
def casme() -> Dataset:
    return Casme()


def clip(
    subject: object = 1, name: str = "EP91_1", onset: int = 5, apex: object = 7, aus: object = 12
) -> Row:
    """One made-up row of the sheet: a clip of five frames with a second apex."""
    return (subject, name, None, onset, apex, onset + 3, onset + 4, None, aus, "tense")


def write_xlsx(path: Path, *rows: Row) -> Path:
    return save_sheets(path, **{"Sheet1": (HEADER, *rows)})


def write_xls(path: Path, *rows: Row) -> Path:
    return save_xls(path, **{"Sheet1": (HEADER, *rows)})


def write_csv(path: Path, *rows: Row) -> Path:
    return save_csv(path, (HEADER, *rows))


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (write_xlsx, "casme.xlsx"),
        (write_xlsx, "CASME.xlsx"),
        (write_xls, "CASME.xls"),
        (write_csv, "casme.csv"),
    ],
)
def test_each_edition_of_the_sheet_gives_the_same_clips(
    tmp_path: Path, casme: Dataset, write: object, name: str
) -> None:
    assert callable(write)
    path = write(tmp_path / name, clip(), clip("02", "EP92_12", 105, 107, "4+L10"))
    assert casme.find_annotation(tmp_path) == path
    table = casme.read_annotation(path)
    assert table["key"].tolist() == ["casme/sub01/EP91_1/5", "casme/sub02/EP92_12/105"]
    assert table[["onset", "apex", "offset"]].to_numpy().tolist() == [[5, 7, 9], [105, 107, 109]]
    assert table["aus"].tolist() == ["12", "4+L10"]
    assert table["emotion"].tolist() == ["tense", "tense"]
    assert table["fps"].tolist() == [60.0, 60.0]
    assert table["row"].tolist() == [2, 3]


def test_the_second_apex_is_passed_over_even_where_the_first_is_missing(
    tmp_path: Path, casme: Dataset
) -> None:
    write_xlsx(tmp_path / "casme.xlsx", clip(), clip(onset=50, apex="/"))
    table, drops = check_clips(casme.read_annotation(tmp_path / "casme.xlsx"))
    # The second apex of the row is 53, the middle of its window 52.
    assert (table["apex"].tolist(), drops) == ([7, 52], [])
    assert table["apex_source"].tolist() == ["owner", "middle: none given"]


def test_clips_of_one_recording_are_told_apart_by_their_onset(tmp_path: Path, casme: Dataset) -> None:
    write_xlsx(tmp_path / "casme.xlsx", clip(), clip(onset=50, apex=52))
    frames = [f"reg_EP91_1-{n}.jpg" for n in (*range(5, 10), *range(50, 55))]
    touch(tmp_path / "Cropped/sub01/EP91_1", *frames)
    data = read_clips(casme, tmp_path)
    assert {key: f.numbers for key, f in data.frames.items()} == {
        "casme/sub01/EP91_1/5": (5, 6, 7, 8, 9),
        "casme/sub01/EP91_1/50": (50, 51, 52, 53, 54),
    }


def test_a_recording_does_not_take_the_frames_of_one_whose_name_begins_alike(
    tmp_path: Path, casme: Dataset
) -> None:
    write_xlsx(tmp_path / "casme.xlsx", clip(), clip(name="EP91_12"))
    touch(tmp_path / "Cropped/sub01/EP91_12", *(f"reg_EP91_12-{n:03d}.jpg" for n in range(5, 10)))
    data = read_clips(casme, tmp_path)
    assert list(data.frames) == ["casme/sub01/EP91_1/5", "casme/sub01/EP91_12/5"]
    assert [drop.key for drop in data.drops] == ["casme/sub01/EP91_1/5"]
    assert data.missing_frames() == {}


def test_padding_may_change_within_a_folder_and_stray_files_are_passed_over(
    tmp_path: Path, casme: Dataset
) -> None:
    write_xlsx(tmp_path / "casme.xlsx", clip())
    names = ("reg_EP91_1-005.jpg", "reg_EP91_1-6.jpg", "EP91_1-007.jpg", "EP91_1-8.jpg")
    touch(tmp_path / "Cropped/sub01/EP91_1", *names, "Thumbs.db", "9.jpg", "reg_EP91_2-009.jpg")
    assert read_clips(casme, tmp_path).frames["casme/sub01/EP91_1/5"].numbers == (5, 6, 7, 8)


def test_a_sheet_without_action_units_is_read(tmp_path: Path, casme: Dataset) -> None:
    path = write_xlsx(tmp_path / "casme.xlsx", clip())
    book = openpyxl.load_workbook(path)
    book["Sheet1"].delete_cols(HEADER.index("AU") + 1)
    book.save(path)
    assert casme.read_annotation(path)["aus"].tolist() == [""]


def test_a_sheet_without_offsets_is_refused_by_name(tmp_path: Path, casme: Dataset) -> None:
    path = write_xlsx(tmp_path / "casme.xlsx", clip())
    book = openpyxl.load_workbook(path)
    book["Sheet1"].delete_cols(HEADER.index("OffsetF") + 1)
    book.save(path)
    with pytest.raises(MebenchError, match="lacks the column 'OffsetF'"):
        casme.read_annotation(path)


@pytest.mark.parametrize("layout", range(len(Casme.layouts)))
def test_a_twin_in_any_layout_is_read_back_whole(tmp_path: Path, casme: Dataset, layout: int) -> None:
    make_twin(casme, tmp_path / "twin", TwinOptions(**{**vars(SMALL), "clips": 2, "layout": layout}))
    data = read_clips(casme, tmp_path / "twin")
    assert (len(data.table), data.drops, data.missing_frames(), data.twin) == (4, (), {}, True)


def test_the_sheet_of_a_twin_has_the_owners_form_and_is_read_back_to_the_same_clips(
    tmp_path: Path, casme: Dataset
) -> None:
    make_twin(casme, tmp_path / "twin", SMALL)
    path = casme.find_annotation(tmp_path / "twin")
    assert path.name == "casme.xlsx"
    rows = list(openpyxl.load_workbook(path)["Sheet1"].iter_rows(values_only=True))
    assert rows[0] == HEADER
    assert rows[1][0] == 1
    table = casme.read_annotation(path)
    assert table[["subject", "clip"]].duplicated().any()
    casme.write_annotation(table, tmp_path / "casme.xlsx")
    pd.testing.assert_frame_equal(casme.read_annotation(tmp_path / "casme.xlsx"), table)
