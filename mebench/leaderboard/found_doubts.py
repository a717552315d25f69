"""The findings about published figures, looked for once and kept: the search takes seconds, and rows seldom change."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

from mebench.errors import MebenchError
from mebench.leaderboard.class_counts import class_counts
from mebench.leaderboard.doubts import Doubt, Kind, doubts
from mebench.leaderboard.remembered import Remembered, rows_folder
from mebench.leaderboard.reported import Reported
from mebench.leaderboard.rescored import Rescored
from mebench.parallel import cores
from mebench.plugin.registry import Registry
from mebench.scoring.doubt.matrices import read_matrix


def found_doubts(
    rows: Sequence[Reported], rescored: Sequence[Rescored], registry: Registry
) -> Mapping[int, Sequence[Doubt]]:
    """Return the findings of every row of print by its place, the gravest first; see :mod:`.doubts`."""
    counts = [_counts(registry, row) for row in rows]
    asked = hashlib.sha256(repr((rows, list(rescored), counts)).encode()).hexdigest()
    kept = Remembered(rows_folder() / "doubts" / f"{asked[:16]}.json")
    if not rows:
        return {}
    if told := kept.content.get(asked):
        return {int(place): [_of_plain(each) for each in findings] for place, findings in told.items()}
    found = doubts(rows, rescored, registry, workers=min(cores(), 8))
    kept.keep({asked: {place: [each.as_plain() for each in findings] for place, findings in found.items()}})
    return found


def _counts(registry: Registry, row: Reported) -> str:
    try:
        return repr(class_counts(registry, row.protocol, row.part))
    except MebenchError as error:
        return str(error)


def _of_plain(told: Mapping[str, Any]) -> Doubt:
    return Doubt(
        kind=cast("Kind", told["kind"]),
        sentence=told["sentence"],
        proof=told["proof"],
        matrix=None if told["matrix"] is None else read_matrix(told["matrix"]),
        numbers=told["numbers"],
    )
