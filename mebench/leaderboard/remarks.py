"""What there is to know of a row of a board, said once: in tables as marks and notes, on the page as warnings."""

from __future__ import annotations

from typing import NamedTuple

from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.scoring.tables import selection_mark


class Remark(NamedTuple):
    """One thing to know of a row.

    Attributes:
        mark: What its cell in a table says; empty where a note is enough.
        sentence: What a note says; empty where the mark says all.
        grave: Whether it bears on what the row's figures may be compared with.
    """

    mark: str = ""
    sentence: str = ""
    grave: bool = True

    @property
    def whole(self) -> str:
        """What to say where there is room."""
        return self.sentence or self.mark


def remarks_of(row: Reproduced) -> list[Remark]:
    """Return all that there is to know of a row."""
    remarks = []
    if row.subject_dependent:
        remarks += [Remark("SUBJECT-DEPENDENT", "SUBJECT-DEPENDENT: training and test share subjects")]
    if row.selection == ORACLE:
        remarks += [Remark("ORACLE", selection_mark(row.selection))]
    elif row.selection != LAST:
        remarks += [Remark(selection_mark(row.selection), grave=False)]
    if row.local_code:
        remarks += [Remark(row.local_code)]
    if row.trust:
        changes = "PREDICTIONS CHANGE"
        remarks += [Remark(changes if changes in row.trust else "", row.trust)]
    if row.cohort_differs:
        remarks += [Remark("cohort differs", "cohort differs: its clips are not as many as are published")]
    if row.repeats > 1:
        remarks += [Remark(sentence=f"means over {row.repeats} repeats of the split", grave=False)]
    if row.bridged:
        remarks += [Remark(sentence=f"bridged: {row.bridged}")]
    if row.ready:
        remarks += [Remark(sentence=f"inputs from files: {row.ready}", grave=False)]
    return remarks
