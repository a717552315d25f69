"""The mosaic of four facial regions: eyes above, corners of the mouth below, each a crop of 14 x 14.

    mosaic(pictures, EYES_AND_MOUTH)                     # (B, C, 28, 28) to (B, C, 28, 28)

HTNet (Wang et al. 2024) reads flow in this form. Its code finds the four points with a face detector on the
apex frame of 28 x 28 pixels; where it finds no face, it falls back on the points that are used here for all clips,
which suit a centred crop of a face.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

SIDE = 28
REGION = 14


class Point(NamedTuple):
    """A pixel of a picture of 28 x 28; x grows to the right, y downwards. Left and right are the picture's."""

    x: int
    y: int


# Left eye, right eye, left and right corner of the mouth.
EYES_AND_MOUTH = (Point(9, 11), Point(21, 10), Point(10, 21), Point(20, 21))


def mosaic(pictures: Tensor, points: tuple[Point, Point, Point, Point], *, swapped: bool = False) -> Tensor:
    """Return pictures (B, C, 28, 28) as mosaics (B, C, 28, 28) of the regions around four points.

    Points are moved to 7 .. 21, where a region fits. ``swapped`` takes x for the row and y for the column, as
    HTNet's published code does: the right eye and the left corner of the mouth change places.
    """
    tiles = []
    for point in points:
        x, y = (min(max(at, REGION // 2), SIDE - REGION // 2) - REGION // 2 for at in point)
        row, column = (x, y) if swapped else (y, x)
        tiles.append(pictures[..., row : row + REGION, column : column + REGION])
    above, below = torch.cat(tiles[:2], dim=-1), torch.cat(tiles[2:], dim=-1)
    return torch.cat([above, below], dim=-2)
