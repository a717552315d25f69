"""Rows of print that belong together: what one source prints of one method, on the whole protocol and on its parts.

>>> [each.parts.keys() for each in published(read_reported(Path("reported.csv")))]     # doctest: +SKIP
[dict_keys(['all', 'smic', 'casme2', 'samm']), ...]
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from mebench.leaderboard.reported import WHOLE, Reported
from mebench.leaderboard.rescored import Rescored

Row = TypeVar("Row", Reported, Rescored)


@dataclass(frozen=True)
class Published:
    """The rows of one method in one source, by part of the protocol; the parts are named as datasets are."""

    parts: Mapping[str, Reported]

    @property
    def first(self) -> Reported:
        """Return the row of the whole protocol, or of the first part where there is none: who says what, and where."""
        return self.parts.get(WHOLE) or next(iter(self.parts.values()))

    @property
    def whole(self) -> Reported | None:
        """Return the row of the whole protocol."""
        return self.parts.get(WHOLE)

    @property
    def caveats(self) -> tuple[str, ...]:
        """Return what is wrong with the figures, each sentence once; one of a part alone names the part."""
        found: dict[str, list[str]] = {}
        for part, row in self.parts.items():
            if row.caveat:
                found.setdefault(row.caveat, []).append(part)
        # What is said of the whole is said of its parts too.
        return tuple(
            caveat if WHOLE in parts or WHOLE not in self.parts else f"{', '.join(parts)}: {caveat}"
            for caveat, parts in found.items()
        )


def published(rows: Iterable[Reported]) -> list[Published]:
    """Return rows of print by source and method, the best first.

    A part that a source prints a second time of a method, as with another input, begins another one.
    """
    found = by_part(rows, lambda row: (row.protocol, row.method, row.year, row.model, row.kind, row.source))
    each = [Published(parts) for parts in found]
    return sorted(each, key=lambda one: (-_headline(one), one.first.method, one.first.year))


def by_part(rows: Iterable[Row], named: Callable[[Row], Hashable]) -> list[dict[str, Row]]:
    """Return rows by what names their source, as part -> row; a part that comes again begins another one."""
    found: dict[Hashable, list[dict[str, Row]]] = {}
    for row in rows:
        several = found.setdefault(named(row), [])
        free = next((parts for parts in several if row.part not in parts), None)
        if free is None:
            several.append(free := {})
        free[row.part] = row
    return [parts for several in found.values() for parts in several]


def _headline(one: Published) -> float:
    return -1.0 if one.whole is None or one.whole.uf1 is None else one.whole.uf1
