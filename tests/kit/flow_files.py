"""A small folder of flow pictures as they are published, with its list, made up; and the real one where it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mebench.features.flow_picture import stretched
from mebench.features.strain import optical_strain

REAL = Path(__file__).resolve().parents[3] / "shared" / "flow_megc2019"

# The Grand Challenge's own columns: dataset, subject, filename, label. SAMM's subjects are written without zeros.
ROWS = (
    ("casme2", "sub01", "EP02_01f", 1),
    ("casme2", "sub01", "EP19_05f", 0),
    ("casme2", "sub02", "EP01_11f", 2),
    ("smic", "s04", "s04_ne_05", 0),
    ("smic", "s04", "s04_po_01", 1),
    ("smic", "s05", "s05_sur_01", 2),
    ("samm", "6", "006_1_2", 0),
    ("samm", "6", "006_1_3", 0),
    ("samm", "37", "037_3_2", 1),
)


def picture_of(seed: int, size: int = 28) -> np.ndarray:
    """Return a flow picture, uint8 (size, size, 3): a smooth motion that is alike on both sides, and its strain."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    place, width = rng.uniform(0.2, 0.7), rng.uniform(0.05, 0.15)
    bump = [np.exp(-((x - side * place) ** 2 + (y - 0.3) ** 2) / width) for side in (-1, 1)]
    u, v = bump[1] - bump[0], -(bump[0] + bump[1])
    flow = np.stack([u, v], axis=-1) + rng.normal(scale=0.01, size=(size, size, 2))
    return stretched(np.dstack([flow, optical_strain(flow)]))


def write_flow(
    folder: Path,
    rows: Sequence[tuple[str, str, str, int]] = ROWS,
    *,
    blank: bool = True,
    listed: bool = True,
) -> Path:
    """Write a picture for each row, named as published or without the blank, and the list beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (dataset, subject, clip, _) in enumerate(rows):
        name = f"{subject.zfill(3) if dataset == 'samm' else subject}_{clip}"
        Image.fromarray(picture_of(number)).save(folder / f"{name}{' ' if blank else ''}.png")
    if listed:
        write_list(folder / "combined_3class_gt.csv", rows)
    return folder


def write_list(path: Path, rows: Sequence[tuple[str, str, str, int]] = ROWS) -> Path:
    """Write a list without a header, as the Grand Challenge's is."""
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path


def real_flow() -> Path:
    """Return the folder of the real pictures, or skip the test."""
    folder = Path(os.environ.get("MEBENCH_TEST_FLOW", REAL))
    if not folder.is_dir():
        pytest.skip("MEGC2019's flow pictures are not here (set MEBENCH_TEST_FLOW to their folder)")
    return folder
