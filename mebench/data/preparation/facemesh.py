"""MediaPipe's Face Landmarker, for who has its model file; the package ships none.

MediaPipe(Path("face_landmarker.task")).faces(picture)
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mebench.data.preparation.face import Face
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from PIL import Image

# Of the mesh's 478 points: the irises' middles, the tip of the nose, the corners of the mouth.
_POINTS = [468, 473, 1, 61, 291]


class MediaPipe:
    """The detector; ``model`` is the file ``face_landmarker.task`` from MediaPipe's own pages."""

    def __init__(self, model: Path | None) -> None:
        if model is None or not model.is_file():
            what = "no model file was named" if model is None else f"there is no file {model}"
            raise MebenchError(
                f"the mediapipe detector needs its model and {what}: get face_landmarker.task from MediaPipe's "
                "pages and name it with --detector-model FILE, or use --detector centerface"
            )
        try:
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision
        except ImportError as error:
            raise MebenchError(
                f"the mediapipe detector cannot be loaded ({error}): run `pip install mediapipe`, or use "
                "--detector centerface"
            ) from error
        options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=str(model)))
        try:
            self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise MebenchError(
                f"{model} is not a model of MediaPipe's Face Landmarker: get face_landmarker.task again"
            ) from error
        self._mediapipe: Any = mediapipe
        # Features are computed by threads, and MediaPipe does not say that its tasks may be shared.
        self._one_at_a_time = threading.Lock()

    def faces(self, picture: Image.Image) -> list[Face]:
        """Return the faces of an RGB picture."""
        return [Face(_box(points), points[_POINTS]) for points in self.meshes(picture)]

    def largest_mesh(self, picture: Image.Image) -> np.ndarray | None:
        """Return the mesh of the face whose box is largest, (478, 2) pixels, or None where there is no face."""
        return max(self.meshes(picture), key=lambda points: np.ptp(points, axis=0).prod(), default=None)

    def meshes(self, picture: Image.Image) -> list[np.ndarray]:
        """Return all points of each face of an RGB picture, (478, 2) pixels; the last ten are the irises'."""
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.array(picture, np.uint8)
        )
        with self._one_at_a_time:
            found = self._landmarker.detect(image).face_landmarks
        return [np.array([(point.x, point.y) for point in mesh]) * picture.size for mesh in found]


def _box(points: np.ndarray) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom
