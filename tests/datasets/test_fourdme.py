"""4DME as owners keep it: three editions of its sheet, several emotions in one clip, and its folders."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import save_sheets, touch

from mebench.data.clips.aus import parse_aus
from mebench.data.dataset import Dataset
from mebench.data.reading import read_clips
from mebench.errors import MebenchError
from mebench.synthetic.invent import units_of_emotion
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.fourdme import FourDme

RELEASE = "4DME_Labelling_Micro_release v1.xlsx"
EARLY = "4DME_Labelling_Micro-expression_emotion_eyeblink_final.xlsx"
BOTH_KINDS = "Micro_and_Macro-expression_labels_new_2D_oneLabel.xlsx"
ONE_HOT = ("Positive", "Negative", "Surprise", "Repression", "Others", "fold", "eye blink", "AU4", "AU12")
RELEASE_HEADER = (
    "sub_ID",
    "fold_name",
    "video_number",
    "Onset",
    "Apex",
    "Offset",
    "AUs",
    "Emotion",
    *ONE_HOT,
)
EARLY_HEADER = (
    "sub_ID'",
    "video_number'",
    "self-report emo'",
    "Onset",
    "Apex",
    "Offset",
    "AUs",
    "Emotion",
    "AU4",
)
BOTH_HEADER = (None, "SubID", "VideoNo", "fold_name", "Onset", "Apex", "Offset", "Emotion")

Row = tuple[object, ...]


@pytest.fixture
def fourdme() -> Dataset:
    return FourDme()


def write_sheet(folder: Path, header: Row, *rows: Row, name: str = RELEASE) -> Path:
    return save_sheets(folder / name, **{"Sheet": (header, *rows)})


def clip(name: str = "clip_1", onset: object = 123, aus: object = "AU4", emotion: str = "Negative") -> Row:
    """One made-up row of the release sheet: a clip of five frames."""
    number = int(str(onset))
    return ("S91", name, 1, onset, number + 2, number + 4, aus, emotion, 0, 1, 0, 0, 0, 2, 0, 1, 0)


def test_the_release_sheet_names_a_clip_by_its_folder(tmp_path: Path, fourdme: Dataset) -> None:
    path = write_sheet(tmp_path, RELEASE_HEADER, clip(), clip("clip_2", "200"))
    table = fourdme.read_annotation(path)
    assert table["key"].tolist() == ["4dme/S91/clip_1/123", "4dme/S91/clip_2/200"]
    assert table[["onset", "apex", "offset"]].to_numpy().tolist() == [[123, 125, 127], [200, 202, 204]]
    assert table["fps"].tolist() == [60.0, 60.0]


def test_the_early_sheet_has_apostrophes_in_its_names_and_a_sum_below_its_rows(
    tmp_path: Path, fourdme: Dataset
) -> None:
    path = write_sheet(
        tmp_path,
        EARLY_HEADER,
        ("S91'", "003'", "1,3'", 10, 12, 14, "AU4(k)+L7", "Surprise", 1),
        ("S91'", "003'", 1, 40, 42, 44, "12", "Positive", 0),
        (None, None, None, None, None, None, "total", None, 1),
        name=EARLY,
    )
    assert fourdme.find_annotation(tmp_path) == path
    assert fourdme.read_annotation(path)["key"].tolist() == ["4dme/S91/003/10", "4dme/S91/003/40"]


def test_the_sheet_of_both_kinds_of_expression_needs_no_action_units(
    tmp_path: Path, fourdme: Dataset
) -> None:
    path = write_sheet(
        tmp_path,
        BOTH_HEADER,
        (0, "S91", 1, "micro_1", 123, 125, 127, "Positive"),
        (1, "S91", 1, "macro_1", 200, 230, 260, "Negative"),
        name=BOTH_KINDS,
    )
    frames = (f"Frame_{n:09d}.jpg" for n in range(123, 128))
    touch(tmp_path / "micro_short_gray_video_cropped/S91/micro_1", *frames)
    data = read_clips(fourdme, tmp_path)
    assert data.annotation == path
    assert data.table[["clip", "aus", "emotion"]].to_numpy().tolist() == [["micro_1", "", "positive"]]
    assert [drop.reason for drop in data.drops] == ["none of its frames is on disk"]


def test_the_release_sheet_comes_before_the_others(tmp_path: Path, fourdme: Dataset) -> None:
    for name in (BOTH_KINDS, EARLY, RELEASE):
        write_sheet(tmp_path, RELEASE_HEADER, name=name)
    assert fourdme.find_annotation(tmp_path).name == RELEASE


def test_a_sheet_that_names_no_clip_is_refused(tmp_path: Path, fourdme: Dataset) -> None:
    path = write_sheet(tmp_path, tuple(name for name in BOTH_HEADER if name != "fold_name"))
    with pytest.raises(MebenchError, match="lacks the column 'fold_name'"):
        fourdme.read_annotation(path)


def test_several_emotions_stay_the_owners_word(tmp_path: Path, fourdme: Dataset) -> None:
    path = write_sheet(tmp_path, RELEASE_HEADER, clip(emotion="Surprise+Positive"), clip(onset=200))
    assert fourdme.read_annotation(path)["emotion"].tolist() == ["surprise+positive", "negative"]


def test_units_that_are_held_through_the_clip_are_kept_and_marked(tmp_path: Path, fourdme: Dataset) -> None:
    path = write_sheet(tmp_path, RELEASE_HEADER, clip(aus="AUR2+12(k)+45"))
    units = parse_aus(fourdme.read_annotation(path)["aus"][0])
    assert [(unit.side, unit.number, unit.kept) for unit in units] == [
        ("R", 2, False),
        ("", 12, True),
        ("", 45, False),
    ]


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("gray_micro", "{}.jpg"),
        ("gray_micro", "Frame_{:09d}.jpg"),
        ("gray_micro_crop", "{}.jpg"),
        ("micro_short_gray_video_cropped", "Frame_{:09d}.jpg"),
    ],
)
def test_frames_of_each_release_are_found_beside_folders_without_a_row(
    tmp_path: Path, fourdme: Dataset, folder: str, file: str
) -> None:
    write_sheet(tmp_path, RELEASE_HEADER, clip())
    touch(tmp_path / f"{folder}/S91/clip_1", *(file.format(n) for n in range(120, 130)), "Thumbs.db")
    touch(tmp_path / f"{folder}/S91_1st_001_01_1", file.format(1))
    data = read_clips(fourdme, tmp_path)
    assert [frames.numbers for frames in data.frames.values()] == [tuple(range(123, 128))]
    assert data.drops == ()


@pytest.mark.parametrize("layout", range(len(FourDme.layouts)))
def test_a_twin_in_any_layout_is_read_back_whole(tmp_path: Path, fourdme: Dataset, layout: int) -> None:
    make_twin(fourdme, tmp_path / "twin", TwinOptions(subjects=2, clips=2, size=32, layout=layout))
    data = read_clips(fourdme, tmp_path / "twin")
    assert (len(data.table), data.drops, data.missing_frames(), data.twin) == (4, (), {}, True)


def test_a_sheet_that_is_written_has_the_releases_form_and_is_read_back_to_the_same_clips(
    tmp_path: Path, fourdme: Dataset
) -> None:
    write_sheet(tmp_path, RELEASE_HEADER, clip(aus="4+12", emotion="Surprise+Positive"), clip("clip_2", 9))
    table = fourdme.read_annotation(tmp_path / RELEASE)
    fourdme.write_annotation(table, tmp_path / "written.xlsx")
    header, first, second = openpyxl.load_workbook(tmp_path / "written.xlsx")["Sheet1"].iter_rows(
        values_only=True
    )
    assert header == tuple(name for name in RELEASE_HEADER if name != "video_number")
    assert first[6:12] == ("Surprise+Positive", 1, 0, 1, 0, 0)
    assert (first[-2:], second[-2:]) == ((1, 1), (1, 0))
    pd.testing.assert_frame_equal(fourdme.read_annotation(tmp_path / "written.xlsx"), table)


def test_a_face_that_shows_two_emotions_moves_the_units_of_both() -> None:
    assert units_of_emotion("surprise+positive") == ("1+2+12", "1+2+6+12", "1+2+5+12", "1+2+5+6+12")
