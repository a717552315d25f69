"""What inputs made of flow share: how it is estimated, and that they are measurements.

@dataclass(frozen=True)
class Divergence(FlowInput):
    ...                             # method, size and resolution are there, and looked at
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from mebench.api import Input, OpticalFlow


@dataclass(frozen=True)
class FlowInput(Input):
    """Flow by ``method``, estimated on frames of ``resolution`` pixels, as something of ``size`` pixels.

    The methods are those of :func:`mebench.api.optical_flow`.
    """

    kind: ClassVar[Literal["picture", "measurement"]] = "measurement"

    method: str = "tvl1"
    size: int = 28
    resolution: int = 224

    def __post_init__(self) -> None:
        self.flow()

    def describe(self) -> dict[str, Any]:
        """Return the identity, with the version of the library that estimates."""
        return {**super().describe(), "library": self.flow().describe()["library"]}

    def flow(self) -> OpticalFlow:
        """Return the flow behind it, which knows methods and sizes."""
        return OpticalFlow(method=self.method, size=self.size, resolution=self.resolution)
