"""Bringing a face upright into a square crop by one similarity transform (turn, scale, shift).

    matrix = face_transform(landmarks, size=256)
    crop = warp(picture, matrix, size=256)

Coordinates are (x, y) in pixels with the picture's corner at (0, 0), so that a pixel's centre lies at
(0.5, 0.5). A matrix is float64 (2, 3) and maps points of the picture to points of the crop.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

# Eyes, tip of the nose, corners of the mouth, as the picture shows them from left to right, in fractions of
# the crop. Their proportions are those of an average face; brows, forehead and chin keep room, since action
# units move them.
TEMPLATE = np.array([[0.35, 0.38], [0.65, 0.38], [0.50, 0.55], [0.376, 0.727], [0.624, 0.727]])


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the similarity transform that brings points nearest to others in the least-squares sense.

    Args:
        source: (n, 2), not all in one place.
        target: (n, 2).

    Source: Umeyama 1991, doi:10.1109/34.88573, equations 40 to 43.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    centred = source - source_mean
    covariance = (target - target_mean).T @ centred / len(source)
    u, scales, vt = np.linalg.svd(covariance)
    # A mirror image would fit some points better; a face is never mirrored.
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(sign) @ vt
    scale = (scales * sign).sum() / centred.var(axis=0).sum()
    linear = scale * rotation
    return np.column_stack([linear, target_mean - linear @ source_mean])


def face_transform(landmarks: np.ndarray, size: int, *, zoom: float = 1.0) -> np.ndarray:
    """Return the transform of landmarks, (5, 2) pixels, to the template of a crop.

    ``zoom`` below 1 shows more around the face, about the crop's middle.
    """
    return similarity(landmarks, (0.5 + zoom * (TEMPLATE - 0.5)) * size)


def centre_transform(width: int, height: int, size: int) -> np.ndarray:
    """Return the transform of a picture's central square to a crop, for pictures without a face."""
    scale = size / min(width, height)
    return np.array([[scale, 0.0, (size - scale * width) / 2], [0.0, scale, (size - scale * height) / 2]])


def transform_points(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return points, (n, 2), under a transform."""
    moved: np.ndarray = points @ matrix[:, :2].T + matrix[:, 2]
    return moved


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Return the transform that leads back."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def warp(picture: Image.Image, matrix: np.ndarray, size: int) -> Image.Image:
    """Return a picture's crop of ``size`` x ``size`` pixels; what lies outside the picture is black.

    A picture that shrinks is averaged first, by whole pixels, and then sampled more finely and averaged again by
    what is left, so that no texture turns into flicker and large pictures cost little more than small ones.
    """
    from PIL import Image

    scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    shrink = max(1, math.floor(1 / scale))
    back = inverse(matrix) / shrink
    finer = max(1, math.ceil(1 / (scale * shrink)))
    back[:, :2] /= finer
    coarse = picture.reduce(shrink) if shrink > 1 else picture
    fine = coarse.transform(
        (finer * size, finer * size), Image.Transform.AFFINE, tuple(back.ravel()), Image.Resampling.BICUBIC
    )
    return fine.reduce(finer) if finer > 1 else fine
