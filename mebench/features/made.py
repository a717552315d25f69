"""What is computed of one clip: an input's array, what its pictures needed, and which it looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.features.reader import PictureNotes


@dataclass(frozen=True)
class Made:
    """An input of one clip, C-contiguous and as declared, and what its pictures needed.

    ``looked_at`` are the places of its pictures in the clip's list of frames.
    """

    array: np.ndarray
    notes: PictureNotes
    looked_at: tuple[int, ...]
