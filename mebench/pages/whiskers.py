"""Scores with their intervals as dots with whiskers: in a table's cell, or several below each other.

whisker(0.684, 0.63, 0.737, chance=0.24)                # 180 pixels, for a row of a table
whiskers([Whisker("UF1", 0.684, 0.63, 0.737, 0.24)])    # a figure with names and an axis
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mebench.pages.axes import Scale, percent_axis, shortened
from mebench.pages.svg import WIDTH, Drawing, dot, line, text, told

_LETTER = 7.4
_ROW = 26.0


@dataclass(frozen=True)
class Whisker:
    """A share with the bounds of its interval, if they are known, and what chance gives; ``kind`` of :func:`dot`."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    kind: str = "d-dot"

    @property
    def said(self) -> str:
        """Return it in words."""
        if self.value is None:
            return f"{self.name}: not known"
        bounds = "" if self.low is None or self.high is None else f", {_pc(self.low)} to {_pc(self.high)}"
        chance = "" if self.chance is None else f", chance {_pc(self.chance)}"
        return f"{self.name}: {_pc(self.value)}{bounds}{chance}"


def whisker(
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    name: str = "",
    chance: float | None = None,
    domain: tuple[float, float] = (0.0, 1.0),
    width: float = 180,
    kind: str = "d-dot",
) -> Drawing:
    """Return one score for a row of a table, whose rows all have one ``domain`` of shares."""
    scale = Scale(*domain, 6, width - 6)
    each = Whisker(name or "value", value, low, high, chance, kind)
    frame = line(6, 10, width - 6, 10, "d-grid")
    return Drawing(width, 20, each.said, [frame, _shape(each, scale, 10)])


def whiskers(
    rows: Sequence[Whisker], *, domain: tuple[float, float] = (0.0, 1.0), axis: str = "%"
) -> Drawing:
    """Return scores below each other, over one axis in percent."""
    shown = [shortened(each.name, 22) for each in rows]
    left = 12 + _LETTER * max(map(len, shown), default=0)
    scale = Scale(*domain, left, WIDTH - 16)
    bottom = 6 + _ROW * len(rows)
    shapes = percent_axis(scale, 6, bottom, axis)
    for place, (each, name) in enumerate(zip(rows, shown, strict=True)):
        y = 6 + _ROW * (place + 0.5)
        shapes += [text(left - 10, y + 4, name, "d-text d-end"), _shape(each, scale, y)]
    return Drawing(WIDTH, bottom + (36 if axis else 20), "; ".join(each.said for each in rows), shapes)


def _shape(each: Whisker, scale: Scale, y: float) -> Markup:
    shapes = Markup()
    kind = "d-other-line" if each.kind == "d-other" else "d-line"
    if each.chance is not None:
        shapes += line(scale(each.chance), y - 8, scale(each.chance), y + 8, "d-chance")
    if each.low is not None and each.high is not None:
        low, high = scale(each.low), scale(each.high)
        shapes += line(low, y, high, y, kind)
        shapes += line(low, y - 4, low, y + 4, kind) + line(high, y - 4, high, y + 4, kind)
    if each.value is not None:
        shapes += dot(scale(each.value), y, 4.5, each.kind)
    return told(shapes, each.said)


def _pc(value: float) -> str:
    return f"{100 * value:.2f} %"
