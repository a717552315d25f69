"""Eyes and brows: what is painted on the skin around them, and the eyeballs that lie behind the lids.

The eyeballs are a layer of their own: lids slide over an iris that stays where it is.
"""

from __future__ import annotations

import numpy as np

from mebench.synthetic.canvas import Canvas
from mebench.synthetic.look import Array

# Half the height of the strip that holds eyes and glasses, with room for the motion of the head.
EYE_BAND = 0.13
SCLERA = (232.0, 226.0, 220.0)


def lid_curves(canvas: Canvas) -> tuple[Array, Array, Array]:
    """Return the upper and the lower edge of the open eye, and the place along it (-1 inner, 1 outer)."""
    look = canvas.look
    along = (canvas.side - look.eye_x) / np.float32(look.eye_width)
    axis = look.eye_y - look.eye_tilt * along
    arch = 1 - np.clip(np.abs(along + 0.12 * (1 - along**2)), 0, 1.6) ** 2.2
    low = 1 - np.clip(np.abs(along - 0.1 * (1 - along**2)), 0, 1.6) ** 2.2
    return axis - look.lid_up * arch, axis + look.lid_low * low, along


def paint_brows_and_lids(canvas: Canvas) -> None:
    """Draw the creases around closed lids, and the brows."""
    look = canvas.look
    upper, lower, along = lid_curves(canvas)
    inside = np.clip(1.15 - np.abs(along), 0, 0.25) * 4
    canvas.shade(0.3 * np.exp(-(((canvas.y - upper + 0.017) / 0.0045) ** 2)) * inside)
    canvas.shade(0.12 * np.exp(-(((canvas.y - lower - 0.016) / 0.006) ** 2)) * inside)
    canvas.shade(0.16 * canvas.blob(look.eye_x - look.eye_width, look.eye_y - 0.01, 0.022, 0.035))
    place = (canvas.side - look.brow_inner) / np.float32(look.brow_outer - look.brow_inner)
    within = np.clip(place, 0, 1)
    centre = look.brow_y + look.brow_slope * (0.5 - within) - look.brow_arch * np.sin(np.pi * within**1.2)
    thick = (
        look.brow_thick
        * np.clip(1.15 - 0.8 * within, 0.2, 1)
        * np.clip(np.minimum(place * 7 + 0.4, 5 - 4.6 * place), -1, 1)
    )
    hairs = np.sin(2 * np.pi * (34 * canvas.side + 22 * canvas.y) + 1.5 * np.sin(60 * canvas.side))
    cover = canvas.cover(np.abs(canvas.y - centre) - thick, 0.013)
    canvas.paint(cover * (0.84 + 0.12 * hairs), look.brow)


def eye_band(canvas: Canvas) -> tuple[Array, int]:
    """Draw what lies behind and before the lids: six channels (see ``Portrait``) and their first row."""
    look = canvas.look
    upper, lower, along = lid_curves(canvas)
    radius = np.hypot(canvas.side - look.eye_x, canvas.y - look.eye_y + 0.005)
    ball = Canvas(look, canvas.texels)
    ball.paint(np.ones_like(radius), SCLERA)
    ball.shade(0.35 * np.clip(np.abs(along) - 0.35, 0, 1))
    spokes = 1 + 0.12 * np.sin(17 * np.arctan2(canvas.y - look.eye_y, canvas.side - look.eye_x))
    glow = 0.35 * np.clip(radius / look.iris_radius - 0.2, 0, 1) * (canvas.y > look.eye_y)
    iris = np.asarray(look.iris, np.float32)[:, None, None] * (spokes + glow)
    ball.paint(ball.cover(radius - look.iris_radius), iris)
    ball.paint(0.6 * np.exp(-(((radius - look.iris_radius) / 0.004) ** 2)), (24, 18, 18))
    ball.paint(ball.cover(radius - 0.42 * look.iris_radius), (12, 10, 12))
    for x in (look.eye_x - 0.009, -look.eye_x - 0.009):
        spark = np.hypot(canvas.x - x, canvas.y - look.eye_y + 0.014)
        ball.paint(ball.cover(spark - 0.006), (250, 250, 250))
    glasses = canvas.cover(_glasses(canvas)) if look.glasses else np.zeros_like(radius)
    channels = np.concatenate([ball.picture, np.stack([canvas.y - upper, lower - canvas.y, glasses])])
    top = int((look.eye_y - EYE_BAND) * canvas.texels)
    end = int((look.eye_y + EYE_BAND) * canvas.texels)
    return np.ascontiguousarray(channels[:, top:end], dtype=np.float32), top


def _glasses(canvas: Canvas) -> Array:
    """Return the implicit shape of two rims, a bridge and the arms."""
    look = canvas.look
    across, along = np.abs(canvas.side - look.eye_x) / 0.112, np.abs(canvas.y - look.eye_y - 0.012) / 0.078
    rim = np.abs((across**3.2 + along**3.2) ** (1 / 3.2) - 1) * 0.09 - 0.0065
    arms = np.abs(canvas.y - look.eye_y + 0.02) - 0.006
    arms = np.maximum(arms, np.maximum(look.eye_x + 0.105 - canvas.side, canvas.side - look.face_width))
    bridge = np.abs(canvas.y - look.eye_y + 0.012 - 3 * canvas.side**2) - 0.006
    bridge = np.maximum(bridge, canvas.side - look.eye_x + 0.108)
    shape: Array = np.minimum(rim, np.minimum(arms, bridge))
    return shape
