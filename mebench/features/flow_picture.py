"""Optical flow as the field publishes it: 8-bit pictures of flow and strain, each channel stretched to its full range.

    FlowPicture()            # uint8 (28, 28, 3): u, v, strain; computed from onset and apex
    FlowFiles()              # the same, read from the published picture of a clip

It is what STSTNet (Liong et al. 2019) and most flow networks after it are trained on. Zero and scale of the flow are
lost: grey 128 is no rest, and two pictures of equal brightness no equal motion. :class:`OpticalFlow` and
:class:`FlowStrain` keep them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mebench.errors import UnknownNameError
from mebench.features.flow import OpticalFlow, shrink
from mebench.features.inputs import InputKind, positive
from mebench.features.reader import ClipReader
from mebench.features.ready import ReadyInput
from mebench.features.strain import optical_strain

if TYPE_CHECKING:
    from torch import Tensor

THIRDS = ("strain", "magnitude")


@dataclass(frozen=True)
class FlowPicture(OpticalFlow):
    """Flow from onset to apex as a picture, uint8 (size, size, 3): u (right), v (down) and a third channel.

    ``third`` is the optical ``strain`` (:func:`mebench.features.strain.optical_strain`) or the flow's ``magnitude``.
    All three are computed where the flow is estimated and averaged down. Then each channel of each picture is
    stretched: its least value becomes 0, its greatest 255; a channel of one value becomes 0.
    """

    kind: ClassVar[InputKind] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.uint8)
    third: str = "strain"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.third not in THIRDS:
            raise UnknownNameError("third channel of a flow picture", self.third, THIRDS)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 3)."""
        return (self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the picture of the flow from onset to apex."""
        flow = self.full(clip)
        third = optical_strain(flow) if self.third == "strain" else np.hypot(flow[..., 0], flow[..., 1])
        return stretched(shrink(np.dstack([flow, third]), self.size))

    def mirror(self, x: Tensor) -> Tensor:
        """Return pictures (B, size, size, 3) of the clips seen in a mirror (:func:`mirrored`)."""
        return mirrored(x)


@dataclass(frozen=True)
class FlowFiles(ReadyInput):
    """The published flow picture of a clip, uint8 (size, size, 3): u, v, strain, as :class:`FlowPicture` computes.

    The file's numbers as they are where it has that size; else it is resized (bilinear, and averaged when shrunk).
    """

    kind: ClassVar[InputKind] = "measurement"
    size: int = 28

    def __post_init__(self) -> None:
        positive("size", self.size)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 3)."""
        return (self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the clip's picture."""
        return clip.frame(clip.apex, self.size)

    def mirror(self, x: Tensor) -> Tensor:
        """Return pictures (B, size, size, 3) of the clips seen in a mirror (:func:`mirrored`)."""
        return mirrored(x)


def stretched(maps: np.ndarray) -> np.ndarray:
    """Return maps (H, W, C) as uint8: each channel from its least value, 0, to its greatest, 255, rounded.

    A channel of one value becomes 0.
    """
    least, greatest = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
    span = np.where(greatest > least, greatest - least, 1)
    return np.asarray(np.rint((maps - least) / span * 255), np.uint8)


def mirrored(x: Tensor) -> Tensor:
    """Return a batch of flow pictures (B, H, W, 3) as of mirrored clips, a tensor of 0..255: u turns round.

    A stretched channel keeps its range when it is negated: -u is 255 - u.
    """
    turned = x.flip(-2)  # a copy
    turned[..., 0] = 255 - turned[..., 0]
    return turned
