"""Frames a second of the feature cache, and of a plain loop over matplotlib and scikit-image.

    python benchmarks/decode.py                 # 12 clips of 16 frames, 1280 x 720 JPEG, to 112 x 112
    python benchmarks/decode.py --clips 40

All decode and shrink every frame of the same files and write one array; the runs alternate in one process and the
medians are compared. "mebench" takes the middle square, as the plain loop does; "aligned" turns and shrinks each
frame by a similarity transform, as `mebench data prepare` does; "cache hit" reads the cached array again.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image
from skimage.transform import resize

from mebench.data.clips.layout import FrameList
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.table import make_clip_table
from mebench.data.preparation.align import face_transform, warp
from mebench.data.reading import ClipData
from mebench.features.inputs import ClipFrames
from mebench.features.reader import ClipReader
from mebench.features.store import FeatureStore
from mebench.parallel import cores

FRAMES, WIDTH, HEIGHT = 16, 1280, 720


@dataclass(frozen=True)
class AlignedFrames(ClipFrames):
    """Every frame under one similarity transform: eyes and mouth of an invented face, brought to the template."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        landmarks = np.array([[500, 300], [740, 320], [620, 420], [520, 520], [700, 530]], float)
        matrix = face_transform(landmarks, self.size)
        frames = []
        for path in clip.frames.paths:
            with Image.open(path) as picture:
                frames.append(np.asarray(warp(picture.convert("RGB"), matrix, self.size)))
        return np.array(frames)


Timed = tuple[float, np.ndarray]


def pictures(folder: Path, clips: int) -> ClipData:
    """Write textured JPEGs, each different, as the frames of invented clips."""
    rng = np.random.default_rng(0)
    rows, frames = [], {}
    for clip in range(clips):
        coarse = rng.integers(0, 256, (HEIGHT // 16, WIDTH // 16, 3), dtype=np.uint8)
        picture = np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
        paths = []
        for number in range(FRAMES):
            noise = rng.normal(0, 2, picture.shape)
            paths.append(folder / f"{clip}-{number}.jpg")
            noisy = np.clip(np.roll(picture, number, axis=1) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(noisy).save(paths[-1], quality=90)
        name = {"row": clip + 2, "subject": "s", "clip": f"{clip}", "emotion": "others", "aus": ""}
        rows.append({**name, "onset": 0, "apex": FRAMES // 2, "offset": FRAMES - 1})
        frames[clip] = FrameList(tuple(range(FRAMES)), tuple(paths))
    table = make_clip_table("invented", pd.DataFrame(rows), fps=30.0)
    listed = dict(zip(table["key"], frames.values(), strict=True))
    return ClipData("invented", folder, folder / "none", "0" * 64, table, (), RepairReport(""), listed, False)


def plain_loop(data: ClipData, size: int, target: Path) -> Timed:
    start = time.perf_counter()
    clips = []
    for listed in data.frames.values():
        frames = []
        for path in listed.paths:
            picture = plt.imread(path)
            left = (picture.shape[1] - picture.shape[0]) // 2
            square = picture[:, left : left + picture.shape[0]]
            frames.append((resize(square, (size, size), anti_aliasing=True) * 255).astype(np.uint8))
        clips.append(frames)
    np.save(target, np.array(clips))
    return time.perf_counter() - start, np.load(target)


def cached(data: ClipData, wanted: ClipFrames, folder: Path) -> Timed:
    start = time.perf_counter()
    array = np.array(FeatureStore(folder).get(data, wanted).open())
    return time.perf_counter() - start, array


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = pictures(folder, arguments.clips)
        size = arguments.size
        plain, aligned = ClipFrames(n=FRAMES, size=size), AlignedFrames(n=FRAMES, size=size)
        (
            cached(data, plain, folder / "warm-up"),
            cached(data, aligned, folder / "warm-up"),
            plain_loop(data, size, folder / "warm-up.npy"),
        )
        times: dict[str, list[float]] = {"mebench": [], "aligned": [], "plain loop": [], "cache hit": []}
        for number in range(arguments.rounds):
            seconds, ours = cached(data, plain, folder / f"{number}")
            times["mebench"].append(seconds)
            times["cache hit"].append(cached(data, plain, folder / f"{number}")[0])
            times["aligned"].append(cached(data, aligned, folder / f"{number}")[0])
            seconds, theirs = plain_loop(data, size, folder / f"{number}.npy")
            times["plain loop"].append(seconds)
    frames = arguments.clips * FRAMES
    print(f"{frames} frames of {WIDTH}x{HEIGHT} to {size}x{size}, {cores()} cores, {arguments.rounds} rounds")
    print(f"mean difference of the two arrays: {np.abs(ours.astype(int) - theirs).mean():.2f} grey levels")
    rates = {name: frames / statistics.median(seconds) for name, seconds in times.items()}
    for name, rate in rates.items():
        print(f"{name:>10}: {rate:8.1f} frames/s, {rate / rates['plain loop']:.1f} times the plain loop")


if __name__ == "__main__":
    main()
