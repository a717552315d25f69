"""Training clips as batches of tensors, for the loop of :class:`~mebench.models.torch.TorchModel` and for your own.

seed_everything(context.seed)
for batch in batches(train, np.random.default_rng(0).permutation(len(train)), size=16, inputs=self.inputs()):
    loss = cross_entropy(network(batch.inputs["apex"]), batch.labels)
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from mebench.features.inputs import Input, InputKind
from mebench.models.arithmetic import FLOAT32, set_arithmetic
from mebench.models.base import TrainSet
from mebench.models.resident import Batch, ResidentClips, as_seen, au_targets

__all__ = [
    "Batch",
    "au_targets",
    "batch_bounds",
    "batches",
    "drawn",
    "normalise",
    "seed_everything",
    "to_tensor",
]

# ImageNet's statistics, which pretrained backbones expect.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


def seed_everything(seed: int, *, precision: str = FLOAT32, fast: bool = False) -> None:
    """Seed every source of chance that torch models use, and tell torch how to compute.

    With ``context.precision`` and ``context.fast`` it does as the user asked; else deterministically, in float32.
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    set_arithmetic(precision, fast=fast)


def to_tensor(array: np.ndarray, kind: InputKind) -> Tensor:
    """Return clips of one input as float32 on the CPU; see :func:`mebench.models.resident.as_seen`."""
    return as_seen(torch.from_numpy(np.ascontiguousarray(array)), kind)


def normalise(pictures: Tensor) -> Tensor:
    """Return pictures (B, C, ...) in 0..1 with ImageNet's mean and standard deviation of each channel taken off.

    Pictures of another number of channels than three get the mean of the three channels' statistics.
    """
    mean, std = _statistics(pictures.shape[1], pictures.dim(), pictures.device)
    return (pictures - mean) / std


@lru_cache(maxsize=16)
def _statistics(channels: int, dimensions: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation, (C, 1, ...): on the device, where copying them would wait for it."""
    shape = (-1, *[1] * (dimensions - 2))
    of_one = ([sum(values) / 3] * channels for values in (_MEAN, _STD))
    values = (_MEAN, _STD) if channels == 3 else of_one
    # Made outside of inference mode: what is made there cannot be used in training.
    with torch.inference_mode(mode=False):
        mean, std = (torch.tensor(each, device=device).view(shape) for each in values)
    return mean, std


def batch_bounds(clips: int, size: int) -> list[tuple[int, int]]:
    """Return where the batches of an epoch begin and end.

    Batch normalisation needs two clips, so a last clip alone joins the batch before it.

    >>> batch_bounds(9, 4)
    [(0, 4), (4, 9)]
    """
    starts = list(range(0, clips, size))
    if len(starts) > 1 and clips - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], clips], strict=True))


def batches(
    train: TrainSet,
    order: Sequence[int] | np.ndarray,
    size: int,
    *,
    inputs: Mapping[str, Input] | None = None,
    device: str = "cpu",
) -> Iterator[Batch]:
    """Yield training clips in an order, ``size`` at a time; pictures in 0..1, nothing augmented.

    Args:
        train: the clips.
        order: which clips, each as often as it stands there.
        size: clips in a batch; a last clip alone joins the batch before it.
        inputs: what the features are; ``train.inputs`` if not given.
        device: where the tensors shall lie.
    """
    clips = ResidentClips(train, train.inputs if inputs is None else inputs, device)
    yield from drawn(clips, torch.as_tensor(np.asarray(order), dtype=torch.int64), size)


def drawn(clips: ResidentClips, order: Tensor, size: int) -> Iterator[Batch]:
    """Yield batches of clips that are on the device, in an order, int64 (n,)."""
    for first, last in batch_bounds(len(order), size):
        yield clips.take(order[first:last])
