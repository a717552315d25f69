"""Pictures of parts of a face: what lies around its eyes, brows, nose and mouth.

Regions()                                                  # uint8 (5, 48, 48, 3), of the apex frame
Regions(names=("left_brow", "right_brow"), frame="onset")  # uint8 (2, 48, 48, 3)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mebench.data.preparation.align import warp
from mebench.errors import MebenchError, UnknownNameError
from mebench.features.inputs import Input, positive
from mebench.features.landmarks import Landmarks68, check_places, detector_identity
from mebench.features.reader import ClipReader

if TYPE_CHECKING:
    from torch import Tensor

# The points of the 68 whose mean is a region's middle; left and right as the picture shows them.
REGIONS = {
    "left_brow": (17, 18, 19, 20, 21),
    "right_brow": (22, 23, 24, 25, 26),
    "between_brows": (21, 22, 27),
    "left_eye": (36, 37, 38, 39, 40, 41),
    "right_eye": (42, 43, 44, 45, 46, 47),
    "nose": (30, 33),
    "left_mouth": (48,),
    "right_mouth": (54,),
    "mouth": (48, 51, 54, 57),
    "chin": (8, 57),
}


@dataclass(frozen=True)
class Regions(Input):
    """Upright squares around parts of the face, (regions, size, size, 3) RGB, in the order of ``names``.

    A torch model receives them as it does frames of a clip, (B, 3, regions, size, size). Their places are those of
    the landmarks in the onset frame, whichever frame is cropped: a region that followed its landmark would hide the
    motion. What lies outside the picture is black.

    Args:
        names: of :data:`REGIONS`; ``left`` is the left of the picture.
        frame: ``apex`` or ``onset``: the frame that is cropped.
        size: side of each picture, in pixels.
        width: side of each region, in distances from eye to eye.
        resolution: side of the frame that is cropped, in pixels.
        detector, model: as in :class:`~mebench.features.landmarks.Landmarks`.
    """

    names: tuple[str, ...] = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
    frame: str = "apex"
    size: int = 48
    width: float = 0.7
    resolution: int = 320
    detector: str = "centerface"
    model: Path | None = None

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in REGIONS:
                raise UnknownNameError("region of the face", name, REGIONS)
        if not self.names or self.width <= 0:
            raise MebenchError(
                f"{len(self.names)} regions of width {self.width}: both must be more than nothing"
            )
        check_places(self.detector, self.model, self.frame)
        positive("size", self.size)
        positive("resolution", self.resolution)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (regions, size, size, 3)."""
        return (len(self.names), self.size, self.size, 3)

    def describe(self) -> dict[str, Any]:
        """Return the identity, with the content of the detector's model and the version of what runs it."""
        return {**super().describe(), "model": None, **detector_identity(self.detector, self.model)}

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the regions' pictures."""
        from PIL import Image

        marks = Landmarks68(self.detector, "onset", self.resolution, self.model).compute(clip)
        marks = marks.astype(float) * self.resolution
        left, right = (marks[list(REGIONS[name])].mean(axis=0) for name in ("left_eye", "right_eye"))
        # A pixel at least: points that a detector puts in one place give no distance.
        scale = self.size / (self.width * max(1.0, float(np.linalg.norm(right - left))))
        picture = Image.fromarray(
            clip.frame(clip.onset if self.frame == "onset" else clip.apex, self.resolution)
        )
        crops = []
        for name in self.names:
            shift = self.size / 2 - scale * marks[list(REGIONS[name])].mean(axis=0)
            crops.append(np.asarray(warp(picture, np.column_stack([scale * np.eye(2), shift]), self.size)))
        return np.stack(crops)

    def mirror(self, x: Tensor) -> Tensor | None:
        """Return pictures (B, 3, regions, size, size) of mirrored clips; None where a region's other side is not asked.

        Each is mirrored, and those of left and right change places.
        """
        others = [_other_side(name) for name in self.names]
        if not set(others) <= set(self.names):
            return None
        return x[:, :, [self.names.index(name) for name in others]].flip(-1)


def _other_side(name: str) -> str:
    side, _, part = name.partition("_")
    return {"left": f"right_{part}", "right": f"left_{part}"}.get(side, name)
