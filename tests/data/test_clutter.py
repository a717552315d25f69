"""What lies in a folder is not data for that reason alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheets import CODING, save_sheets, touch

from mebench.data.clutter import is_clutter, without_copy_mark
from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData, read_clips
from mebench.data.sources import load_dataset
from mebench.errors import MebenchWarning
from mebench.plugin.registry import Registry

CLIP = "SMIC_all_raw/HS/s1/micro/negative/s1_ne_01"
FRAMES = tuple(f"image{n:06d}.bmp" for n in range(61_201, 61_221))


@pytest.fixture
def smic(registry: Registry) -> Dataset:
    return load_dataset(registry, "smic-hs")


def read(dataset: Dataset, root: Path, about: str) -> ClipData:
    with pytest.warns(MebenchWarning, match=about):
        return read_clips(dataset, root)


@pytest.mark.parametrize(
    "name",
    [
        *("x - Copy", "x - Copy (2)", "Copy of x", "x copy", "x (1)", "x - 副本"),
        *(".ipynb_checkpoints", "@eaDir", "__MACOSX", "Thumbs.db", "~x", "._x"),
    ],
)
def test_copies_and_leavings_are_known_by_their_names(name: str) -> None:
    assert is_clutter(name)


@pytest.mark.parametrize(
    "name", ["s1_ne_01", "sub01", "EP02_01f", "spNO.1", "CAS(ME)3", "a", "006_1_2", "copycat"]
)
def test_names_of_clips_and_subjects_are_no_clutter(name: str) -> None:
    assert not is_clutter(name)
    assert without_copy_mark(name) == name


@pytest.mark.parametrize(
    "folder",
    [
        f"{CLIP} - Copy",
        "SMIC_all_raw/HS/s1/micro/negative/.ipynb_checkpoints",
        "SMIC_all_raw/HS/s1/micro/negative/@eaDir",
        "SMIC_all_raw/HS/s1 (1)/micro/negative/s1_ne_01",
    ],
)
def test_a_copy_is_named_and_makes_no_clip_and_no_subject(folder: str, tmp_path: Path, smic: Dataset) -> None:
    touch(tmp_path / CLIP, *FRAMES)
    touch(tmp_path / folder, *FRAMES)
    data = read(smic, tmp_path, "copies or left behind by a system, and no data")
    assert data.table["key"].tolist() == ["smic-hs/s1/s1_ne_01/61201"]


def test_an_empty_folder_of_a_clip_is_a_named_drop(tmp_path: Path, smic: Dataset) -> None:
    touch(tmp_path / CLIP, *FRAMES)
    (tmp_path / "SMIC_all_raw/HS/s1/micro/negative/s1_ne_02").mkdir()
    data = read(smic, tmp_path, r"s1_ne_02: folders of clips without a frame")
    assert [drop.key for drop in data.drops] == ["smic-hs/s1/s1_ne_02/"]


def test_a_stray_picture_makes_no_window_of_61000_frames(tmp_path: Path, smic: Dataset) -> None:
    touch(tmp_path / CLIP, *FRAMES, "1.bmp")
    data = read(smic, tmp_path, r"1\.bmp: called otherwise than the frames beside, and left out")
    assert data.table[["onset", "offset"]].to_numpy().tolist() == [[61_201, 61_220]]
    assert data.drops == ()


def test_a_stray_picture_called_like_the_others_drops_the_clip_by_name(tmp_path: Path, smic: Dataset) -> None:
    touch(tmp_path / CLIP, *FRAMES, "image000001.bmp")
    touch(tmp_path / "SMIC_all_raw/HS/s2/micro/positive/s2_po_01", *FRAMES)
    data = read(smic, tmp_path, r"s1_ne_01 \(21 frames of 1 to 61220\): folders with less than half")
    assert data.table["clip"].tolist() == ["s2_po_01"]
    assert [drop.key for drop in data.drops] == ["smic-hs/s1/s1_ne_01/"]


def test_a_frame_that_lies_there_twice_is_used_once_and_told(tmp_path: Path, registry: Registry) -> None:
    casme2 = load_dataset(registry, "casme2")
    rows = (CODING, (1, "EP91_01", 5, 7, 9, 12, "happiness"))
    save_sheets(tmp_path / "CASME2-coding-20140508.xlsx", Sheet1=rows)
    frames = [f"img{n}.jpg" for n in range(5, 10)]
    touch(tmp_path / "CASME2-RAW/sub01/EP91_01", *frames, "img005.jpg", "img6.png")
    data = read(casme2, tmp_path, r"2 frame\(s\) of casme2 lie there twice under one number")
    assert len(data.frames["casme2/sub01/EP91_01/5"]) == 5


def test_two_layouts_at_once_are_told(tmp_path: Path, smic: Dataset) -> None:
    touch(tmp_path / CLIP, *FRAMES)
    touch(tmp_path / CLIP.replace("raw", "cropped"), *(f"reg_{name}" for name in FRAMES))
    data = read(smic, tmp_path, r"several layouts: SMIC_all_cropped.* is used and SMIC_all_raw.* is not")
    assert "cropped" in str(data.frames["smic-hs/s1/s1_ne_01/61201"].paths[0])
