"""The marks by which a synthetic twin is known, so that it can never pass for real data.

A twin carries three: a file in its root, a sheet in its annotation workbook, and a comment in every
picture. Any one of them is enough.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.clips.sheet import sheet_names

MARKER_FILE = "SYNTHETIC-TWIN.json"
# What `data prepare` writes beside the crops it makes: which detector, which size.
PREPARATION_FILE = "preparation/options.json"
MARKER_SHEET = "mebench synthetic twin"
MARKER_COMMENT = b"mebench synthetic twin"


def is_twin(root: Path, annotation: Path, frames: Iterable[Path]) -> bool:
    """Tell whether a dataset folder, its annotation or any of some frames is marked as synthetic."""
    if (root / MARKER_FILE).exists() or MARKER_SHEET in sheet_names(annotation):
        return True
    return any(_comment(frame) == MARKER_COMMENT for frame in frames)


def save_marked(pixels: np.ndarray, path: Path) -> None:
    """Write a picture, uint8 (H, W, 3), with the mark inside: as its comment, or in a BMP behind its pixels."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    mark = PngInfo()
    mark.add_text("comment", MARKER_COMMENT.decode())
    options: dict[str, dict[str, Any]] = {
        ".jpg": {"quality": 95, "comment": MARKER_COMMENT},
        ".png": {"pnginfo": mark},
    }
    Image.fromarray(pixels).save(path, **options.get(path.suffix, {}))
    if path.suffix == ".bmp":
        # The format has no comment; its header says where the pixels end, and readers pass over the rest.
        with path.open("ab") as file:
            file.write(MARKER_COMMENT)


def _comment(frame: Path) -> bytes:
    from PIL import Image, UnidentifiedImageError

    try:
        if frame.suffix.lower() == ".bmp":
            with frame.open("rb") as file:
                file.seek(-len(MARKER_COMMENT), os.SEEK_END)
                return file.read()
        with Image.open(frame) as picture:
            comment = picture.info.get("comment", b"")
    except (OSError, UnidentifiedImageError):
        return b""
    return comment if isinstance(comment, bytes) else str(comment).encode()
