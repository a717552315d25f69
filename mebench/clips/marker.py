"""The marks by which a synthetic twin is known, so that it can never pass for real data.

A twin carries three: a file in its root, a sheet in its annotation workbook, and a comment in every
picture. Any one of them is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mebench.clips.sheet import sheet_names

MARKER_FILE = "SYNTHETIC-TWIN.json"
MARKER_SHEET = "mebench synthetic twin"
MARKER_COMMENT = b"mebench synthetic twin"


def is_twin(root: Path, annotation: Path, frames: Iterable[Path]) -> bool:
    """Tell whether a dataset folder, its annotation or any of some frames is marked as synthetic."""
    if (root / MARKER_FILE).exists() or MARKER_SHEET in sheet_names(annotation):
        return True
    return any(_comment(frame) == MARKER_COMMENT for frame in frames)


def _comment(frame: Path) -> bytes:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(frame) as picture:
            comment = picture.info.get("comment", b"")
    except (OSError, UnidentifiedImageError):
        return b""
    return comment if isinstance(comment, bytes) else str(comment).encode()
