"""The onset and the apex frame as one input, so that whatever changes one of them changes both.

OnsetAndApex(size=224)        # uint8 (2, 224, 224, 3)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.api import Input
from mebench.features.inputs import positive
from mebench.features.reader import ClipReader


@dataclass(frozen=True)
class OnsetAndApex(Input):
    """The onset and the apex frame, (2, size, size, 3) RGB: augmented alike, as frames of one clip are."""

    size: int = 224

    def __post_init__(self) -> None:
        positive("size", self.size)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (2, size, size, 3)."""
        return (2, self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the two frames."""
        return np.stack([clip.frame(clip.onset, self.size), clip.frame(clip.apex, self.size)])
