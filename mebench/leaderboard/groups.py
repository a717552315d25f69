"""Which rows of a board are not told apart: groups with a letter, from the paired differences.

>>> # a and b are not told apart, nor b and c; a and c are.
>>> # tied(rows, pairs, "uf1") == {"a": "a", "b": "ab", "c": "b"}
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from mebench.leaderboard.differences import Differences, between, differ_in_the_rule, of_one_cohort
from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import INNER
from mebench.scoring.comparison import holm
from mebench.scoring.optimism import Measured
from mebench.scoring.tie_groups import LEVEL, tie_groups


def tied(rows: Sequence[Reproduced], pairs: Differences, metric: Measured) -> dict[str, str]:
    """Return the letters of rows by their keys, from ``rows`` with the best first.

    Rows of the clips that most of them have are grouped, as far as every two of them were compared; p is corrected for
    the number of these comparisons (Holm). A model counts once: its row by ``inner`` beside that of its last epochs is
    told of there, and as one more competitor it would only make the others harder to tell apart.
    """
    compared: list[Reproduced] = []
    for row in of_one_cohort(rows):
        known = all(metric in between(pairs, other, row) for other in compared)
        if known and not any(differ_in_the_rule(last, row, INNER) for last in rows):
            compared.append(row)
    if len(compared) < 2:
        return {}
    chosen = list(combinations(compared, 2))
    raw = [between(pairs, a, b)[metric]["p"] for a, b in chosen]
    corrected = holm([math.nan if p is None else p for p in raw])
    return tie_groups(
        [row.key for row in compared],
        {(a.key, b.key): p for (a, b), p in zip(chosen, corrected, strict=True)},
    )


def too_few(rows: int, subjects: int) -> str:
    """Return why no two of so many rows can be told apart by so few subjects; nothing where some may be.

    Of the 2**n ways to swap n subjects, the one that swaps none and the one that swaps all always differ most, so that
    p is 2 / 2**n at least.

    >>> too_few(rows=3, subjects=5)
    '5 subjects cannot tell any of 3 rows apart, whatever they score: p is .062 at least, and 3 times that for 3 pairs.'
    >>> too_few(rows=2, subjects=5)
    '5 subjects cannot tell any of 2 rows apart, whatever they score: p is .062 at least.'
    >>> too_few(rows=9, subjects=68)
    ''
    """
    pairs, least = math.comb(rows, 2), 2.0 ** (1 - subjects)
    if pairs * least < LEVEL:
        return ""
    times = f", and {pairs} times that for {pairs} pairs" if pairs > 1 else ""
    return (
        f"{subjects} subjects cannot tell any of {rows} rows apart, whatever they score: p is "
        f"{f'{least:.2g}'.removeprefix('0')} at least{times}."
    )
