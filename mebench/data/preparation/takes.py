"""Takes: clips of one recording whose windows overlap, which share their frames and so one transform.

    takes = takes_of(layout, [data])      # most takes are one clip

A frame is written once; two transforms for it would put a jump into one of its clips.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mebench.data.clips.layout import FrameLayout, FrameList
from mebench.data.clips.table import ClipRow, clip_rows
from mebench.data.reading import ClipData


@dataclass(frozen=True)
class Take:
    """Frames that are aligned together.

    ``keys`` names the clips; ``targets[i]`` is where ``frames.paths[i]`` goes, below the prepared folder.
    """

    keys: tuple[str, ...]
    frames: FrameList
    targets: tuple[Path, ...]


def takes_of(layout: FrameLayout, readings: Iterable[ClipData]) -> list[Take]:
    """Return the takes of a dataset, which may have been read in several ways (with and without repairs)."""
    recordings: dict[Path, list[tuple[ClipRow, FrameList]]] = defaultdict(list)
    for data in readings:
        for clip in clip_rows(data.table):
            recordings[layout.path(Path(), clip, 0)].append((clip, data.frames[clip.key]))
    takes = []
    for windows in recordings.values():
        windows.sort(key=lambda window: (window[0].onset, window[0].offset))
        together = [windows[0]]
        for window in windows[1:]:
            if window[0].onset > max(clip.offset for clip, _ in together):
                takes.append(_take(layout, together))
                together = []
            together.append(window)
        takes.append(_take(layout, together))
    return takes


def _take(layout: FrameLayout, windows: list[tuple[ClipRow, FrameList]]) -> Take:
    paths = {number: path for _, f in windows for number, path in zip(f.numbers, f.paths, strict=True)}
    numbers = tuple(sorted(paths))
    return Take(
        keys=tuple(dict.fromkeys(clip.key for clip, _ in windows)),
        frames=FrameList(numbers, tuple(paths[number] for number in numbers)),
        targets=tuple(layout.path(Path(), windows[0][0], number) for number in numbers),
    )
