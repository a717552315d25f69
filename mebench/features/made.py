"""What is computed of one clip: an input's array, and what its pictures needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.features.reader import PictureNotes


@dataclass(frozen=True)
class Made:
    """An input of one clip, C-contiguous and as declared, and what its pictures needed."""

    array: np.ndarray
    notes: PictureNotes
