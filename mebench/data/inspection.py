"""Opening every picture of a dataset, to know before a run which ones cannot be read.

found = look_at_pictures(data, progress)
too_little_readable(data, found.unreadable)     # clips that a run would refuse
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from mebench.data.clips.coverage import too_few
from mebench.data.clips.table import clip_rows
from mebench.data.fetching import read_bytes
from mebench.data.pictures import Square, decode_square
from mebench.data.reading import ClipData
from mebench.parallel import cores, map_threads

_SIDE = 16  # a picture is decoded whole, whatever is kept of it


class LookedAt(NamedTuple):
    """The pictures that are damaged, and those that their orientation tag turned."""

    unreadable: list[Path]
    turned: list[Path]


def look_at_pictures(data: ClipData, progress: Callable[[str, int, int], None]) -> LookedAt:
    """Open every picture of a dataset's usable clips, on every core.

    Raises:
        UnreachableError: the system cannot read a file: that stops a run too.
    """

    def look(path: Path) -> Square:
        return decode_square(path, read_bytes(path), _SIDE)

    paths = sorted({path for frames in data.frames.values() for path in frames.paths})
    found = LookedAt([], [])
    for done, (path, square) in enumerate(
        zip(paths, map_threads(look, paths, cores()), strict=True), start=1
    ):
        if square.pixels is None:
            found.unreadable.append(path)
        if square.turned:
            found.turned.append(path)
        progress("opening pictures", done, len(paths))
    return found


def too_little_readable(data: ClipData, unreadable: Collection[Path]) -> list[dict[str, str]]:
    """Return ``clip`` and ``reason`` of each clip of which too little is left without its damaged pictures."""
    bad = set(unreadable)
    found = []
    for clip in clip_rows(data.table):
        frames = data.frames[clip.key]
        left = [n for n, path in zip(frames.numbers, frames.paths, strict=True) if path not in bad]
        if len(left) < len(frames) and (reason := too_few(clip, left, "readable pictures")):
            found.append({"clip": clip.key, "reason": reason})
    return found
