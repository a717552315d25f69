"""Confusion matrices in whole numbers, and their figures in exact fractions.

>>> figures_of(((3, 1), (2, 4)))["uar"]
Fraction(17, 24)

UF1 and UAR do not ask where an error went: they follow from how many clips of each class are right (``correct``) and
how many other clips are called so (``false``, the false positives). A matrix with these exists exactly where the false
positives are as many as the errors, and no class has more of them than the other classes have errors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from mebench.errors import MebenchError

Matrix = tuple[tuple[int, ...], ...]


def figures_of(matrix: Sequence[Sequence[int]]) -> dict[str, Fraction]:
    """Return UF1, UAR, accuracy and macro precision of counts ``(C, C)``, row truth, column prediction.

    A class that is never predicted has precision 0, as scikit-learn counts it.
    """
    classes = range(len(matrix))
    rows = [sum(row) for row in matrix]
    columns = [sum(row[each] for row in matrix) for each in classes]
    right = [matrix[each][each] for each in classes]
    return {
        "uf1": _mean([Fraction(2 * right[each], rows[each] + columns[each]) for each in classes]),
        "uar": _mean([Fraction(right[each], rows[each]) for each in classes]),
        "accuracy": Fraction(sum(right), sum(rows)),
        "precision": _mean(
            [Fraction(right[each], columns[each]) if columns[each] else Fraction(0) for each in classes]
        ),
    }


def read_matrix(text: str, where: str = "the matrix") -> Matrix:
    """Return a matrix from its text: rows of truth parted by ``;``, counts by ``,`` or spaces, as ``3,1;2,4``.

    Raises:
        MebenchError: it is not square, a cell is no whole number, or a class has no clip.
    """
    rows = [re.split(r"\s*,\s*|\s+", row.strip()) for row in text.strip().strip(";").split(";")]
    for row in rows:
        if bad := [cell for cell in row if not (cell.isascii() and cell.isdecimal() and len(cell) < 9)]:
            raise MebenchError(f"{where} has the cell {bad[0]!r}, not a number of clips: write it as 3,1;2,4")
        if len(row) != len(rows) or len(rows) < 2:
            raise MebenchError(
                f"{where} has {len(rows)} rows and one of {len(row)} cells: give a square, rows parted by ; as 3,1;2,4"
            )
    matrix = tuple(tuple(map(int, row)) for row in rows)
    for number, counts in enumerate(matrix, start=1):
        if not sum(counts):
            raise MebenchError(f"{where} has no clip in row {number}: a class without clips has no recall")
    return matrix


def told_matrix(matrix: Sequence[Sequence[int]]) -> str:
    """Return the text of a matrix that :func:`read_matrix` reads."""
    return ";".join(",".join(map(str, row)) for row in matrix)


def uf1_of(counts: Sequence[int], correct: Sequence[int], false: Sequence[int]) -> Fraction:
    """Return UF1 from the clips of each class, those that are right and the false positives."""
    return _mean([Fraction(2 * tp, n + tp + fp) for n, tp, fp in zip(counts, correct, false, strict=True)])


def exists(counts: Sequence[int], correct: Sequence[int], false: Sequence[int]) -> bool:
    """Tell whether there is a matrix with these numbers of right clips and false positives."""
    missed = [n - tp for n, tp in zip(counts, correct, strict=True)]
    errors = sum(missed)
    return (
        sum(false) == errors
        and min(missed) >= 0
        and min(*correct, *false) >= 0
        and all(fn + fp <= errors for fn, fp in zip(missed, false, strict=True))
    )


def matrix_with(counts: Sequence[int], correct: Sequence[int], false: Sequence[int]) -> Matrix:
    """Return a matrix with these numbers; errors go in large lots, so that few of its cells are filled.

    A lot may be as large as both classes allow, and as leaves a matrix for the rest: no class may be left with more
    errors and false positives together than there are errors left.
    """
    classes = range(len(counts))
    cells = [[correct[each] if each == other else 0 for other in classes] for each in classes]
    missed = [n - tp for n, tp in zip(counts, correct, strict=True)]
    left = list(false)
    while errors := sum(missed):
        tight = {each: missed[each] + left[each] for each in classes}
        # The class that has least room is served first.
        pairs = [
            (max(tight[a], tight[b]), min(missed[a], left[b], _room(tight, errors, a, b)), -a, -b)
            for a in classes
            for b in classes
            if a != b and missed[a] and left[b]
        ]
        _, lot, row, column = max(pair for pair in pairs if pair[1])
        cells[-row][-column] += lot
        missed[-row] -= lot
        left[-column] -= lot
    return tuple(map(tuple, cells))


def _room(tight: dict[int, int], errors: int, row: int, column: int) -> int:
    return min((errors - both for each, both in tight.items() if each not in (row, column)), default=errors)


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)
