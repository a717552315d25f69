"""Figures of a row on one scale: what is printed, what the authors' own log scores, what mebench gets.

    beside((0.2, 0.9), "STSTNet", run=scores["uf1"], printed=0.7353, own=(0.7353, 0.66, 0.80))
    axis((0.2, 0.9))          # the same scale, for the column's head

The three kinds differ in colour and in shape: a ring, a diamond, a dot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from mebench.pages.axes import Scale, ticks
from mebench.pages.svg import Drawing, dot, element, line, number, text
from mebench.scoring.tables import percent, within

WIDTH = 150.0
_HEIGHT, _EDGE, _MIDDLE = 18.0, 11.0, 9.0
Domain = tuple[float, float]
Bounded = tuple[float | None, float | None, float | None]


def axis(domain: Domain) -> Drawing:
    """Return the scale of a column: its ticks, in percent."""
    scale = _scale(domain)
    shapes = [line(scale(domain[0]), 15, scale(domain[1]), 15, "d-grid")]
    for value in ticks(*domain, 5):
        shapes += [
            line(scale(value), 12, scale(value), 18, "d-grid"),
            text(scale(value), 9, f"{100 * value:.0f}", "d-note d-middle"),
        ]
    return Drawing(WIDTH, 18, f"scale from {percent(domain[0])} to {percent(domain[1])} percent", shapes)


def beside(
    domain: Domain,
    name: str,
    *,
    run: Mapping[str, Any] | None = None,
    printed: float | None = None,
    own: Bounded | None = None,
    chance: float | None = None,
) -> Drawing:
    """Return the figures of a row: a whisker for each interval, and a mark of its kind for each value."""
    scale = _scale(domain)
    shapes = [line(_EDGE, _MIDDLE, WIDTH - _EDGE, _MIDDLE, "d-grid")]
    said = []
    if chance is not None and domain[0] <= chance <= domain[1]:
        shapes.append(line(scale(chance), 2, scale(chance), _HEIGHT - 2, "d-chance"))
        said.append(f"chance {percent(chance)}")
    if own and own[0] is not None:
        y = _MIDDLE if run is None else _MIDDLE - 3
        shapes += [*_interval(scale, own[1], own[2], y, "k-line k-rescored"), diamond(scale(own[0]), y)]
        said.append(_told("rescored", own))
    if run and run["mean"] is not None:
        y = _MIDDLE if not own else _MIDDLE + 3
        bounded = run["mean"], run["low"], run["high"]
        shapes += _interval(scale, run["low"], run["high"], y, "k-line k-reproduced")
        shapes.append(dot(scale(run["mean"]), y, 4, "k-dot"))
        said.append(_told("reproduced", bounded))
    if printed is not None:
        shapes.append(dot(scale(printed), _MIDDLE, 4, "k-ring"))
        said.append(f"reported {percent(printed)}")
    return Drawing(WIDTH, _HEIGHT, f"{name}: {'; '.join(reversed(said)) or 'no figure'}", shapes)


def diamond(x: float, y: float, radius: float = 4.5) -> Markup:
    """Return the mark of a rescored figure."""
    corners = (x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)
    way = "L".join(f"{number(a)} {number(b)}" for a, b in corners)
    return element("path", d=f"M{way}Z", class_="k-diamond")


def _scale(domain: Domain) -> Scale:
    return Scale(*domain, _EDGE, WIDTH - _EDGE)


def _interval(scale: Scale, low: float | None, high: float | None, y: float, kind: str) -> list[Markup]:
    if low is None or high is None:
        return []
    a, b = scale(low), scale(high)
    return [line(a, y, b, y, kind), line(a, y - 3.5, a, y + 3.5, kind), line(b, y - 3.5, b, y + 3.5, kind)]


def _told(kind: str, bounded: Bounded) -> str:
    return f"{kind} {within(*bounded)}"
