"""A confusion matrix as a figure: rows truth, columns prediction, shaded by the share of each row.

confusion([[40, 10], [5, 15]], ["negative", "positive"], "all datasets")
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from mebench.pages.axes import shortened
from mebench.pages.colours import heat
from mebench.pages.svg import WIDTH, Drawing, rect, text, told

_LETTER = 6.6  # pixels of a character of 12
_MOST = 12  # characters of a class's name
_LARGEST = 72.0


def confusion(counts: Sequence[Sequence[float]], names: Sequence[str], title: str = "") -> Drawing:
    """Return the matrix of ``counts`` (C, C), whole numbers; a row without a clip stays pale.

    ``title`` says of what, for who cannot see it. Each cell shows its count and, where there is room, its share of
    the row in percent.
    """
    shown = [shortened(name, _MOST) for name in names]
    # Names of columns lean, and take as much room to the right as their height.
    left = 22 + _LETTER * max(map(len, shown))
    lean = 0.62 * _LETTER * max(map(len, shown)) + 8
    top = 26 + lean
    right = min(lean * 0.9, 48.0)
    side = min(_LARGEST, (WIDTH - left - right) / len(names))
    width, height = left + side * len(names) + right, top + side * len(names) + 8
    shapes = [
        text(left + side * len(names) / 2, 12, "predicted", "d-note d-middle"),
        text(11, top + side * len(names) / 2, "truth", "d-note d-middle", turned=-90),
    ]
    for place, name in enumerate(shown):
        shapes += [
            text(left + side * (place + 0.5), top - 6, name, "d-text", turned=-38),
            text(left - 6, top + side * (place + 0.5) + 4, name, "d-text d-end"),
        ]
    for row, found in enumerate(counts):
        total = sum(found)
        for column, count in enumerate(found):
            share = count / total if total else 0.0
            said = f"{names[row]} taken for {names[column]}: {count:g} of {total:g}"
            x, y = left + side * column, top + side * row
            shapes.append(told(_cell(x, y, side, count, share), said))
    diagonal = sum(counts[place][place] for place in range(len(names)))
    every = sum(map(sum, counts))
    of = f" of {title}" if title else ""
    return Drawing(
        width,
        height,
        f"Confusion matrix{of}: {diagonal:g} of {every:g} answers are right; rows: truth, columns: prediction",
        shapes,
    )


def _cell(x: float, y: float, side: float, count: float, share: float) -> Markup:
    ground, ink = heat(share)
    kind = f"d-middle {'d-high' if ink.endswith('high') else 'd-low'}"
    shape = rect(x + 1, y + 1, side - 2, side - 2, f"d-{ground}", round_=3)
    middle = x + side / 2
    if side < 38:
        return shape + text(middle, y + side / 2 + 4, f"{count:g}", f"d-text {kind}")
    return (
        shape
        + text(middle, y + side / 2 + 0, f"{count:g}", f"d-strong {kind}")
        + text(middle, y + side / 2 + 14, f"{100 * share:.0f} %", f"d-note {kind}")
    )
