"""The mosaic of four facial regions: eyes above, corners of the mouth below, each a crop of 14 x 14.

    mosaic(pictures, EYES_AND_MOUTH)                     # (B, C, 28, 28) to (B, C, 28, 28)

HTNet (Wang et al. 2024) reads flow in this form. Its code finds the four points with a face detector on the
apex frame of 28 x 28 pixels; where it finds no face, it falls back on the points that stand here, which suit a
centred crop of a face.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

SIDE = 28
REGION = 14

# Left eye, right eye, left and right corner of the mouth, as the picture shows them: x to the right, y downwards.
EYES_AND_MOUTH = ((9, 11), (21, 10), (10, 21), (20, 21))


def mosaic(pictures: Tensor, points: Sequence[Sequence[float]] | Tensor, *, swapped: bool = False) -> Tensor:
    """Return pictures (B, C, 28, 28) as mosaics (B, C, 28, 28) of the regions around four points.

    Args:
        pictures: whole faces.
        points: (x, y) in pixels, (4, 2) for all clips or (B, 4, 2). They are moved to 7 .. 21, where a region fits.
        swapped: take x for the row and y for the column, as HTNet's published code does: the right eye and the left
            corner of the mouth change places.
    """
    half = REGION // 2
    corners = torch.as_tensor(points, device=pictures.device).clamp(half, SIDE - half).long() - half
    first, second = corners.expand(len(pictures), 4, 2).unbind(-1)
    row, column = (first, second) if swapped else (second, first)
    along = torch.arange(REGION, device=pictures.device)
    clip = torch.arange(len(pictures), device=pictures.device)[:, None, None, None]
    rows, columns = row[:, :, None, None] + along[:, None], column[:, :, None, None] + along
    tiles = pictures.movedim(1, -1)[clip, rows, columns]  # (B, 4, 14, 14, C)
    halves = tiles.unflatten(1, (2, 2)).transpose(2, 3)  # (B, 2, 14, 2, 14, C)
    joined: Tensor = halves.flatten(3, 4).flatten(1, 2).movedim(-1, 1)
    return joined
