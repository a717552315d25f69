"""SMIC as its owner releases it: folders alone, names with and without zeros, three cameras."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sheets import touch

from mebench.data.clips.marker import MARKER_FILE
from mebench.data.clips.table import check_clips, clip_rows
from mebench.data.dataset import Dataset
from mebench.data.reading import read_clips
from mebench.errors import MebenchError
from mebench.synthetic.invent import invent_clips
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_datasets.smic import Smic, SmicHs, SmicNir, SmicVis, release_name

CAMERAS: dict[str, Smic] = {"HS": SmicHs(), "VIS": SmicVis(), "NIR": SmicNir()}
HS = CAMERAS["HS"]
RAW = "SMIC_all_raw/HS"


def windows(dataset: Dataset, root: Path) -> dict[str, list[int]]:
    """Return the frames of each usable clip; every frame of a window must be there."""
    data = read_clips(dataset, root)
    assert data.missing_frames() == {}
    return {key: list(frames.numbers) for key, frames in data.frames.items()}


@pytest.mark.parametrize(
    ("folder", "files"),
    [
        (f"{RAW}/s1/micro/negative/s1_ne_01", [f"image{n:06d}.bmp" for n in (98, 99, 100)]),
        (f"{RAW}/s1/micro/negative/s1_ne_01", [f"image{n}.jpg" for n in (98, 99, 100)]),
        ("SMIC_all_cropped/HS/s1/micro/negative/s1_ne_01", [f"reg_image{n:06d}.bmp" for n in (98, 99, 100)]),
        ("HS/s1/micro/negative/s1_ne_01", [f"reg_image{n:06d}.bmp" for n in (98, 99, 100)]),
        ("HS/s1/micro/negative/s1_ne_01", [f"image{n:06d}.bmp" for n in (98, 99, 100)]),
        ("s1/micro/negative/s1_ne_01", [f"{n:05d}.bmp" for n in (98, 99, 100)]),
    ],
)
def test_raw_and_cropped_releases_are_found_whole_or_in_part(
    tmp_path: Path, folder: str, files: list[str]
) -> None:
    touch(tmp_path / folder, *files)
    assert windows(HS, tmp_path) == {"smic-hs/s1/s1_ne_01/98": [98, 99, 100]}


def test_a_clip_goes_from_the_first_frame_on_disk_to_the_last_with_its_apex_in_the_middle(
    tmp_path: Path,
) -> None:
    touch(tmp_path / f"{RAW}/s2/micro/surprise/s2_sur_03", *(f"image{n:06d}.bmp" for n in range(40, 51)))
    (clip,) = clip_rows(read_clips(HS, tmp_path).table)
    assert (clip.key, clip.onset, clip.apex, clip.offset) == ("smic-hs/s2/s2_sur_03/40", 40, 45, 50)
    assert (clip.emotion, clip.aus, clip.objective_class, clip.row) == ("surprise", "", "", 1)
    assert read_clips(HS, tmp_path).table["apex_source"].tolist() == ["middle: none given"]


def test_frame_numbers_have_up_to_eight_digits(tmp_path: Path) -> None:
    touch(tmp_path / f"{RAW}/s20/micro/negative/s20_ne_01", "image17581039.bmp", "image17581040.bmp")
    assert windows(HS, tmp_path) == {"smic-hs/s20/s20_ne_01/17581039": [17581039, 17581040]}


def test_frames_without_an_expression_are_no_clips(tmp_path: Path) -> None:
    touch(tmp_path / f"{RAW}/s1/micro/negative/s1_ne_01", "image000001.bmp")
    touch(tmp_path / f"{RAW}/s1/non_micro/s1_non_01", "image000001.bmp")
    touch(tmp_path / f"{RAW}/s1/non_micro/negative/s1_ne_09", "image000001.bmp")
    assert list(windows(HS, tmp_path)) == ["smic-hs/s1/s1_ne_01/1"]


@pytest.mark.parametrize(
    ("subject", "clip"), [("s1", "s1_ne_01"), ("s01", "s01_ne_01"), ("s01", "s1_ne_01"), ("S1", "S01_NE_01")]
)
def test_a_clip_has_the_releases_name_whatever_its_folders_are_called(
    tmp_path: Path, subject: str, clip: str
) -> None:
    touch(tmp_path / f"{RAW}/{subject}/micro/negative/{clip}", "image000007.bmp", "image000008.bmp")
    touch(tmp_path / f"{RAW}/s11/micro/negative/s11_ne_01", "image000009.bmp")
    assert windows(HS, tmp_path) == {"smic-hs/s1/s1_ne_01/7": [7, 8], "smic-hs/s11/s11_ne_01/9": [9]}


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("s1_ne_01", "s1_ne_01"),
        ("s01_ne_01", "s1_ne_01"),
        ("S20_sur_02", "s20_sur_02"),
        ("s10_po_10", "s10_po_10"),
        ("s01", "s1"),
        ("03", "s3"),
        ("3", "s3"),
        ("s1-ne", "s1-ne"),
        ("other", "other"),
    ],
)
def test_names_of_lists_and_copies_are_spelt_as_the_release_does(name: str, release: str) -> None:
    assert release_name(name) == release
    assert release_name(release) == release


def test_two_folders_of_one_clip_are_reported_and_the_first_is_used(tmp_path: Path) -> None:
    for name in ("s01", "s1"):
        touch(tmp_path / f"{RAW}/{name}/micro/negative/{name}_ne_01", "image000007.bmp")
    data = read_clips(HS, tmp_path)
    assert data.table["key"].tolist() == ["smic-hs/s1/s1_ne_01/7"]
    assert [drop.reason for drop in data.drops] == ["the same subject, clip and onset stand in row 1 already"]


@pytest.mark.parametrize("camera", ["VIS", "NIR"])
def test_the_slow_cameras_mix_names_of_frames(tmp_path: Path, camera: str) -> None:
    folder = f"SMIC_all_cropped/{camera}/s4/micro/positive"
    touch(tmp_path / f"{folder}/s4_po_01", "reg_image07750.bmp", "reg_image07751.bmp")
    touch(tmp_path / f"{folder}/s4_po_02", "07850.bmp", "07851.bmp", "Thumbs.db")
    touch(tmp_path / f"{folder}/s4_po_03", "image07950.bmp")
    name = f"smic-{camera.lower()}"
    assert windows(CAMERAS[camera], tmp_path) == {
        f"{name}/s4/s4_po_01/7750": [7750, 7751],
        f"{name}/s4/s4_po_02/7850": [7850, 7851],
        f"{name}/s4/s4_po_03/7950": [7950],
    }


def test_each_camera_reads_its_own_folder_at_its_own_rate(tmp_path: Path) -> None:
    for number, camera in enumerate(CAMERAS, start=1):
        touch(tmp_path / f"SMIC_all_raw/{camera}/s1/micro/negative/s1_ne_01", f"image{number:06d}.bmp")
    tables = {camera: read_clips(dataset, tmp_path).table for camera, dataset in CAMERAS.items()}
    assert {camera: (table["onset"].tolist(), table["fps"].tolist()) for camera, table in tables.items()} == {
        "HS": ([1], [100.0]),
        "VIS": ([2], [25.0]),
        "NIR": ([3], [25.0]),
    }


def test_clips_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for subject, number in (("s11", 1), ("s2", 10), ("s2", 9), ("s02", 11)):
        touch(tmp_path / f"{RAW}/{subject}/micro/negative/{subject}_ne_{number:02d}", "image000001.bmp")
    table = HS.read_annotation(tmp_path)
    assert table["clip"].tolist() == ["s2_ne_09", "s2_ne_10", "s2_ne_11", "s11_ne_01"]
    assert table["row"].tolist() == [1, 2, 3, 4]


def test_a_clips_folder_without_frames_is_reported(tmp_path: Path) -> None:
    touch(tmp_path / f"{RAW}/s1/micro/negative/s1_ne_01", "image000001.bmp")
    touch(tmp_path / f"{RAW}/s1/micro/negative/s1_ne_02", "Thumbs.db")
    touch(tmp_path / f"{RAW}/s1/micro/negative", "Thumbs.db")
    data = read_clips(HS, tmp_path)
    assert [(drop.key, drop.reason) for drop in data.drops] == [
        ("smic-hs/s1/s1_ne_02/", "onset is not a frame number")
    ]


def test_cropped_faces_are_preferred_to_raw_frames(tmp_path: Path) -> None:
    touch(tmp_path / f"{RAW}/s1/micro/negative/s1_ne_01", "image000001.bmp")
    touch(tmp_path / "SMIC_all_cropped/HS/s1/micro/negative/s1_ne_01", "reg_image000001.bmp")
    (frames,) = read_clips(HS, tmp_path).frames.values()
    assert [path.name for path in frames.paths] == ["reg_image000001.bmp"]


def test_other_frames_in_the_folders_make_another_edition(tmp_path: Path) -> None:
    touch(tmp_path / "a" / RAW / "s1/micro/negative/s1_ne_01", "image000001.bmp")
    touch(tmp_path / "b/SMIC_all_cropped/HS/s01/micro/negative/s01_ne_01", "reg_image000001.bmp")
    touch(tmp_path / "c" / RAW / "s1/micro/negative/s1_ne_01", "image000001.bmp", "image000002.bmp")
    a, b, c = (read_clips(HS, tmp_path / name).sha256 for name in "abc")
    assert a == b != c


def test_a_folder_that_is_missing_or_holds_no_clips_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match=r"the smic-hs folder .*nowhere does not exist"):
        read_clips(HS, tmp_path / "nowhere")
    touch(tmp_path / "SMIC_all_raw/VIS/s1/micro/negative/s1_ne_01", "image00001.bmp")
    with pytest.raises(MebenchError) as caught:
        read_clips(HS, tmp_path)
    assert "holds no smic-hs clips" in str(caught.value)
    assert all(layout.template in str(caught.value) for layout in HS.folder_layouts)


@pytest.mark.parametrize(
    ("camera", "layout"),
    [("HS", 0), ("HS", 1), ("HS", 2), ("HS", 3), ("VIS", 0), ("NIR", 1)],
)
def test_a_twin_in_each_layout_is_read_back_to_the_same_clips(
    tmp_path: Path, camera: str, layout: int
) -> None:
    dataset = CAMERAS[camera]
    assert dataset.twin is not None
    assert dataset.layouts[:4] == dataset.folder_layouts
    options = TwinOptions(subjects=2, clips=2, size=32, layout=layout)
    make_twin(dataset, tmp_path / "twin", options)
    told = check_clips(invent_clips(dataset.name, dataset.twin, subjects=2, clips=2, seed=0))[0]
    data = read_clips(dataset, tmp_path / "twin")
    names = ["key", "subject", "clip", "onset", "offset", "fps", "emotion"]
    assert data.table[names].to_numpy().tolist() == told[names].to_numpy().tolist()
    assert (data.drops, data.missing_frames(), data.twin) == ((), {}, True)
    for clip in clip_rows(data.table):
        first = dataset.layouts[layout].path(tmp_path / "twin", clip, clip.onset)
        assert data.frames[clip.key].paths[0] == first


def test_a_twin_names_its_clips_as_the_owner_does() -> None:
    assert HS.twin is not None
    table = invent_clips("smic-hs", HS.twin, subjects=3, clips=4, seed=1)
    codes = {"negative": "ne", "positive": "po", "surprise": "sur"}
    assert table["clip"].tolist() == [
        f"s{1 + i // 4}_{codes[emotion]}_{1 + i % 4:02d}" for i, emotion in enumerate(table["emotion"])
    ]
    assert set(table["emotion"]) == set(codes)


def test_a_twins_bitmaps_are_pictures_and_known_without_the_file_in_its_root(tmp_path: Path) -> None:
    make_twin(SmicVis(), tmp_path / "twin", TwinOptions(subjects=1, clips=1, size=32))
    (tmp_path / "twin" / MARKER_FILE).unlink()
    data = read_clips(SmicVis(), tmp_path / "twin")
    assert data.twin
    (frames,) = data.frames.values()
    with Image.open(frames.paths[0]) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape == (32, 32, 3)
    shutil.copytree(tmp_path / "twin", tmp_path / "real")
    for path in (tmp_path / "real").rglob("*.bmp"):
        Image.fromarray(pixels).save(path)
    assert not read_clips(SmicVis(), tmp_path / "real").twin
