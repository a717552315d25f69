"""MediaPipe's Face Landmarker, for who has its model file; the package ships none.

MediaPipe(Path("face_landmarker.task")).faces(picture)
"""

from __future__ import annotations

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

    def faces(self, picture: Image.Image) -> list[Face]:
        """Return the faces of an RGB picture."""
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.array(picture, np.uint8)
        )
        found = []
        for mesh in self._landmarker.detect(image).face_landmarks:
            points = np.array([(point.x, point.y) for point in mesh]) * picture.size
            box = (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
            found.append(Face(box, points[_POINTS]))
        return found
