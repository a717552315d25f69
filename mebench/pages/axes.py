"""Scales of figures: where a value lies, and which values are written beside an axis.

>>> scale = Scale(0, 1, 40, 240)
>>> scale(0.5), ticks(0, 0.87)
(140.0, [0.0, 0.2, 0.4, 0.6, 0.8])
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from mebench.pages.svg import line, text


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` along pixels from ``start`` to ``end``; what lies beyond stays at the end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round values between two others, at most so many: multiples of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    raw = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, 12) for place in range(first, last + 1)]


def percent_axis(scale: Scale, top: float, bottom: float, title: str = "") -> list[Markup]:
    """Return lines of a grid and their figures below, for shares along the way across."""
    shapes = []
    for value in ticks(scale.low, scale.high):
        x = scale(value)
        shapes += [
            line(x, top, x, bottom, "d-grid"),
            text(x, bottom + 14, f"{100 * value:g}", "d-note d-middle"),
        ]
    if title:
        shapes.append(text((scale.start + scale.end) / 2, bottom + 30, title, "d-note d-middle"))
    return shapes


def shortened(name: str, most: int) -> str:
    """Return a name of so many characters at most; a longer one ends in an ellipsis."""
    return name if len(name) <= most else name[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
