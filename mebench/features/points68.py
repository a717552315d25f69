"""The 68 points of the 300-W challenge, placed by fewer or by more.

    from_five(points)       # (5, 2) -> (68, 2): a mean face, fitted
    from_mesh(points)       # (468, 2) -> (68, 2): the mesh's points of the same names
    SWAP_68[36]             # 45: the outer corner of one eye is that of the other in the mirror

Order (Sagonas et al. 2013, "300 Faces in-the-Wild Challenge", ICCV workshops; counted from 0, left and right as the
picture shows them): jaw 0-16 from left to right; brows 17-21 and 22-26; bridge of the nose 27-30, its base 31-35;
eyes 36-41 and 42-47, each from its left corner over the upper lid; outer lips 48-59 from the left corner over the
upper lip, inner lips 60-67.
"""

from __future__ import annotations

import numpy as np

from mebench.data.preparation.align import TEMPLATE, similarity, transform_points

SWAP_68: tuple[int, ...] = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *range(27, 31),
    *range(35, 30, -1),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),
    *(64, 63, 62, 61, 60, 67, 66, 65),
)
"""What each point is called in the mirror."""

# The left half of an average face and what lies on its middle, in the coordinates of TEMPLATE, whose eyes are the
# middles of these lids, whose tip of the nose is point 30 and whose corners of the mouth are 48 and 54. It is drawn
# by eye on upright crops, not measured on a population.
_HALF = {
    **dict(enumerate([(0.19, 0.40), (0.192, 0.49), (0.205, 0.58), (0.228, 0.665)])),
    **dict(enumerate([(0.265, 0.745), (0.315, 0.81), (0.372, 0.86), (0.435, 0.89), (0.50, 0.90)], start=4)),
    **dict(enumerate([(0.24, 0.315), (0.28, 0.285), (0.33, 0.275), (0.38, 0.28), (0.43, 0.295)], start=17)),
    **dict(enumerate([(0.50, 0.37), (0.50, 0.43), (0.50, 0.49), (0.50, 0.55)], start=27)),
    **dict(enumerate([(0.43, 0.585), (0.463, 0.598), (0.50, 0.606)], start=31)),
    **dict(enumerate([(0.29, 0.384), (0.328, 0.36), (0.372, 0.36), (0.41, 0.384)], start=36)),
    **dict(enumerate([(0.372, 0.396), (0.328, 0.396)], start=40)),
    **dict(enumerate([(0.376, 0.727), (0.424, 0.697), (0.472, 0.683), (0.50, 0.69)], start=48)),
    **dict(enumerate([(0.50, 0.785), (0.466, 0.78), (0.416, 0.763)], start=57)),
    **dict(enumerate([(0.392, 0.727), (0.466, 0.714), (0.50, 0.717)], start=60)),
    **dict(enumerate([(0.50, 0.738), (0.466, 0.736)], start=66)),
}


def _whole() -> np.ndarray:
    mirrored = {SWAP_68[point]: (1 - x, y) for point, (x, y) in _HALF.items()}
    return np.array([{**mirrored, **_HALF}[point] for point in range(len(SWAP_68))])


MEAN_FACE = _whole()
"""An average face in shares of the picture that `data prepare` would crop, float64 (68, 2)."""

# The mesh's points of these names, in the same order (known in the field as the correspondence of both markups).
MESH_TO_68 = (
    *(162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389),
    *(71, 63, 105, 66, 107, 336, 296, 334, 293, 301),
    *(168, 197, 5, 4, 75, 97, 2, 326, 305),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)


def from_five(points: np.ndarray) -> np.ndarray:
    """Return 68 points, float64 (68, 2), of eyes, tip of the nose and corners of the mouth, (5, 2).

    The mean face follows the affine map that brings its own five nearest to these in the least-squares sense, which
    takes up how long a face is and how it is turned. Five points that lie on a line, or whose left is right, get
    the nearest similarity instead.
    """
    places = np.column_stack([TEMPLATE, np.ones(len(TEMPLATE))])
    solution, *_ = np.linalg.lstsq(places, points, rcond=None)
    matrix: np.ndarray = solution.T
    # Area that the map gives to a unit square, against what lengths alone would give: 0 where a face collapses.
    if np.linalg.det(matrix[:, :2]) < 0.1 * (matrix[:, :2] ** 2).sum() / 2:
        matrix = similarity(TEMPLATE, points)
    return transform_points(matrix, MEAN_FACE)


def from_mesh(points: np.ndarray) -> np.ndarray:
    """Return the 68 points, (68, 2), among those of MediaPipe's mesh, (468 or more, 2)."""
    return points[list(MESH_TO_68)]
