"""MDMO: the main direction in which each of 36 areas of the face moves.

    MainDirections()                    # mean over the clip's frames, float32 (36, 2)
    main_direction(flow)                # of any vectors (n, 2)

Liu, Zhang, Yan, Wang, Zhao and Fu 2016, "A main directional mean optical flow feature for spontaneous micro-expression
recognition", IEEE Transactions on Affective Computing 7(4).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from mebench.api import ClipReader, Input, Landmarks68, OpticalFlow, grey, optical_flow

from .face_areas import AREAS, SIDE, covered, face_areas

if TYPE_CHECKING:
    from torch import Tensor

_DIRECTIONS = 8

# Where the skin hardly moves: the nose and the corners of the eyes.
_STILL = (*range(27, 36), 36, 39, 42, 45)


def main_direction(vectors: np.ndarray) -> np.ndarray:
    """Return the mean of those vectors (n, 2) that point into the sector most of them do, float64 (2,).

    The sectors are eight, evenly from -180 to 180 degrees; of equals the first counts. Length and angle are averaged
    each by itself. No vectors give 0.
    """
    if not len(vectors):
        return np.zeros(2)
    u, v = vectors.astype(float).T
    angle = np.arctan2(v, u)
    turn = (angle / (2 * np.pi) + 0.5) % 1
    sector = np.minimum((turn * _DIRECTIONS).astype(int), _DIRECTIONS - 1)
    chosen = sector == np.bincount(sector, minlength=_DIRECTIONS).argmax()
    # 180 degrees lie in the first sector, as -180.
    angles = np.where(angle == np.pi, -np.pi, angle)[chosen]
    mean: np.ndarray = np.hypot(u, v)[chosen].mean() * np.array(
        [np.cos(angles.mean()), np.sin(angles.mean())]
    )
    return mean


@dataclass(frozen=True)
class MainDirections(Input):
    """Main direction of each area, averaged over all frames after the onset, float32 (36, 2): u, v in pixels.

    Args:
        method: of the flow from the onset to each frame (:func:`mebench.features.flow.optical_flow`).
        resolution: side of the frames, in pixels.
        steady: the motion of the head, the affine flow nearest to that of 13 landmarks of nose and eye corners, is
            taken off first.
        detector, model: of the landmarks (:class:`mebench.features.landmarks.Landmarks68`).
    """

    kind: ClassVar[Literal["picture", "measurement"]] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    method: str = "farneback"
    resolution: int = 224
    steady: bool = True
    detector: str = "centerface"
    model: Path | None = None

    def __post_init__(self) -> None:
        self._parts()

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (36, 2)."""
        return (AREAS, 2)

    def describe(self) -> dict[str, Any]:
        """Return the identity, with those of flow and landmarks."""
        flow, landmarks = self._parts()
        return {
            **super().describe(),
            "model": None,
            "flow": flow.describe(),
            "landmarks": landmarks.describe(),
        }

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the directions; 0 where a clip has one frame, or an area lies outside the picture."""
        marks = self._parts()[1].compute(clip).astype(float) * self.resolution
        areas = [np.flatnonzero(covered(area, self.resolution)) for area in face_areas(marks)]
        first = grey(clip.frame(clip.onset, self.resolution))
        total, later = np.zeros((AREAS, 2)), [n for n in clip.frames.numbers if clip.onset < n <= clip.offset]
        for number in later:
            flow = optical_flow(first, grey(clip.frame(number, self.resolution)), self.method)
            vectors = (steadied(flow, marks) if self.steady else flow).reshape(-1, 2)
            total += [main_direction(vectors[area]) for area in areas]
        return (total / max(1, len(later))).astype(np.float32)

    def mirror(self, x: Tensor) -> Tensor:
        """Return directions (B, 36, 2) of mirrored clips: the sides change places, u changes its sign."""
        mirrored = x.roll(SIDE, dims=1)
        mirrored[..., 0] *= -1
        return mirrored

    def _parts(self) -> tuple[OpticalFlow, Landmarks68]:
        return (
            OpticalFlow(self.method, resolution=self.resolution),
            Landmarks68(detector=self.detector, model=self.model),
        )


def steadied(flow: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Return a flow (H, W, 2) without what the head does, by landmarks (68, 2) in pixels.

    The paper aligns frames by an affine map of 13 landmarks that are followed through the clip. Here the flow follows
    them: each still landmark moves by the mean of 5 x 5 pixels around it.
    """
    height, width, _ = flow.shape
    still = marks[list(_STILL)]
    column, row = np.clip(np.floor(still).astype(int), 2, (width - 3, height - 3)).T
    moves = [flow[y - 2 : y + 3, x - 2 : x + 3].mean(axis=(0, 1)) for x, y in zip(column, row, strict=True)]
    places = np.column_stack([column + 0.5, row + 0.5, np.ones(len(still))])
    head, *_ = np.linalg.lstsq(places, np.array(moves, float), rcond=None)
    y, x = np.mgrid[0.5:height, 0.5:width]
    result: np.ndarray = flow - np.stack([x, y, np.ones_like(x)], axis=-1) @ head
    return result
