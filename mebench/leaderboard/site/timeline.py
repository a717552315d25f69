"""UF1 as it is printed, by year; what there is reason to doubt is marked, and leads to the proof.

timeline([Printed("LBP-TOP", 2013, 0.5882, "reported", doubted=False, link="#megc2019/print-lbp-top-2013")], measured)
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mebench.leaderboard.site.cells import domain_of
from mebench.leaderboard.site.drawn import Bounded
from mebench.pages.axes import Scale, ticks
from mebench.pages.svg import WIDTH, Drawing, dot, element, line, number, rect, text
from mebench.scoring.tables import percent

_LEFT, _TOP, _HEIGHT, _RIGHT = 40.0, 10.0, 284.0, 10.0
_APART = 7.0
_YEARS = 8


@dataclass(frozen=True)
class Printed:
    """A printed share of a year, of its kind; ``link`` leads to the row."""

    name: str
    year: int
    value: float
    kind: str
    doubted: bool
    link: str


def timeline(points: Sequence[Printed], measured: Bounded, name: str = "UF1") -> Drawing:
    """Return the points by year; ``measured`` is mebench's best run, with its bounds, as a band across them."""
    low, high = domain_of([*(each.value for each in points), *measured])
    first, last = min(each.year for each in points), max(each.year for each in points)
    across = Scale(first - 0.6, last + 0.6, _LEFT, WIDTH - _RIGHT)
    foot = _TOP + _HEIGHT
    up = Scale(low, high, foot, _TOP)
    shapes: list[Markup] = []
    for value in ticks(low, high, 6):
        shapes += [
            line(_LEFT, up(value), WIDTH - _RIGHT, up(value), "d-grid"),
            text(_LEFT - 6, up(value) + 4, f"{100 * value:.0f}", "d-note d-end"),
        ]
    for year in range(first, last + 1, math.ceil((last - first + 1) / _YEARS)):
        shapes.append(text(across(year), foot + 15, str(year), "d-note d-middle"))
    shapes += [
        text((_LEFT + WIDTH - _RIGHT) / 2, foot + 32, "year of the method", "d-note d-middle"),
        text(10, _TOP + _HEIGHT / 2, f"{name} as printed, %", "d-note d-middle", turned=-90),
    ]
    shapes += _band(measured, up)
    of_year: Counter[int] = Counter()
    for each in sorted(points, key=lambda each: (each.year, each.value, each.name)):
        of_year[each.year] += 1
        # Beside each other within the year, to and fro, so that no two lie on one point.
        place = of_year[each.year]
        shift = (place // 2) * (1 if place % 2 else -1) * _APART / 3
        shapes.append(_mark(each, across(each.year) + shift, up(each.value)))
    doubted = sum(each.doubted for each in points)
    title = f"Printed {name} of {len(points)} methods by year, {doubted} of them doubted"
    return Drawing(WIDTH, foot + 40, title, shapes, linked=True)


def _band(measured: Bounded, up: Scale) -> list[Markup]:
    value, low, high = measured
    if value is None:
        return []
    band = [line(_LEFT, up(value), WIDTH - _RIGHT, up(value), "d-line")]
    if low is not None and high is not None:
        band.append(rect(_LEFT, up(high), WIDTH - _RIGHT - _LEFT, up(low) - up(high), "d-band"))
    return band


def _mark(each: Printed, x: float, y: float) -> Markup:
    said = f"{each.name} {each.year}: {each.kind} {percent(each.value)}{', doubted' if each.doubted else ''}"
    shape = element("title", said)
    if each.doubted:
        corners = (x, y - 6.5), (x + 6, y + 4.5), (x - 6, y + 4.5)
        shape += element(
            "path", d="M" + "L".join(f"{number(a)} {number(b)}" for a, b in corners) + "Z", class_="k-doubt"
        )
    else:
        shape += dot(x, y, 4, "k-ring" if each.kind == "reported" else "k-again")
    return element("a", shape, href=each.link, aria_label=said)
