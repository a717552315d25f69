"""What is said of single clips: why one is left out, or what of its row was replaced or not understood.

for line in told_by_cause(data.drops): ...      # one cause gives one line, however many clips it costs
replaced_apexes(data.table)                     # [Remark("samm/028/028_4_1/1071", 139, "middle: ...")]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mebench.data.clips.apex import REPLACED
from mebench.data.clips.aus import parse_aus_with_rest

if TYPE_CHECKING:
    import pandas as pd

# So many clips of one cause are told one by one.
_APART = 3


class OfAClip(Protocol):
    """A clip's key, its row in the owner's file, and a sentence about it."""

    @property
    def key(self) -> str:
        """Its key."""
        ...

    @property
    def row(self) -> int:
        """Its row."""
        ...

    @property
    def reason(self) -> str:
        """The sentence."""
        ...


@dataclass(frozen=True)
class Remark:
    """Something about a clip that takes part all the same: a cell replaced, not understood or contradicted."""

    key: str
    row: int
    reason: str


def replaced_apexes(table: pd.DataFrame) -> list[Remark]:
    """Return the clips whose apex is the middle of the window, each with why."""
    chosen = table[table["apex_source"].isin(REPLACED)]
    return [
        Remark(key, int(row), why)
        for key, row, why in zip(chosen["key"], chosen["row"], chosen["apex_source"], strict=True)
    ]


def unread_units(table: pd.DataFrame) -> list[Remark]:
    """Return the clips whose cell of action units was not understood, each with cell and pieces."""
    return [
        Remark(key, int(row), f"action units {cell!r}: {', '.join(map(repr, rest))} not understood")
        for key, row, cell in zip(table["key"], table["row"], table["aus"], strict=True)
        if (rest := parse_aus_with_rest(cell).rest)
    ]


def cause_of(reason: str) -> str:
    """Return a reason without the numbers that differ from clip to clip; what stands in quotes counts."""
    return re.sub(r"'[^']*'|\d+", lambda found: found[0] if found[0].startswith("'") else "#", reason)


def by_cause(items: Iterable[OfAClip]) -> list[list[OfAClip]]:
    """Return the items of each cause together, causes and items in the order in which they come."""
    groups: dict[tuple[str, str], list[OfAClip]] = {}
    for item in items:
        groups.setdefault((item.key.partition("/")[0], cause_of(item.reason)), []).append(item)
    return list(groups.values())


def told_by_cause(items: Iterable[OfAClip]) -> list[str]:
    """Return one line for each item, or for each cause that many items share: how many they are, and the first."""
    lines: list[str] = []
    for group in by_cause(items):
        first = group[0]
        if len(group) <= _APART:
            lines += [f"{item.key} (row {item.row}): {item.reason}" for item in group]
        else:
            lines.append(f"{len(group)} clips, the first {first.key} (row {first.row}): {first.reason}")
    return lines


def shared_cause(items: Sequence[OfAClip]) -> str:
    """Return one sentence for items of which there is at least one: the most frequent cause, and what else there is."""
    groups = sorted(by_cause(items), key=len, reverse=True)
    (line, *_) = told_by_cause(groups[0])
    rest = len(items) - len(groups[0])
    return f"{line} (and {rest} clip(s) for other reasons)" if rest else line
