"""A value over epochs as a line, with the band of its quartiles.

curve("loss", median=[1.2, 0.8], lower=[1.1, 0.7], upper=[1.4, 0.9])
"""

from __future__ import annotations

from collections.abc import Sequence

from mebench.pages.axes import Scale, ticks
from mebench.pages.svg import WIDTH, Drawing, dot, line, path, text

Values = Sequence[float | None]
_HEIGHT, _LEFT = 190.0, 46.0


def curve(name: str, median: Values, lower: Values, upper: Values) -> Drawing:
    """Return the line of ``median`` and its band, a value an epoch from 1; None leaves a gap."""
    known = [value for each in (median, lower, upper) for value in each if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if not high > low:
        low, high = low - (abs(low) / 10 or 1.0), high + (abs(high) / 10 or 1.0)
    top, bottom = 10.0, _HEIGHT - 34
    across = Scale(1, max(len(median), 2), _LEFT, WIDTH - 12)
    up = Scale(low, high, bottom, top)
    shapes = []
    for value in ticks(low, high, 5):
        shapes += [
            line(_LEFT, up(value), WIDTH - 12, up(value), "d-grid"),
            text(_LEFT - 6, up(value) + 4, f"{value:.4g}", "d-note d-end"),
        ]
    for epoch in [1, *ticks(1, max(len(median), 2))]:
        if epoch == int(epoch):
            shapes.append(text(across(epoch), bottom + 15, f"{epoch:g}", "d-note d-middle"))
    shapes.append(text((_LEFT + WIDTH - 12) / 2, bottom + 30, "epoch", "d-note d-middle"))
    bounded = [
        (across(place), up(a), up(b))
        for place, (a, b) in enumerate(zip(lower, upper, strict=True), start=1)
        if a is not None and b is not None
    ]
    edge = [(x, y) for x, y, _ in bounded] + [(x, y) for x, _, y in reversed(bounded)]
    shapes.append(path(edge, "d-band", closed=True))
    points = [None if v is None else (across(place), up(v)) for place, v in enumerate(median, start=1)]
    shapes.append(path(points, "d-line"))
    drawn = [point for point in points if point is not None]
    if len(drawn) == 1:
        shapes.append(dot(*drawn[0], 4))
    last = next((value for value in reversed(median) if value is not None), None)
    end = "" if last is None else f", {last:.4g} at last"
    return Drawing(WIDTH, _HEIGHT, f"{name} over {len(median)} epochs{end}", shapes)
