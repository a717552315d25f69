"""A prepared dataset is the same dataset: layout, annotation, marks and motion stay; faces come to one place."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import openpyxl
import pytest
from bad_reads import unreadable_file
from left_locks import LONG_AGO, last_renewed, leave_lock
from PIL import Image

from mebench.data.clips.layout import forget_folders
from mebench.data.clips.marker import MARKER_FILE, MARKER_SHEET, is_twin
from mebench.data.clips.sheet import sheet_names
from mebench.data.dataset import Dataset
from mebench.data.fetching import UnreachableError
from mebench.data.locations import Location
from mebench.data.preparation.align import TEMPLATE, face_transform
from mebench.data.preparation.detect import Detector, find_face
from mebench.data.preparation.prepare import Prepared, PrepareOptions, prepare
from mebench.data.preparation.sheet import draw_sheets
from mebench.data.reading import read_clips
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry
from mebench.synthetic.twin import TwinOptions, make_twin

pytestmark = pytest.mark.usefixtures("detector")

Cli = Callable[..., "CompletedProcess[str]"]
Clips = dict[tuple[str, str, int, int, int], list[Image.Image]]
Make = Callable[[Clips], Path]
Move = Callable[[Image.Image, float, float, tuple[float, float]], Image.Image]
Noise = Callable[[Image.Image, int], Image.Image]
Scenery = Callable[[int], Image.Image]

A, B = ("spNO.1", "a", 10, 12, 14), ("spNO.2", "b", 3, 4, 5)
KEY_A, KEY_B = "casme3/spNO.1/a/10", "casme3/spNO.2/b/3"


def pictures_of(dataset: Dataset, root: Path, key: str) -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in read_clips(dataset, root).frames[key].paths]


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def prepared(dataset: Dataset, root: Path, out: Path, **options: object) -> Prepared:
    return prepare(dataset, Location(root), out, PrepareOptions(**options))  # type: ignore[arg-type]


# ---- alignment


def test_a_still_head_stays_still_within_two_pixels(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image, noisy: Noise, detector: Detector
) -> None:
    root = make_data({A: [noisy(astronaut, seed) for seed in range(5)]})
    prepared(casme3, root, tmp_path / "out")
    found = [find_face(detector, crop) for crop in pictures_of(casme3, tmp_path / "out", KEY_A)]
    assert len(found) == 5
    assert np.ptp(np.array(found), axis=0).max() < 2
    assert np.abs(np.array(found) - 256 * TEMPLATE).max() < 12


def test_the_first_frame_s_transform_serves_the_whole_clip_so_that_motion_stays(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image, moved: Move
) -> None:
    """Everything in the picture, background included, moves in the crop as it moved before, scaled."""
    steps = [(0.0, 0.0), (6.0, 0.0), (12.0, 3.0), (18.0, 6.0), (24.0, 9.0)]
    root = make_data({A: [moved(astronaut, 0, 1.0, step) for step in steps]})
    prepared(casme3, root, tmp_path / "out")
    crops = [np.asarray(crop.convert("L"), float) for crop in pictures_of(casme3, tmp_path / "out", KEY_A)]
    (record,) = (tmp_path / "out" / "preparation" / "takes").glob("*.json")
    transform = face_transform(np.array(json.loads(record.read_text())["landmarks"]), 256)
    assert 1.3 < np.sqrt(np.linalg.det(transform[:, :2])) < 2.0, "the face grew to the template"
    expected = np.array(steps) @ transform[:, :2].T
    assert np.abs([shift_between(crops[0], crop) for crop in crops] - expected).max() < 1


def shift_between(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Return by how many pixels (x, y) the picture moved, from the peak of the phase correlation."""
    window = np.outer(np.hanning(len(first)), np.hanning(len(first)))
    spectra = [np.fft.fft2((picture - picture.mean()) * window) for picture in (first, second)]
    cross = spectra[1] * np.conj(spectra[0])
    peak = np.fft.ifft2(cross / np.abs(cross)).real
    y, x = np.unravel_index(peak.argmax(), peak.shape)
    half = len(first) // 2
    return float((x + half) % len(first) - half), float((y + half) % len(first) - half)


def test_clips_that_share_frames_share_their_transform(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image, moved: Move
) -> None:
    frames = [moved(astronaut, turn, 1.0, (0, 0)) for turn in (0, 0, 25, 25, 25)]
    overlap = ("spNO.1", "a", 12, 13, 14)
    apart = ("spNO.1", "a", 20, 21, 22)
    root = make_data({A: frames, overlap: frames[2:], apart: frames[2:]})
    prepared(casme3, root, tmp_path / "out")
    shared = pictures_of(casme3, tmp_path / "out", KEY_A)
    alone = pictures_of(casme3, tmp_path / "out", "casme3/spNO.1/a/20")
    # Turned by 25 degrees in the clip that begins upright, upright in the clip of its own.
    assert np.abs(np.asarray(shared[2], float) - np.asarray(alone[0], float)).mean() > 15
    assert np.abs(np.asarray(shared[0], float) - np.asarray(alone[0], float)).mean() < 15


# ---- the same dataset


def test_frames_keep_their_numbers_places_and_annotation(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image
) -> None:
    root = make_data({A: [astronaut] * 5, B: [astronaut] * 3})
    missing = read_clips(casme3, root).frames[KEY_A].paths[2]
    missing.unlink()
    forget_folders()
    done = prepared(casme3, root, tmp_path / "out", size=96)
    before, after = read_clips(casme3, root), read_clips(casme3, tmp_path / "out")
    assert (done.clips, done.frames, done.kept, done.without_face) == (2, 7, 0, ())
    assert after.sha256 == before.sha256
    assert after.table.equals(before.table)
    assert {k: f.numbers for k, f in after.frames.items()} == {k: f.numbers for k, f in before.frames.items()}
    assert {picture.size for picture in pictures_of(casme3, tmp_path / "out", KEY_A)} == {(96, 96)}
    assert not after.twin


def test_a_prepared_twin_is_still_a_twin_by_each_of_its_marks(
    tmp_path: Path, casme3: Dataset, twin: Path
) -> None:
    out = tmp_path / "out"
    prepared(casme3, twin, out, size=64)
    data = read_clips(casme3, out)
    pictures = [path for frames in data.frames.values() for path in frames.paths]
    assert data.twin
    assert (out / MARKER_FILE).read_bytes() == (twin / MARKER_FILE).read_bytes()
    assert MARKER_SHEET in sheet_names(data.annotation)
    nowhere, no_workbook = tmp_path / "nowhere", tmp_path / "none.xlsx"
    assert all(is_twin(nowhere, no_workbook, [picture]) for picture in pictures)


@pytest.mark.parametrize("left", ["file", "pictures"])
def test_a_twin_known_by_one_mark_alone_gets_the_others_back(
    tmp_path: Path, casme3: Dataset, twin: Path, left: str
) -> None:
    root = tmp_path / "twin"
    shutil.copytree(twin, root)
    (sheet,) = root.glob("*.xlsx")
    book = openpyxl.load_workbook(sheet)
    del book[MARKER_SHEET]
    book.save(sheet)
    if left == "file":
        for path in root.rglob("*.jpg"):
            Image.fromarray(np.asarray(Image.open(path))).save(path)
    else:
        (root / MARKER_FILE).unlink()
    prepared(casme3, root, tmp_path / "out", size=48)
    assert (tmp_path / "out" / MARKER_FILE).exists()
    frames = read_clips(casme3, tmp_path / "out").frames
    assert all(is_twin(tmp_path / "no", sheet, [path]) for f in frames.values() for path in f.paths)


def test_folders_that_are_the_annotation_are_read_alike(tmp_path: Path, registry: Registry) -> None:
    """SMIC has no annotation file: its window is what lies in the folder."""
    if "smic-hs" not in [entry.name for entry in registry.entries("dataset")]:
        pytest.skip("smic-hs is not registered")
    smic = load_dataset(registry, "smic-hs")
    make_twin(smic, tmp_path / "twin", TwinOptions(subjects=2, clips=2, size=48))
    prepared(smic, tmp_path / "twin", tmp_path / "out", size=48)
    before, after = read_clips(smic, tmp_path / "twin"), read_clips(smic, tmp_path / "out")
    assert after.table.equals(before.table)
    assert after.twin


def test_an_annotation_that_the_dataset_would_not_find_is_refused_before_any_work(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image
) -> None:
    root = make_data({A: [astronaut] * 5})
    (sheet,) = root.glob("*.xlsx")
    other = sheet.rename(tmp_path / "labels.xlsx")
    with pytest.raises(MebenchError, match=r"labels\.xlsx is none of .*: rename the file"):
        prepare(casme3, Location(root, other), tmp_path / "out", PrepareOptions())
    assert not (tmp_path / "out").exists()
    elsewhere = other.rename(tmp_path / sheet.name)
    prepare(casme3, Location(root, elsewhere), tmp_path / "out", PrepareOptions(size=64))
    assert list(read_clips(casme3, tmp_path / "out").frames) == [KEY_A]


# ---- what went wrong is named


def test_a_clip_without_a_face_is_named_and_gets_the_centre_square(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image, scenery: Scenery
) -> None:
    wide = scenery(0)
    root = make_data({A: [wide] * 5, B: [astronaut] * 3})
    done = prepared(casme3, root, tmp_path / "out", size=120, contact_sheet=True)
    assert done.without_face == ((KEY_A, "no face in frame 10"),)
    with done.without_face_file.open() as file:
        assert list(csv.DictReader(file)) == [{"clip": KEY_A, "reason": "no face in frame 10"}]
    expected = np.asarray(wide.crop((40, 0, 280, 240)).resize((120, 120)), float)
    crop = np.asarray(pictures_of(casme3, tmp_path / "out", KEY_A)[4], float)
    assert np.abs(crop - expected).mean() < 4
    (sheet,) = done.sheets
    red = (np.asarray(Image.open(sheet).convert("RGB")) == (190, 20, 20)).all(axis=2)
    assert red[:, :170].sum() > 600, "the clip without a face is framed in red"
    assert red[:, 176:].sum() == 0


def test_damaged_frames_are_copied_and_the_first_readable_one_counts(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image
) -> None:
    root = make_data({A: [astronaut] * 5, B: [astronaut] * 3})
    frames = read_clips(casme3, root).frames
    frames[KEY_A].paths[0].write_bytes(b"torn")
    for path in frames[KEY_B].paths:
        path.write_bytes(b"torn")
    done = prepared(casme3, root, tmp_path / "out", size=96, contact_sheet=True)
    assert done.damaged == 4
    assert done.without_face == ((KEY_B, "none of its frames is a readable picture"),)
    copied = read_clips(casme3, tmp_path / "out").frames
    assert copied[KEY_A].paths[0].read_bytes() == b"torn"
    with Image.open(copied[KEY_A].paths[1]) as crop:
        assert crop.size == (96, 96)


def test_a_frame_that_cannot_be_reached_stops_the_work_and_records_nothing_of_its_take(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image
) -> None:
    root, out = make_data({A: [astronaut] * 5, B: [astronaut] * 3}), tmp_path / "out"
    frame = read_clips(casme3, root).frames[KEY_B].paths[1]
    whole = frame.read_bytes()
    frame.unlink()
    frame.symlink_to(unreadable_file())
    with pytest.raises(UnreachableError, match="Input/output error") as raised:
        prepared(casme3, root, out, size=64)
    assert str(frame) in str(raised.value)
    records = [path.read_text() for path in (out / "preparation" / "takes").glob("*.json")]
    assert not any(KEY_B in record for record in records)
    with pytest.raises(MebenchError, match="annotation"):
        read_clips(casme3, out)
    frame.unlink()
    frame.write_bytes(whole)
    done = prepared(casme3, root, out, size=64)
    assert (done.damaged, done.frames + done.kept) == (0, 8)


def test_a_frame_is_cropped_upright_as_its_orientation_tag_says(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image
) -> None:
    root = make_data({A: [astronaut] * 5})
    tags = Image.Exif()
    tags[0x0112] = 8
    for path in read_clips(casme3, root).frames[KEY_A].paths:
        astronaut.transpose(Image.Transpose.ROTATE_270).save(path, exif=tags, quality=95)
    done = prepared(casme3, root, tmp_path / "turned", size=64)
    assert done.without_face == ()
    (turned, *_) = pictures_of(casme3, tmp_path / "turned", KEY_A)
    assert turned.getexif().get(0x0112) is None
    for path in read_clips(casme3, root).frames[KEY_A].paths:
        astronaut.save(path, quality=95)
    forget_folders()
    prepared(casme3, root, tmp_path / "upright", size=64)
    (upright, *_) = pictures_of(casme3, tmp_path / "upright", KEY_A)
    assert np.abs(np.asarray(turned, float) - np.asarray(upright, float)).mean() < 3


def test_a_clip_with_few_frames_is_copied_and_judged_in_the_copy_as_in_the_original(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image
) -> None:
    root = make_data({A: [astronaut] * 5, B: [astronaut] * 3})
    for path in read_clips(casme3, root).frames[KEY_A].paths[2:]:
        path.unlink()
    forget_folders()
    done = prepared(casme3, root, tmp_path / "out", size=64, contact_sheet=True)
    assert (done.clips, done.frames) == (2, 5)
    drops = [read_clips(casme3, folder).drops for folder in (root, tmp_path / "out")]
    assert drops[0] == drops[1]
    assert [drop.reason for drop in drops[0]] == [
        "only 2 of the 5 frames of its window are on disk, fewer than half"
    ]


def test_many_clips_fill_several_contact_sheets(casme3: Dataset, make_data: Make, scenery: Scenery) -> None:
    root = make_data({(f"spNO.{n}", "a", 1, 1, 1): [scenery(n)] for n in range(1, 50)})
    first, second = draw_sheets(read_clips(casme3, root), ())
    assert first.width > second.width
    assert first.height > second.height


# ---- going on


def test_a_second_run_touches_nothing(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image, scenery: Scenery
) -> None:
    root, out = make_data({A: [astronaut] * 5, B: [scenery(1)] * 3}), tmp_path / "out"
    first = prepared(casme3, root, out, size=64, contact_sheet=True)
    before = state_of(out)
    second = prepared(casme3, root, out, size=64, contact_sheet=True)
    assert state_of(out) == before
    assert (second.frames, second.kept, second.without_face) == (0, 8, first.without_face)


@pytest.mark.parametrize("lost", ["record", "torn record", "frame"])
def test_a_half_written_clip_is_done_again_and_the_others_are_not(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image, lost: str
) -> None:
    root, out = make_data({A: [astronaut] * 5, B: [astronaut] * 3}), tmp_path / "out"
    prepared(casme3, root, out, size=64)
    before = state_of(out)
    frames = read_clips(casme3, out).frames[KEY_A].paths
    record = next(path for path in (out / "preparation" / "takes").iterdir() if KEY_A in path.read_text())
    if lost == "record":
        record.unlink()
        frames[1].write_bytes(b"")  # whatever a killed run left
    elif lost == "torn record":
        record.write_text(record.read_text()[:30])
    else:
        frames[1].unlink()
    done = prepared(casme3, root, out, size=64)
    after = state_of(out)
    assert (done.frames, done.kept) == (5, 3)
    assert {name: content for name, (_, content) in after.items()} == {
        name: content for name, (_, content) in before.items()
    }
    kept = {str(path.relative_to(out)) for path in read_clips(casme3, out).frames[KEY_B].paths}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_half_a_dataset_is_not_taken_for_a_whole_one(
    tmp_path: Path, casme3: Dataset, make_data: Make, astronaut: Image.Image
) -> None:
    """Stopped by the disk after the first clip, the folder holds frames and no annotation."""
    root, out = make_data({A: [astronaut] * 5, B: [astronaut] * 3}), tmp_path / "out"
    blocked = casme3.layouts[0].template.partition("/{subject}")[0] + "/spNO.2"
    (out / "preparation").mkdir(parents=True)
    (out / blocked).parent.mkdir(parents=True)
    (out / blocked).write_text("a file where a folder has to be")
    with pytest.raises((MebenchError, OSError)):
        prepared(casme3, root, out, size=64)
    with pytest.raises(MebenchError, match="annotation"):
        read_clips(casme3, out)
    (out / blocked).unlink()
    prepared(casme3, root, out, size=64)
    assert list(read_clips(casme3, out).frames) == [KEY_A, KEY_B]


def test_other_options_or_a_used_folder_are_refused(
    tmp_path: Path, casme3: Dataset, make_data: Make, scenery: Scenery
) -> None:
    root, out = make_data({B: [scenery(1)] * 3}), tmp_path / "out"
    prepared(casme3, root, out, size=64)
    with pytest.raises(MebenchError, match="prepared with another size: name a new folder"):
        prepared(casme3, root, out, size=96)
    used = tmp_path / "used"
    used.mkdir()
    (used / "thesis.txt").write_text("mine")
    with pytest.raises(MebenchError, match="is not empty: name a new folder"):
        prepared(casme3, root, used)
    with pytest.raises(MebenchError, match="lie in each other"):
        prepared(casme3, root, root / "prepared")
    with pytest.raises(MebenchError, match="lie in each other"):
        prepared(casme3, root, root)


def test_two_that_prepare_one_folder_are_told_of_each_other_and_the_dead_are_not_waited_for(
    tmp_path: Path, casme3: Dataset, make_data: Make, scenery: Scenery
) -> None:
    root, out = make_data({B: [scenery(1)] * 3}), tmp_path / "out"
    lock = out / "preparation" / "lock"
    lock.parent.mkdir(parents=True)
    leave_lock(lock, host="elsewhere", pid=7)
    with pytest.raises(
        MebenchError, match=r"preparing .*out: process 7 on elsewhere has it since .*; wait until"
    ):
        prepared(casme3, root, out, size=64)
    last_renewed(lock, LONG_AGO)
    assert prepared(casme3, root, out, size=64).frames == 3


# ---- the command


def test_the_command_prepares_names_clips_without_a_face_and_the_copy_can_be_checked(
    tmp_path: Path, make_data: Make, astronaut: Image.Image, scenery: Scenery, cli: Cli
) -> None:
    make_data({A: [astronaut] * 5, B: [scenery(2)] * 3})
    command = (
        "data",
        "prepare",
        "casme3",
        "--data",
        "data",
        "--out",
        "out",
        "--size",
        "64",
        "--contact-sheet",
    )
    done = cli(*command)
    assert done.returncode == 0, done.stderr
    assert "casme3: 2 clips in out, 8 frames written" in done.stdout
    assert "contact sheet: out/preparation/contact-sheet-1.png" in done.stdout
    assert f"{KEY_B}: no face in frame 3" in done.stdout
    assert "no face was found in 1 clip(s)" in done.stderr
    assert "preparing casme3: 2/2" in done.stderr
    again = cli(*command)
    assert again.returncode == 0
    assert "0 frames written; 8 were there already" in again.stdout
    checked = cli("data", "check", "casme3", "--data", "out", "--pictures")
    assert checked.returncode == 0, checked.stderr


def test_the_command_says_in_one_sentence_what_to_mend(cli: Cli, tmp_path: Path) -> None:
    done = cli("data", "prepare", "casme3", "--data", "nowhere", "--out", "out")
    assert done.returncode == 2
    assert done.stderr.startswith("error: the casme3 folder nowhere does not exist")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
