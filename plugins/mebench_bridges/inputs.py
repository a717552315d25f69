"""Onset and apex as one input, so that both are mirrored and shifted alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.api import ApexFrame, Input, OnsetFrame
from mebench.features.reader import ClipReader


@dataclass(frozen=True)
class OnsetAndApex(Input):
    """The onset frame, then the apex frame, (2, size, size, 3) RGB."""

    size: int = 112

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (2, size, size, 3)."""
        return (2, self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return both frames."""
        return np.stack([OnsetFrame(self.size).compute(clip), ApexFrame(self.size).compute(clip)])
