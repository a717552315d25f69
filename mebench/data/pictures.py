"""Decoding one picture file.

pixels = read_square(path, size=112)      # uint8 (112, 112, 3) RGB, or None
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError


def read_square(path: Path, size: int) -> np.ndarray | None:
    """Return a picture's central square at ``size``, uint8 (size, size, 3), or None if unreadable."""
    try:
        with Image.open(path) as opened:
            picture: Any = opened
            # JPEG decodes at a fraction of its size for free; twice the target keeps the antialiasing.
            picture.draft("RGB", (2 * size, 2 * size))
            width, height = picture.size
            side = min(width, height)
            left, top = (width - side) // 2, (height - side) // 2
            middle = picture.crop((left, top, left + side, top + side)).convert("RGB")
            square = middle.resize((size, size), Image.Resampling.BILINEAR)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return np.asarray(square)
