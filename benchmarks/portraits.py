"""Invented recordings in CAS(ME)^3's own layout: a real portrait that moves, as 1280 x 720 JPEGs.

    data = write_recordings(folder, clips=12, frames=31)      # as `mebench` reads them

The portrait is scikit-image's astronaut, upscaled and shifted from frame to frame under a sensor's noise.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from skimage.data import astronaut

from mebench.data.clips.table import clip_rows, make_clip_table
from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData, read_clips
from mebench.data.sources import load_dataset
from mebench.plugin.loading import load_plugins

WIDTH, HEIGHT = 1280, 720
_SHEET = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"


def casme3() -> Dataset:
    """Return the plugin of the dataset whose layout the recordings have."""
    return load_dataset(load_plugins().registry, "casme3")


def write_recordings(folder: Path, clips: int, frames: int) -> None:
    """Write an annotation and the frames of ``clips`` clips, each of ``frames`` pictures, of which no two are alike."""
    folder.mkdir(parents=True)
    dataset = casme3()
    rows = [
        {
            "row": place + 2,
            "subject": f"spNO.{place // 4 + 1}",
            "clip": "abcd"[place % 4],
            "onset": 100,
            "apex": 100 + frames // 2,
            "offset": 99 + frames,
            "emotion": "happy",
            "aus": "12",
        }
        for place in range(clips)
    ]
    table = make_clip_table("casme3", pd.DataFrame(rows), fps=30)
    dataset.write_annotation(table, folder / _SHEET)
    rng = np.random.default_rng(0)
    noises = [rng.normal(0, 2, (HEIGHT, WIDTH, 3)).astype(np.float32) for _ in range(4)]
    for place, clip in enumerate(clip_rows(table)):
        scene = _scene(rng)
        for number in range(clip.onset, clip.offset + 1):
            path = dataset.layouts[0].path(folder, clip, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            step = (number - clip.onset) / frames
            seen = scene.transform(
                scene.size,
                Image.Transform.AFFINE,
                (1 + 0.01 * step, 0, 3 * step, 0.004 * step, 1, -2 * step),
                Image.Resampling.BILINEAR,
            )
            noise = np.roll(noises[(number + place) % len(noises)], 37 * number + place, axis=1)
            pixels = np.clip(np.asarray(seen, np.float32) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(path, quality=90)


def read_recordings(folder: Path) -> ClipData:
    """Return what :func:`write_recordings` wrote."""
    return read_clips(casme3(), folder)


def _scene(rng: np.random.Generator) -> Image.Image:
    coarse = rng.integers(60, 160, (9, 16, 3), dtype=np.uint8)
    scene = Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    portrait = Image.fromarray(astronaut()).resize((HEIGHT, HEIGHT), Image.Resampling.BICUBIC)
    left = (WIDTH - HEIGHT) // 2 + int(rng.integers(-40, 40))
    scene.paste(portrait, (left, int(rng.integers(-10, 10))))
    return scene
