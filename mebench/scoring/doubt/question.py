"""What is asked: counts of each class, and the windows in which figures must lie.

Searches compare in double precision, with a margin that is a thousand times larger than what their sums can be wrong
by, and only to leave out what cannot be. Whether something is an answer is decided in fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from mebench.scoring.doubt.matrices import uf1_of
from mebench.scoring.doubt.printed import Window

MARGIN = 1e-9


@dataclass(frozen=True)
class Question:
    """Is there a matrix with ``counts`` clips in each class (two at least) whose figures lie in these windows?"""

    counts: tuple[int, ...]
    uf1: Window | None = None
    uar: Window | None = None
    accuracy: Window | None = None

    @classmethod
    def of(cls, counts: Sequence[int], windows: Mapping[str, Window]) -> Question:
        """Return the question about the windows of figures by their names."""
        return cls(tuple(counts), **windows)

    @property
    def clips(self) -> int:
        """Return how many clips there are."""
        return sum(self.counts)

    @property
    def classes(self) -> int:
        """Return how many classes there are."""
        return len(self.counts)

    @property
    def right(self) -> tuple[int, int]:
        """Return the fewest and the most clips that may be right by the accuracy; first > last where none may."""
        if self.accuracy is None:
            return 0, self.clips
        last = floor(self.accuracy.high * self.clips)
        if self.accuracy.open and last == self.accuracy.high * self.clips:
            last -= 1
        return max(ceil(self.accuracy.low * self.clips), 0), min(last, self.clips)

    @property
    def recalls(self) -> tuple[float, float]:
        """Return the window of the sum of recalls, with the margin."""
        return self._sums(self.uar)

    @property
    def f1s(self) -> tuple[float, float]:
        """Return the window of the sum of the classes' F1, with the margin."""
        return self._sums(self.uf1)

    def takes_correct(self, correct: Sequence[int]) -> bool:
        """Tell exactly whether so many right clips of each class give UAR and accuracy in their windows."""
        first, last = self.right
        recalls = sum((Fraction(tp, n) for tp, n in zip(correct, self.counts, strict=True)), Fraction(0))
        return first <= sum(correct) <= last and (self.uar is None or recalls / self.classes in self.uar)

    def takes(self, correct: Sequence[int], false: Sequence[int]) -> bool:
        """Tell exactly whether right clips and false positives answer the question."""
        return self.takes_correct(correct) and (
            self.uf1 is None or uf1_of(self.counts, correct, false) in self.uf1
        )

    def _sums(self, window: Window | None) -> tuple[float, float]:
        if window is None:
            return 0.0, float(self.classes)
        return float(window.low * self.classes) - MARGIN, float(window.high * self.classes) + MARGIN


class Effort:
    """How much a search may do: places looked at, not seconds, so that its end is the same everywhere."""

    def __init__(self, most: float) -> None:
        self.most, self.spent = most, 0.0

    def spend(self, places: float) -> None:
        """Count places.

        Raises:
            SpentError: there were more than may be.
        """
        self.spent += places
        if self.spent > self.most:
            raise SpentError


class SpentError(Exception):
    """A search came to the end of what it may do."""
