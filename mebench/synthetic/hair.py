"""Hair of head and face: the haircuts, and a beard that moves with the skin it grows on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.synthetic.canvas import Canvas, head_shape, scaled
from mebench.synthetic.look import Array


@dataclass(frozen=True)
class Cut:
    """A haircut: lengths in face coordinates, relative to the head and to the subject's own hairline."""

    lower: float = 0.0
    """How far the hairline comes down the forehead."""
    fray: float = 0.004
    """How ragged the hair ends."""
    bulge: float = 0.03
    """How far it stands off the head."""
    temple: float = 0.03
    """How wide it lies beside the face."""
    reach: float = 0.5
    """Down to which height it lies there."""
    roundness: int = 6
    """How square the hairline is: the power of its curve."""
    curl: float = 0.0


CUTS = {
    "short": Cut(),
    "fringe": Cut(lower=0.09, fray=0.006, bulge=0.04),
    "long": Cut(bulge=0.05, temple=0.06, reach=1.2, roundness=3),
    "receding": Cut(lower=-0.06, bulge=0.008, temple=0.012),
    "curly": Cut(lower=0.01, fray=0.012, bulge=0.075, temple=0.045, reach=0.56, curl=1.0),
}


def paint_beard(canvas: Canvas, head: Array) -> None:
    """Draw stubble or a beard on jaw, chin and upper lip, inside the shape ``head``."""
    look = canvas.look
    jaw = np.clip((canvas.y - look.nose_y - 0.02 + 0.25 * (canvas.side - 0.12)) / 0.07, 0, 1)
    moustache = canvas.blob(0.05, look.mouth_y - look.upper_lip - 0.03, 0.06, 0.018)
    cheeks = np.clip((canvas.side - 0.16) / 0.06, 0, 1)
    chin = np.clip((canvas.y - look.mouth_y - 0.045) / 0.03, 0, 1)
    mouth = canvas.ellipse(0, look.mouth_y, look.mouth_width * 1.08, look.lower_lip * 1.35)
    where = np.clip(np.maximum(jaw * np.clip(cheeks + chin, 0, 1), moustache), 0, 1)
    where *= (1 - canvas.cover(mouth, 0.02)) * canvas.cover(head, 0.03)
    grain = 0.8 + 0.2 * np.clip(canvas.ripple(28, 44, 24), -1, 1)
    canvas.paint(look.beard * where * grain, scaled(look.brow, 0.9))


def paint_hair(canvas: Canvas, head: Array) -> None:
    """Draw the haircut over the shape ``head``, and the shade it throws on the forehead."""
    look = canvas.look
    if look.haircut not in CUTS:
        return
    cut = CUTS[look.haircut]
    strands = canvas.ripple(14, 30, 16, stretch=6.0)
    curls = cut.curl * canvas.ripple(9, 14, 14)
    outline = canvas.cover(head_shape(canvas, cut.bulge) + 0.05 * curls)
    sides = look.face_width - cut.temple
    fringe = look.hairline + cut.lower + 0.3 * np.clip(canvas.side / sides, 0, 1) ** cut.roundness
    beside = np.maximum(sides - canvas.side, canvas.y - cut.reach) + 0.4 * cut.fray * strands
    shape = np.minimum(canvas.y - fringe - cut.fray * strands, beside)
    gleam = 0.25 * (1 - cut.curl) * canvas.blob(-0.1, 0.13, 0.16, 0.05)
    tone = 0.86 + 0.13 * strands + 0.07 * curls + gleam - 0.25 * np.clip(canvas.side - 0.25, 0, 1)
    where = outline * canvas.cover(shape, 0.016)
    canvas.shade(0.22 * canvas.cover(shape - 0.02, 0.05) * canvas.cover(head) * (1 - where))
    colour = np.asarray(look.hair, np.float32)[:, None, None]
    canvas.paint(where, colour * np.clip(tone, 0.3, 1.6) + 12 * gleam)
