"""The 36 areas of a face that MDMO averages over, as polygons between 68 landmarks.

    polygons = face_areas(marks)                # 36 arrays (corners, 2)
    inside = covered(polygons[0], size=224)     # bool (224, 224)

Liu et al. 2016 draw them after the muscles of action units, without coordinates. These are ours, of the same number
and plan: 18 on each side, none on both, from the forehead to the jaw. The areas ``i`` and ``i + 18`` mirror each other.
"""

from __future__ import annotations

import numpy as np

from mebench.api import SWAP_68

AREAS = 36
SIDE = AREAS // 2

# Corners of the left side's areas. A corner is the weighted sum of landmarks: (37, 1.0) is a landmark, and
# (19, 2.0, 37, -1.0) lies as far above a brow as that is above its lid.
_Corner = tuple[float, ...]
_BROW = {
    "outer": (17, 1.0),
    "middle": (19, 1.0),
    "inner": (21, 1.0),
}
_ABOVE: dict[str, _Corner] = {
    "outer": (17, 2.0, 36, -1.0),
    "middle": (19, 2.2, 37, -1.2),
    "inner": (21, 2.2, 39, -1.2),
    "mid": (21, 1.1, 22, 1.1, 27, -1.2),
}
_BETWEEN: _Corner = (21, 0.5, 22, 0.5)
_TEMPLE: _Corner = (0, 0.5, 17, 0.5)
_CHEEK: _Corner = (2, 0.5, 31, 0.5)
_UNDER: _Corner = (41, 0.5, 31, 0.5)
_UNDER_OUTER: _Corner = (36, 0.6, 2, 0.4)
_FOLD: _Corner = (31, 0.5, 48, 0.5)
_BESIDE: _Corner = (48, 0.6, 4, 0.4)
_BELOW: _Corner = (57, 0.5, 8, 0.5)
_BELOW_CORNER: _Corner = (48, 0.5, 6, 0.5)

_LEFT: tuple[tuple[_Corner, ...], ...] = (
    # forehead: inner, outer, and between the brows
    (_BROW["inner"], _BROW["middle"], _ABOVE["middle"], _ABOVE["inner"]),
    (_BROW["middle"], _BROW["outer"], _ABOVE["outer"], _ABOVE["middle"]),
    (_BETWEEN, _BROW["inner"], _ABOVE["inner"], _ABOVE["mid"]),
    # between brow and lid: inner and outer half
    (_BROW["inner"], _BROW["middle"], (37, 0.5, 38, 0.5), (39, 1.0)),
    (_BROW["middle"], _BROW["outer"], (36, 1.0), (37, 0.5, 38, 0.5)),
    # root of the nose, outer corner of the eye
    (_BETWEEN, _BROW["inner"], (39, 1.0), (28, 1.0)),
    (_BROW["outer"], _TEMPLE, (1, 1.0), _UNDER_OUTER, (36, 1.0)),
    # below the lid: inner and outer half
    ((39, 1.0), (40, 0.5, 41, 0.5), _UNDER, (29, 0.5, 31, 0.5)),
    ((40, 0.5, 41, 0.5), (36, 1.0), _UNDER_OUTER, _UNDER),
    # ridge and wing of the nose
    ((28, 1.0), (39, 1.0), (29, 0.5, 31, 0.5), (29, 1.0)),
    ((29, 1.0), (29, 0.5, 31, 0.5), (31, 1.0), (33, 1.0)),
    # cheek: beside the nose, outside, and down to the jaw
    ((29, 0.5, 31, 0.5), _UNDER, _CHEEK, _FOLD, (31, 1.0)),
    (_UNDER, _UNDER_OUTER, (1, 1.0), (3, 1.0), _CHEEK),
    (_CHEEK, (3, 1.0), (4, 1.0), _BESIDE, _FOLD),
    # lips: upper, corner, lower
    ((33, 1.0), (31, 1.0), _FOLD, (48, 1.0), (62, 0.5, 66, 0.5)),
    (_FOLD, _BESIDE, _BELOW_CORNER, (59, 1.0), (48, 1.0)),
    ((62, 0.5, 66, 0.5), (48, 1.0), (59, 1.0), _BELOW_CORNER, _BELOW),
    # chin
    (_BELOW, _BELOW_CORNER, (6, 1.0), (8, 1.0)),
)


def face_areas(marks: np.ndarray) -> list[np.ndarray]:
    """Return the areas' corners, 36 arrays (corners, 2), in the landmarks' coordinates; ``marks`` is (68, 2)."""
    sides = (marks, marks[list(SWAP_68)])
    return [np.array([_place(corner, side) for corner in area]) for side in sides for area in _LEFT]


def covered(polygon: np.ndarray, size: int) -> np.ndarray:
    """Return which pixels of a square picture have their middle in a polygon (corners, 2), bool (size, size).

    A middle is inside where a ray to the right crosses an odd number of edges.
    """
    middles = np.arange(size) + 0.5
    x, y = middles[None, :], middles[:, None]
    inside = np.zeros((size, size), bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        inside ^= ((y0 <= y) != (y1 <= y)) & (x < crossing)
    return inside


def _place(corner: _Corner, marks: np.ndarray) -> np.ndarray:
    place: np.ndarray = sum(
        weight * marks[int(mark)] for mark, weight in zip(corner[::2], corner[1::2], strict=True)
    )  # type: ignore[assignment]
    return place
