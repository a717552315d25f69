"""Faces come upright into the template, by one similarity transform and nothing more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mebench.data.preparation.align import (
    TEMPLATE,
    centre_transform,
    face_transform,
    inverse,
    similarity,
    transform_points,
    warp,
)


def turned(points: np.ndarray, turn: float, scale: float) -> np.ndarray:
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved: np.ndarray = scale * points @ rotation.T + [40.0, -7.0]
    return moved


@given(turn=st.floats(-3.1, 3.1), scale=st.floats(0.1, 10))
def test_any_turn_scale_and_shift_is_undone(turn: float, scale: float) -> None:
    matrix = face_transform(turned(100 * TEMPLATE, turn, scale), size=256)
    back = transform_points(matrix, turned(100 * TEMPLATE, turn, scale))
    assert np.abs(back - 256 * TEMPLATE).max() < 1e-6


@given(seed=st.integers(0, 10_000))
def test_a_face_is_never_mirrored_or_stretched(seed: int) -> None:
    rng = np.random.default_rng(seed)
    linear = similarity(rng.normal(size=(5, 2)), rng.normal(size=(5, 2)) @ np.diag([-1, 1]))[:, :2]
    assert np.linalg.det(linear) > 0
    square = linear.T @ linear
    assert np.allclose(square, square[0, 0] * np.eye(2))


def test_no_other_similarity_fits_better() -> None:
    rng = np.random.default_rng(1)
    source, target = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    best = similarity(source, target)

    def misfit(matrix: np.ndarray) -> float:
        return float(((transform_points(matrix, source) - target) ** 2).sum())

    for _ in range(200):
        a, b, x, y = rng.normal(0, 0.05, 4)
        other = best + np.array([[a, -b, x], [b, a, y]])
        assert misfit(other) > misfit(best)


def test_the_inverse_leads_back() -> None:
    matrix = face_transform(turned(50 * TEMPLATE, 0.4, 2.0), size=128)
    points = np.array([[3.0, 4.0], [100.0, 20.0]])
    assert np.allclose(transform_points(inverse(matrix), transform_points(matrix, points)), points)


def test_zooming_out_keeps_the_middle() -> None:
    near, far = (face_transform(100 * TEMPLATE, 200, zoom=zoom) for zoom in (1.0, 0.5))
    middle = transform_points(inverse(near), np.array([[100.0, 100.0]]))
    assert np.allclose(transform_points(far, middle), 100)
    assert np.linalg.det(far[:, :2]) == pytest.approx(np.linalg.det(near[:, :2]) / 4)


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0])
def test_a_spot_lands_where_the_matrix_says(scale: float) -> None:
    yy, xx = np.mgrid[:300, :300] + 0.5
    spot = 255 * np.exp(-((xx - 120) ** 2 + (yy - 170) ** 2) / (2 * 6.0**2))
    picture = Image.fromarray(np.repeat(spot.astype(np.uint8)[..., np.newaxis], 3, axis=2))
    matrix = np.array([[scale, 0, 50 - 120 * scale], [0, scale, 64 - 170 * scale]])
    crop = np.asarray(warp(picture, matrix, 128), float)[..., 0]
    yy, xx = np.mgrid[:128, :128] + 0.5
    assert (crop * xx).sum() / crop.sum() == pytest.approx(50, abs=0.1)
    assert (crop * yy).sum() / crop.sum() == pytest.approx(64, abs=0.1)


def test_fine_texture_that_shrinks_becomes_grey_not_flicker() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    crops = [
        np.asarray(warp(Image.fromarray(stripes), np.array([[0.23, 0, x], [0, 0.23, 0]]), 80), float)
        for x in (0.0, 0.1, 0.2)
    ]
    assert max(np.abs(crop[5:-5, 5:-5] - 127).max() for crop in crops) < 40


def test_the_centre_of_a_wide_picture_is_its_central_square() -> None:
    corners = np.array([[80.0, 0.0], [320.0, 240.0]])
    assert np.allclose(transform_points(centre_transform(400, 240, 96), corners), [[0, 0], [96, 96]])
