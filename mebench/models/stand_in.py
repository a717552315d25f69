"""Training clips that stand in for real ones where a network is only to be built: to restore it, to count its sums.

    network = model.network(stand_in(model.inputs(), context), context)

A network's layers depend on the shapes of its inputs, on the classes and on the action units, and on nothing that the
clips show; so the clips are zeros, and every class and every action unit is there, active and not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mebench.features.inputs import Input
from mebench.models.base import Context, TrainSet
from mebench.models.features import FeatureView


@dataclass(frozen=True)
class _Zeros(FeatureView):
    """Clips of zeros, of which one is in memory at most."""

    one: np.ndarray = field(default_factory=lambda: np.zeros(()))

    @property
    def _arrays(self) -> list[np.ndarray]:  # type: ignore[override]
        return [np.broadcast_to(self.one, (len(self.rows), *self.one.shape))]

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("paths", "parts", "rows", "hashes", "one")}

    def take(self, indices: np.ndarray) -> FeatureView:
        return zeros(self.one.shape, self.one.dtype, len(self.rows[indices]))


def zeros(shape: Sequence[int], dtype: np.dtype[Any], clips: int) -> FeatureView:
    """Return a view of ``clips`` clips of zeros, (clips, *shape)."""
    return _Zeros((), np.zeros(clips, np.int64), np.arange(clips), one=np.zeros(tuple(shape), dtype))


def stand_in(inputs: Mapping[str, Input], context: Context, *, clips: int = 0) -> TrainSet:
    """Return a few training clips of zeros: two of each class, or ``clips`` where those are more.

    The subjects are two; action units take turns, so that each is active in one half of the clips.
    """
    number = max(2 * len(context.classes), 4, clips)
    places = np.arange(number)
    labels = places % len(context.classes) if context.classes else np.full(number, -1)
    units = (places[:, None] + np.arange(len(context.au_numbers))) % 2
    features = {name: zeros(each.shape, each.dtype, number) for name, each in inputs.items()}
    return TrainSet(
        features, labels.astype(np.int64), units.astype(np.uint8), places * 2 // number, dict(inputs)
    )
