"""Clips as users have them, folders and videos, made up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from moving_clips import texture
from PIL import Image

Frames = Sequence[np.ndarray]


def moving(frames: int = 9, apex: int = 5, side: int = 64) -> list[np.ndarray]:
    """Return pictures (side, side, 3); a patch in the upper left comes up to the ``apex``-th and fades again."""
    still, patch = texture(side), texture(side, seed=1)
    place = slice(side // 8, side * 3 // 8)
    pictures = []
    for strength in np.interp(range(1, frames + 1), [1, apex, frames], [0.0, 1.0, 0.0]):
        picture = still.copy()
        picture[place, place] += strength * (patch - still)[place, place]
        pictures.append(np.repeat(np.rint(picture).astype(np.uint8)[..., np.newaxis], 3, axis=-1))
    return pictures


def write_folder(
    place: Path, frames: Frames = (), names: Sequence[str] | str = "img{:04d}.png", first: int = 1
) -> Path:
    """Write pictures into a folder, under given names or numbered in a pattern from ``first``."""
    place.mkdir(parents=True)
    pictures = frames or moving()
    if isinstance(names, str):
        names = [names.format(number) for number in range(first, first + len(pictures))]
    for name, picture in zip(names, pictures, strict=True):
        Image.fromarray(picture).save(place / name)
    return place


def write_video(path: Path, frames: Frames = (), *, fps: int = 30, turn: int = 0) -> Path:
    """Write a video; .mkv is without loss."""
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'mebench[explain]'")
    pictures = frames or moving()
    lossless = path.suffix == ".mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1" if lossless else "mpeg4", rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "bgr0" if lossless else "yuv420p"
        if turn:
            if not hasattr(stream, "set_display_rotation"):
                pytest.skip("this release of PyAV writes no turned videos")
            stream.set_display_rotation(turn)
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path
