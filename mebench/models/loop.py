"""The training of one fold by gradient steps: its stages, their epochs, the steps of each.

    loop = Loop(model, train, context, inputs=model.inputs(), logged={}, autocast=nullcontext)
    for stage in loop.stages:
        loop.train(stage)

What a model says of itself (its loss, its optimiser, ...) is :class:`Trainable`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import Sampler

from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.models.base import Context, Progress, TrainSet
from mebench.models.batches import Batch, batch_bounds, drawn
from mebench.models.recipe import BatchSettings, Stage, TorchSettings
from mebench.models.resident import ResidentClips
from mebench.models.settings import refuse_unread


class Trainable(Protocol):
    """What the loop asks of a model; :class:`mebench.models.torch.TorchModel` describes each part."""

    settings: BatchSettings
    stage: Stage
    epoch_steps: int
    network_: nn.Module

    def stages(self, network: nn.Module) -> Sequence[Stage]: ...  # noqa: D102
    def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]: ...  # noqa: D102
    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer: ...  # noqa: D102
    def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler | None: ...  # noqa: D102
    def prepared(self, batch: Batch, generator: torch.Generator | None = None) -> Batch: ...  # noqa: D102
    def loss(self, network: nn.Module, batch: Batch) -> Tensor: ...  # noqa: D102
    def begin_epoch(self, network: nn.Module, epoch: int) -> None: ...  # noqa: D102
    def end_epoch(self, network: nn.Module, epoch: int) -> None: ...  # noqa: D102
    def keep_epoch(self) -> None: ...  # noqa: D102


class Loop:
    """The training of one fold: what lives as long as it does, and no longer.

    Args:
        model: what learns; its network is made.
        train: the clips.
        context: of the fold.
        inputs: what the clips' features are.
        logged: where the model puts the numbers that it reports; emptied before each epoch.
        autocast: makes the surroundings in which the loss is computed.

    Attributes:
        stages: those of the training, planned.
        epochs: how many it has, over all stages.
    """

    def __init__(
        self,
        model: Trainable,
        train: TrainSet,
        context: Context,
        *,
        inputs: Mapping[str, Input],
        logged: dict[str, list[float | Tensor]],
        autocast: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self._model, self._train, self._context, self._inputs = model, train, context, inputs
        self._logged, self.autocast = logged, autocast
        self._settings = model.settings
        self._augmented = bool(getattr(model.settings, "augmentation", False))
        self._generator = torch.Generator().manual_seed(context.seed)
        self._learning = [p for p in model.network_.parameters() if p.requires_grad]
        self._epoch = 0
        self.stages = [
            PlannedStage(model, stage, train, self._generator) for stage in model.stages(model.network_)
        ]
        if not self.stages:
            raise MebenchError(f"{type(model).__name__} trains in no stage: stages() must give one or more")
        self.epochs = sum(len(stage.lengths) for stage in self.stages)

    @cached_property
    def _clips(self) -> ResidentClips:
        # With the first step: a fold that trains among others takes none here, and has no clips of its own.
        return ResidentClips(self._train, self._inputs, self._context.device)

    def train(self, planned: PlannedStage) -> None:
        """Train through a stage, and report each epoch.

        Raises:
            MebenchError: the loss is no longer a number, or a part of the recipe that the user set is not used.
        """
        model, stage = self._model, planned.stage
        model.stage, model.epoch_steps = stage, planned.epoch_steps
        parameters = self.freeze_all_but(stage.trained)
        optimizer = model.optimizer(parameters)
        schedule = model.schedule(optimizer, sum(planned.lengths))
        for steps in planned.lengths:
            self._epoch += 1
            self._logged.clear()
            model.network_.train()
            model.begin_epoch(model.network_, self._epoch)
            loss = self._pass(planned.order(), steps, parameters, optimizer, schedule)
            model.end_epoch(model.network_, self._epoch)
            model.keep_epoch()
            if planned is self.stages[-1]:
                # By now whatever a recipe is made of was asked for: better told now than after the last epoch.
                recipe = set(TorchSettings.model_fields) & set(self._context.assigned)
                refuse_unread(self._settings, recipe)
            values = {name: _mean(each) for name, each in self._logged.items()}
            self._context.report(Progress(self._epoch, self.epochs, loss, values))

    def _pass(
        self,
        order: Tensor,
        steps: int,
        parameters: list[nn.Parameter],
        optimizer: Optimizer,
        schedule: LRScheduler | None,
    ) -> float:
        """Go once through the clips, or through the first ``steps`` steps; return the mean loss of a clip.

        Nothing is read back from the device before its end: a GPU is not waited for.
        """
        losses: list[Tensor] = []
        counts: list[int] = []
        clip_norm = getattr(self._settings, "clip_norm", None)
        every = drawn(self._clips, order, self._settings.batch_size)
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            group = list(islice(every, self._settings.accumulate))
            size = sum(len(batch.labels) for batch in group)
            for batch in group:
                loss = self._loss(batch)
                share = loss if len(group) == 1 else loss * (len(batch.labels) / size)
                share.backward()  # type: ignore[no-untyped-call]
                losses.append(loss.detach().reshape(()))
                counts.append(len(batch.labels))
            if clip_norm is not None:
                nn.utils.clip_grad_norm_(parameters, clip_norm)
            optimizer.step()
            if schedule is not None:
                schedule.step()
        values: list[float] = torch.stack(losses).tolist()
        self._refuse_no_number(values)
        return sum(value * count for value, count in zip(values, counts, strict=True)) / sum(counts)

    def _loss(self, batch: Batch) -> Tensor:
        model = self._model
        seen = model.prepared(batch, self._generator if self._augmented else None)
        try:
            with self.autocast():
                return model.loss(model.network_, seen)
        except ValueError as error:
            refuse_small_batch(error, len(batch.labels))
            raise

    def _refuse_no_number(self, losses: Sequence[float]) -> None:
        for loss in losses:
            if not math.isfinite(loss):
                raise not_finite(loss, self._epoch, self.epochs)

    def freeze_all_but(self, trained: Sequence[nn.Parameter] | None) -> list[nn.Parameter]:
        """Let the parameters of a stage get gradients, all of them if None; return those that do."""
        chosen = None if trained is None else {id(p) for p in trained}
        for parameter in self._learning:
            parameter.requires_grad_(chosen is None or id(parameter) in chosen)
        return [p for p in self._learning if p.requires_grad]


class PlannedStage:
    """A stage with its sampler and the optimiser steps of each of its epochs."""

    def __init__(self, model: Trainable, stage: Stage, train: TrainSet, generator: torch.Generator) -> None:
        self.stage = stage
        self._sampler = model.sampler(train, generator)
        self._clips = len(self._sampler)  # type: ignore[arg-type]
        if not self._clips:
            raise MebenchError(
                "an epoch shows no clip: the fold has no training clips, or sampler() leaves out all"
            )
        shown = batch_bounds(self._clips, model.settings.batch_size)
        self.batches = len(shown)
        self.epoch_steps = math.ceil(self.batches / model.settings.accumulate)
        self.lengths = stage.lengths(self.epoch_steps)

    def order(self) -> Tensor:
        """Return which clips the next epoch shows, int64 (n,)."""
        order = torch.tensor(list(self._sampler), dtype=torch.int64)
        if len(order) != self._clips:
            raise MebenchError(
                f"the model's sampler gave {len(order)} clips in an epoch, and its len() is {self._clips}: let it say "
                "the number of clips, by which the steps of an epoch are counted"
            )
        return order


def refuse_small_batch(error: ValueError, clips: int) -> None:
    """Raise in better words where an error is torch's of a norm that is to take its statistics from a single value."""
    if "more than 1 value per channel" in str(error):
        raise MebenchError(
            f"a batch of {clips} training clip(s) is too small for the norms of this network: train on more clips, or "
            "set a larger batch_size"
        ) from error


def not_finite(loss: float, epoch: int, epochs: int) -> MebenchError:
    """Return why a training ends whose loss is no number any more."""
    return MebenchError(
        f"the training loss became {loss} in epoch {epoch} of {epochs}: lower the learning rate (--set lr=...) or use "
        "--precision float32"
    )


def _mean(values: Sequence[float | Tensor]) -> float:
    """Return the mean of numbers, of which those on a device are read at once."""
    tensors = [each.reshape(()) for each in values if isinstance(each, Tensor)]
    read = iter(torch.stack(tensors).tolist() if tensors else ())
    return sum(next(read) if isinstance(each, Tensor) else each for each in values) / len(values)
