"""Joining clips named in a file to the clips of a cohort, each to one and no two to the same.

matched = match_clips(cohort.clips, named)
matched.rows        # row of the cohort's table -> place in ``named``
matched.unknown     # places in ``named`` that fit no clip
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mebench.data.clips.names import ClipIndex
from mebench.errors import MebenchError

_SHOWN = 20


@dataclass(frozen=True)
class NamedClip:
    """A clip as a file names it; ``row`` is the line of the file, ``dataset`` a registered name."""

    row: int
    dataset: str
    subject: str
    clip: str
    onset: int | None = None

    def __str__(self) -> str:
        names = f"{self.dataset}/{self.subject}/{self.clip}"
        return names if self.onset is None else f"{names}/{self.onset}"


@dataclass(frozen=True)
class Matched:
    """What came of matching; both hold places in the sequence of named clips."""

    rows: dict[int, int]
    unknown: tuple[int, ...]


def match_clips(clips: pd.DataFrame, named: Sequence[NamedClip]) -> Matched:
    """Find the row of ``clips`` (columns as in :class:`mebench.data.clips.names.ClipIndex`) that each name means.

    Raises:
        MebenchError: names fit several clips, or the same clip is named twice; rows and clips are named.
    """
    index = ClipIndex(clips)
    rows: dict[int, int] = {}
    unknown: list[int] = []
    unclear: list[str] = []
    twice: list[str] = []
    for place, name in enumerate(named):
        found = index.find(name.dataset, name.subject, name.clip, name.onset)
        if not found:
            unknown.append(place)
        elif len(found) > 1:
            unclear.append(f"row {name.row}, {name}, fits {len(found)} clips")
        elif found[0] in rows:
            twice.append(f"row {name.row}, {name}, is the clip of row {named[rows[found[0]]].row}")
        else:
            rows[found[0]] = place
    if unclear:
        raise MebenchError(f"{some(unclear)}: add the column 'onset', which tells them apart")
    if twice:
        raise MebenchError(f"{some(twice)}: every clip counts once, so take one of them out")
    return Matched(rows, tuple(unknown))


def some(items: Sequence[str]) -> str:
    """Return the first items of a list in one line, and how many more there are."""
    shown = "; ".join(items[:_SHOWN])
    return shown if len(items) <= _SHOWN else f"{shown}; and {len(items) - _SHOWN} more"
