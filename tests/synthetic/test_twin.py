"""Twins: the same options draw the same bytes, a twin is never taken for real, and the cache makes one once."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from left_locks import LONG_AGO, last_renewed, leave_lock
from PIL import Image

from mebench import locks
from mebench.data.clips.aus import parse_aus
from mebench.data.clips.layout import forget_folders
from mebench.data.clips.marker import MARKER_COMMENT, MARKER_FILE, MARKER_SHEET
from mebench.data.clips.table import check_clips, clip_rows
from mebench.data.reading import read_clips
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError, MebenchNotice
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.synthetic.cached import open_twin, twin_folder, twins_folder
from mebench.synthetic.invent import EMOTION_UNITS, invent_clips, units_of_emotion
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench.synthetic.units import known_units

CASME3 = load_dataset(load_plugins().registry, "casme3")
TINY = TwinOptions(subjects=2, clips=2, size=32)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A twin of four clips. Read it; do not change it."""
    folder = tmp_path_factory.mktemp("tiny") / "twin"
    make_twin(CASME3, folder, TINY)
    return folder


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ---- drawing


def test_the_same_options_give_the_same_bytes_in_another_process(tmp_path: Path, tiny: Path) -> None:
    options = ["--subjects", "2", "--clips", "2", "--size", "32"]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "mebench",
            "data",
            "synth",
            "casme3",
            "--out",
            str(tmp_path / "twin"),
            *options,
        ],
        check=True,
        capture_output=True,
    )
    assert hashes(tmp_path / "twin") == hashes(tiny)


def test_another_seed_draws_other_clips_and_other_faces(tmp_path: Path, tiny: Path) -> None:
    make_twin(CASME3, tmp_path / "twin", replace(TINY, seed=1))
    first, second = (read_clips(CASME3, folder) for folder in (tiny, tmp_path / "twin"))
    assert first.table["key"].tolist() != second.table["key"].tolist()
    assert first.sha256 != second.sha256
    bytes_of = [
        {path.read_bytes() for f in data.frames.values() for path in f.paths} for data in (first, second)
    ]
    assert not bytes_of[0] & bytes_of[1]


@pytest.mark.parametrize(
    "change", [{"subjects": 3}, {"clips": 3}, {"size": 33}, {"strength": 1.0}, {"seed": 1}]
)
def test_every_option_is_part_of_a_twins_identity(change: dict[str, int]) -> None:
    assert replace(TINY, **change).key() != TINY.key()  # type: ignore[arg-type]


def test_an_annotation_is_part_of_a_twins_identity_by_content_not_by_name(tmp_path: Path) -> None:
    first, same, other = (tmp_path / name for name in ("a.xlsx", "b.xlsx", "c.xlsx"))
    first.write_bytes(b"one")
    same.write_bytes(b"one")
    other.write_bytes(b"two")
    key, same_key, other_key = (replace(TINY, annotations=path).key() for path in (first, same, other))
    assert key == same_key
    assert len({key, other_key, TINY.key()}) == 3


def test_frames_are_square_colour_pictures_of_the_size_asked_for(tiny: Path) -> None:
    for frames in read_clips(CASME3, tiny).frames.values():
        with Image.open(frames.paths[0]) as picture:
            assert (picture.size, picture.mode) == ((32, 32), "RGB")


def test_every_frame_of_every_window_is_drawn_and_counted(tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    count = make_twin(CASME3, tmp_path / "twin", TINY, lambda done, total: reports.append((done, total)))
    data = read_clips(CASME3, tmp_path / "twin")
    assert data.missing_frames() == {}
    assert count == sum(map(len, data.frames.values())) == len(list((tmp_path / "twin").rglob("*.jpg")))
    assert reports == [(1, 4), (2, 4), (3, 4), (4, 4)]


# ---- inventing


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 12), st.integers(1, 20), st.integers(0, 9))
def test_invented_clips_are_usable_and_show_units_of_their_emotion(
    subjects: int, clips: int, seed: int
) -> None:
    recipe = CASME3.twin
    assert recipe is not None
    table = invent_clips("casme3", recipe, subjects=subjects, clips=clips, seed=seed)
    good, drops = check_clips(table)
    assert drops == []
    assert good.groupby("subject").size().tolist() == [clips] * subjects
    ends: dict[tuple[str, str], int] = {}
    for clip in clip_rows(good):
        assert clip.aus in units_of_emotion(clip.emotion)
        assert recipe.frames[0] <= clip.offset - clip.onset + 1 <= recipe.frames[1]
        assert clip.onset < clip.apex < clip.offset
        # Windows of one recording never share a frame.
        assert clip.onset > ends.get((clip.subject, clip.clip), recipe.first_frame - 1)
        ends[clip.subject, clip.clip] = clip.offset


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 12), st.integers(1, 20), st.integers(0, 9))
def test_emotions_are_dealt_in_nearly_the_wanted_shares(subjects: int, clips: int, seed: int) -> None:
    recipe = CASME3.twin
    assert recipe is not None
    table = invent_clips("casme3", recipe, subjects=subjects, clips=clips, seed=seed)
    decks, rest = divmod(len(table), sum(recipe.emotions.values()))
    counts = Counter(table["emotion"])
    for emotion, weight in recipe.emotions.items():
        assert decks * weight <= counts[emotion] <= decks * weight + min(weight, rest)


def test_the_default_twin_has_the_four_classes_in_equal_shares() -> None:
    options = TwinOptions()
    assert CASME3.twin is not None
    table = invent_clips(
        "casme3", CASME3.twin, subjects=options.subjects, clips=options.clips, seed=options.seed
    )
    negative = table["emotion"].isin(["disgust", "fear", "anger", "sad"])
    assert Counter(table["emotion"].mask(negative, "negative")) == dict.fromkeys(
        ("negative", "happy", "surprise", "others"), 24
    )


def test_no_two_emotions_are_shown_in_one_way_and_every_way_can_be_drawn() -> None:
    ways = [way for texts in EMOTION_UNITS.values() for way in texts]
    sets = [frozenset((unit.side, unit.number) for unit in parse_aus(way)) for way in ways]
    assert len(set(sets)) == len(sets)
    assert {unit.number for way in ways for unit in parse_aus(way)} <= set(known_units())


# ---- real annotations


@pytest.fixture
def annotation(tmp_path: Path) -> Path:
    """An owner's workbook: windows that overlap, an upper-case recording, a unit that no face shows, a fault."""
    rows = [
        ("spNO.1", "a", "5", "7", "9", "4+R12", "II", "disgust"),
        ("spNO.1", "a", "8", "10", "12", "26+25", "III", "Others"),
        ("spNO.40", "J", "1", "1", "1", "99", "IV", "surprise"),
        ("spNO.40", "e", "20", "25", "10", "1", "I", "happy"),
        ("spNO.40", "e", "40", "42", "45", None, "I", "sad"),
    ]
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "label"
    for row in [
        ("Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"),
        *rows,
    ]:
        page.append(list(row))
    path = tmp_path / "owner.xlsx"
    book.save(path)
    return path


def test_a_twin_of_a_real_annotation_keeps_every_row(tmp_path: Path, annotation: Path) -> None:
    before = annotation.read_bytes()
    make_twin(CASME3, tmp_path / "twin", replace(TINY, annotations=annotation))
    data = read_clips(CASME3, tmp_path / "twin")
    assert annotation.read_bytes() == before
    pd.testing.assert_frame_equal(CASME3.read_annotation(data.annotation), CASME3.read_annotation(annotation))
    assert data.table["row"].tolist() == [2, 3, 4, 6]
    assert [(drop.row, drop.reason) for drop in data.drops] == [(5, "onset 20 comes after offset 10")]
    assert data.missing_frames() == {}
    assert data.twin
    # The owner's own file beside the drawn frames makes them no more real.
    assert read_clips(CASME3, tmp_path / "twin", annotation).twin


def test_an_annotation_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_text("not a workbook")
    with pytest.raises(MebenchError, match="no header row was found"):
        make_twin(CASME3, tmp_path / "twin", replace(TINY, annotations=broken))
    assert hashes(tmp_path / "twin") == {}


# ---- marks


def unmark(folder: Path, marks: set[str]) -> None:
    """Take marks off a twin, as someone would who wants to pass it for real."""
    if "file" in marks:
        (folder / MARKER_FILE).unlink()
    if "sheet" in marks:
        path = CASME3.find_annotation(folder)
        book = openpyxl.load_workbook(path)
        del book[MARKER_SHEET]
        book.save(path)
    if "pictures" in marks:
        for path in folder.rglob("*.jpg"):
            with Image.open(path) as picture:
                plain = Image.frombytes(picture.mode, picture.size, picture.tobytes())
            plain.save(path)
    forget_folders()


MARKS = ("file", "sheet", "pictures")


@pytest.mark.parametrize(
    "gone",
    [set(gone) for count in range(3) for gone in itertools.combinations(MARKS, count)],
    ids=lambda gone: "+".join(sorted(gone)) or "none",
)
def test_any_one_mark_is_enough_to_know_a_twin(tmp_path: Path, tiny: Path, gone: set[str]) -> None:
    shutil.copytree(tiny, tmp_path / "twin")
    unmark(tmp_path / "twin", gone)
    assert read_clips(CASME3, tmp_path / "twin").twin


def test_the_three_marks_are_all_there_are(tmp_path: Path, tiny: Path) -> None:
    shutil.copytree(tiny, tmp_path / "twin")
    unmark(tmp_path / "twin", set(MARKS))
    assert not read_clips(CASME3, tmp_path / "twin").twin


def test_a_few_drawn_frames_among_real_ones_are_noticed(tmp_path: Path, tiny: Path) -> None:
    shutil.copytree(tiny, tmp_path / "twin")
    unmark(tmp_path / "twin", set(MARKS))
    last = read_clips(CASME3, tmp_path / "twin").table["key"].iloc[-1]
    drawn = read_clips(CASME3, tiny).frames[last]
    for path in drawn.paths:
        shutil.copyfile(path, tmp_path / "twin" / path.relative_to(tiny))
    assert read_clips(CASME3, tmp_path / "twin").twin


def test_every_picture_carries_the_mark(tiny: Path) -> None:
    pictures = list(tiny.rglob("*.jpg"))
    assert pictures
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.info["comment"] == MARKER_COMMENT


def test_frames_that_are_no_pictures_are_not_taken_for_drawn_ones(tmp_path: Path, tiny: Path) -> None:
    shutil.copytree(tiny, tmp_path / "twin")
    unmark(tmp_path / "twin", {"file", "sheet"})
    for path in (tmp_path / "twin").rglob("*.jpg"):
        path.write_bytes(b"" if path.stem.endswith("1") else b"text")
    assert not read_clips(CASME3, tmp_path / "twin").twin


# ---- refusals


def test_a_folder_that_holds_something_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(MebenchError, match="is not empty: name a new folder"):
        make_twin(CASME3, tmp_path, TINY)
    assert list(hashes(tmp_path)) == ["thesis.txt"]


def test_a_dataset_without_a_recipe_is_refused(tmp_path: Path) -> None:
    class Bare(type(CASME3)):  # type: ignore[misc]
        name = "bare"
        twin = None

    with pytest.raises(MebenchError, match="dataset 'bare' has no recipe for a synthetic twin"):
        make_twin(Bare(), tmp_path / "twin", TINY)
    assert not (tmp_path / "twin").exists()


# ---- the cache


def cached() -> Path:
    return twin_folder(CASME3, TINY)


def test_a_cached_twin_is_made_once(registry: Registry) -> None:
    reports: list[int] = []
    first = open_twin(registry, "casme3", TINY, lambda done, total: reports.append(done))
    times = {path: path.stat().st_mtime_ns for path in cached().rglob("*")}
    second = open_twin(registry, "casme3", TINY, lambda done, total: reports.append(done))
    assert reports == [1, 2, 3, 4]
    assert {path: path.stat().st_mtime_ns for path in cached().rglob("*")} == times
    assert first.root == second.root == cached()
    assert first.sha256 == second.sha256
    assert first.twin


def test_what_a_killed_process_left_half_made_is_made_anew(registry: Registry, tiny: Path) -> None:
    leftover = cached().with_name(f".{cached().name}.part")
    shutil.copytree(tiny, leftover)
    (leftover / MARKER_FILE).unlink()
    next(leftover.rglob("*.jpg")).write_bytes(b"half")
    open_twin(registry, "casme3", TINY)
    assert hashes(cached()) == hashes(tiny)
    assert not leftover.exists()


def test_who_waits_for_a_twin_is_told_who_draws_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.0)
    cached().parent.mkdir(parents=True)
    lock = cached().with_name(f"{cached().name}.lock")
    leave_lock(lock, host="elsewhere", pid=7)
    threading.Timer(0.3, lambda: last_renewed(lock, LONG_AGO)).start()
    with pytest.warns(MebenchNotice, match=r"for the twin of casme3.* \(process 7 on elsewhere has it since"):
        open_twin(registry, "casme3", TINY)


def test_a_stopped_drawing_leaves_no_twin(registry: Registry) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_twin(registry, "casme3", TINY, stop)
    assert [path.name for path in twins_folder().iterdir() if path.is_dir()] == []


def test_two_processes_at_once_make_one_twin(tmp_path: Path, tiny: Path) -> None:
    program = (
        "from mebench.plugin.loading import load_plugins; from mebench.synthetic.cached import open_twin; "
        "from mebench.synthetic.twin import TwinOptions; "
        "data = open_twin(load_plugins().registry, 'casme3', TwinOptions(subjects=2, clips=2, size=32), "
        "lambda done, total: print('drew', done)); print(len(data.table), data.missing_frames())"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0].splitlines() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert [lines[-1] for lines in said] == ["4 {}", "4 {}"]
    assert sorted(len(lines) for lines in said) == [1, 5]
    assert hashes(cached()) == hashes(tiny)
