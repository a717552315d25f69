"""Training and test clips of noise, in the shapes of a model's inputs: whatever is wrong shows on them, too.

train, test = noise(model.inputs(), folder, labels=[0, 1, 2, 0, 1, 2], units=3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mebench.cohort.protocol import AU_UNKNOWN
from mebench.features.inputs import Input
from mebench.models.base import TestSet, TrainSet
from mebench.models.features import FeatureView


def noise(
    inputs: Mapping[str, Input],
    folder: Path,
    *,
    labels: Sequence[int],
    units: int = 0,
    subjects: int = 2,
    unknown: int = 0,
    asked: int = 5,
    seed: int = 0,
) -> tuple[TrainSet, TestSet]:
    """Return training and test clips; class ``k`` is brighter, or larger, by ``k`` shares: there is something to learn.

    Args:
        inputs: as the model gives them.
        folder: where the arrays are written.
        labels: of the training clips; -1 where there are no classes.
        units: action units, which take turns.
        subjects: of the training clips, which take turns.
        unknown: of how many training clips, the first ones, no action unit is known.
        asked: test clips.
        seed: of the noise.
    """
    rng = np.random.default_rng(seed)
    classes = max(1, max(labels) + 1)
    views: list[dict[str, FeatureView]] = []
    for part, shown in (("train", np.asarray(labels)), ("test", np.arange(asked) % classes)):
        found: dict[str, FeatureView] = {}
        for name, wanted in inputs.items():
            array = rng.random((len(shown), *wanted.shape), np.float32)
            array += (np.maximum(shown, 0) / classes).reshape(-1, *[1] * len(wanted.shape)).astype(np.float32)
            whole = wanted.dtype.kind in "iu"
            array *= min(255, np.iinfo(wanted.dtype).max) / 2 if whole else 0.5
            path = folder / f"{part}-{len(found)}.npy"
            np.save(path, array.astype(wanted.dtype))
            found[name] = FeatureView((path,), np.zeros(len(shown), int), np.arange(len(shown)))
        views.append(found)
    places = np.arange(len(labels))
    aus = ((places[:, None] + np.arange(units)) % 2).astype(np.uint8)
    aus[:unknown] = AU_UNKNOWN
    train = TrainSet(views[0], np.asarray(labels, np.int64), aus, places % subjects, dict(inputs))
    return train, TestSet(views[1], asked, dict(inputs))
