"""Finding the face in a picture: five landmarks, looked at again once the face is upright.

    detector = load_detector("centerface")
    landmarks = find_face(detector, picture)      # (5, 2) pixels, or None

Detectors are imported when they are loaded: they need packages that nothing else needs.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mebench.data.preparation.align import face_transform, inverse, transform_points, warp
from mebench.data.preparation.face import Detector
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from PIL import Image

DETECTORS = ("centerface", "mediapipe")

# The second look: crops of this side, with the face at these shares of its size in the template (detectors are
# trained on faces with something around them). Landmarks of one look are off by some hundredths of the face,
# now here and now there; the mean of several is steadier.
_LOOK_SIZE = 256
_LOOK_ZOOMS = (0.42, 0.48, 0.54, 0.6, 0.66, 0.75)


@lru_cache(maxsize=1)
def load_detector(name: str, model: Path | None = None) -> Detector:
    """Return a detector, loaded once in each process.

    Args:
        name: one of :data:`DETECTORS`.
        model: MediaPipe's model file; CenterFace brings its own.

    Raises:
        MebenchError: a package or the model file is missing or broken, or the name is unknown.
    """
    if name == "centerface":
        if model is not None:
            raise MebenchError("centerface brings its own model file: leave out --detector-model")
        from mebench.data.preparation.centerface import CenterFace

        return CenterFace()
    if name == "mediapipe":
        from mebench.data.preparation.facemesh import MediaPipe

        return MediaPipe(model)
    raise MebenchError(f"there is no face detector {name!r}: choose one of {', '.join(DETECTORS)}")


def find_face(detector: Detector, picture: Image.Image) -> np.ndarray | None:
    """Return the landmarks, (5, 2) pixels, of a picture's largest face, or None where there is none."""
    found = max(detector.faces(picture), key=lambda face: face.area, default=None)
    if found is None:
        return None
    looks = [
        landmarks
        for zoom in _LOOK_ZOOMS
        if (landmarks := _look_again(detector, picture, found.landmarks, zoom)) is not None
    ]
    return np.mean(looks, axis=0) if looks else found.landmarks


def _look_again(
    detector: Detector, picture: Image.Image, landmarks: np.ndarray, zoom: float
) -> np.ndarray | None:
    """Find the face in an upright crop around it, and return the landmarks in the picture."""
    matrix = face_transform(landmarks, _LOOK_SIZE, zoom=zoom)
    faces = detector.faces(warp(picture, matrix, _LOOK_SIZE))
    middle = transform_points(matrix, landmarks).mean(axis=0)
    nearest = min(
        faces, key=lambda face: float(np.linalg.norm(face.landmarks.mean(axis=0) - middle)), default=None
    )
    return None if nearest is None else transform_points(inverse(matrix), nearest.landmarks)
