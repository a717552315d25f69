"""Making a twin as untidy as releases are, to prove that their readers see through it.

    made = add_quirks(Casme3(), folder, seed=0)     # folder: a whole and tidy twin
    made["missing_frames"]                          # clip key -> frames of its window taken away
    made["unreadable_pictures"]                     # paths below the folder

What a clip is stays the same: its names, window, emotion and action units read as before.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.clips.layout import FrameList, forget_folders
from mebench.data.clips.table import clip_rows
from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData, read_clips
from mebench.synthetic.quirky_workbook import make_untidy

# Of the clips, one in so many loses a frame, and one in so many gets an unreadable one.
_ONE_IN = 3


def add_quirks(dataset: Dataset, root: Path, *, seed: int) -> dict[str, Any]:
    """Make the twin in ``root`` untidy; the same twin and seed give the same bytes.

    Folders get stray files beside the frames, one name in other letter case, and in some clips a frame less
    (never the onset, apex or offset) or one cut short (never the first or the apex). Workbooks (``.xlsx``) get other
    spellings of their headers, prose above them, a column without a name, numbers as text and text as
    numbers, spaces behind action units, and blank rows.

    Returns:
        What was done, as plain values: ``stray_files`` (how many), ``renamed_folder`` (its new path, or None),
        ``missing_frames`` (clip key -> how many), ``unreadable_pictures`` (paths) and ``workbooks`` (file
        name -> counts). Paths are those below ``root``.

    Raises:
        MebenchError: the twin cannot be read.
    """
    forget_folders()
    data = read_clips(dataset, root)
    rng = np.random.default_rng([seed, len(data.table)])
    books = [part for part in dataset.annotation_parts(data.annotation) if part.suffix == ".xlsx"]
    workbooks = {book.name: make_untidy(book, rng) for book in books}
    return {"workbooks": workbooks, **_untidy_folders(data, rng)}


def _untidy_folders(data: ClipData, rng: np.random.Generator) -> dict[str, Any]:
    windows = {clip.key: data.frames[clip.key] for clip in clip_rows(data.table)}
    frames = list(windows.values())
    apexes = [windows[clip.key].between(clip.apex, clip.apex).paths for clip in clip_rows(data.table)]
    # Without its first frame or its apex a short clip would show no movement, which is a fault and no quirk.
    seen = {window.paths[0] for window in frames}.union(*apexes)
    # Databases without an annotation file take the window from the frames on disk, so its end stays too.
    gone = _one_each(frames, seen.union(window.paths[-1] for window in frames), rng)
    cut = _one_each(frames, seen | gone, rng)

    one_frame = {path.parent: path for window in frames for path in window.paths}
    stray = sum(_add_stray_files(folder, one_frame[folder]) for folder in sorted(one_frame))
    for path in gone:
        path.unlink()
    for path in sorted(cut):
        content = path.read_bytes()
        path.write_bytes(content[: int(rng.integers(len(content) // 2))])
    missing = {key: len(gone.intersection(window.paths)) for key, window in windows.items()}
    old, new = _rename_one(data, sorted(one_frame), rng)
    moved = (new / path.relative_to(old) if path.is_relative_to(old) else path for path in cut)
    return {
        "stray_files": stray,
        "renamed_folder": new.relative_to(data.root).as_posix() if new != old else None,
        "missing_frames": {key: n for key, n in missing.items() if n},
        "unreadable_pictures": sorted(path.relative_to(data.root).as_posix() for path in moved),
    }


def _one_each(frames: Sequence[FrameList], keep: Collection[Path], rng: np.random.Generator) -> set[Path]:
    """Choose a frame of every third clip, or of fewer where ``keep`` leaves none to choose."""
    chosen: set[Path] = set()
    for place in rng.permutation(len(frames)):
        if len(chosen) >= max(1, len(frames) // _ONE_IN):
            break
        free = [path for path in frames[place].paths if path not in keep and path not in chosen]
        if free:
            chosen.add(free[int(rng.integers(len(free)))])
    return chosen


def _add_stray_files(folder: Path, frame: Path) -> int:
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "Desktop - Shortcut.lnk").write_bytes(b"L\0\0\0")
    (folder / f"._{frame.name}").write_bytes(b"\0\5\x16\7")
    (folder / "backup").mkdir()
    shutil.copyfile(frame, folder / "backup" / frame.name)
    return 4


def _rename_one(data: ClipData, folders: Sequence[Path], rng: np.random.Generator) -> tuple[Path, Path]:
    """Turn the letter case of one folder's name; return its old and new path, the root twice if none has any."""
    above = {parent for folder in folders for parent in (folder, *folder.parents)}
    renamed = [
        (folder, folder.with_name(folder.name.swapcase()))
        for folder in sorted(above)
        if data.root in folder.parents and folder not in data.annotation.parents
    ]
    free = [(old, new) for old, new in renamed if new not in above]
    if not free:
        return data.root, data.root
    old, new = free[int(rng.integers(len(free)))]
    return old, old.rename(new)
