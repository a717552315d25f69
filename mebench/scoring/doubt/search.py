"""The search for a matrix: near likely ones first, then through all.

    found = search(Question((70, 51, 43), uf1=..., uar=...))
    found.answer, found.complete

It ends with an answer, with the knowledge that there is none, or, where there was more to look at than its effort
allows, with how far it came: that is said, and never taken for "none".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mebench.scoring.doubt.correct import correct_counts
from mebench.scoring.doubt.false import false_counts
from mebench.scoring.doubt.matrices import Matrix, matrix_with
from mebench.scoring.doubt.question import MARGIN, Effort, Question, SpentError
from mebench.scoring.doubt.reach import Floats, Integers, least, most

EFFORT = 1e9
"""Places that one search looks at, at most: ten to thirty seconds."""

# What deciding one way in fractions costs, beside a place for a false positive.
_EXACT = 2_000
# So few ways are gone through at once, without a look at likely ones before.
_FEW = 2_000
# Of ways for clips to be right, so many are looked at before all are, in a neighbourhood and in a lot of all ways.
_NEAR, _QUICK = 12, 40
# How far around a centre each class but the largest is varied, by the number of classes.
_AROUND = {2: 12, 3: 6, 4: 3, 5: 2}


@dataclass(frozen=True)
class Found:
    """An answer (``correct`` and ``false`` positives of each class), or none; ``complete`` if all was looked at.

    ``ways`` is how many ways for clips to be right give UAR and accuracy as asked and were looked at.
    """

    correct: tuple[int, ...] | None
    false: tuple[int, ...] | None
    complete: bool
    ways: int = 0

    def matrix(self, counts: Sequence[int]) -> Matrix | None:
        """Return a matrix of the answer."""
        if self.correct is None or self.false is None:
            return None
        return matrix_with(counts, self.correct, self.false)


def search(question: Question, effort: float = EFFORT) -> Found:
    """Return an answer to a question, or that there is none, or that the effort did not suffice."""
    spent = Effort(effort)
    # With three classes, the likeliest beginning is the only one.
    at_once = question.classes <= 3
    ways = 0
    try:
        if np.prod(np.array(question.counts) + 1.0) > _FEW:
            for correct in _near(question):
                if false := false_counts(question, correct, spent, tries=7):
                    return Found(correct, false, complete=True)
        late: list[Integers] = []
        for rows in correct_counts(question, spent):
            spent.spend(_EXACT * len(rows))
            lot = _plain_first(question, rows)
            ways += len(lot)
            for correct in map(_whole, lot if at_once else lot[:_QUICK]):
                if false := false_counts(question, correct, spent, tries=None if at_once else 3):
                    return Found(correct, false, complete=True)
            late += [] if at_once else [lot]
        for correct in (_whole(row) for lot in late for row in lot):
            if false := false_counts(question, correct, spent):
                return Found(correct, false, complete=True)
    except SpentError:
        return Found(None, None, complete=False, ways=ways)
    return Found(None, None, complete=True, ways=ways)


def _whole(row: Integers) -> tuple[int, ...]:
    return tuple(map(int, row))


def _plain_first(question: Question, rows: Integers) -> Integers:
    """Return the rows with recalls most alike first, without those that UAR and accuracy do not take after all."""
    recall = rows / np.array(question.counts)
    order = np.argsort(recall.var(1), kind="stable")
    kept = [row for row in rows[order] if question.takes_correct(_whole(row))]
    return np.array(kept, dtype=np.int64).reshape(-1, question.classes)


def _near(question: Question) -> Iterator[tuple[int, ...]]:
    """Yield likely ways for clips to be right: around equal recalls, and on the way to the most unequal ones."""
    counts = np.array(question.counts)
    solved = int(np.argmax(counts))
    others = [each for each in range(len(counts)) if each != solved]
    around = _AROUND.get(len(counts), 1)
    steps = np.array(list(itertools.product(range(-around, around + 1), repeat=len(others))))
    low, high = question.f1s
    for centre in _centres(question):
        rows = np.zeros((len(steps), len(counts)), dtype=np.int64)
        rows[:, others] = np.clip(np.rint(centre * counts)[others] + steps, 0, counts[others])
        rows = np.unique(_solved(question, rows, solved, centre), axis=0)
        if not len(rows):
            continue
        rows = rows[(least(counts, rows) <= high) & (most(counts, rows) >= low)]
        away = ((rows / counts - centre) ** 2).sum(1)
        lot = (_whole(row) for row in rows[np.argsort(away, kind="stable")])
        yield from itertools.islice(filter(question.takes_correct, lot), _NEAR)


def _solved(question: Question, rows: Integers, solved: int, centre: Floats) -> Integers:
    """Return rows with the value of one class that brings UAR or accuracy into its window, where there is one."""
    counts = np.array(question.counts)
    size = counts[solved]
    if question.uar is not None:
        middle = sum(question.recalls) / 2 - (rows / counts).sum(1)
        value = np.rint(middle * size)
    elif question.accuracy is not None:
        value = question.right[0] - rows.sum(1)
    else:
        value = np.full(len(rows), round(centre[solved] * size))
    kept = (value >= -MARGIN) & (value <= size + MARGIN)
    rows = rows[kept]
    rows[:, solved] = value[kept]
    return rows


def _centres(question: Question) -> Iterator[Floats]:
    counts = np.array(question.counts, dtype=float)
    first, last = question.right
    if question.uar is not None:
        level = sum(question.recalls) / 2 / len(counts)
    elif question.accuracy is not None:
        level = (first + last) / 2 / counts.sum()
    else:
        level = sum(question.f1s) / 2 / len(counts)
    even = np.full(len(counts), min(level, 1.0))
    yield (even := _drawn(question, even))
    # UF1 is largest where one class takes all errors; the less of it is right, the less that costs.
    for sink in range(len(counts)):
        without = np.minimum(level * len(counts) / (len(counts) - 1), 1.0) * (np.arange(len(counts)) != sink)
        for share in (0.5, 1.0):
            yield _drawn(question, (1 - share) * even + share * without)
    for order in (np.argsort(counts), np.argsort(-counts)):
        corner, left = np.zeros(len(counts)), level * len(counts)
        for each in order:
            corner[each] = min(left, 1.0)
            left -= corner[each]
        for share in (0.3, 0.6, 0.85, 1.0):
            yield _drawn(question, (1 - share) * even + share * corner)


def _drawn(question: Question, recall: Floats) -> Floats:
    """Return recalls near the given ones whose sum, and whose sum of clips, are as asked."""
    if question.uar is None or question.accuracy is None:
        return recall
    counts = np.array(question.counts, dtype=float)
    for _ in range(20):
        inside = (recall > 0) & (recall < 1)
        moves = np.stack([inside, inside * counts / counts.max()], 1)
        off = np.array(
            [sum(question.recalls) / 2 - recall.sum(), question.right[0] - (recall * counts).sum()]
        )
        system = np.stack([moves.sum(0), (moves * counts[:, None]).sum(0)])
        recall = np.clip(recall + moves @ np.linalg.lstsq(system, off, rcond=None)[0], 0, 1)
    return np.asarray(recall)
