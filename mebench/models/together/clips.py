"""The training clips of several folds on one device: each clip lies there once, and a fold is a list of places.

clips = Clips(features, inputs, places, trains, device)
padded = clips.gathered([order[:16] for order in orders], width=16)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from mebench.features.inputs import Input
from mebench.models.base import TrainSet
from mebench.models.batches import batch_bounds
from mebench.models.features import FeatureView
from mebench.models.resident import as_seen, au_targets
from mebench.models.together.passes import FILLING, Padded


class Clips:
    """What several folds learn from.

    Args:
        features: of all clips that any of them learns from.
        inputs: what the features are.
        places: of each fold, int (n,), which of the clips are its own.
        trains: of each fold the labels and action units of these.
        device: where all of it is to lie.
    """

    def __init__(
        self,
        features: Mapping[str, FeatureView],
        inputs: Mapping[str, Input],
        places: Sequence[np.ndarray],
        trains: Sequence[TrainSet],
        device: str,
    ) -> None:
        self._stored = {name: torch.from_numpy(view[:]).to(device) for name, view in features.items()}
        self._kinds = {name: inputs[name].kind for name in features}
        self._device = device
        most = max(map(len, places))
        # Row by row and filled up, so that a fold's own number of a clip leads to everything of it.
        self._places = _filled([torch.from_numpy(np.asarray(each, np.int64)) for each in places], most, 0).to(
            device
        )
        self._labels = _filled([torch.from_numpy(train.labels) for train in trains], most, FILLING).to(device)
        self._aus = _filled([au_targets(train.aus) for train in trains], most, torch.nan).to(device)

    def of(self, folds: Sequence[int]) -> Clips:
        """Return the clips of some of the folds, by their numbers."""
        some: Clips = object.__new__(Clips)
        some.__dict__.update(vars(self))
        chosen = torch.tensor(list(folds), device=self._device)
        some._places, some._labels, some._aus = self._places[chosen], self._labels[chosen], self._aus[chosen]
        return some

    def gathered(self, chosen: Sequence[np.ndarray], width: int) -> Padded:
        """Return clips of each fold, by their numbers among its own, filled up to ``width`` by its first."""
        table = np.full((len(chosen), width), -1, np.int64)
        for row, each in zip(table, chosen, strict=True):
            row[: len(each)] = each
        return self._padded(torch.from_numpy(table).to(self._device), [len(each) for each in chosen])

    def epoch(self, orders: Sequence[Tensor], size: int) -> Iterator[Padded]:
        """Return the batches of an epoch, of as many clips as of each fold alone; nothing waits for the device.

        What to show lies on the device when this returns; a batch is gathered when it is its turn.

        Args:
            orders: which clips each fold shows, int64 (n,), by their numbers among its own; all in as many batches.
            size: clips in a batch.
        """
        bounds = [batch_bounds(len(order), size) for order in orders]
        widths = [max(last - first for first, last in step) for step in zip(*bounds, strict=True)]
        table = np.full((len(orders), sum(widths)), -1, np.int64)
        starts = np.cumsum([0, *widths])
        for row, order, steps in zip(table, map(np.asarray, orders), bounds, strict=True):
            for start, (first, last) in zip(starts, steps, strict=False):
                row[start : start + last - first] = order[first:last]
        on_device = torch.from_numpy(table).to(self._device).split(widths, dim=1)
        counts = [[last - first for first, last in step] for step in zip(*bounds, strict=True)]
        return map(self._padded, on_device, counts)

    def _seen(self, name: str, places: Tensor) -> Tensor:
        drawn = self._stored[name].index_select(0, places.flatten())
        found: Tensor = as_seen(drawn, self._kinds[name]).unflatten(0, places.shape)
        return found

    def _padded(self, table: Tensor, counts: Sequence[int]) -> Padded:
        rows, own = table >= 0, table.clamp(min=0)
        places = self._places.gather(1, own)
        units = own[..., None].expand(*own.shape, self._aus.shape[2])
        return Padded(
            {name: self._seen(name, places) for name in self._stored},
            torch.where(rows, self._labels.gather(1, own), FILLING),
            torch.where(rows[..., None], self._aus.gather(1, units), torch.nan),
            rows,
            counts,
        )


def _filled(each: Sequence[Tensor], most: int, value: float) -> Tensor:
    filled = each[0].new_full((len(each), most, *each[0].shape[1:]), value)
    for row, own in zip(filled, each, strict=True):
        row[: len(own)] = own
    return filled
