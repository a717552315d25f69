"""Training clips as batches of tensors, for the loop of :class:`~mebench.models.torch.TorchModel` and for your own.

seed_everything(context.seed)
for batch in batches(train, np.random.default_rng(0).permutation(len(train)), size=16, inputs=self.inputs()):
    loss = cross_entropy(network(batch.inputs["apex"]), batch.labels)
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mebench.cohort.protocol import AU_UNKNOWN
from mebench.features.inputs import Input, InputKind
from mebench.models.base import TrainSet
from mebench.models.features import FeatureView

# ImageNet's statistics, which pretrained backbones expect.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Batch:
    """Training clips on the device: ``inputs`` float tensors, ``labels`` (B,) int64, ``aus`` (B, K) float.

    An action unit that is not known is nan.
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    aus: Tensor


def seed_everything(seed: int) -> None:
    """Seed every source of chance that torch models use, and ask torch for deterministic algorithms."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Deterministic algorithms fill memory before its use, for programs that read it unwritten; that costs 5 %.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False


def to_tensor(array: np.ndarray, kind: InputKind) -> Tensor:
    """Return clips of one input as float32.

    Pictures (B, H, W, C) or (B, T, H, W, C) become (B, C, H, W) or (B, C, T, H, W) in 0..1; measurements keep
    their values and axes.
    """
    tensor = torch.from_numpy(np.ascontiguousarray(array)).float()
    if kind == "measurement":
        return tensor
    return tensor.div_(255).movedim(-1, 1).contiguous()


def normalise(pictures: Tensor) -> Tensor:
    """Return pictures (B, C, ...) in 0..1 with ImageNet's mean and standard deviation of each channel taken off.

    Pictures of another number of channels than three get the mean of the three channels' statistics.
    """
    channels = pictures.shape[1]
    mean, std = (
        torch.tensor(values if channels == 3 else [sum(values) / 3] * channels) for values in (_MEAN, _STD)
    )
    shape = (-1, *[1] * (pictures.dim() - 2))
    return (pictures - mean.to(pictures.device).view(shape)) / std.to(pictures.device).view(shape)


def au_targets(aus: np.ndarray) -> Tensor:
    """Return uint8 action units as float 0 and 1, and nan where they are not known."""
    return torch.from_numpy(np.where(aus == AU_UNKNOWN, np.float32(np.nan), aus.astype(np.float32)))


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


def load_inputs(
    features: Mapping[str, FeatureView], chosen: np.ndarray, inputs: Mapping[str, Input], device: str = "cpu"
) -> dict[str, Tensor]:
    """Return some clips' inputs as tensors on a device (:func:`to_tensor`), pictures in 0..1."""
    return {
        name: to_tensor(view[chosen], inputs[name].kind).to(device, non_blocking=True)
        for name, view in features.items()
    }


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
    kinds = train.inputs if inputs is None else inputs
    order = np.asarray(order)
    for first, last in batch_bounds(len(order), size):
        chosen = order[first:last]
        yield Batch(
            load_inputs(train.features, chosen, kinds, device),
            torch.from_numpy(train.labels[chosen]).to(device),
            au_targets(train.aus[chosen]).to(device),
        )
