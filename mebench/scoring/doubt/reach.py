"""Between which values UF1 lies for given numbers of right clips, wherever the errors go.

Let ``x`` be the clips of a class and the predictions of it together: its F1 is ``2 TP / x``, and all ``x`` add up to
twice the clips. F1 is convex in ``x``. So the sum is least where errors are spread, with ``x`` in the ratio of the
roots of ``TP`` as far as ``x`` may be (Cauchy and Schwarz), and largest where one class takes all errors but its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from mebench.scoring.doubt.matrices import uf1_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def priced(counts: Integers, correct: npt.NDArray[np.number], price: Floats) -> Floats:
    """Return the least of ``2 TP / x + price x`` over the ``x`` that a class may have, elementwise.

    For every price, the sum of these over the classes less ``2 N price`` is a lower bound of the sum of F1.
    """
    at = np.maximum(np.sqrt(2 * correct / price), counts + correct)
    return np.asarray(2 * correct / at + price * at)


def prices(counts: Integers, correct: npt.NDArray[np.number]) -> Floats:
    """Return the price that bounds the sum of F1 best, for rows ``(m, C)`` of right clips: ``(m,)``."""
    total, floors = 2 * counts.sum(), counts + correct
    roots = np.sqrt(2 * correct)
    free = correct > 0
    price = np.full(len(correct), 1e-12)
    for _ in counts:
        # No room is left where all clips are right: any price bounds.
        room = np.maximum(total - np.where(free, 0, floors).sum(1), 1)
        price = np.maximum((np.where(free, roots, 0).sum(1) / room) ** 2, 1e-12)
        free &= roots / np.sqrt(price)[:, None] > floors
    return price


def least(counts: Integers, correct: Integers) -> Floats:
    """Return a lower bound of the sum of F1 for each row ``(m, C)`` of right clips; errors as real numbers reach it."""
    price = prices(counts, correct)
    return np.asarray(priced(counts, correct, price[:, None]).sum(1) - 2 * counts.sum() * price)


def most(counts: Integers, correct: Integers) -> Floats:
    """Return the largest sum of F1 for each row ``(m, C)`` of right clips."""
    missed = counts - correct
    errors = missed.sum(1)
    free = 2 * correct / (counts + correct)
    best = np.zeros(len(correct))
    for sink in range(len(counts)):
        into = 2 * correct[:, sink] / (counts[sink] + correct[:, sink] + errors - missed[:, sink])
        for other in range(len(counts)):
            if other != sink:
                beside = 2 * correct[:, other] / (counts[other] + correct[:, other] + missed[:, sink])
                rest = free.sum(1) - free[:, sink] - free[:, other]
                best = np.maximum(best, rest + into + beside)
    return best


def false_at_least(counts: Sequence[int], correct: Sequence[int]) -> list[int]:
    """Return the false positives of each class with which UF1 is least: exact.

    Each error in turn goes where it lowers the sum most; as F1 is convex, nothing better is missed.
    """
    missed = [n - tp for n, tp in zip(counts, correct, strict=True)]
    errors = sum(missed)
    false = [0] * len(counts)

    def lowered(each: int) -> Fraction:
        at = counts[each] + correct[each] + false[each]
        return Fraction(2 * correct[each], at * (at + 1))

    for _ in range(errors):
        open_to = [each for each, fn in enumerate(missed) if false[each] < errors - fn]
        false[max(open_to, key=lowered)] += 1
    return false


def false_at_most(counts: Sequence[int], correct: Sequence[int]) -> list[int]:
    """Return the false positives of each class with which UF1 is largest: exact."""
    missed = [n - tp for n, tp in zip(counts, correct, strict=True)]
    classes, errors = range(len(counts)), sum(missed)

    def into(sink: int, other: int) -> list[int]:
        return [
            errors - missed[sink] if each == sink else missed[sink] if each == other else 0
            for each in classes
        ]

    ways = [into(sink, other) for sink in classes for other in classes if sink != other]
    return max(ways, key=lambda false: uf1_of(counts, correct, false))
