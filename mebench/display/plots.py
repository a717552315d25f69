"""Curves drawn in a terminal: a line and the band around it, in Braille dots.

    for line in panel("loss", median, lower, upper, width=80): console.print(line)

A character holds two by four dots, so that 72 columns show 144 steps. The line is whole and the band a grid of
dots, so that both are told apart without colour, too. No library draws it: plotext comes as compiled wheels for some
platforms only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text

Values = Sequence[float | None]

# Bits of a Braille character: four rows of two dots.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_LEAST_COLUMNS = 16
_LABEL = 9


def fits(width: int) -> bool:
    """Return whether a terminal is wide enough for a panel."""
    return width >= _LABEL + 2 + _LEAST_COLUMNS


def panel(
    title: str, middle: Values, lower: Values, upper: Values, *, width: int, height: int = 9
) -> list[Text]:
    """Return the lines of one plot: ``title``, ``height`` rows of dots with the values beside them, and the epochs.

    Args:
        title: what is plotted.
        middle, lower, upper: the line and the edges of its band, one value an epoch; None leaves a gap.
        width: columns in all.
        height: rows of characters.
    """
    line, low, high = (
        np.array([np.nan if v is None else v for v in each], float) for each in (middle, lower, upper)
    )
    bottom, top = _limits(np.concatenate([line, low, high]))
    columns = max(width - _LABEL - 2, _LEAST_COLUMNS)
    dots = np.zeros((height * 4, columns * 2), bool)
    band = np.zeros_like(dots)
    places = np.arange(columns * 2) / (columns * 2 - 1) * (len(line) - 1)
    drawn, below, above = (_rows(_at(each, places), bottom, top, height * 4) for each in (line, low, high))
    before = -1
    for x, (y, first, last) in enumerate(zip(drawn, above, below, strict=True)):
        if first >= 0 and last >= 0:
            rows = np.arange(first, last + 1)
            band[rows[(rows + x) % 2 == 0], x] = x % 2 == 0  # every fourth dot
        if y >= 0:
            # Steep parts stay joined.
            dots[min(y, before if before >= 0 else y) : max(y, before) + 1, x] = True
        before = y
    labels = {
        0: top,
        height // 2: bottom + (top - bottom) * (1 - height // 2 / (height - 1)),
        height - 1: bottom,
    }
    lines = [Text(title, "bold")]
    for row in range(height):
        label = f"{labels[row]:.4g}" if row in labels else ""
        text = Text(f"{label:>{_LABEL}} {'┤' if label else '│'}", "dim")
        for column in range(columns):
            text.append(*_character(dots, band, row, column))
        lines.append(text)
    lines.append(Text(" " * (_LABEL + 1) + "└" + "─" * columns, "dim"))
    lines.append(Text(" " * (_LABEL + 2) + _epochs(len(line), columns), "dim"))
    return lines


def _limits(values: np.ndarray) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if high > low:
        return low, high
    room = abs(low) / 10 or 1.0
    return low - room, high + room


def _at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return values between epochs, by straight lines; beside a gap only the epoch itself is known."""
    left = np.floor(places).astype(int)
    right = np.minimum(left + 1, len(values) - 1)
    share = places - left
    between = values[left] * (1 - share) + values[right] * share
    filled: np.ndarray = np.where(np.isnan(between), values[np.round(places).astype(int)], between)
    return filled


def _rows(values: np.ndarray, bottom: float, top: float, rows: int) -> list[int]:
    """Return each value's row from above; -1 for none."""
    return [-1 if np.isnan(v) else round((top - v) / (top - bottom) * (rows - 1)) for v in values]


def _character(dots: np.ndarray, band: np.ndarray, row: int, column: int) -> tuple[str, str]:
    cell = np.s_[4 * row : 4 * row + 4, 2 * column : 2 * column + 2]
    line = dots[cell]
    shown = line if line.any() else band[cell]
    if not shown.any():
        return " ", ""
    return chr(0x2800 + int(_BITS[shown].sum())), "bold cyan" if line.any() else "dim cyan"


def _epochs(count: int, columns: int) -> str:
    """Return the axis: the first, a middle and the last epoch at their places."""
    end = f"{count} epochs"
    middle = (count + 1) // 2
    text = "1"
    place = round((middle - 1) / max(count - 1, 1) * (columns - 1))
    if len(text) + 2 < place < columns - len(end) - len(str(middle)) - 2:
        text = text.ljust(place) + str(middle)
    return "1 epoch" if count == 1 else text + end.rjust(columns - len(text))
