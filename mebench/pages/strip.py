"""Subjects as dots along their scores, a strip for each dataset: who is recognised and who is not.

strip({"casme2": [Dot("sub01", 0.5, 9), Dot("sub02", 1.0, 13)]})

A dot's area grows with the subject's clips; dots that would lie on each other are stacked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mebench.pages.axes import Scale, percent_axis, shortened
from mebench.pages.svg import WIDTH, Drawing, dot, text, told

_LEAST, _MOST = 3.0, 8.0  # radius
_ROOMY = 30  # more dots than that are drawn smaller


@dataclass(frozen=True)
class Dot:
    """A subject: ``value`` is the share of its answers that are right, ``clips`` how many clips it has."""

    name: str
    value: float
    clips: int
    kind: str = "d-dot"


def strip(
    groups: Mapping[str, Sequence[Dot]], *, axis: str = "% of a subject's clips that are right"
) -> Drawing:
    """Return a strip for each group, by name, over one axis in percent."""
    left = 14.0
    scale = Scale(0, 1, left + _MOST, WIDTH - left - _MOST)
    crowd = max(map(len, groups.values()), default=0)
    size = min(1.0, math.sqrt(_ROOMY / max(crowd, 1)))
    most = max((each.clips for dots in groups.values() for each in dots), default=1)
    shapes, bottom = [], 4.0
    for name, dots in groups.items():
        placed, height = _stacked(dots, scale, most, size)
        if name:
            shapes.append(text(2, bottom + 13, shortened(name, 40), "d-strong"))
            bottom += 18
        for each, x, y, radius in placed:
            said = f"{each.name}: {100 * each.value:.0f} % of {each.clips} clips"
            shapes.append(told(dot(x, bottom + height - y, radius, each.kind), said))
        bottom += height + 6
    count = sum(map(len, groups.values()))
    title = f"{count} subjects by the share of their answers that are right"
    return Drawing(WIDTH, bottom + 36, title, [*percent_axis(scale, 4, bottom, axis), *shapes])


def _stacked(
    dots: Sequence[Dot], scale: Scale, most: int, size: float
) -> tuple[list[tuple[Dot, float, float, float]], float]:
    """Return each dot with its place, counted upwards, and its radius, and how high they are together."""
    placed: list[tuple[Dot, float, float, float]] = []
    for each in sorted(dots, key=lambda each: (each.value, -each.clips, each.name)):
        radius = size * (_LEAST + (_MOST - _LEAST) * math.sqrt(each.clips / most))
        x, y = scale(each.value), radius + 1
        while near := [
            found for found in placed if math.hypot(found[1] - x, found[2] - y) < found[3] + radius
        ]:
            # Just above the one that is in the way.
            y = max(
                found[2] + math.sqrt(max((found[3] + radius) ** 2 - (found[1] - x) ** 2, 0)) + 0.5
                for found in near
            )
        placed.append((each, x, y, radius))
    return placed, max((y + radius for _, _, y, radius in placed), default=0.0) + 2
