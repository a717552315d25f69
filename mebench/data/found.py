"""What lies where frames were expected, so that an error can name it and say what to do.

found = look(root)
found.words      # "12 .tif files (s1/a/1.tif, ...)"
found.mend       # "save them as .png or .jpg in that layout"
found.any        # False: nothing but annotations, so nobody meant to give pictures
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mebench.data.clips.layout import PICTURE_SUFFIXES, FrameLayout
from mebench.data.clips.table import ClipRow

_OTHER_PICTURES = ("tif", "tiff", "gif", "webp", "ppm", "pgm", "raw", "npy")
_VIDEOS = ("avi", "mp4", "mov", "mkv", "wmv", "mpg", "mpeg", "m4v")
_ARCHIVES = ("zip", "rar", "7z", "tar", "gz", "tgz")
_MENDS = (
    (_ARCHIVES, "unpack it there"),
    (_VIDEOS, "write their frames as pictures in that layout"),
    (_OTHER_PICTURES, "save them as .png or .jpg in that layout"),
    (PICTURE_SUFFIXES, "rename or move them into that layout"),
)

# Enough to tell what a folder is; a whole database need not be walked for an error.
_LOOKED_AT = 20_000
_SHOWN = 3


@dataclass(frozen=True)
class Found:
    """What a folder holds that could be frames, in words, and what to do about it."""

    any: bool
    words: str
    mend: str


def look(root: Path) -> Found:
    """Return what lies below a folder that looks like frames in some form."""
    examples: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    files = list(islice(_files(root), _LOOKED_AT))
    for file in files:
        suffix = file.suffix.lower().lstrip(".")
        counts[suffix] += 1
        examples.setdefault(suffix, []).append(file.relative_to(root).as_posix())
    for suffixes, mend in _MENDS:
        kinds = [suffix for suffix, _ in counts.most_common() if suffix in suffixes]
        if kinds:
            more = " or more" if len(files) == _LOOKED_AT else ""
            words = " and ".join(
                f"{counts[kind]}{more} .{kind} file{'s' if counts[kind] > 1 else ''} ({_few(examples[kind])})"
                for kind in kinds[:2]
            )
            return Found(True, words, mend)
    names = sorted(child.name + ("/" if child.is_dir() else "") for child in root.iterdir())
    return Found(
        False, f"no picture, but {_few(names)}" if names else "nothing", "give the folder with the frames"
    )


def elsewhere(layouts: Sequence[FrameLayout], root: Path, clips: Sequence[ClipRow]) -> Path | None:
    """Return a folder near ``root`` below which a layout does hold frames: one or two levels deeper or higher."""
    deeper = _folders(root)[: _SHOWN * 10]
    deeper += [child for folder in deeper for child in _folders(folder)[:_SHOWN]]
    one_each = list({clip.subject: clip for clip in clips}.values())[: _SHOWN * 10]
    for folder in (*deeper, *list(root.resolve().parents)[:2]):
        if any(layout.first_frames(folder, one_each) for layout in layouts):
            return folder
    return None


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith((".", "~")))


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(child for child in root.iterdir() if child.is_dir())
    except OSError:
        return []
