"""Grey pictures of colour ones, for what measures motion rather than colour."""

from __future__ import annotations

import numpy as np

# The weights of red, green and blue in the luma of ITU-R BT.601.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def grey(frames: np.ndarray) -> np.ndarray:
    """Return the luma of RGB pictures (..., H, W, 3), float32 (..., H, W) in 0..255, unrounded."""
    luma: np.ndarray = frames.astype(np.float32) @ _LUMA
    return luma
