"""How a table fits a terminal: columns as wide as they may be, and where that is too much, several tables.

>>> bands(("class", "clips", "F1"), [["happy", "24", "83.33"]], ("clips", "F1"), room=20)
[{0: 5, 1: 5}, {0: 5, 2: 5}]
"""

from __future__ import annotations

from collections.abc import Sequence

# Blanks between two columns.
GAP = 3


def bands(
    columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[str], room: int
) -> list[dict[int, int]]:
    """Return the tables to draw: each the columns it shows and their widths.

    Every one begins with the first column, or with so many as it takes to tell the rows apart.

    Args:
        columns: headings.
        cells: rows of text, one or more.
        right: headings of columns of numbers, which are never broken.
        room: the terminal's width.
    """
    natural = [max(len(line[i]) for line in [columns, *cells]) for i in range(len(columns))]
    least = _least_widths(columns, cells, right)
    return [
        dict(zip(band, _widths([natural[i] for i in band], [least[i] for i in band], room), strict=True))
        for band in _cut(least, room, _names(columns, cells, right, least, room))
    ]


def _least_widths(columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[str]) -> list[int]:
    """Return how narrow each column may be: numbers, names and hashes stay whole, sentences are broken."""
    least = []
    for i, column in enumerate(columns):
        texts = [row[i] for row in cells]
        longest = max(map(len, texts))
        if column in right or (longest <= 16 and not any(" " in text for text in texts)):
            width = longest
        else:
            width = min(longest, 24 if i == 0 else 8)
        heading = max(map(len, column.split()), default=0)
        least.append(max(width, heading if column in right else min(heading, 8), 1))
    return least


def _names(
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: Sequence[str],
    least: Sequence[int],
    room: int,
) -> int:
    """Return how many of the first columns name a row: as few as tell all apart in 2/3 of the room, else one."""
    for count in range(1, len(columns)):
        if columns[count - 1] in right or sum(least[:count]) + GAP * count > room * 2 / 3:
            break
        if len({tuple(row[:count]) for row in cells}) == len(cells):
            return count
    return 1


def _cut(least: Sequence[int], room: int, names: int) -> list[list[int]]:
    """Return the columns of each table that one too wide is cut into; every one begins with those that name rows."""
    cut = [[*range(names)]]
    for i in range(names, len(least)):
        needed = sum(least[j] + GAP for j in cut[-1]) + least[i]
        if needed > room and len(cut[-1]) > names:
            cut.append([*range(names)])
        cut[-1].append(i)
    return cut


def _widths(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return the widths of a table's columns: the natural ones, the widest made narrower until all fit."""
    widths = [max(pair) for pair in zip(natural, least, strict=True)]
    while sum(widths) + GAP * (len(widths) - 1) > room:
        spare = [i for i in range(len(widths)) if widths[i] > least[i]]
        if not spare:
            break
        widths[max(spare, key=lambda i: widths[i])] -= 1
    return widths
