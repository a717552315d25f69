"""Clips on disk whose frames are given as arrays, and faces whose true motion is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, shift

from mebench.data.clips.layout import FrameList
from mebench.features.reader import ClipReader
from mebench.synthetic.units import Movement


def clip_of(folder: Path, frames: Sequence[np.ndarray], apex: int = 0, first: int = 0) -> ClipReader:
    """Return a clip of frames (H, W, 3) or (H, W), written without loss and numbered from ``first``."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = tuple(range(first, first + len(frames)))
    paths = tuple(folder / f"{number}.png" for number in numbers)
    for path, frame in zip(paths, frames, strict=True):
        Image.fromarray(np.asarray(frame, np.uint8)).convert("RGB").save(path)
    return ClipReader("d/s/c/0", first, first + apex, numbers[-1], FrameList(numbers, paths))


def texture(side: int, seed: int = 0, grain: float = 1.5) -> np.ndarray:
    """Return a smooth random picture, float (side, side) in 0..255."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(side, side)), grain, mode="wrap")
    return np.clip(128 + 50 * noise / noise.std(), 0, 255)


def shifted(picture: np.ndarray, right: float, down: float) -> np.ndarray:
    """Return a picture moved by a fraction of pixels; what leaves at one side enters at the other."""
    return np.clip(shift(picture, (down, right), mode="grid-wrap"), 0, 255)


def face(seed: int, units: Sequence[int], frames: int, apex: int, size: int = 128) -> dict[str, Any]:
    """Return the arguments of :func:`mebench.synthetic.render.render_clip` for one clip."""
    movements = [Movement(unit) for unit in units]
    about = {"seed": seed, "subject": f"s{seed}", "clip": "c", "movements": movements}
    return {**about, "frames": frames, "apex": apex, "size": size}
