"""The marks by which a synthetic twin is known, so that it can never pass for real data.

A twin carries three: a file in its root, a sheet in its annotation workbook, and a comment in every
picture. Any one of them is enough.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.clips.sheet import sheet_names
from mebench.data.fetching import is_there, read_bytes
from mebench.errors import MebenchError
from mebench.files import read_json

MARKER_FILE = "SYNTHETIC-TWIN.json"
# What `data prepare` writes beside the crops it makes: which detector, which size.
PREPARATION_FILE = "preparation/options.json"
MARKER_SHEET = "mebench synthetic twin"
MARKER_COMMENT = b"mebench synthetic twin"

# The comment stands before the pixels.
_HEAD = 65_536


def is_twin(root: Path, annotation: Path, frames: Iterable[Path]) -> bool:
    """Tell whether a dataset folder, its annotation or any of some frames is marked as synthetic.

    Raises:
        UnreachableError: the system cannot read one of them, so nobody can tell.
    """
    return is_there(root / MARKER_FILE) or MARKER_SHEET in sheet_names(annotation) or any_marked(frames)


def twin_of(root: Path) -> dict[str, Any] | None:
    """Return what a twin's file says of how it was drawn; None where there is no such file.

    Raises:
        MebenchError: it is not of the form that mebench writes.
    """
    return _written(root / MARKER_FILE, {"what": str, "dataset": str})


def preparation_of(root: Path) -> dict[str, Any] | None:
    """Return the options with which mebench prepared the frames in a folder; None where it did not.

    Raises:
        MebenchError: its file is not of the form that mebench writes.
    """
    return _written(root / PREPARATION_FILE, {"dataset": str, "size": int, "detector": str})


def _written(path: Path, due: Mapping[str, type]) -> dict[str, Any] | None:
    if not is_there(path):
        return None
    content = read_json(path)
    if not isinstance(content, dict) or any(
        not isinstance(content.get(name), kind) or isinstance(content.get(name), bool)
        for name, kind in due.items()
    ):
        raise MebenchError(
            f"{path} does not say what mebench writes there ({', '.join(due)}): restore it, or make the folder again"
        )
    return content


def any_marked(frames: Iterable[Path]) -> bool:
    """Tell whether any of some frames is marked as synthetic.

    Raises:
        UnreachableError: the system cannot read one of them.
    """
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
    from PIL import Image

    if frame.suffix.lower() == ".bmp":
        return read_bytes(frame, start=-len(MARKER_COMMENT))
    head = read_bytes(frame, most=_HEAD)
    try:
        with Image.open(io.BytesIO(head)) as picture:
            comment = picture.info.get("comment", b"")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return b""  # no picture; what to say of it is not decided here
    return comment if isinstance(comment, bytes) else str(comment).encode()
