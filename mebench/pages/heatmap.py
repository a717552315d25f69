"""Shares as shaded cells: rows and columns with names, each cell with its share in percent.

heatmap([[0.1, None], [0.8, 0.3]], ["AU4", "AU12"], ["negative", "positive"], "as coded")
"""

from __future__ import annotations

from collections.abc import Sequence

from mebench.pages.axes import shortened
from mebench.pages.colours import heat
from mebench.pages.svg import WIDTH, Drawing, rect, text, told

_LETTER = 6.6
_MOST = 12
_TALL, _WIDEST = 22.0, 62.0


def heatmap(
    shares: Sequence[Sequence[float | None]], rows: Sequence[str], columns: Sequence[str], title: str
) -> Drawing:
    """Return the cells of ``shares`` (rows, columns) between 0 and 1; None leaves a cell empty."""
    names, heads = ([shortened(name, _MOST) for name in each] for each in (rows, columns))
    left = 12 + _LETTER * max(map(len, names), default=0)
    lean = 0.62 * _LETTER * max(map(len, heads), default=0) + 10
    right = min(0.9 * lean, 48.0)
    wide = min(_WIDEST, (WIDTH - left - right) / max(len(columns), 1))
    shapes = [
        text(left + wide * (place + 0.5), lean - 4, name, "d-text", turned=-38)
        for place, name in enumerate(heads)
    ]
    for row, values in enumerate(shares):
        y = lean + _TALL * row
        shapes.append(text(left - 6, y + 15, names[row], "d-text d-end"))
        for column, share in enumerate(values):
            if share is None:
                continue
            ground, ink = heat(share)
            kind = f"d-note d-middle {'d-high' if ink.endswith('high') else 'd-low'}"
            x = left + wide * column
            cell = rect(x + 1, y + 1, wide - 2, _TALL - 2, f"d-{ground}", round_=3)
            cell += text(x + wide / 2, y + 15, f"{100 * share:.0f}", kind)
            shapes.append(told(cell, f"{rows[row]} with {columns[column]}: {100 * share:.1f} %"))
    return Drawing(left + wide * len(columns) + right, lean + _TALL * len(rows) + 6, title, shapes)
