"""Brushes in face coordinates: shapes given by a function, soft edges, and grain that knows no resolution.

>>> from mebench.synthetic.look import subject_look
>>> canvas = Canvas(subject_look(0, "sub01"), texels=64)
>>> canvas.paint(canvas.cover(canvas.ellipse(0.17, 0.45, 0.07, 0.03)), (255, 255, 255))

Every shape is an array over the texels, negative inside. Shapes use the distance from the midline, so what is
drawn on the right half appears on the left as well.
"""

from __future__ import annotations

import math

import numpy as np

from mebench.synthetic.look import Array, Colour, Look, grid


class Canvas:
    """A picture in the making, with the coordinates of its texels."""

    def __init__(self, look: Look, texels: int) -> None:
        self.look, self.texels = look, texels
        self.x, self.y = np.broadcast_arrays(*grid(texels))
        self.side = np.abs(self.x)
        # Edges as soft as 1.5 pixels of the frame, which has half as many pixels as the texture has texels.
        self.edge = 3.0 / texels
        self.picture = np.zeros((3, texels, texels), np.float32)
        self.rng = np.random.default_rng(look.texture_seed)

    def cover(self, shape: Array, soft: float = 0.0) -> Array:
        """Return how much of each texel lies where the implicit ``shape`` is negative, 0..1."""
        slope_y, slope_x = np.gradient(shape, np.float32(1 / self.texels))
        distance = shape / (np.hypot(slope_x, slope_y) + np.float32(1e-6))
        share: Array = np.clip(0.5 - distance / max(soft, self.edge), 0, 1).astype(np.float32)
        return share

    def ellipse(self, x: float, y: float, width: float, height: float) -> Array:
        """Return the implicit shape of an ellipse and its mirror image."""
        shape: Array = np.hypot((self.side - abs(x)) / width, (self.y - y) / height) - 1
        return shape

    def blob(self, x: float, y: float, width: float, height: float) -> Array:
        """Return a Gaussian bump of height 1 and its mirror image."""
        across, down = (self.side - abs(x)) / width, (self.y - y) / height
        bump: Array = np.exp(-0.5 * (across**2 + down**2))
        return bump

    def paint(self, cover: Array, colour: Colour | Array) -> None:
        """Lay a colour, or a picture ``(3, texels, texels)``, over what is there."""
        over = np.asarray(colour, np.float32)
        over = over[:, None, None] if over.ndim == 1 else over
        self.picture += cover * (over - self.picture)

    def shade(self, darkness: Array) -> None:
        """Take away a share of the light, 0..1."""
        self.picture *= 1 - darkness

    def spot(self, x: float, y: float, radius: float) -> Array:
        """Return a round Gaussian bump that has no mirror image."""
        bump: Array = np.exp(-0.5 * ((self.x - x) ** 2 + (self.y - y) ** 2) / radius**2)
        return bump

    def ripple(self, low: float, high: float, waves: int, stretch: float = 1.0) -> Array:
        """Return a smooth pattern of unit variance whose grain, in cycles per image, knows no resolution."""
        total: Array = np.zeros_like(self.picture[0])
        for _ in range(waves):
            cycles, turn = self.rng.uniform(low, high), self.rng.uniform(0, math.pi)
            phase = float(self.rng.uniform(0, 2 * math.pi))
            across, down = (
                2 * math.pi * cycles * math.cos(turn),
                2 * math.pi * cycles * math.sin(turn) / stretch,
            )
            total += np.sin(across * self.x + down * self.y + phase)
        total *= math.sqrt(2 / waves)
        return total


def scaled(colour: Colour, factor: float) -> Colour:
    """Return the same hue, darker or brighter."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


def head_shape(canvas: Canvas, margin: float) -> Array:
    """Return the implicit outline of the head, grown by ``margin``."""
    look = canvas.look
    jaw = np.clip((canvas.y - 0.5) / 0.45, 0, 1)
    width = (look.face_width + margin) * (1 - look.taper * jaw * jaw)
    across, along = canvas.side / width, np.abs(canvas.y - 0.5) / (look.face_height + margin)
    shape: Array = across**look.squareness + along**look.squareness - 1
    return shape
