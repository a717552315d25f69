"""Optical flow: how far each pixel has moved since the onset.

    OpticalFlow()                                       # onset to apex, float32 (28, 28, 2): u, v
    OpticalFlow(method="farneback", size=112)           # float32 (112, 112, 2)
    FlowStack(n=8, size=56)                             # onset to 8 later frames, float32 (8, 56, 56, 2)

Flow is estimated on frames of ``resolution`` pixels and averaged down to ``size``, as the field does:
a micro-expression moves a face of 28 pixels too little to be seen. It needs the extra ``mebench[flow]``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PIL import Image

from mebench.errors import MebenchError, UnknownNameError
from mebench.features.grey import grey
from mebench.features.inputs import Input, InputKind, positive
from mebench.features.reader import ClipReader
from mebench.features.tvl1 import optical_flow_tvl1

if TYPE_CHECKING:
    from torch import Tensor

# DIS refuses pictures that are smaller than its coarsest patch.
SMALLEST = 32


def optical_flow(first: np.ndarray, second: np.ndarray, method: str = "tvl1") -> np.ndarray:
    """Return the flow from one grey picture to another, float32 (H, W, 2): (u, v) in pixels.

    What ``first`` shows at (x, y), ``second`` shows at (x + u, y + v); x grows to the right, y downwards.

    Args:
        first: (H, W), 0 to 255.
        second: (H, W), 0 to 255.
        method: one of

            - ``tvl1``: total variation with an L1 data term, Zach, Pock and Bischof 2007, as in OFF-ApexNet
              and STSTNet (to the byte what scikit-image gives by default);
            - ``farneback``: polynomial expansion, Farneback 2003, with the parameters of HTNet's published
              code (pyramid 0.5 of 3 levels, window 15, 3 iterations, neighbourhood 5, sigma 1.2);
            - ``dis``: dense inverse search, Kroeger et al. 2016, OpenCV's medium preset.

    Raises:
        MebenchError: the method is unknown, or its library is not installed.
    """
    return _method(method).estimate(first, second)


@dataclass(frozen=True)
class FlowInput(Input):
    """Base of inputs made of flow: by ``method``, estimated on frames of ``resolution`` pixels, of ``size`` pixels.

    What is made of it says by ``dtype`` what its arrays are, and by ``mirror`` whether they can be mirrored.
    """

    kind: ClassVar[InputKind] = "measurement"

    method: str = "tvl1"
    size: int = 28
    resolution: int = 224

    def __post_init__(self) -> None:
        _method(self.method)
        positive("size", self.size)
        least = max(SMALLEST, self.size)
        if self.resolution < least:
            raise MebenchError(
                f"resolution is {self.resolution}: flow of size {self.size} is estimated on {least} pixels or more"
            )

    def describe(self) -> dict[str, Any]:
        """Return the identity, with the version of the library that estimates."""
        return {**super().describe(), "library": _method(self.method).library()}

    def from_onset(self, clip: ClipReader, numbers: Sequence[int]) -> list[np.ndarray]:
        """Return the flow from the onset to each of some frames, (resolution, resolution, 2), in its pixels.

        Each frame is the nearest that can be read; one that is asked for twice is estimated once.
        """
        onset = grey(clip.frame(clip.onset, self.resolution))
        found = {
            number: optical_flow(onset, grey(clip.frame(number, self.resolution)), self.method)
            for number in dict.fromkeys(numbers)
        }
        return [found[number] for number in numbers]


@dataclass(frozen=True)
class _Components(FlowInput):
    """Flow itself: u and v in pixels of the result."""

    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    def mirror(self, x: Tensor) -> Tensor:
        """Return flow (B, ..., H, W, C) of mirrored clips: u, the first channel, points the other way."""
        mirrored = x.flip(-2)
        mirrored[..., 0] *= -1
        return mirrored

    def to_size(self, flow: np.ndarray) -> np.ndarray:
        """Return a flow at the resolution of its estimate as (size, size, 2), in pixels of the result."""
        return shrink(flow, self.size) * np.float32(self.size / self.resolution)


@dataclass(frozen=True)
class OpticalFlow(_Components):
    """Flow from onset to apex, (size, size, 2): (u, v) in pixels of the result.

    See :func:`optical_flow` for the methods. Where onset and apex are one frame, the flow is 0 or, with
    ``farneback``, near it.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 2)."""
        return (self.size, self.size, 2)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the flow from onset to apex."""
        return self.to_size(self.full(clip))

    def full(self, clip: ClipReader) -> np.ndarray:
        """Return the flow at the resolution of its estimate, (resolution, resolution, 2), in its pixels."""
        (flow,) = self.from_onset(clip, (clip.apex,))
        return flow


@dataclass(frozen=True)
class FlowStack(_Components):
    """Flow from the onset to ``n`` later frames, (n, size, size, 2): (u, v) in pixels of the result.

    The long-term flow of SLSTT (Zhang et al. 2022). The frames lie evenly in time after the onset, the last
    one is the offset, and each is the nearest that can be read: flow to a mixture of two would be of neither.
    """

    method: str = "farneback"
    n: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("n", self.n)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (n, size, size, 2)."""
        return (self.n, self.size, self.size, 2)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the flow from the onset to each frame."""
        numbers = np.rint(np.linspace(clip.onset, clip.offset, self.n + 1)[1:]).astype(int)
        return np.stack([self.to_size(flow) for flow in self.from_onset(clip, numbers.tolist())])


def shrink(maps: np.ndarray, size: int) -> np.ndarray:
    """Return maps (H, W, C) averaged over boxes, float32 (size, size, C); the values keep their unit."""
    channels = (Image.fromarray(np.ascontiguousarray(c, np.float32)) for c in np.moveaxis(maps, -1, 0))
    return np.stack([np.asarray(c.resize((size, size), Image.Resampling.BOX)) for c in channels], axis=-1)


@dataclass(frozen=True)
class _Method:
    module: str
    estimate: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def library(self) -> str:
        return f"{self.module.partition('.')[0]} {_library(self.module.partition('.')[0]).__version__}"


def _tvl1(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    _library("skimage.transform")
    v, u = optical_flow_tvl1(*(p.astype(np.float32) / np.float32(255) for p in (first, second)))
    return np.stack([u, v], axis=-1).astype(np.float32)


def _farneback(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    bytes_ = (np.rint(picture).astype(np.uint8) for picture in (first, second))
    flow: np.ndarray = _library("cv2").calcOpticalFlowFarneback(*bytes_, None, 0.5, 3, 15, 3, 5, 1.2, 0)
    return flow


def _dis(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    cv2 = _library("cv2")
    bytes_ = (np.rint(picture).astype(np.uint8) for picture in (first, second))
    flow: np.ndarray = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*bytes_, None)
    return flow


_METHODS = {
    # OpenCV has TV-L1 in its contrib packages only.
    "tvl1": _Method("skimage.transform", _tvl1),
    "farneback": _Method("cv2", _farneback),
    "dis": _Method("cv2", _dis),
}


def _method(name: str) -> _Method:
    if name not in _METHODS:
        raise UnknownNameError("optical flow method", name, _METHODS)
    return _METHODS[name]


def _library(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MebenchError(
            f"optical flow needs {module}, which cannot be imported ({error}): pip install 'mebench[flow]'"
        ) from error
