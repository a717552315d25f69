"""SMIC-E: recordings with one to three expressions each, and the workbooks that say where these are."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheets import save_sheets, touch

from mebench.data.clips.table import check_clips
from mebench.data.reading import read_annotated, read_clips
from mebench.errors import MebenchError
from mebench_datasets.smic import Smic, SmicHs, SmicNir, SmicVis

HS = (
    "Subject",
    "Filename",
    None,
    "OnsetF",
    "OffsetF",
    "Onset2F",
    "Offset2F",
    "Onset3F",
    "Offset3F",
    None,
    "FirstF",
    "LastF",
    "TotalMF1",
    "TotalMF2",
    "TotalMF3",
    "TotalVL",
    "Emotion",
)
VIS = ("Subject", "Filename", None, "OnsetF", "OffsetF", "Onset2F", "Offset2F", None, "TotalMF1", "Emotion")
NIR = (
    "Subject",
    "Filename",
    "OnsetF NIR",
    "OffsetF NIR",
    "Onset2F NIR",
    "Offset2F NIR",
    "ApexF NIR",
    "Emotion",
)
BOOK = "SMIC-HS-E_annotation.xlsx"

Row = tuple[object, ...]


def recording(
    subject: object = 3,
    name: object = "s3_ne_91",
    *windows: tuple[object, object],
    emotion: str = "negative",
    bounds: tuple[object, object] | None = None,
) -> Row:
    """One made-up row of the sheet HS: a recording with up to three expressions."""
    edges = [edge for window in windows or ((104, 108),) for edge in window]
    numbers = [edge for edge in edges if isinstance(edge, int)] or [100]
    first, last = bounds or (min(numbers), max(numbers) + 40)
    return (
        subject,
        name,
        None,
        *edges,
        *[None] * (6 - len(edges)),
        None,
        first,
        last,
        5,
        None,
        None,
        51,
        emotion,
    )


def frames(dataset: Smic, root: Path) -> dict[str, list[int]]:
    return {key: list(found.numbers) for key, found in read_clips(dataset, root).frames.items()}


@pytest.mark.parametrize(
    "place", [".", "annotation", "HS_long", "HS_long/SMIC-HS-E", "SMIC-E_raw image/HS_long"]
)
@pytest.mark.parametrize("name", [BOOK, "SMIC-HS-E_annotation_orig.xlsx"])
def test_a_root_with_the_workbook_is_read_by_it(tmp_path: Path, place: str, name: str) -> None:
    path = save_sheets(tmp_path / place / name, HS=[HS, recording()], VIS=[VIS])
    touch(tmp_path / "HS_long/SMIC_HS_E/s03/s3_ne_91", *(f"image{n:06d}.jpg" for n in range(100, 151)))
    data = read_clips(SmicHs(), tmp_path)
    assert data.annotation.resolve() == path.resolve()
    assert {key: found.numbers for key, found in data.frames.items()} == {
        "smic-hs/s3/s3_ne_91/104": (104, 105, 106, 107, 108)
    }
    names = ["subject", "clip", "onset", "apex", "offset", "fps", "emotion", "apex_source", "row"]
    assert data.table[names].iloc[0].tolist() == [
        *("s3", "s3_ne_91", 104, 106, 108, 100.0, "negative", "middle: none given", 2),
    ]
    assert (data.drops, data.missing_frames(), data.twin) == ((), {}, False)


@pytest.mark.parametrize(
    "folder",
    [
        "HS_long/SMIC-HS-E/s03",
        "HS_long/SMIC-HS-E/HS/s3",
        "SMIC-E_raw image/HS_long/SMIC_HS_E/s03",
        "SMIC_HS_E/s03",
        "s03",
    ],
)
def test_recordings_are_found_in_each_folder_of_the_release(tmp_path: Path, folder: str) -> None:
    save_sheets(tmp_path / BOOK, HS=[HS, recording(3, "s3_ne_91", (17581039, 17581040))])
    touch(tmp_path / f"{folder}/s3_ne_91", "image17581038.jpg", "image17581039.jpg", "image17581040.jpg")
    assert frames(SmicHs(), tmp_path) == {"smic-hs/s3/s3_ne_91/17581039": [17581039, 17581040]}


def test_each_expression_of_a_recording_is_a_clip(tmp_path: Path) -> None:
    several = recording(3, "s3_po_92", (104, 105), (120, 122), (140, 141), emotion="Positive")
    save_sheets(tmp_path / BOOK, HS=[HS, several, recording("s01", "s01_ne_91", (7, 9), (20, 21))])
    touch(tmp_path / "HS_long/SMIC_HS_E/s03/s3_po_92", *(f"image{n:06d}.jpg" for n in range(100, 151)))
    touch(tmp_path / "HS_long/SMIC_HS_E/s01/s1_ne_91", *(f"image{n:06d}.jpg" for n in range(1, 30)))
    assert frames(SmicHs(), tmp_path) == {
        "smic-hs/s3/s3_po_92/104": [104, 105],
        "smic-hs/s3/s3_po_92/120": [120, 121, 122],
        "smic-hs/s3/s3_po_92/140": [140, 141],
        "smic-hs/s1/s1_ne_91/7": [7, 8, 9],
        "smic-hs/s1/s1_ne_91/20": [20, 21],
    }
    table = SmicHs().read_annotation(tmp_path / BOOK)
    assert table["row"].tolist() == [2, 2, 2, 3, 3]
    assert table["emotion"].tolist() == ["positive"] * 3 + ["negative"] * 2


def test_remarks_below_the_table_are_no_data_and_a_clip_without_a_window_is_reported(tmp_path: Path) -> None:
    remarks: list[Row] = [
        ("Some remark",),
        (None, "another, where names stand"),
        (None, None, None, "and here"),
    ]
    half = recording(3, "s3_ne_92", (104, None), (120, 121))
    save_sheets(
        tmp_path / BOOK, HS=[HS, recording(), half, recording(3, "s3_ne_93", (None, None)), (), *remarks]
    )
    touch(tmp_path / "s03/s3_ne_91", *(f"image{n:06d}.jpg" for n in range(104, 118)))
    touch(tmp_path / "s03/s3_ne_92", *(f"image{n:06d}.jpg" for n in (120, 121)))
    data = read_clips(SmicHs(), tmp_path)
    assert data.table["key"].tolist() == ["smic-hs/s3/s3_ne_91/104", "smic-hs/s3/s3_ne_92/120"]
    assert [(drop.row, drop.reason) for drop in data.drops] == [
        (3, "offset is not a frame number"),
        (4, "onset is not a frame number"),
    ]


def test_each_camera_reads_its_own_sheet(tmp_path: Path) -> None:
    row = (3, "s3_ne_91", None, 54, 55, 60, 61, None, 2, "negative")
    save_sheets(tmp_path / BOOK, HS=[HS, recording()], VIS=[VIS, row])
    touch(tmp_path / "VIS_long/SMIC_VIS_E/s03/s3_ne_91", *(f"image{n:05d}.jpg" for n in range(50, 70)))
    assert frames(SmicVis(), tmp_path) == {
        "smic-vis/s3/s3_ne_91/54": [54, 55],
        "smic-vis/s3/s3_ne_91/60": [60, 61],
    }
    assert read_clips(SmicVis(), tmp_path).table["fps"].tolist() == [25.0, 25.0]
    save_sheets(tmp_path / BOOK, HS=[HS, recording()])
    with pytest.raises(MebenchError, match="has no sheet 'VIS'"):
        read_clips(SmicVis(), tmp_path)


@pytest.mark.parametrize("title", ["NIR", "Sheet1"])
def test_columns_of_the_near_infrared_sheet_say_so(tmp_path: Path, title: str) -> None:
    row: Row = (3, "s3_ne_91", 54, 58, 60, 61, 55, "negative")
    path = save_sheets(tmp_path / "SMIC-NIR-E_annotation.xlsx", **{title: [NIR, row]})
    table = SmicNir().read_annotation(path)
    assert table[["onset", "offset"]].to_numpy().tolist() == [[54, 58], [60, 61]]
    assert table["apex"].isna().all()


def test_columns_of_the_visible_light_beside_the_near_infrared_are_not_read(tmp_path: Path) -> None:
    header = (
        "OnsetF",
        "OffsetF",
        "Onset2F",
        "Offset2F",
        "Subject",
        "Filename",
        "OnsetF NIR",
        "OffsetF NIR",
        "Emotion",
    )
    row = (1, 2, 3, 4, 3, "s3_ne_91", 54, 58, "negative")
    path = save_sheets(tmp_path / "SMIC-NIR-E_annotation.xlsx", NIR=[header, row])
    assert SmicNir().read_annotation(path)[["onset", "offset"]].to_numpy().tolist() == [[54, 58]]


def test_a_workbook_elsewhere_is_read_where_it_is_named(tmp_path: Path) -> None:
    path = save_sheets(tmp_path / "mine" / "copy.xlsx", HS=[HS, recording()])
    root = tmp_path / "data"
    touch(
        root / "SMIC_all_raw/HS/s3/micro/negative/s3_ne_91", *(f"image{n:06d}.bmp" for n in range(102, 109))
    )
    assert frames(SmicHs(), root) == {"smic-hs/s3/s3_ne_91/102": [*range(102, 109)]}
    data = read_clips(SmicHs(), root, path)
    assert {key: found.numbers for key, found in data.frames.items()} == {
        "smic-hs/s3/s3_ne_91/104": (104, 105, 106, 107, 108)
    }
    other = save_sheets(tmp_path / "other.xlsx", HS=[HS, recording(3, "s3_ne_91", (104, 107))])
    assert read_clips(SmicHs(), root, other).sha256 != data.sha256


def test_a_sheet_without_a_column_says_which(tmp_path: Path) -> None:
    path = save_sheets(tmp_path / BOOK, HS=[tuple(name for name in HS if name != "Offset2F"), recording()])
    with pytest.raises(MebenchError, match=r"'HS' lacks the column 'Offset2F'"):
        SmicHs().read_annotation(path)


def test_windows_outside_their_recording_are_dropped_by_name_and_cost_no_other_expression(
    tmp_path: Path,
) -> None:
    # As in the original edition: cells of Offset3F that repeat FirstF, one that repeats Onset2F.
    rows = [
        recording(3, "s3_ne_91", (61210, 61215), (61230, 61240), (20, 61206), bounds=(61206, 61300)),
        recording(3, "s3_ne_92", (61210, 61215), (61230, 61240), (61250, 61206), bounds=(61206, 61300)),
        recording(3, "s3_ne_93", (61210, 61215), (61230, 61240), (30, 61230), bounds=(61206, 61300)),
        recording(3, "s3_ne_94", (61210, 61301), bounds=(61206, 61300)),
        recording(3, "s3_ne_95", (10, 142_810), bounds=(None, "?")),
    ]
    table, drops = check_clips(SmicHs().read_annotation(save_sheets(tmp_path / BOOK, HS=[HS, *rows])))
    assert table["clip"].tolist() == [f"s3_ne_9{n}" for n in (1, 1, 2, 2, 3, 3)]
    assert [(drop.row, drop.key.rpartition("/")[2], drop.reason) for drop in drops] == [
        (2, "20", "onset 20 lies before the first frame of its recording, 61206"),
        (3, "61250", "onset 61250 comes after offset 61206"),
        (4, "30", "onset 30 lies before the first frame of its recording, 61206"),
        (5, "61210", "offset 61301 lies after the last frame of its recording, 61300"),
        (6, "10", "its window of 1428 seconds, 10 to 142810, is no expression (at most 60 seconds)"),
    ]


def test_a_clip_whose_name_says_another_emotion_than_the_sheet_is_used_and_told(tmp_path: Path) -> None:
    rows = [
        recording("s18", "s18_sur_03"),
        recording(18, "s18_sur_04", emotion="Surprise"),
        recording(18, "s18_po_01", emotion="positive"),
        recording(18, "s18_odd_01"),
    ]
    data = read_annotated(SmicHs(), tmp_path, save_sheets(tmp_path / BOOK, HS=[HS, *rows]))
    assert data.table["emotion"].tolist() == ["negative", "surprise", "positive", "negative"]
    assert [(remark.key, remark.row) for remark in data.remarks] == [("smic-hs/s18/s18_sur_03/104", 2)]
    assert data.remarks[0].reason == (
        "the annotation says 'negative', which counts; the clip's name says 'surprise'"
    )
