"""Frames of a clip: one subject's portrait, moved, relit and photographed.

>>> smile = [Movement(12), Movement(6)]
>>> clip = dict(seed=0, subject="sub01", clip="EP01", movements=smile, frames=9, apex=4, size=64)
>>> [onset, *_] = render_clip(**clip)
>>> onset.shape, onset.dtype
((64, 64, 3), dtype('uint8'))

:func:`displacement` returns the motion that was drawn, as a truth for estimates of optical flow.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mebench.errors import MebenchError
from mebench.synthetic.canvas import scaled
from mebench.synthetic.look import Array, Look, grid, mouth_line, named_generator, subject_look
from mebench.synthetic.motion import Expression, envelope, express, head_path, light_path
from mebench.synthetic.portrait import Portrait, draw_portrait
from mebench.synthetic.units import Movement

# In grey levels: a good indoor camera; the mean over a patch still shows a movement of a tenth of a pixel.
NOISE = 2.0
# Two texels a pixel: interpolating a finer texture hardly blurs, so sharpness does not betray motion.
OVERSAMPLING = 2
# Below this an eye has fewer than three rows of pixels.
SMALLEST = 32
# A fold never takes away more light than this, whatever the amount.
DEEPEST_CREASE = 0.6
LASH = 0.0045
RIM = 0.3
LID_SHADOW = 0.35
GLASSES = 34.0
TEETH = 0.011
THROAT = (62, 20, 24)
ENAMEL = (226, 216, 204)


def render_clip(
    *,
    seed: int,
    subject: str,
    clip: str,
    movements: Sequence[Movement],
    frames: int,
    apex: int,
    size: int,
) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of one clip, each ``(size, size, 3)`` RGB.

    Frame 0 is the onset (neutral), frame ``apex`` the peak, the last one the offset (nearly neutral). With
    ``apex`` 0 the clip starts at its peak. The look depends on ``(seed, subject)``, head motion, light and
    noise on ``(seed, subject, clip)``; the same arguments give the same bytes in any process.

    Raises MebenchError, at the call, when ``apex`` is not one of the frames or ``size`` is below 32.
    """
    _check(subject, clip, frames, apex, size)
    portrait = _portrait(seed, subject, size)
    course = zip(
        envelope(frames, apex),
        head_path(seed, subject, clip, frames),
        light_path(seed, subject, clip, frames),
        strict=True,
    )
    expression = _expression(portrait.look, tuple(movements), size)
    noise = named_generator("noise", seed, subject, clip)
    return (
        _photograph(_pose(portrait, expression, strength, head, size), light, noise)
        for strength, head, light in course
    )


def displacement(
    *,
    seed: int,
    subject: str,
    clip: str,
    movements: Sequence[Movement],
    frames: int,
    apex: int,
    size: int,
    index: int,
) -> Array:
    """Return the true motion of frame ``index`` of a clip, ``(size, size, 2)``, ``(x, y)`` in pixels.

    It is backward flow from the neutral face in its home position, which frame 0 shows unless ``apex`` is 0:
    what frame ``index`` shows at pixel ``p`` lay at ``p - displacement[p]``. Face, head and background move
    as one sheet. Not covered: eyeballs and glasses follow the head alone, lids of a closing eye (AU 41, 43,
    45) slide further than the skin around them, and the inside of parted lips is new.
    """
    _check(subject, clip, frames, apex, size)
    if not 0 <= index < frames:
        raise MebenchError(
            f"clip {clip!r} of subject {subject!r} has no frame {index}: it has {frames} frames"
        )
    expression = _expression(_portrait(seed, subject, size).look, tuple(movements), size)
    strength = envelope(frames, apex)[index]
    home_x, home_y = _undo_head(head_path(seed, subject, clip, frames)[index], size)
    moved = strength * (expression.surface + expression.parting)
    x, y = grid(size)
    return np.stack([x - home_x + moved[0], y - home_y + moved[1]], axis=-1) * np.float32(size)


def _check(subject: str, clip: str, frames: int, apex: int, size: int) -> None:
    if not 0 <= apex < frames:
        raise MebenchError(
            f"clip {clip!r} of subject {subject!r} has its apex at {apex}, outside its {frames} frames:"
            f" give an apex from 0 to {max(frames - 1, 0)}"
        )
    if size < SMALLEST:
        raise MebenchError(
            f"clip {clip!r} of subject {subject!r} cannot be {size} pixels wide: give a size of 32 or more"
        )


def _photograph(picture: Array, light: Array, noise: np.random.Generator) -> NDArray[np.uint8]:
    """Light the picture ``(3, size, size)``, add sensor noise and round to bytes, ``(size, size, 3)``."""
    x, y = grid(picture.shape[-1])
    picture *= light[0] + light[1] * x + light[2] * (y - np.float32(0.5))
    picture += np.float32(NOISE) * noise.standard_normal(picture.shape, dtype=np.float32)
    picture += np.float32(0.5)
    np.clip(picture, 0, 255, out=picture)
    return np.ascontiguousarray(picture.astype(np.uint8).transpose(1, 2, 0))


@functools.lru_cache(maxsize=4)
def _portrait(seed: int, subject: str, size: int) -> Portrait:
    return draw_portrait(subject_look(seed, subject), OVERSAMPLING * size)


@functools.lru_cache(maxsize=4)
def _expression(look: Look, movements: tuple[Movement, ...], size: int) -> Expression:
    return express(look, movements, size)


def _undo_head(pose: Array, size: int) -> tuple[Array, Array]:
    """Return, for each pixel, the point of the face in its home position that the moved head shows there."""
    x, y = grid(size)
    shift_x, shift_y, turn, zoom = (float(value) for value in pose)
    cosine, sine = math.cos(turn) / (1 + zoom), math.sin(turn) / (1 + zoom)
    dx, dy = x - shift_x, y - 0.5 - shift_y
    return cosine * dx + sine * dy, cosine * dy - sine * dx + 0.5


def _pose(portrait: Portrait, expression: Expression, strength: np.float32, head: Array, size: int) -> Array:
    """Draw the face with the expression at ``strength``, ``(3, size, size)``, colours 0..255."""
    texels = portrait.skin.shape[-1]
    home_x, home_y = _undo_head(head, size)
    sheet_x = home_x - strength * expression.surface[0]
    sheet_y = home_y - strength * expression.surface[1]
    picture = _sample(portrait.skin, sheet_x, sheet_y - strength * expression.parting[1], texels, 0)
    if expression.crease.any():
        picture *= 1 - np.clip(strength * expression.crease, 0, DEEPEST_CREASE)
    if expression.gap.any():
        _part_lips(picture, portrait.look, strength * expression.gap, sheet_x, sheet_y)
    _open_eyes(picture, portrait, strength * expression.lids, home_x, home_y)
    return picture


def _sample(texture: Array, x: Array, y: Array, texels: int, top: int) -> Array:
    """Read a texture ``(channels, rows, texels)`` whose first row is ``top``, bilinearly."""
    channels, rows, _ = texture.shape
    column = np.clip((x + np.float32(0.5)) * np.float32(texels) - np.float32(0.5), 0, texels - 1.001)
    row = np.clip(y * np.float32(texels) - np.float32(0.5 + top), 0, rows - 1.001)
    left, above = column.astype(np.int32), row.astype(np.int32)
    across, down = column - left, row - above
    corner = above * np.int32(texels) + left
    result = np.empty((channels, *x.shape), np.float32)
    for source, target in zip(texture.reshape(channels, -1), result, strict=True):
        first, second = source.take(corner), source.take(corner + 1)
        first += across * (second - first)
        third, fourth = source.take(corner + texels), source.take(corner + (texels + 1))
        third += across * (fourth - third)
        target[...] = first + down * (third - first)
    return result


def _part_lips(picture: Array, look: Look, gap: Array, sheet_x: Array, sheet_y: Array) -> None:
    """Paint the inside of the mouth where the lips have parted."""
    size = picture.shape[-1]
    rows = slice(int((look.mouth_y - 0.12) * size), int((look.mouth_y + 0.2) * size) + 1)
    below = sheet_y[rows] - mouth_line(look, sheet_x[rows])
    edge = np.float32(1.5 / size)
    upper, lower = below + gap[0], gap[1] - below
    wide = np.clip((gap[0] + gap[1]) / edge, 0, 1)
    inside = np.clip(0.5 + np.minimum(upper, lower) / edge, 0, 1) * wide
    teeth = np.clip(0.5 + (np.float32(TEETH) - upper) / edge, 0, 1) * np.clip(upper / edge, 0, 1)
    teeth = 0.75 * teeth * np.clip(2 - 2.4 * np.abs(sheet_x[rows]) / look.mouth_width, 0, 1)
    dark, white = (np.asarray(colour, np.float32)[:, None, None] for colour in (THROAT, ENAMEL))
    picture[:, rows] += inside * (dark + teeth * (white - dark) - picture[:, rows])


def _open_eyes(picture: Array, portrait: Portrait, lids: Array, home_x: Array, home_y: Array) -> None:
    """Show the eyeballs between the lids, draw the lashes along the lids, and lay the glasses on top."""
    size, look, texels = picture.shape[-1], portrait.look, portrait.skin.shape[-1]
    rows = slice(int((look.eye_y - 0.11) * size), int((look.eye_y + 0.11) * size) + 1)
    band = _sample(portrait.eyes, home_x[rows], home_y[rows], texels, portrait.eyes_top)
    ball, (under, over, glasses) = band[:3], band[3:]
    edge = np.float32(1.5 / size)
    covered = np.where(home_x[rows] > 0, lids[1][:, None, None], lids[0][:, None, None])
    opening = np.clip(under + over, 0, None)
    from_upper = np.clip(covered[0], None, 1)
    from_lower = np.clip(covered[1], None, 1 - from_upper)
    upper, lower = under - from_upper * opening, over - from_lower * opening
    corner = np.clip(opening / edge, 0, 1)
    seen = np.clip(0.5 + np.minimum(upper, lower) / edge, 0, 1) * corner
    ball *= 1 - LID_SHADOW * np.exp(-np.clip(upper, 0, None) / np.float32(0.012))
    lashes = np.clip(0.5 + (np.float32(LASH) - np.abs(upper + np.float32(0.5 * LASH))) / edge, 0, 1)
    lashes *= np.clip((opening + np.float32(0.008)) / edge, 0, 1) * (under + over > np.float32(-0.004))
    rim = RIM * np.clip(0.5 + (np.float32(0.002) - np.abs(lower)) / edge, 0, 1) * corner
    there = picture[:, rows]
    there += seen * (ball - there)
    there *= 1 - rim
    there += lashes * (np.asarray(scaled(look.brow, 0.45), np.float32)[:, None, None] - there)
    there += glasses * (np.float32(GLASSES) - there)
