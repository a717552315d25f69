"""All ways in which clips of each class can be right, so that UAR and accuracy print as they do and UF1 still may.

    for rows in correct_counts(question, Effort(1e9)): ...      # rows (m, C) of right clips

Classes are taken one after the other, small ones first, many beginnings at once. A beginning is given up where the
classes that follow cannot bring the sums into their windows: of recalls, of right clips, and of F1 (from tables of
what the classes that follow have at least and at most, made once). So what comes out is every way, and some more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mebench.scoring.doubt.question import MARGIN, Effort, Question
from mebench.scoring.doubt.reach import Floats, Integers, least, most, priced, prices

# Beginnings that are held at once.
_ROWS = 200_000
# Steps of a recall in the tables; a coarse table only gives up less.
_STEPS = 2_000
# Fewer beginnings of all are gone through sooner than the tables are made.
_FEW = 50_000
# What a beginning costs, beside a place for a false positive.
_COST = 300


@dataclass
class _Table:
    """Least and largest sums of F1 of the classes from one on, by what they must add to or may add of a resource.

    The resource is recall, in steps, or clips. ``least`` is (C + 1, prices, size), ``most`` (C + 1, size), and ``sunk``
    is ``most`` where one of these classes takes the errors of all others.
    """

    least: Floats
    most: Floats
    sunk: Floats
    scale: float

    def bounds(self, depth: int, need: Floats, have: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the least (m, prices) and the largest (m,) sums when ``need`` is due and ``have`` may be had."""
        end = self.most.shape[1] - 1
        due = np.clip(np.floor(need * self.scale - MARGIN), 0, end).astype(np.int64)
        may = np.clip(np.ceil(have * self.scale + MARGIN), 0, end).astype(np.int64)
        return self.least[depth][:, due].T, self.most[depth][may], self.sunk[depth][may]


def correct_counts(question: Question, effort: Effort) -> Iterator[Integers]:
    """Yield every way in rows ``(m, C)``, each row once.

    Raises:
        SpentError: there was more to look at than the effort allows.
    """
    order = np.argsort(question.counts, kind="stable")
    counts = np.asarray(question.counts, dtype=np.int64)[order]
    back = np.argsort(order)
    first, last = question.right
    if first > last:
        return
    low, high = question.recalls
    asked, tables = _tables(question, counts)
    after_recall = np.arange(len(counts), 0, -1) - 1.0
    after_right = np.append(np.cumsum(counts[::-1])[::-1][1:], 0)
    waiting = [np.zeros((1, 0), dtype=np.int64)]
    while waiting:
        rows = waiting.pop()
        depth = rows.shape[1]
        values = counts[depth] + 1
        if len(rows) > max(_ROWS // values, 1):
            half = len(rows) // 2
            waiting += [rows[half:], rows[:half]]
            continue
        if depth == len(counts) - 1:
            rows = _ended(rows, counts, (low, high), (first, last))
            effort.spend(_COST * max(len(rows), 1))
        else:
            effort.spend(_COST * len(rows) * values)
            rows = np.column_stack([np.repeat(rows, values, 0), np.tile(np.arange(values), len(rows))])
            here = slice(depth + 1)
            recall, right = (rows / counts[here]).sum(1), rows.sum(1)
            rows = rows[
                (recall <= high)
                & (recall + after_recall[depth] >= low)
                & (right <= last)
                & (right + after_right[depth] >= first)
            ]
        if question.uf1 is not None and len(rows):
            rows = rows[_may_have_f1(question, counts, rows, asked, tables)]
        if not len(rows):
            continue
        if rows.shape[1] == len(counts):
            yield rows[:, back]
        else:
            waiting.append(rows)


def _ended(
    rows: Integers, counts: Integers, recalls: tuple[float, float], right: tuple[int, int]
) -> Integers:
    """Return rows with the values of the last class that bring both sums into their windows."""
    size = counts[-1]
    recall, had = (rows / counts[:-1]).sum(1), rows.sum(1)
    lowest = np.maximum(np.ceil((recalls[0] - recall) * size - MARGIN), np.maximum(right[0] - had, 0))
    highest = np.minimum(np.floor((recalls[1] - recall) * size + MARGIN), np.minimum(right[1] - had, size))
    ways = np.maximum(highest - lowest + 1, 0).astype(np.int64)
    start = np.repeat(lowest.astype(np.int64), ways)
    step = np.arange(ways.sum()) - np.repeat(np.cumsum(ways) - ways, ways)
    return np.column_stack([np.repeat(rows, ways, 0), start + step])


def _may_have_f1(
    question: Question, counts: Integers, rows: Integers, asked: Floats, tables: Sequence[_Table]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    low, high = question.f1s
    depth = rows.shape[1]
    if depth == len(counts):
        fits: np.ndarray[tuple[int], np.dtype[np.bool_]] = (least(counts, rows) <= high) & (
            most(counts, rows) >= low
        )
        return fits
    if not tables:
        return np.ones(len(rows), dtype=bool)
    here = counts[:depth]
    base = np.stack([priced(here, rows, np.asarray(p)).sum(1) for p in asked], 1) - 2 * counts.sum() * asked
    free = (2 * rows / (here + rows)).sum(1)
    into = 2 * rows / (here + rows + _others_errors(question, counts)[:depth])
    before = (free[:, None] - 2 * rows / (here + rows) + into).max(1)
    recall, right = (rows / here).sum(1), rows.sum(1).astype(np.float64)
    sums = [(question.recalls, recall), (question.right, right)]
    kept = np.ones(len(rows), dtype=bool)
    for table, ((due, may), had) in zip(tables, sums, strict=True):
        at_least, at_most, sunk = table.bounds(depth, due - had, may - had)
        largest = np.maximum(free + sunk, before + at_most)
        kept &= ((base + at_least).max(1) <= high) & (largest >= low)
    return kept


def _others_errors(question: Question, counts: Integers) -> Floats:
    """Return the fewest errors (C,) of all classes but one: recall in the largest of the others is most clips."""
    fewest = []
    for each in range(len(counts)):
        left, right = question.recalls[1], 0.0
        for other in range(len(counts) - 1, -1, -1):
            if other != each:
                right += min(left, 1.0) * counts[other]
                left -= min(left, 1.0)
        right = min(right, float(question.right[1]))
        fewest.append(max(counts.sum() - counts[each] - right - MARGIN, 0.0))
    return np.array(fewest)


def _tables(question: Question, counts: Integers) -> tuple[Floats, list[_Table]]:
    """Return the prices that are tried, and the tables for recall and for clips."""
    if question.uf1 is None or np.prod(counts[:-1] + 1.0) < _FEW:
        return np.empty(0), []
    low = max(question.recalls[0] / len(counts), question.right[0] / counts.sum(), 1e-3)
    # The price at equal recalls, and those around it: wherever the least lies, one of them is near.
    middle = prices(counts, (counts * low)[None])[0]
    asked = middle * np.array([0.3, 0.5, 0.7, 0.85, 1.0, 1.2])
    recall = [np.arange(n + 1) * _STEPS / n for n in counts]
    errors = _others_errors(question, counts)
    return asked, [
        _table(counts, asked, errors, recall, len(counts) * _STEPS, float(_STEPS)),
        _table(counts, asked, errors, [np.arange(n + 1.0) for n in counts], int(counts.sum()), 1.0),
    ]


def _table(
    counts: Integers, asked: Floats, errors: Floats, use: Sequence[Floats], size: int, scale: float
) -> _Table:
    at_least = np.zeros((len(counts) + 1, len(asked), size + 1))
    at_most = np.zeros((len(counts) + 1, size + 1))
    sunk = np.full((len(counts) + 1, size + 1), -np.inf)
    # Past the last class, nothing is left that could be due.
    at_least[-1, :, 1:] = np.inf
    for depth in range(len(counts) - 1, -1, -1):
        correct = np.arange(counts[depth] + 1)
        value = np.stack([priced(counts[depth], correct, np.asarray(price)) for price in asked], 1)
        free = 2 * correct / (counts[depth] + correct)
        into = 2 * correct / (counts[depth] + correct + errors[depth])
        at_least[depth], at_most[depth] = np.inf, -np.inf
        for tp in correct:
            up, down = int(np.ceil(use[depth][tp] - MARGIN)), int(np.floor(use[depth][tp] + MARGIN))
            after = at_least[depth + 1]
            shifted = np.concatenate([np.repeat(after[:, :1], up, 1), after[:, : size + 1 - up]], 1)
            at_least[depth] = np.minimum(at_least[depth], shifted + value[tp][:, None])
            rest, rest_sunk = (of[depth + 1, : size + 1 - down] for of in (at_most, sunk))
            at_most[depth, down:] = np.maximum(at_most[depth, down:], rest + free[tp])
            either = np.maximum(rest_sunk + free[tp], rest + into[tp])
            sunk[depth, down:] = np.maximum(sunk[depth, down:], either)
    return _Table(at_least, at_most, sunk, scale)
