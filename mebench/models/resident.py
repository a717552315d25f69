"""The clips of a set as tensors that stay where the network is, drawn from by index.

    clips = ResidentClips(train, inputs, "cuda")
    clips.take(torch.tensor([4, 0]))        # a Batch of two clips

Arrays lie there as they are stored, one byte a pixel: on a CPU they share the array's memory, on a GPU they are copied
once, and where they would take more than half of its free memory they stay in page-locked memory and each batch is
copied as it is drawn. What turns a pixel into a number between 0 and 1 is done on the device, batch by batch.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mebench.cohort.protocol import AU_UNKNOWN
from mebench.features.inputs import Input, InputKind
from mebench.models.base import TrainSet
from mebench.models.features import FeatureView

# Share of a GPU's free memory that clips may take; the rest is the network's and its activations'.
_SHARE = 0.5


@dataclass(frozen=True)
class Batch:
    """Training clips on the device: ``inputs`` float tensors, ``labels`` (B,) int64, ``aus`` (B, K) float.

    An action unit that is not known is nan.
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    aus: Tensor


class ResidentInputs:
    """The features of some clips on a device.

    Args:
        features: by input.
        inputs: what the features are.
        device: where batches shall lie.
    """

    def __init__(
        self, features: Mapping[str, FeatureView], inputs: Mapping[str, Input], device: str = "cpu"
    ) -> None:
        self._device = torch.device(device)
        room = _SHARE * _free_memory(self._device)
        self._sources: dict[str, tuple[FeatureView | Tensor, InputKind]] = {}
        for name, view in features.items():
            array = view.held_array()
            source = view if array is None else _shared(array)
            if isinstance(source, Tensor) and self._device.type == "cuda":
                size = source.numel() * source.element_size()
                source = source.to(self._device) if size <= room else source.pin_memory()
                room -= size
            self._sources[name] = source, inputs[name].kind

    def take(self, chosen: Tensor) -> dict[str, Tensor]:
        """Return some clips, int64 (k,) on the CPU, as float tensors on the device (:func:`as_seen`)."""
        there = chosen.to(self._device, non_blocking=True)
        return {
            name: as_seen(self._drawn(source, chosen, there), kind)
            for name, (source, kind) in self._sources.items()
        }

    def _drawn(self, source: FeatureView | Tensor, chosen: Tensor, there: Tensor) -> Tensor:
        if isinstance(source, FeatureView):  # of files, which are read as they are needed
            return torch.from_numpy(source[chosen.numpy()]).to(self._device)
        if source.device == there.device:
            return source.index_select(0, there)
        return source.index_select(0, chosen).pin_memory().to(self._device, non_blocking=True)


class ResidentClips:
    """Training clips on a device, with their labels; arguments as of :class:`ResidentInputs`."""

    def __init__(self, train: TrainSet, inputs: Mapping[str, Input], device: str = "cpu") -> None:
        self._inputs = ResidentInputs(train.features, inputs, device)
        self._labels = torch.from_numpy(train.labels).to(device)
        self._aus = au_targets(train.aus).to(device)

    def take(self, chosen: Tensor) -> Batch:
        """Return some clips, int64 (k,) on the CPU, each as often as it stands there; nothing is augmented."""
        there = chosen.to(self._labels.device, non_blocking=True)
        return Batch(
            self._inputs.take(chosen), self._labels.index_select(0, there), self._aus.index_select(0, there)
        )


def as_seen(stored: Tensor, kind: InputKind) -> Tensor:
    """Return clips of one input as float32, where they are; the tensor given may be written over.

    Pictures (B, H, W, C) or (B, T, H, W, C) become (B, C, H, W) or (B, C, T, H, W) in 0..1; measurements keep
    their values and axes.
    """
    tensor = stored.float()
    if kind == "measurement":
        return tensor
    return tensor.div_(255).movedim(-1, 1).contiguous()


def au_targets(aus: np.ndarray) -> Tensor:
    """Return uint8 action units as float 0 and 1, and nan where they are not known."""
    return torch.from_numpy(np.where(aus == AU_UNKNOWN, np.float32(np.nan), aus.astype(np.float32)))


def _free_memory(device: torch.device) -> float:
    return float(torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else 0.0


def _shared(array: np.ndarray) -> Tensor:
    """Return an array's memory as a tensor, which nothing here writes to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's word of an array that cannot be written to
        return torch.from_numpy(array)
