"""What the networks on one flow picture share: their input, and how it reaches them.

class Shallow(FlowNetwork):
    def network(self, train, context):
        return nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(5), nn.Flatten(), nn.Linear(200, 3))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn

from mebench.api import FlowPicture, Input, TorchModel


class FlowNetwork(TorchModel):
    """A network on the flow from onset to apex: channels u, v and optical strain, (B, 3, side, side).

    Attributes:
        side: of the picture, in pixels.
        white: the pixel value that the network sees as 1: 255 for values of 0 to 1, 1 for values of 0 to 255.
    """

    side: ClassVar[int] = 28
    white: ClassVar[float] = 255.0

    def inputs(self) -> Mapping[str, Input]:
        """Return the flow picture."""
        return {"flow": FlowPicture(size=self.side)}

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return class scores (B, classes)."""
        return network(self.picture(inputs["flow"])), None

    def picture(self, flow: Tensor) -> Tensor:
        """Return flow (B, side, side, 3) as the network's picture (B, 3, side, side)."""
        return flow.movedim(-1, 1) / self.white
