"""The parts of a training recipe: its settings, its stages, the default schedule.

class STSTNetSettings(LoopSettings):        # Adam, one learning rate, nothing else
    epochs: int = 500
    batch_size: int = 256
    lr: float = 5e-5
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from torch import nn

from mebench.errors import MebenchError
from mebench.models.base import ModelSettings


class BatchSettings(ModelSettings):
    """What every training loop is set by, however long it takes."""

    batch_size: int = Field(16, ge=1, description="clips in one batch")
    accumulate: int = Field(1, ge=1, description="batches whose gradients make one step")
    lr: float = Field(1e-3, gt=0, description="learning rate; with a schedule, the highest")


class LoopSettings(BatchSettings):
    """The settings that no training loop can do without.

    A model whose settings are of this class trains with Adam at one learning rate; ``weight_decay``, ``warmup``,
    ``clip_norm`` and ``augmentation`` come into effect where its settings have them, as :class:`TorchSettings` do.
    """

    epochs: int = Field(30, ge=1, le=10_000, description="passes over the training clips")


class StepSettings(BatchSettings):
    """As :class:`LoopSettings`, for recipes that count the optimiser's steps instead of epochs."""

    steps: int = Field(1000, ge=1, le=10_000_000, description="steps of the optimiser")


class TorchSettings(LoopSettings):
    """Settings of mebench's own recipe: AdamW, warm-up and cosine, clipped gradients, augmented clips."""

    weight_decay: float = Field(1e-2, ge=0, description="weight decay of AdamW")
    warmup: float = Field(0.1, ge=0, lt=1, description="share of the steps in which the learning rate rises")
    clip_norm: float = Field(5.0, gt=0, description="gradients are scaled down to this norm")
    augmentation: bool = Field(True, description="random mirror, shift and light change of training clips")


@dataclass(frozen=True)
class Stage:
    """A part of the training, with an optimiser and schedule of its own.

    Attributes:
        epochs: how many, or
        steps: of the optimiser, for recipes that count iterations; the last epoch is cut short then.
        name: for a loss that depends on it (:attr:`mebench.api.TorchModel.stage`).
        trained: the parameters that learn; None for all.

    Raises:
        MebenchError: not exactly one of epochs and steps is given, or it is less than 1.
    """

    epochs: int | None = None
    steps: int | None = None
    name: str = ""
    trained: Sequence[nn.Parameter] | None = None

    def __post_init__(self) -> None:
        if (self.epochs is None) == (self.steps is None) or (self.epochs or self.steps or 0) < 1:
            raise MebenchError(f"a training stage has {self}: give either epochs or steps, at least 1")

    def lengths(self, epoch_steps: int) -> list[int]:
        """Return the number of optimiser steps of each of its epochs; a whole epoch has ``epoch_steps``.

        >>> Stage(steps=10).lengths(4)
        [4, 4, 2]
        """
        total = self.steps if self.steps is not None else (self.epochs or 0) * epoch_steps
        return [min(epoch_steps, total - done) for done in range(0, total, epoch_steps)]


def warmup_cosine(step: int, steps: int, warmup: float) -> float:
    """Return the learning rate's factor: a linear rise over ``warmup * steps``, then half a cosine to 0.

    >>> [round(warmup_cosine(s, 10, 0.2), 3) for s in (0, 1, 2, 6, 10)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    rising = warmup * steps
    if step < rising:
        return (step + 1) / rising if rising >= 1 else 1.0
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rising) / max(1.0, steps - rising))))


def decay_groups(parameters: Sequence[nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    """Return parameters in two groups: biases, norms and single learned numbers (task weights) are spared the
    decay, which would bias them to 0."""
    decayed = [p for p in parameters if p.ndim > 1]
    spared = [p for p in parameters if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]
