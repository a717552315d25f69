"""Where the errors of given right clips can go so that UF1 prints as it does: false positives of each class.

All classes but three are gone through one after the other, and the last three at once, in a table of two of them: the
third takes what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mebench.scoring.doubt.question import MARGIN, Effort, Question
from mebench.scoring.doubt.reach import Floats, Integers, prices

# What a beginning costs, and looking for the likeliest of them, beside a place of the table.
_BEGINNING, _LIKELIEST = 5_000, 50_000


def false_counts(
    question: Question, correct: Sequence[int], effort: Effort, *, tries: int | None = None
) -> tuple[int, ...] | None:
    """Return false positives with which ``correct`` answers the question; None where there are none.

    With ``tries``, only so many beginnings are looked at, the likeliest first, and None means nothing.

    Raises:
        SpentError: there was more to look at than the effort allows.
    """
    return _Errors(question, correct, effort).found(tries)


class _Errors:
    """The false positives that given right clips leave open."""

    def __init__(self, question: Question, correct: Sequence[int], effort: Effort) -> None:
        self.question, self.effort = question, effort
        self.correct = tuple(int(tp) for tp in correct)
        self.missed = [n - tp for n, tp in zip(question.counts, self.correct, strict=True)]
        self.errors = sum(self.missed)
        self.caps = [self.errors - fn for fn in self.missed]
        # The table is of the classes with most clips: there it has most places.
        order = sorted(range(question.classes), key=lambda each: question.counts[each])
        self.first, self.last = order[:-3], order[-3:]
        # F1 of each class by its false positives.
        self.f1s = [
            2 * tp / (n + tp + np.arange(cap + 1.0))
            for n, tp, cap in zip(question.counts, self.correct, self.caps, strict=True)
        ]

    def found(self, tries: int | None) -> tuple[int, ...] | None:
        if self.question.classes == 2:
            swapped = tuple(reversed(self.missed))
            return swapped if self.question.takes(self.correct, swapped) else None
        if self.question.uf1 is None:
            # As many are called a class as belong to it.
            plain = tuple(self.missed)
            return plain if self.question.takes(self.correct, plain) else None
        for number, beginning in enumerate(self._likely() if tries else self._all([], 0.0)):
            if tries is not None and number >= tries:
                break
            if (false := self._ended(beginning)) is not None:
                return false
        return None

    def _likely(self) -> Iterator[list[int]]:
        """Yield beginnings on and around the way from the least UF1 to the largest, where it is as printed."""
        self.effort.spend(_LIKELIEST if self.first else _BEGINNING)
        low, high = self.question.f1s
        spread, sunk = self._ends()
        counts, correct = np.array(self.question.counts), np.array(self.correct)
        middle, ends = (low + high) / 2, [0.0, 1.0]
        for _ in range(15):
            half = sum(ends) / 2
            total = (2 * correct / (counts + correct + (1 - half) * spread + half * sunk)).sum()
            ends[int(total > middle)] = half
        at = spread + sum(ends) / 2 * (sunk - spread)
        for step in (0, 1, -1, 2, -2, 3, -3):
            yield [int(np.clip(round(at[each]) + step, 0, self.caps[each])) for each in self.first]
            if not self.first:
                return

    def _all(self, beginning: list[int], total: float) -> Iterator[list[int]]:
        """Yield every beginning whose end can bring the sum of F1 into its window."""
        depth = len(beginning)
        if depth == len(self.first):
            yield beginning
            return
        each = self.first[depth]
        rest = self.first[depth + 1 :] + self.last
        left = self.errors - sum(beginning)
        counts, correct = (np.array([of[i] for i in rest]) for of in (self.question.counts, self.correct))
        low, high = self.question.f1s
        for false in range(min(self.caps[each], left) + 1):
            self.effort.spend(_BEGINNING)
            now = total + float(self.f1s[each][false])
            at_least, at_most = _reach(counts, correct, left - false)
            if now + at_least <= high and now + at_most >= low:
                yield from self._all([*beginning, false], now)

    def _ended(self, beginning: Sequence[int]) -> tuple[int, ...] | None:
        self.effort.spend(_BEGINNING)
        left = self.errors - sum(beginning)
        if left < 0:
            return None
        a, b, c = self.last
        one, two = (np.arange(min(self.caps[each], left) + 1) for each in (a, b))
        three = left - one[:, None] - two
        self.effort.spend(three.size)
        fits = (three >= 0) & (three <= self.caps[c])
        total = (
            sum(float(self.f1s[each][false]) for each, false in zip(self.first, beginning, strict=True))
            + self.f1s[a][one][:, None]
            + self.f1s[b][two]
            + self.f1s[c][np.clip(three, 0, self.caps[c])]
        )
        low, high = self.question.f1s
        ones, twos = np.nonzero(fits & (total >= low) & (total <= high))
        # Where as many are called a class as belong to it, a reader sees most easily what happens.
        off = sum(
            (false - self.missed[each]) ** 2
            for each, false in ((a, one[ones]), (b, two[twos]), (c, three[ones, twos]))
        )
        for place in np.argsort(off, kind="stable"):
            false = dict(zip(self.first, beginning, strict=True))
            false |= {
                a: int(one[ones[place]]),
                b: int(two[twos[place]]),
                c: int(three[ones[place], twos[place]]),
            }
            answer = tuple(false[each] for each in range(self.question.classes))
            if self.question.takes(self.correct, answer):
                return answer
        return None

    def _ends(self) -> tuple[Floats, Floats]:
        """Return real numbers of false positives: those of the least UF1, and those near the largest."""
        counts, correct = np.array(self.question.counts), np.array(self.correct)
        price = prices(counts, correct[None])[0]
        spread = np.maximum(np.sqrt(2 * correct / price), counts + correct) - counts - correct
        spread *= self.errors / spread.sum() if spread.sum() else 0
        sink = int(np.argmin(2 * correct / (counts + correct)))
        return spread, np.where(np.arange(len(counts)) == sink, float(self.errors), 0.0)


def _reach(counts: Integers, correct: Integers, errors: int) -> tuple[float, float]:
    """Return between which values the sum of F1 of some classes lies that take so many errors of whomever."""
    free = 2 * correct / (counts + correct)
    at_most = float((free.sum() - free + 2 * correct / (counts + correct + errors)).max())
    price, total, floors = 1e-12, float((counts + correct).sum() + errors), counts + correct
    spread = correct > 0
    for _ in counts:
        room = max(total - floors[~spread].sum(), 1.0)
        price = max((np.sqrt(2.0 * correct[spread]).sum() / room) ** 2, 1e-12)
        spread &= np.sqrt(2 * correct / price) > floors
    at = np.maximum(np.sqrt(2 * correct / price), floors)
    return float((2 * correct / at + price * at).sum() - price * total) - MARGIN, at_most + MARGIN
