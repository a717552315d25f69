"""The neutral face of a look as textures: lit skin with hair and features, and what lies behind the lids.

>>> from mebench.synthetic.look import subject_look
>>> portrait = draw_portrait(subject_look(0, "sub01"), texels=256)
>>> portrait.skin.shape
(3, 256, 256)

Skin is lit from a height map, so that nose, cheeks, sockets and chin shade as solid forms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from mebench.synthetic.canvas import Canvas, head_shape, scaled
from mebench.synthetic.eyes import eye_band, paint_brows_and_lids
from mebench.synthetic.hair import paint_beard, paint_hair
from mebench.synthetic.look import Array, Look, mouth_line

# The lamp stands up and to the image's left.
LIGHT = np.array([-0.38, -0.52, 0.76])


@dataclass(frozen=True)
class Portrait:
    """Textures of one subject, all ``texels`` wide, channels first, colours 0..255.

    ``skin`` ``(3, texels, texels)`` has closed lids and closed lips. ``eyes`` ``(6, rows, texels)`` starts at
    texture row ``eyes_top``: three colours of the eyeball, the distance below the upper lid, the distance
    above the lower lid (face coordinates, at rest), and the cover of the glasses.
    """

    look: Look
    skin: Array
    eyes: Array
    eyes_top: int


def draw_portrait(look: Look, texels: int) -> Portrait:
    """Draw one look; ``texels`` (twice the frame's size) only sets the resolution, never the content."""
    canvas = Canvas(look, texels)
    head = head_shape(canvas, 0.0)
    _paint_surroundings(canvas, head)
    _paint_skin(canvas, head)
    _paint_nose(canvas)
    _paint_lips(canvas)
    paint_brows_and_lids(canvas)
    if look.beard:
        paint_beard(canvas, head)
    paint_hair(canvas, head)
    eyes, top = eye_band(canvas)
    return Portrait(look, canvas.picture, eyes, top)


def _paint_surroundings(canvas: Canvas, head: Array) -> None:
    look = canvas.look
    canvas.paint(np.ones_like(head), look.wall)
    canvas.shade(0.25 * np.clip(canvas.y + 0.6 * canvas.x, 0, 1))
    if look.haircut == "long":
        width = look.face_width + 0.09
        behind = np.maximum((canvas.side / width) ** 3 + (np.clip(0.45 - canvas.y, 0, 1) / 0.44) ** 2 - 1, -1)
        canvas.paint(canvas.cover(behind), scaled(look.hair, 0.6))
    skin = np.asarray(look.skin, np.float32)
    canvas.paint(
        canvas.cover(canvas.side - 0.2 - np.clip(canvas.y - 0.9, 0, 1)) * (canvas.y > 0.7), skin * 0.68
    )
    collar = 0.985 - 0.12 * np.clip((canvas.side - 0.16) / 0.3, 0, 1)
    canvas.paint(canvas.cover(collar - canvas.y), look.cloth)
    ear = canvas.cover(canvas.ellipse(look.face_width, 0.51, 0.045, 0.085))
    canvas.paint(ear, skin * 0.82)
    canvas.shade(0.3 * canvas.blob(look.face_width + 0.012, 0.51, 0.012, 0.04) * ear)


def _paint_skin(canvas: Canvas, head: Array) -> None:
    look = canvas.look
    skin = np.asarray(look.skin, np.float32)[:, None, None]
    flush = canvas.blob(look.eye_x + 0.04, look.nose_y, 0.07, 0.05) + 0.6 * canvas.blob(
        0, look.nose_y, 0.04, 0.04
    )
    blotches = canvas.ripple(3, 9, 12)
    tint = 1 + 0.018 * blotches + 0.014 * canvas.ripple(18, 34, 24)
    colour = skin * (tint + np.array([0.02, -0.06, -0.05], np.float32)[:, None, None] * flush)
    for _ in range(int(90 * look.freckles)):
        x, y = canvas.rng.normal(0, 0.13), canvas.rng.normal(look.nose_y - 0.06, 0.05)
        spot = canvas.spot(float(x), float(y), 0.0045)
        colour *= 1 - 0.28 * spot
    for _ in range(int(canvas.rng.integers(0, 4))):
        x, y = canvas.rng.uniform(-0.24, 0.24), canvas.rng.uniform(0.52, 0.86)
        spot = canvas.spot(float(x), float(y), 0.005)
        colour *= 1 - 0.55 * spot
    canvas.paint(canvas.cover(head), colour * _lambert(canvas, head))


def _lambert(canvas: Canvas, head: Array) -> Array:
    """Light the height map of the face: ambient and diffuse light, and a weak gloss."""
    look = canvas.look
    ridge = np.clip((canvas.y - look.brow_y) / (look.nose_y - look.brow_y), 0, 1)
    tip = 1 / (1 + np.exp(np.clip((canvas.y - look.nose_y - 0.012) / 0.009, -30, 30)))
    nose = (
        look.nose_ridge
        * (0.006 * np.clip(4 * ridge, 0, 1) + 0.042 * ridge**1.5)
        * tip
        * np.exp(-0.5 * (canvas.x / (0.02 + 0.014 * ridge)) ** 2)
    )
    height = 0.25 * np.clip(-head, 0.0, 1) ** 0.62 + nose
    for bump, x, y, width, tall in (
        (0.012, look.nose_width * 0.85, look.nose_y + 0.005, 0.016, 0.018),
        (-0.022, look.eye_x - 0.02, look.eye_y - 0.01, 0.06, 0.035),
        (0.012, look.eye_x, look.eye_y, 0.05, 0.022),
        (0.010, look.eye_x, look.brow_y + 0.01, 0.09, 0.025),
        (0.018, look.eye_x + 0.05, look.eye_y + 0.13, 0.07, 0.06),
        (0.012, 0.0, look.mouth_y - 0.01, 0.1, 0.045),
        (-0.010, 0.0, look.mouth_y + look.lower_lip + 0.02, 0.06, 0.014),
        (0.018, 0.0, look.mouth_y + 0.115, 0.06, 0.035),
        (-0.006, 0.0, look.mouth_y - look.upper_lip - 0.025, 0.010, 0.022),
    ):
        height += bump * canvas.blob(x, y, width, tall)
    height = ndimage.gaussian_filter(height, 0.006 * canvas.texels)
    slope_y, slope_x = np.gradient(height, np.float32(1 / canvas.texels))
    light = LIGHT / np.linalg.norm(LIGHT)
    length = np.sqrt(1 + slope_x**2 + slope_y**2)
    diffuse = (-light[0] * slope_x - light[1] * slope_y + light[2]) / length
    half = light + np.array([0, 0, 1])
    half /= np.linalg.norm(half)
    gloss = np.clip((-half[0] * slope_x - half[1] * slope_y + half[2]) / length, 0, 1) ** 24
    lit: Array = 0.44 + 0.68 * np.clip(diffuse, 0, 1) + 0.09 * gloss
    return lit.astype(np.float32)


def _paint_nose(canvas: Canvas) -> None:
    look = canvas.look
    y = look.nose_y
    canvas.shade(0.22 * canvas.blob(0.0, y + 0.035, look.nose_width * 0.75, 0.010))
    wing = np.abs(np.hypot((canvas.side - look.nose_width * 0.72) / 0.024, (canvas.y - y - 0.005) / 0.03) - 1)
    outer = np.clip((canvas.side - look.nose_width * 0.8) / 0.01, 0, 1) * (canvas.y > y - 0.025)
    canvas.shade(0.3 * np.exp(-((wing / 0.18) ** 2)) * outer)
    nostril = canvas.ellipse(look.nose_width * 0.52, y + 0.023, 0.017, 0.009)
    canvas.paint(0.8 * canvas.cover(nostril, 0.012), scaled(look.skin, 0.25))


def _paint_lips(canvas: Canvas) -> None:
    look = canvas.look
    along = canvas.x / np.float32(look.mouth_width)
    arch = np.clip(1 - along**2, -1, 1)
    seam = mouth_line(look, canvas.x)
    bow = 1 - 0.25 * np.exp(-((along / 0.16) ** 2))
    top, bottom = seam - look.upper_lip * arch * bow, seam + look.lower_lip * arch
    upper = canvas.cover(np.maximum(top - canvas.y, canvas.y - seam), 0.012)
    lower = canvas.cover(np.maximum(seam - canvas.y, canvas.y - bottom), 0.012)
    lip = np.asarray(look.lip, np.float32)[:, None, None]
    grain = 1 + 0.05 * np.sin(2 * np.pi * 46 * along * look.mouth_width + 2 * np.sin(9 * along))
    depth = np.clip((canvas.y - seam) / look.lower_lip, 0, 1)
    canvas.paint(0.9 * upper, lip * 0.84 * grain)
    canvas.paint(
        0.9 * lower, lip * grain * (1.0 + 0.14 * np.exp(-(((depth - 0.5) / 0.25) ** 2)) - 0.12 * depth)
    )
    line = np.abs(canvas.y - seam) - 0.0035 * np.clip(arch + 0.25, 0, 1)
    canvas.paint(0.85 * canvas.cover(line, 0.006) * (np.abs(along) < 1.1), lip[:, 0, 0] * 0.35)
    canvas.shade(
        0.16 * canvas.blob(look.mouth_width + 0.006, look.mouth_y - 0.5 * look.mouth_curve, 0.012, 0.012)
    )
    canvas.shade(
        0.14 * canvas.blob(0.0, look.mouth_y + look.lower_lip + 0.014, 0.55 * look.mouth_width, 0.009)
    )
    start, end = look.nose_width + 0.012, look.mouth_width + 0.02
    part = np.clip((canvas.y - look.nose_y) / (look.mouth_y - look.nose_y), 0, 1)
    canvas.shade(
        0.10 * np.exp(-(((canvas.side - start - (end - start) * part) / 0.009) ** 2)) * np.sin(np.pi * part)
    )
