"""What is printed against what is found: each method that was rescored or reproduced, beside the line of agreement.

scatter([Point("STSTNet", 0.7353, (0.70, 0.64, 0.75), "reproduced", "#megc2019/ststnet-03e0b038")])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from mebench.leaderboard.site.cells import domain_of
from mebench.leaderboard.site.drawn import Bounded, diamond
from mebench.pages.axes import Scale, shortened, ticks
from mebench.pages.svg import WIDTH, Drawing, dot, element, line, text
from mebench.scoring.tables import percent, within

_LEFT, _TOP, _SIDE = 46.0, 10.0, 284.0
_LETTER, _LINE, _GAP = 6.0, 12.0, 8.0


@dataclass(frozen=True)
class Point:
    """A method: the printed share, what was found with its bounds, of which kind, and where a press leads."""

    name: str
    printed: float
    found: Bounded
    kind: str
    link: str


class Bar(NamedTuple):
    """An interval as it is drawn."""

    x: float
    top: float
    bottom: float
    kind: str


def scatter(points: Sequence[Point], name: str = "UF1") -> Drawing:
    """Return the points over one square scale, in percent; below the line is less than what is printed."""
    low, high = domain_of([value for each in points for value in (each.printed, *each.found)])
    across = Scale(low, high, _LEFT, _LEFT + _SIDE)
    up = Scale(low, high, _TOP + _SIDE, _TOP)
    foot = _TOP + _SIDE
    shapes = []
    for value in ticks(low, high, 6):
        shapes += [
            line(across(value), _TOP, across(value), foot, "d-grid"),
            line(_LEFT, up(value), _LEFT + _SIDE, up(value), "d-grid"),
            text(across(value), foot + 15, f"{100 * value:.0f}", "d-note d-middle"),
            text(_LEFT - 6, up(value) + 4, f"{100 * value:.0f}", "d-note d-end"),
        ]
    shapes += [
        line(across(low), up(low), across(high), up(high), "d-chance"),
        text(_LEFT + _SIDE / 2, foot + 32, f"{name} as printed, %", "d-note d-middle"),
        text(12, _TOP + _SIDE / 2, f"{name} rescored or reproduced, %", "d-note d-middle", turned=-90),
    ]
    bars = [
        Bar(across(each.printed), up(high), up(low), each.kind)
        for each in points
        for _, low, high in [each.found]
        if low is not None and high is not None
    ]
    # Names and dots lie over all bars.
    shapes += [line(bar.x, bar.bottom, bar.x, bar.top, f"k-line k-{bar.kind}") for bar in bars]
    taken: list[tuple[float, float, float]] = []
    for each in points:
        shapes.append(_shape(each, across, up, bars, taken))
    lower = sum(each.found[0] < each.printed for each in points if each.found[0] is not None)
    title = f"Printed {name} against what was found, {len(points)} points: {lower} lie below what is printed"
    return Drawing(WIDTH, foot + 40, title, shapes, linked=True)


def _shape(
    each: Point, across: Scale, up: Scale, bars: Sequence[Bar], taken: list[tuple[float, float, float]]
) -> Markup:
    value = each.found[0]
    assert value is not None
    x, y = across(each.printed), up(value)
    said = f"{each.name}: printed {percent(each.printed)}, {each.kind} {within(*each.found)}"
    shape = element("title", said)
    shape += diamond(x, y, 5.5) if each.kind == "rescored" else dot(x, y, 5, "k-dot")
    name = shortened(each.name, 16)
    width = _LETTER * len(name)
    # On the side where there is room, and where it crosses the fewest bars of others; where other names leave no side,
    # it is left to the title.
    free = [
        start
        for start in (x + _GAP, x - _GAP - width)
        if start >= _LEFT and start + width <= _LEFT + _SIDE + _GAP
        if all(abs(y - v) > _LINE or start > b or start + width < a for a, b, v in taken)
    ]
    if free:
        start = min(free, key=lambda start: sum(_crossed(bar, start, width, y) for bar in bars))
        taken.append((start, start + width, y))
        right = start > x
        shape += text(
            x + (_GAP if right else -_GAP), y + 4, name, "d-note d-over" + ("" if right else " d-end")
        )
    return element("a", shape, href=each.link, aria_label=said)


def _crossed(bar: Bar, start: float, width: float, y: float) -> bool:
    return start < bar.x < start + width and bar.top - _LINE / 2 < y < bar.bottom + _LINE / 2
