"""How many clips each class of a reported row's protocol has: what its figures must be figures of.

The counts are those that the protocol itself declares, of the whole or of one dataset's part, and under every edition
of the annotations that it names. Nothing is assumed where none are declared: the reason is said instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mebench.cohort.opening import load_protocol
from mebench.cohort.protocol import Expected
from mebench.errors import MebenchError
from mebench.leaderboard.reported import WHOLE
from mebench.plugin.registry import Registry


@dataclass(frozen=True)
class ClassCounts:
    """Clips of each class, in the protocol's order; ``edition`` names the annotations where there are several."""

    classes: Mapping[str, int]
    edition: str

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the counts alone."""
        return tuple(self.classes.values())

    @property
    def clips(self) -> int:
        """Return how many clips there are."""
        return sum(self.sizes)

    def __str__(self) -> str:
        sizes = "/".join(map(str, self.sizes))
        return f"{self.clips} clips ({sizes}{self.edition and f', {self.edition}'})"


def class_counts(registry: Registry, name: str, part: str = WHOLE) -> list[ClassCounts]:
    """Return the counts of a protocol or of one dataset's part of it, the declared edition first.

    Raises:
        MebenchError: they are not known, or the protocol is not; the sentence says why.
    """
    protocol = load_protocol(registry, name)
    if not protocol.classes:
        raise MebenchError(f"{name} detects action units alone, and has no confusion matrix of classes")
    expected = protocol.expected
    if expected is not None and part != WHOLE:
        expected = expected.datasets[_dataset(part, expected, name)]
    found = [
        ClassCounts(
            {each: one.classes[each] for each in protocol.classes if one.classes.get(each)}, one.edition
        )
        for one in ([expected, *expected.editions.values()] if expected else [])
        if one.classes
    ]
    if not found:
        raise MebenchError(
            f"{name} declares no class counts{'' if part == WHOLE else f' for its part {part}'}"
        )
    return found


def _dataset(part: str, expected: Expected, protocol: str) -> str:
    """Return the dataset that a part is of: of that name, or the one whose name begins so, as smic does smic-hs."""
    if part in expected.datasets:
        return part
    begun = [each for each in expected.datasets if each.startswith(f"{part}-")]
    if len(begun) != 1:
        raise MebenchError(f"{protocol} declares no counts for a part {part}")
    return begun[0]
