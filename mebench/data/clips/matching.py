"""Joining clips named in a file to the clips of a cohort, each to one and no two to the same.

matched = match_clips(cohort.clips, named)
matched.rows        # row of the cohort's table -> place in ``named``
matched.unknown     # places in ``named`` that fit no clip
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mebench.data.clips.names import ClipIndex
from mebench.errors import MebenchError

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20


@dataclass(frozen=True)
class NamedClip:
    """A clip as a file names it; ``row`` is the line of the file, ``dataset`` a registered name or empty for any."""

    row: int
    dataset: str
    subject: str
    clip: str
    onset: int | None = None

    def __str__(self) -> str:
        names = "/".join(filter(None, (self.dataset, self.subject, self.clip)))
        return names if self.onset is None else f"{names}/{self.onset}"


@dataclass(frozen=True)
class Matched:
    """What came of matching: rows of the cohort's table, and places in the sequence of named clips.

    Attributes:
        rows: row -> the place that names it.
        unknown: places that fit no clip.
        unclear: place -> the rows among which nothing decides.
        twice: place -> the place that names the same clip before it.
    """

    named: tuple[NamedClip, ...]
    rows: dict[int, int]
    unknown: tuple[int, ...]
    unclear: dict[int, list[int]]
    twice: dict[int, int]

    def why_unclear(self) -> list[str]:
        """Return one line for each name that fits several clips."""
        found = [(self.named[place], rows) for place, rows in self.unclear.items()]
        return [f"row {name.row}, {name}, fits {len(rows)} clips" for name, rows in found]

    def why_twice(self) -> list[str]:
        """Return one line for each name of a clip that was named before."""
        found = [(self.named[place], self.named[before]) for place, before in self.twice.items()]
        return [f"row {name.row}, {name}, is the clip of row {before.row}" for name, before in found]

    def refuse_unclear(self) -> None:
        """Raise where names fit several clips, or the same clip is named twice; rows and clips are named.

        Raises:
            MebenchError: there is such a name.
        """
        if self.unclear:
            column = "onset" if all(self.named[place].dataset for place in self.unclear) else "dataset"
            raise MebenchError(
                f"{some(self.why_unclear())}: add the column {column!r}, which tells them apart"
            )
        if self.twice:
            raise MebenchError(f"{some(self.why_twice())}: every clip counts once, so take one of them out")


def match_clips(clips: pd.DataFrame, named: Sequence[NamedClip]) -> Matched:
    """Find the row of ``clips`` (columns as in :class:`mebench.data.clips.names.ClipIndex`) that each name means."""
    index = ClipIndex(clips)
    rows: dict[int, int] = {}
    unknown: list[int] = []
    unclear: dict[int, list[int]] = {}
    twice: dict[int, int] = {}
    for place, name in enumerate(named):
        found = index.find(name.dataset, name.subject, name.clip, name.onset)
        if not found:
            unknown.append(place)
        elif len(found) > 1:
            unclear[place] = found
        elif found[0] in rows:
            twice[place] = rows[found[0]]
        else:
            rows[found[0]] = place
    return Matched(tuple(named), rows, tuple(unknown), unclear, twice)


def some(items: Sequence[str]) -> str:
    """Return the first items of a list in one line, and how many more there are."""
    shown = "; ".join(items[:_SHOWN])
    return shown if len(items) <= _SHOWN else f"{shown}; and {len(items) - _SHOWN} more"
