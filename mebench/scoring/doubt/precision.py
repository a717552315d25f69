"""Macro precision printed as UAR: the fault of scorers that add up the columns of a confusion matrix, not its rows.

The STSTNet paper prints UAR .7605; in the log that its authors published, recall is .7186 and macro precision .7605.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mebench.scoring.doubt.bounds import shown
from mebench.scoring.doubt.matrices import figures_of, told_matrix
from mebench.scoring.doubt.printed import Printed


def precision_as_uar(
    figures: Mapping[str, Printed], matrix: Sequence[Sequence[int]]
) -> tuple[str, str] | None:
    """Return sentence and proof where the printed UAR is the macro precision of a known matrix and not its UAR."""
    printed = figures.get("uar")
    exact = figures_of(matrix)
    if printed is None or printed.manner(exact["uar"]) or not printed.manner(exact["precision"]):
        return None
    rows = [sum(row) for row in matrix]
    columns = [sum(column) for column in zip(*matrix, strict=True)]
    right = [row[number] for number, row in enumerate(matrix)]

    def mean_of(sizes: Sequence[int]) -> str:
        ratios = " + ".join(f"{tp}/{size}" for tp, size in zip(right, sizes, strict=True) if size)
        return f"({ratios}) / {len(sizes)}"

    return (
        f"the printed {printed} is the macro precision of the known confusion matrix, whose UAR is "
        f"{shown(exact['uar'], len(printed.text.partition('.')[2]))}",
        f"The matrix {told_matrix(matrix)} (row truth, column prediction) has macro precision {mean_of(columns)} = "
        f"{shown(exact['precision'], 6)}, and UAR {mean_of(rows)} = {shown(exact['uar'], 6)}; its UF1 is "
        f"{shown(exact['uf1'], 6)}.",
    )
