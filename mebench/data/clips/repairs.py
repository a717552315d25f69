"""Named repairs of known errors in an owner's annotation.

    REPAIRS = RepairSet("casme3-v2", (
        Repair("casme3/spNO.40/e/1812", "offset", 0, 1845, "offset 0 lies before the onset", "tvaranka/meb"),
    ))
    table, report = REPAIRS.apply(table)

A repair names its clip by key and the value it expects to find. Where another edition of the sheet holds
another value the repair is left alone and says so: it never overwrites what it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mebench.data.clips.apex import REPAIR
from mebench.data.clips.table import FRAME_FIELDS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Repair:
    """One cell: ``field`` of the clip ``key`` goes from ``old`` to ``new``; ``source`` published it.

    ``old`` None stands for a cell that holds no frame number.
    """

    key: str
    field: str
    old: int | None
    new: int
    reason: str
    source: str

    def __str__(self) -> str:
        return f"{self.key}: {self.field} {self.old} -> {self.new} ({self.reason}; {self.source})"


@dataclass(frozen=True)
class RepairReport:
    """What a set did to one table; ``unmatched`` pairs a repair with why it was not applied."""

    name: str
    applied: tuple[Repair, ...] = ()
    unmatched: tuple[tuple[Repair, str], ...] = ()


@dataclass(frozen=True)
class RepairSet:
    """A named, ordered set of repairs."""

    name: str
    repairs: tuple[Repair, ...] = ()

    def apply(self, table: pd.DataFrame) -> tuple[pd.DataFrame, RepairReport]:
        """Return a repaired copy of a clip table, and the report of what was changed."""
        import pandas as pd

        table = table.copy()
        rows = {key: index for index, key in zip(table.index, table["key"], strict=True)}
        applied: list[Repair] = []
        unmatched: list[tuple[Repair, str]] = []
        for repair in self.repairs:
            if repair.field not in FRAME_FIELDS:
                raise ValueError(f"repair set {self.name!r}: {repair.field!r} is not one of {FRAME_FIELDS}")
            index = rows.get(repair.key)
            found: Any = None if index is None else table.at[index, repair.field]
            if index is None:
                unmatched.append((repair, "no such clip"))
            elif (number := None if pd.isna(found) else int(found)) != repair.old:
                other = "no frame number" if number is None else number
                unmatched.append(
                    (repair, "already right" if number == repair.new else f"the sheet holds {other}")
                )
            else:
                table.at[index, repair.field] = repair.new
                if repair.field == "apex":
                    table.at[index, "apex_source"] = REPAIR
                applied.append(repair)
        return table, RepairReport(self.name, tuple(applied), tuple(unmatched))


NO_REPAIRS = RepairSet("none")
