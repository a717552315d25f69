"""Landmarks of a clip's face, in shares of the picture's side.

    Landmarks()                                            # CenterFace's five, float32 (5, 2)
    Landmarks(detector="mediapipe", model=Path("face_landmarker.task"))     # the 468 of its mesh
    Landmarks68()                                          # 68, placed by those: float32 (68, 2)

The face is looked for in one frame, so that a landmark's place holds no motion. CenterFace needs the extra
``mebench[prepare]``. Where no face is found, the template of `data prepare` says where landmarks are, and the run's
record says for how many clips.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mebench.data.preparation.align import TEMPLATE
from mebench.data.preparation.detect import DETECTORS, find_face, load_detector
from mebench.errors import MebenchError, UnknownNameError
from mebench.features.inputs import Input, InputKind, positive
from mebench.features.points68 import SWAP_68, from_five, from_mesh
from mebench.features.reader import ClipReader
from mebench.files import content_of

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

MESH_POINTS = 468
FRAMES = ("onset", "apex")

# As the picture shows them from left to right: eyes, tip of the nose, corners of the mouth.
_SWAP_5 = (1, 0, 2, 4, 3)

# A face that fills its picture is found more easily with something around it: margins in shares of the side.
_MARGINS = (0.0, 0.25)


@dataclass(frozen=True)
class Landmarks(Input):
    """Landmarks in one frame, (5, 2) or (468, 2): x to the right and y downwards, 0..1 in the central square.

    Five are the eyes, the tip of the nose and the corners of the mouth, each pair as the picture shows it from left
    to right. 468 are MediaPipe's mesh, in its own order; nothing here knows which of them mirror each other, so
    batches of them are not mirrored.

    Args:
        detector: ``centerface`` (Xu et al. 2020), ``mediapipe``, or ``template``: five points where `data prepare`
            puts them, whatever the picture shows.
        frame: ``onset`` or ``apex``: where the face is looked for.
        resolution: side of the picture that is looked at, in pixels.
        model: MediaPipe's model file, which the package does not bring. What it holds is part of the input's
            identity, where it lies is not.
    """

    kind: ClassVar[InputKind] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    detector: str = "centerface"
    frame: str = "onset"
    resolution: int = 320
    model: Path | None = None

    def __post_init__(self) -> None:
        check_places(self.detector, self.model, self.frame)
        positive("resolution", self.resolution)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (5, 2), or (468, 2) of a mesh."""
        return (MESH_POINTS if self.detector == "mediapipe" else len(TEMPLATE), 2)

    def describe(self) -> dict[str, Any]:
        """Return the identity, with the content of the detector's model and the version of what runs it."""
        return {**super().describe(), "model": None, **detector_identity(self.detector, self.model)}

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the landmarks.

        Raises:
            MebenchError: the detector cannot be loaded, or ``mediapipe`` finds no face: its mesh has no template.
        """
        points = self.detected(clip)
        if points is not None:
            return points.astype(np.float32)
        if self.detector == "mediapipe":
            raise MebenchError(
                f"clip {clip.key}: mediapipe finds no face in its {self.frame} frame and there is no template of its "
                "468 points: use Landmarks68, or the detector centerface"
            )
        return TEMPLATE.astype(np.float32)

    def mirror(self, x: Tensor) -> Tensor | None:
        """Return landmarks (B, 5, 2) of mirrored clips: left and right change names; None of a mesh."""
        return None if self.detector == "mediapipe" else mirror_points(x, _SWAP_5)

    def detected(self, clip: ClipReader) -> np.ndarray | None:
        """Return what the detector finds, float64 (5, 2) or (468, 2) in shares, or None, which the clip notes."""
        if self.detector == "template":
            return None
        number = clip.onset if self.frame == "onset" else clip.apex
        picture = clip.frame(number, self.resolution)
        for margin in _MARGINS:
            border = round(margin * self.resolution)
            found = self._look(_framed(picture, border))
            if found is not None:
                return (found - border) / self.resolution
        clip.note_no_face(number, self.resolution)
        return None

    def _look(self, picture: Image.Image) -> np.ndarray | None:
        detector = load_detector(self.detector, self.model)
        if self.detector == "mediapipe":
            mesh = detector.largest_mesh(picture)  # type: ignore[attr-defined]
            return None if mesh is None else np.asarray(mesh[:MESH_POINTS], float)
        return find_face(detector, picture)


@dataclass(frozen=True)
class Landmarks68(Landmarks):
    """68 landmarks in the order of the 300-W challenge (Sagonas et al. 2013), float32 (68, 2), shares as above.

    Taken from MediaPipe's mesh where that is the detector; else a mean face is fitted to the five points, so that
    jaw, brows and lids lie where an average face has them (:mod:`mebench.features.points68`).
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (68, 2)."""
        return (len(SWAP_68), 2)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the landmarks.

        Raises:
            MebenchError: the detector cannot be loaded.
        """
        points = self.detected(clip)
        if points is None:
            points = TEMPLATE
        placed = from_mesh(points) if len(points) == MESH_POINTS else from_five(points)
        return placed.astype(np.float32)

    def mirror(self, x: Tensor) -> Tensor:
        """Return landmarks (B, 68, 2) of mirrored clips."""
        return mirror_points(x, SWAP_68)


def mirror_points(x: Tensor, swap: tuple[int, ...]) -> Tensor:
    """Return points (B, n, 2) of mirrored pictures; ``swap[i]`` is what point ``i`` is called in the mirror."""
    mirrored = x[:, list(swap)].clone()
    mirrored[..., 0] = 1 - mirrored[..., 0]
    return mirrored


def check_places(detector: str, model: Path | None, frame: str) -> None:
    """Raise MebenchError unless detector, its model file and the frame go together."""
    if detector not in (*DETECTORS, "template"):
        raise UnknownNameError("landmark detector", detector, (*DETECTORS, "template"))
    if frame not in FRAMES:
        raise UnknownNameError("frame of landmarks", frame, FRAMES)
    if (detector == "mediapipe") != (model is not None):
        raise MebenchError(
            "the detector mediapipe needs its model file (face_landmarker.task, from MediaPipe's pages)"
            if model is None
            else f"the detector {detector} reads no model file: leave out {model}"
        )


def detector_identity(detector: str, model: Path | None) -> dict[str, Any]:
    """Return what decides where a detector finds landmarks, as plain values.

    Raises:
        MebenchError: its package or model file is missing.
    """
    if detector == "template":
        return {}
    from importlib.metadata import PackageNotFoundError, version

    library = "mediapipe"
    if detector == "centerface":
        from mebench.data.preparation.centerface import model_file

        model, library = model_file(), "onnxruntime"
    if model is None or not model.is_file():
        raise MebenchError(f"there is no file {model}, which the detector {detector} reads")
    try:
        return {"model": content_of(model), "library": f"{library} {version(library)}"}
    except PackageNotFoundError as error:
        raise MebenchError(f"the detector {detector} needs {library}, which is not installed") from error


def _framed(picture: np.ndarray, border: int) -> Image.Image:
    """Return a picture (H, W, 3) with a border of its mean colour."""
    from PIL import Image

    mean = tuple(np.rint(picture.mean(axis=(0, 1))).astype(int).tolist())
    height, width = picture.shape[:2]
    framed = Image.new("RGB", (width + 2 * border, height + 2 * border), mean)
    framed.paste(Image.fromarray(picture), (border, border))
    return framed
