"""What a detector gives: a face with its box and five landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Face:
    """A face: ``box`` is left, top, right, bottom, and ``landmarks`` (5, 2), all in pixels.

    Landmarks are the eyes, the tip of the nose and the corners of the mouth, as :data:`TEMPLATE` orders them.
    """

    box: tuple[float, float, float, float]
    landmarks: np.ndarray

    @property
    def area(self) -> float:
        """The box's area in square pixels."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


class Detector(Protocol):
    """What finds faces."""

    def faces(self, picture: Image.Image) -> list[Face]:
        """Return the faces of an RGB picture, in any order."""
