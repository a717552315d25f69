"""Flow pictures whose class is the place that moves, for models that read flow."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mebench.models.features import FeatureView

_PLACES = ((0.25, 0.3), (0.75, 0.5), (0.25, 0.7))  # row and column of the blob, as shares of the side


def moved_regions(folder: Path, labels: list[int], side: int = 28, seed: int = 0) -> dict[str, FeatureView]:
    """Return ``{"flow": view}`` of uint8 (n, side, side, 3): noise, and a blob of motion at the class's place."""
    rng = np.random.default_rng(seed)
    flow = rng.normal(128, 12, (len(labels), side, side, 3))
    down, right = np.indices((side, side)) / side
    for i, label in enumerate(labels):
        row, column = _PLACES[label]
        blob = np.exp(-((down - row) ** 2 + (right - column) ** 2) / 0.02)
        flow[i] += 90 * blob[..., None] * (-1) ** label
    path = folder / f"moved-{seed}-{side}-{len(labels)}.npy"
    np.save(path, flow.clip(0, 255).astype(np.uint8))
    return {"flow": FeatureView((path,), np.zeros(len(labels), int), np.arange(len(labels)))}
