"""The training of several folds at once: each as its own loop would train it, all in the same passes.

    faults = fit_together(models, trains, contexts, features, places)
    models[0].predict(test)                 # each model has its own network, as after fit()

Every fold has what it has alone: first weights, orders of clips, sampler, steps, learning rates and dropout, all from
its own seed. What differs is the order in which a float32 is added up. Only folds of as many batches in an epoch share
passes, so that every step is one of all; a cohort has two or three such groups, trained one after the other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from mebench.errors import MebenchError
from mebench.models.base import Context, Progress, TrainSet, reads_of
from mebench.models.features import FeatureView
from mebench.models.loop import Loop, PlannedStage, not_finite
from mebench.models.recipe import TorchSettings
from mebench.models.settings import refuse_unread
from mebench.models.together.agreement import refuse_other
from mebench.models.together.clips import Clips
from mebench.models.together.passes import Padded, Together
from mebench.models.together.refusal import NotTogetherError
from mebench.models.together.stack import clip_each
from mebench.models.torch import TorchModel


@dataclass
class _Fold:
    """One fold: its model and loop, where its dropout draws from, and why it has failed, if it has."""

    model: TorchModel
    loop: Loop
    context: Context
    size: int
    chance: torch.Generator
    fault: Exception | None = None

    @property
    def batches(self) -> tuple[int, ...]:
        """Return how many batches an epoch of each stage has."""
        return tuple(stage.batches for stage in self.loop.stages)


def fit_together(
    models: Sequence[TorchModel],
    trains: Sequence[TrainSet],
    contexts: Sequence[Context],
    features: Mapping[str, FeatureView],
    places: Sequence[np.ndarray],
) -> list[Exception | None]:
    """Fit models of one class and the same settings, each to its own training clips; return of each why it failed.

    Args:
        models: one for each fold.
        trains: their clips.
        contexts: theirs, of one device and precision.
        features: of all clips that any fold learns from, as they lie in memory once.
        places: of each fold, where its clips lie in them.
    """
    folds: list[_Fold] = []
    faults: list[Exception | None] = []
    for model, train, context in zip(models, trains, contexts, strict=True):
        try:
            folds.append(_begun(model, train, context))
        except Exception as error:
            faults.append(error)
        else:
            faults.append(None)
    started = [number for number, fault in enumerate(faults) if fault is None]
    if not started:
        return faults
    inputs = dict(trains[0].inputs or models[0].inputs())
    clips = Clips(features, inputs, places, trains, contexts[0].device)
    groups = defaultdict(list)
    for number, fold in zip(started, folds, strict=True):
        groups[fold.batches].append((number, fold))
    for group in groups.values():
        numbers = [number for number, _ in group]
        own = [fold for _, fold in group]
        try:
            _Training(own, clips.of(numbers)).run()
        except torch.OutOfMemoryError:
            _fail(
                own,
                MebenchError(
                    f"the GPU's memory is too small for {len(own)} folds at a time: use fewer --workers"
                ),
            )
        except Exception as error:
            _fail(own, error)
        for number, fold in group:
            faults[number] = fold.fault
    # A part of the recipe that is asked of one model is asked for all.
    read = set().union(*(reads_of(model.settings) for model in models))
    for model in models:
        reads_of(model.settings).update(read)
    return faults


def _fail(folds: Sequence[_Fold], error: Exception) -> None:
    for fold in folds:
        fold.fault = fold.fault or error


def _begun(model: TorchModel, train: TrainSet, context: Context) -> _Fold:
    loop = model.begun(train, context)
    chance = torch.Generator(context.device)
    # Where the fold's own loop would go on drawing from.
    on_cpu = chance.device.type == "cpu"
    chance.set_state(torch.get_rng_state() if on_cpu else torch.cuda.get_rng_state(context.device))
    return _Fold(model, loop, context, len(train), chance)


class _Training:
    """The training of a group of folds, which have as many batches in an epoch."""

    def __init__(self, folds: Sequence[_Fold], clips: Clips) -> None:
        self._folds, self._clips = folds, clips
        self._first = folds[0]
        self._settings = self._first.model.settings
        models = [fold.model for fold in folds]
        self._noise = refuse_other(models, [fold.size for fold in folds], clips.gathered)
        self._together = Together(models, self._first.loop.autocast)
        self._epoch = 0
        self._means: list[float] = []

    def run(self) -> None:
        """Train through all stages, and give each model its network."""
        stages = [fold.loop.stages for fold in self._folds]
        if len({len(each) for each in stages}) > 1:
            raise NotTogetherError("its folds train in a different number of stages")
        for planned in zip(*stages, strict=True):
            if not all(fold.fault for fold in self._folds):
                self._stage(planned)
        self._together.stack.put_back()

    def _stage(self, planned: Sequence[PlannedStage]) -> None:
        together, lengths = self._together, planned[0].lengths
        if any(each.lengths != lengths or each.stage.name != planned[0].stage.name for each in planned):
            raise NotTogetherError("its folds train in stages of different lengths or names")
        optimizer, learning = self._optimizer(planned)
        model = self._first.model
        schedule = model.schedule(optimizer, sum(lengths))
        shown = self._shown(planned)
        for number, steps in enumerate(lengths):
            together.network.train()
            passed = self._pass(shown, steps, learning, optimizer, schedule)
            # What follows until the losses are looked at, a GPU need not wait for: it has the epoch's passes to do.
            if number + 1 < len(lengths):
                shown = self._shown(planned)
            if planned[0] is self._first.loop.stages[-1]:
                recipe = set(TorchSettings.model_fields) & set(self._first.context.assigned)
                refuse_unread(self._settings, recipe)
            self._tell()
            if all(fold.fault for fold in self._folds):
                return
            self._means = passed.tolist()
            self._epoch += 1
        self._tell()

    def _shown(self, planned: Sequence[PlannedStage]) -> Iterator[Padded]:
        """Return the batches of the next epoch, in the order of each fold's own sampler."""
        before = torch.get_rng_state()
        orders = [each.order() for each in planned]
        if not torch.equal(before, torch.get_rng_state()):
            raise NotTogetherError(
                "its sampler draws from torch's own source of chance, which all folds share: let it draw from the "
                "generator that it is given"
            )
        return self._clips.epoch(orders, self._settings.batch_size)

    def _optimizer(self, planned: Sequence[PlannedStage]) -> tuple[Optimizer, list[Tensor]]:
        """Return what steps all folds through a stage, and the stacked parameters that learn."""
        optimizers, learning = [], set()
        for fold, each in zip(self._folds, planned, strict=True):
            fold.model.stage, fold.model.epoch_steps = each.stage, each.epoch_steps
            parameters = fold.loop.freeze_all_but(each.stage.trained)
            optimizers.append(fold.model.optimizer(parameters))
            own = {id(p) for p in parameters}
            learning.add(frozenset(n for n, p in fold.model.network_.named_parameters() if id(p) in own))
        if len(learning) > 1:
            raise NotTogetherError("other parameters of its network learn in different folds")
        (names,) = learning
        stack, told = self._together.stack, self._together.model
        told.stage, told.epoch_steps = planned[0].stage, planned[0].epoch_steps
        stack.learn_only(set(names))
        return stack.optimizer(optimizers), [p for n, p in stack.parameters.items() if n in names]

    def _pass(
        self,
        shown: Iterator[Padded],
        steps: int,
        learning: Sequence[Tensor],
        optimizer: Optimizer,
        schedule: LRScheduler | None,
    ) -> Tensor:
        """Go once through what is shown of all folds; return the mean loss of a clip of each; nothing waits."""
        total = clips = torch.zeros(len(self._folds), device=self._first.context.device)
        clip_norm = getattr(self._settings, "clip_norm", None)
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            group = list(islice(shown, self._settings.accumulate))
            counts = [batch.rows.sum(1) for batch in group]
            size = torch.stack(counts).sum(0)
            for batch, count in zip(group, counts, strict=True):
                losses = self._together.losses(batch, self._drawn(batch))
                (losses * (count / size)).sum().backward()
                total = total + losses.detach() * count
            clips = clips + size
            if clip_norm is not None:
                clip_each(learning, clip_norm)
            optimizer.step()
            if schedule is not None:
                schedule.step()
        return total / clips

    def _drawn(self, batch: Padded) -> list[Tensor]:
        chance = [fold.chance for fold in self._folds]
        return [noise.drawn(batch.counts, batch.width, chance) for noise in self._noise]

    def _tell(self) -> None:
        """Tell of each fold its loss of the epoch that was looked at last, if it was not told yet."""
        means, self._means = self._means, []
        for fold, mean in zip(self._folds, means, strict=False):
            if fold.fault is not None:
                continue
            if math.isfinite(mean):
                fold.context.report(Progress(self._epoch, fold.loop.epochs, mean))
            else:
                fold.fault = not_finite(mean, self._epoch, fold.loop.epochs)
