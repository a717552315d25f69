"""How a face moves over a clip: the course of an expression, its displacement field, the head, the light.

>>> [round(float(value), 2) for value in envelope(frames=5, apex=2)]
[0.0, 0.5, 1.0, 0.52, 0.05]

All fields live on the pixel grid of the frame and are backward: the pixel at ``p`` shows the point
``p - displacement(p)`` of the neutral face. Lengths are fractions of the image's width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mebench.synthetic.look import Array, Look, grid, landmarks, mouth_line, named_generator
from mebench.synthetic.units import UNITS, Movement

# 3 px at size 128: a strong micro-expression, so that a small network learns it within a minute on a CPU.
TYPICAL_SHIFT = 3.0 / 128
# About 1 px over a clip at size 128: below the expression, above what a difference image could ignore.
HEAD_SHIFT = 0.8 / 128
HEAD_TURN = math.radians(0.35)
HEAD_ZOOM = 0.002
# Lamps differ between clips by several per cent, and within half a second by about one.
CLIP_GAIN = 0.06
CLIP_GRADIENT = 0.06
GAIN_DRIFT = 0.012
GRADIENT_DRIFT = 0.01
# Annotated offsets are seldom fully relaxed.
OFFSET_RESIDUE = 0.05
# Between the halves of a face, and between the lips, a one-sided unit fades out over this width.
SEAM = 0.04


@dataclass(frozen=True)
class Expression:
    """What a set of movements does at full strength on a ``size`` x ``size`` grid, right after the apex.

    ``surface`` and ``parting`` are ``(2, size, size)`` displacements ``(x, y)``: the skin as one sheet, and
    the lips drawn apart from their meeting. ``crease`` ``(size, size)`` is the share of light lost in folds.
    ``lids`` ``(2, 2)`` holds the covered fraction of the eye, ``[image left, image right] x [upper, lower]``.
    ``gap`` ``(2, size)`` is how far the upper and the lower lip part along ``x``.
    """

    surface: Array
    parting: Array
    crease: Array
    lids: Array
    gap: Array


def envelope(frames: int, apex: int) -> Array:
    """Return the strength of the expression in each frame: 0 at the onset, 1 at the apex, ~0 at the offset.

    Rise and decay are half cosine waves, so speed is zero at onset, apex and offset. With ``apex`` 0 the clip
    starts at its peak; with ``apex`` on the last frame it ends there.
    """
    index = np.arange(frames, dtype=np.float64)
    rise = np.where(index < apex, index / max(apex, 1), 1.0)
    fall = np.clip((index - apex) / max(frames - 1 - apex, 1), 0.0, 1.0)
    rising = 0.5 - 0.5 * np.cos(np.pi * rise)
    falling = 1.0 - (1.0 - OFFSET_RESIDUE) * (0.5 - 0.5 * np.cos(np.pi * fall))
    return (rising * falling).astype(np.float32)


def express(look: Look, movements: Sequence[Movement], size: int) -> Expression:
    """Sum the fields of the movements for one look; the result is linear in every ``amount``."""
    x, y = grid(size)
    below = y - mouth_line(look, x)
    points = landmarks(look)
    surface = np.zeros((2, size, size), np.float32)
    parting = np.zeros_like(surface)
    crease = np.zeros((size, size), np.float32)
    lids = np.zeros((2, 2), np.float32)
    gap = np.zeros((2, size), np.float32)
    profile = np.clip(1 - (x[0] / look.mouth_width) ** 2, 0, 1)
    for movement in movements:
        unit = UNITS.get(movement.number)
        if unit is None:
            continue
        amount = np.float32(movement.amount)
        weight = amount * _share(movement.side, x, below, unit.of_mouth)
        for push in unit.pushes:
            moved = _push(points[push.at], (push.out, push.down), push.reach, x, y)
            surface += weight * np.float32(TYPICAL_SHIFT) * moved
        for fold in unit.creases:
            at = points[fold.at]
            centre = (at[0] + fold.offset[0], at[1] + fold.offset[1])
            crease += weight * fold.depth * _fold(centre, fold.angle, (fold.length, fold.width), x, y)
        eyes = np.array([movement.side != "L", movement.side != "R"], np.float32)
        lids += amount * eyes[:, None] * np.array([unit.upper_lid, unit.lower_lid], np.float32)
        along = amount * _share(movement.side if movement.side in "LR" else "", x, below, True)[0]
        upper = 0.0 if movement.side == "B" else unit.part_upper
        lower = 0.0 if movement.side == "T" else unit.part_lower
        gap += np.float32(TYPICAL_SHIFT) * along * profile * np.array([[upper], [lower]], np.float32)
    fading = np.exp(-((below / np.float32(0.075)) ** 2))
    parting[1] = np.where(below < 0, -gap[0], gap[1]) * fading
    return Expression(surface, parting, crease, lids, gap)


def head_path(seed: int, subject: str, clip: str, frames: int) -> Array:
    """Return the rigid pose in each frame, ``(frames, 4)``: shift x, shift y, turn in radians, zoom minus 1.

    It starts at rest, so that the onset frame shows the neutral face in its home position.
    """
    rng = named_generator("head", seed, subject, clip)
    time = np.linspace(0.0, 1.0, frames)[:, None]
    drift, sway, phase = rng.normal(0, 0.8, 4), rng.normal(0, 0.4, 4), rng.uniform(0, 2 * np.pi, 4)
    path = drift * time + sway * (np.sin(2 * np.pi * time + phase) - np.sin(phase))
    poses: Array = path * np.array([HEAD_SHIFT, HEAD_SHIFT, HEAD_TURN, HEAD_ZOOM])
    return poses.astype(np.float32)


def light_path(seed: int, subject: str, clip: str, frames: int) -> Array:
    """Return the light in each frame, ``(frames, 3)``: gain, and its slope along ``x`` and ``y``."""
    rng = named_generator("light", seed, subject, clip)
    time = np.linspace(0.0, 1.0, frames)[:, None]
    start = np.clip(rng.normal(0, 0.6, 3), -1, 1) * np.array([CLIP_GAIN, CLIP_GRADIENT, CLIP_GRADIENT])
    drift = rng.normal(0, 0.8, 3) * np.array([GAIN_DRIFT, GRADIENT_DRIFT, GRADIENT_DRIFT])
    lights: Array = np.array([1.0, 0.0, 0.0]) + start + drift * time
    return lights.astype(np.float32)


def _share(side: str, x: Array, below: Array, of_mouth: bool) -> Array:
    """Return the weight of each pixel in a one-sided movement, ``(size, size)``."""
    everywhere = np.zeros_like(below)
    if side in ("L", "R"):
        return _ramp((x if side == "L" else -x) / np.float32(SEAM)) + everywhere
    if side in ("T", "B") and of_mouth:
        return _ramp(0.5 + (below if side == "B" else -below) / np.float32(SEAM))
    return everywhere + 1


def _ramp(value: Array) -> Array:
    value = np.clip(value, 0, 1)
    return value * value * (3 - 2 * value)


def _push(
    at: tuple[float, float], way: tuple[float, float], reach: tuple[float, float], x: Array, y: Array
) -> Array:
    """Return the displacement of one push and its mirror image, ``(2, size, size)``."""
    right, left = _bell((x - at[0]) / reach[0]), _bell((x + at[0]) / reach[0])
    both = right if at[0] == 0 else right + left
    vertical = _bell((y - at[1]) / reach[1])
    return np.stack([way[0] * (right - left) * vertical, way[1] * both * vertical])


def _fold(
    centre: tuple[float, float], angle: float, extent: tuple[float, float], x: Array, y: Array
) -> Array:
    """Return an elongated Gaussian blob and its mirror image, ``(size, size)``."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    total = np.zeros((y.size, x.size), np.float32)
    for mirrored in (x,) if centre[0] == 0 else (x, -x):
        dx, dy = mirrored - centre[0], y - centre[1]
        along = dx * cosine + dy * sine
        across = dy * cosine - dx * sine
        total += _bell(along / extent[0]) * _bell(across / extent[1])
    return total


def _bell(value: Array) -> Array:
    return np.exp(-0.5 * np.square(value, dtype=np.float32))
