"""How far a run's records can be trusted: what its folds were kept from, and whether they hold when asked otherwise.

found = trust_of(records)       # {"isolation": "landlock-7, netns", "checks": {"again": 0.0, ...}}
trust_marks(found)              # [] of such a run; else what must not be overlooked beside its score
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mebench.errors import first_few
from mebench.sealed.in_force import NONE, is_full

if TYPE_CHECKING:
    from mebench.run_info import Record

# An honest model differs by up to 6e-8 when it is asked otherwise, one that uses statistics of the test clips by 1.
TOLERANCE = 1e-4
_IN_WORDS = {
    "again": "the same clips again",
    "reversed": "in reverse order",
    "alone": "clip by clip",
}


def trust_of(records: Iterable[Record]) -> dict[str, Any]:
    """Return the weakest isolation of some records, and of each check the largest difference.

    A record of before isolation counts as ``none``; ``checks`` is empty where no record has any.
    """
    found: list[str] = []
    checks: dict[str, float] = {}
    for record in records:
        found.append(record.get("isolation", NONE))
        for name, gap in record.get("checks", {}).items():
            checks[name] = max(checks.get(name, 0.0), gap)
    return {"isolation": min(found, key=_strength, default=NONE), "checks": checks}


def trust_marks(found: Mapping[str, Any]) -> list[str]:
    """Return the marks of what :func:`trust_of` found, or of scores that hold it; none where nothing is told."""
    marks = []
    if (isolation := found.get("isolation")) is not None and not is_full(isolation):
        marks.append(f"isolation {isolation}")
    if failed := [name for name, gap in (found.get("checks") or {}).items() if gap > TOLERANCE]:
        marks.append(
            f"PREDICTIONS CHANGE when asked {first_few(_IN_WORDS.get(each, each) for each in failed)}"
        )
    return marks


def _strength(isolation: str) -> tuple[bool, bool, bool, str]:
    """Order what may be in force: nothing, one of files and network, the audit hook before Landlock, then both."""
    return is_full(isolation), isolation.startswith("landlock"), isolation != NONE, isolation
