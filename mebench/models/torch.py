"""The torch base: a subclass gives a network, the training loop is here, once for all.

    class Tiny(TorchModel):
        def inputs(self):
            return {"apex": ApexFrame(size=64)}

        def network(self, train, context):
            return timm.create_model("resnet18", num_classes=len(context.classes))

The loop seeds everything from the fold's seed, trains for a fixed time, in mixed precision where the context says
so, and keeps the last epoch: there is no test clip it could choose another one by. Every part of the recipe is a
method with a default: ``loss``, ``optimizer``, ``schedule``, ``sampler``, ``normalise``, ``augment``, ``stages``,
``begin_epoch`` and ``end_epoch``. A loop of one's own is an own ``fit`` with the parts of
:mod:`mebench.models.batches`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from torch.utils.data import Sampler

from mebench.errors import MebenchError
from mebench.models.augment import augment, augment_measurements
from mebench.models.base import Context, Model, Predictions, Progress, TestSet, TrainSet
from mebench.models.batches import Batch, batch_bounds, batches, load_inputs, normalise, seed_everything
from mebench.models.recipe import (
    BatchSettings,
    LoopSettings,
    Stage,
    StepSettings,
    TorchSettings,
    decay_groups,
    warmup_cosine,
)
from mebench.models.settings import refuse_unread
from mebench.models.stand_in import stand_in
from mebench.models.tensors import arrays_of, put_arrays


class TorchModel(Model):
    """Base of torch models; see the module for the least a subclass needs.

    Attributes:
        idle: patterns (:mod:`fnmatch`) of the names of parameters that never get a gradient, on purpose.
        stage: the stage of training under way.
        epoch_steps: the optimiser's steps in a whole epoch, for schedules that count epochs.
        network_: the network, from the beginning of :meth:`fit` on.
    """

    Settings: ClassVar[type[BatchSettings]] = TorchSettings  # type: ignore[assignment]
    settings: BatchSettings
    accelerated = True
    reads = frozenset(TorchSettings.model_fields) | frozenset(StepSettings.model_fields)
    idle: ClassVar[tuple[str, ...]] = ()
    stage: Stage
    epoch_steps: int
    network_: nn.Module

    @abstractmethod
    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network; ``train`` is there for class counts and the like."""

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return class scores (B, classes), and action unit probabilities (B, K) or None.

        The softmax of the scores are the probabilities. Unless overridden, the scores are what the network makes of
        the model's only input.

        Raises:
            MebenchError: there are several inputs, and nothing says what the network makes of them.
        """
        if len(inputs) != 1:
            raise MebenchError(
                f"{type(self).__name__} has {len(inputs)} inputs: define outputs(network, inputs), which says what the "
                "network makes of them"
            )
        (only,) = inputs.values()
        return network(only), None

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the loss to minimise; cross-entropy unless overridden."""
        return F.cross_entropy(self.outputs(network, batch.inputs)[0].float(), batch.labels)

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        """Return the optimiser of a stage's parameters: AdamW; without weight decay that is Adam."""
        groups = decay_groups(parameters, getattr(self.settings, "weight_decay", 0.0))
        return torch.optim.AdamW(groups, lr=self.settings.lr, fused=True)

    def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """Return what changes the learning rate after each of the optimiser's ``steps``, or None.

        Warm-up and half a cosine where the settings have a ``warmup``. A schedule by epochs multiplies them with
        :attr:`epoch_steps`: ``StepLR(optimizer, 10 * self.epoch_steps, gamma=0.5)``.
        """
        warmup = getattr(self.settings, "warmup", None)
        if warmup is None:
            return None
        return LambdaLR(optimizer, lambda step: warmup_cosine(step, steps, warmup))

    def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]:
        """Return which training clips an epoch shows, and in which order; asked once a stage, gone through each epoch.

        All clips in a new order each time; torch's own samplers fit, with ``generator`` as their source of chance.
        """
        return _Shuffled(len(train), generator)

    def normalise(self, name: str, x: Tensor) -> Tensor:
        """Return a batch of pictures (B, C, ...) in 0..1 as the network wants it: by ImageNet's statistics."""
        return normalise(x)

    def augment(self, name: str, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return a batch of an input, changed at random; called in training where the settings ask for it.

        Pictures come as :meth:`normalise` gave them, and are mirrored, shifted and relit; measurements are
        mirrored where their input says how. ``generator`` stands at the same place for each input of a batch, so
        that all inputs of a clip are changed alike: onset and apex stay in line.
        """
        kind = self._kinds[name]
        return (
            augment(x, generator, kind)
            if kind.kind == "picture"
            else augment_measurements(x, kind, generator)
        )

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """Return the stages of training, one after the other; one as long as the settings say unless overridden."""
        settings = self.settings
        if isinstance(settings, StepSettings):
            return (Stage(steps=settings.steps),)
        assert isinstance(settings, LoopSettings)
        return (Stage(epochs=settings.epochs),)

    def begin_epoch(self, network: nn.Module, epoch: int) -> None:
        """Be called before each epoch; they are counted from 1, over all stages."""

    def end_epoch(self, network: nn.Module, epoch: int) -> None:
        """Be called after each epoch; adaptive task weights are updated here."""

    def log(self, name: str, value: float | Tensor) -> None:
        """Report a number of the batch at hand; its mean over each epoch is stored with the fold as a curve."""
        self._logged.setdefault(name, []).append(value.item() if isinstance(value, Tensor) else float(value))

    def start(self, train: TrainSet, context: Context) -> None:
        """Make :attr:`network_` on the fold's device: the first step of :meth:`fit`, and of one's own."""
        self._device, self._precision = context.device, context.precision
        self._kinds = dict(train.inputs or self.inputs())
        self._logged: dict[str, list[float]] = {}
        self.network_ = self.network(train, context).to(context.device)
        self._make_lazy_layers(train)

    def prepared(self, batch: Batch, generator: torch.Generator | None = None) -> Batch:
        """Return a batch of :func:`~mebench.models.batches.batches` as the network sees it.

        Pictures are normalised; with a generator all inputs are augmented, those of one clip alike.
        """
        inputs = self._normalised(batch.inputs)
        if generator is not None:
            start = generator.get_state()
            for name, x in inputs.items():
                generator.set_state(start)
                inputs[name] = self.augment(name, x, generator)
        return replace(batch, inputs=inputs)

    def fit(self, train: TrainSet, context: Context) -> None:
        """Train through all stages.

        Raises:
            MebenchError: the loss is no longer a number, or the user set a part of the recipe that the model does
                not use.
        """
        seed_everything(context.seed)
        self.start(train, context)
        loop = _Loop(self, train, context)
        for stage in loop.stages:
            loop.train(stage)

    @torch.inference_mode()
    def predict(self, test: TestSet) -> Predictions:
        """Return probabilities of the last epoch's network."""
        self.network_.eval()
        probabilities, aus = [], []
        for chosen in torch.arange(len(test)).split(self.settings.batch_size):
            inputs = self._normalised(load_inputs(test.features, chosen.numpy(), self._kinds, self._device))
            with self._autocast():
                scores, found = self.outputs(self.network_, inputs)
            probabilities.append(scores.float().softmax(dim=1).cpu())
            if found is not None:
                aus.append(found.float().cpu())
        return Predictions(torch.cat(probabilities).numpy(), torch.cat(aus).numpy() if aus else None)

    def state(self) -> Mapping[str, np.ndarray]:
        """Return the network's parameters and buffers; on a CPU they share its memory."""
        return arrays_of(self.network_)

    def restore(self, state: Mapping[str, np.ndarray], context: Context) -> None:
        """Make the network from a stand-in for training clips and put the parameters and buffers into it, all of them.

        Raises:
            MebenchError: they are not those of the network that these settings make.
        """
        self.start(stand_in(self.inputs(), context), context)
        put_arrays(self.network_, state)

    def _normalised(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {
            name: self.normalise(name, x) if self._kinds[name].kind == "picture" else x
            for name, x in inputs.items()
        }

    def _make_lazy_layers(self, train: TrainSet) -> None:
        """Let layers that take their size from what they are first shown see two clips."""
        if any(is_lazy(parameter) for parameter in self.network_.parameters()):
            shown = np.arange(min(2, len(train)))
            first = load_inputs(train.features, shown, self._kinds, self._device)
            with torch.no_grad():
                self.outputs(self.network_, self._normalised(first))

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            torch.device(self._device).type, torch.bfloat16, enabled=self._precision == "bfloat16"
        )


class _Loop:
    """The training of one fold: what lives as long as it does, and no longer."""

    def __init__(self, model: TorchModel, train: TrainSet, context: Context) -> None:
        self._model, self._train, self._context = model, train, context
        self._settings = model.settings
        self._generator = torch.Generator().manual_seed(context.seed)
        self._learning = [p for p in model.network_.parameters() if p.requires_grad]
        self._epoch = 0
        self.stages = [
            _PlannedStage(model, stage, train, self._generator) for stage in model.stages(model.network_)
        ]
        if not self.stages:
            raise MebenchError(f"{type(model).__name__} trains in no stage: stages() must give one or more")
        self._epochs = sum(len(stage.lengths) for stage in self.stages)

    def train(self, planned: _PlannedStage) -> None:
        model, stage = self._model, planned.stage
        model.stage, model.epoch_steps = stage, planned.epoch_steps
        parameters = self._freeze_all_but(stage.trained)
        optimizer = model.optimizer(parameters)
        schedule = model.schedule(optimizer, sum(planned.lengths))
        for steps in planned.lengths:
            self._epoch += 1
            model._logged.clear()
            model.network_.train()
            model.begin_epoch(model.network_, self._epoch)
            loss = self._pass(planned.order(), steps, parameters, optimizer, schedule)
            model.end_epoch(model.network_, self._epoch)
            if planned is self.stages[-1]:
                # By now whatever a recipe is made of was asked for: better told now than after the last epoch.
                recipe = set(TorchSettings.model_fields) & set(self._context.assigned)
                refuse_unread(self._settings, recipe)
            values = {name: sum(each) / len(each) for name, each in model._logged.items()}
            self._context.report(Progress(self._epoch, self._epochs, loss, values))

    def _pass(
        self,
        order: list[int],
        steps: int,
        parameters: list[nn.Parameter],
        optimizer: Optimizer,
        schedule: LRScheduler | None,
    ) -> float:
        """Go once through the clips, or through the first ``steps`` steps; return the mean loss of a clip."""
        total, clips = 0.0, 0
        clip_norm = getattr(self._settings, "clip_norm", None)
        every = batches(
            self._train,
            order,
            self._settings.batch_size,
            inputs=self._model._kinds,
            device=self._context.device,
        )
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            group = list(islice(every, self._settings.accumulate))
            size = sum(len(batch.labels) for batch in group)
            for batch in group:
                loss = self._loss(batch)
                (loss * (len(batch.labels) / size)).backward()  # type: ignore[no-untyped-call]
                total += loss.item() * len(batch.labels)
            clips += size
            if clip_norm is not None:
                nn.utils.clip_grad_norm_(parameters, clip_norm)
            optimizer.step()
            if schedule is not None:
                schedule.step()
        return total / clips

    def _loss(self, batch: Batch) -> Tensor:
        model = self._model
        augmented = getattr(self._settings, "augmentation", False)
        seen = model.prepared(batch, self._generator if augmented else None)
        with model._autocast():
            loss = model.loss(model.network_, seen)
        if not torch.isfinite(loss):
            raise MebenchError(
                f"the training loss became {loss.item()} in epoch {self._epoch} of {self._epochs}: "
                "lower the learning rate (--set lr=...) or use --precision float32"
            )
        return loss

    def _freeze_all_but(self, trained: Sequence[nn.Parameter] | None) -> list[nn.Parameter]:
        chosen = None if trained is None else {id(p) for p in trained}
        for parameter in self._learning:
            parameter.requires_grad_(chosen is None or id(parameter) in chosen)
        return [p for p in self._learning if p.requires_grad]


class _PlannedStage:
    """A stage with its sampler and the optimiser steps of each of its epochs."""

    def __init__(self, model: TorchModel, stage: Stage, train: TrainSet, generator: torch.Generator) -> None:
        self.stage = stage
        self._sampler = model.sampler(train, generator)
        self._clips = len(self._sampler)  # type: ignore[arg-type]
        if not self._clips:
            raise MebenchError(
                "an epoch shows no clip: the fold has no training clips, or sampler() leaves out all"
            )
        shown = batch_bounds(self._clips, model.settings.batch_size)
        self.epoch_steps = math.ceil(len(shown) / model.settings.accumulate)
        self.lengths = stage.lengths(self.epoch_steps)

    def order(self) -> list[int]:
        """Return which clips the next epoch shows."""
        order = list(self._sampler)
        if len(order) != self._clips:
            raise MebenchError(
                f"the model's sampler gave {len(order)} clips in an epoch, and its len() is {self._clips}: let it say "
                "the number of clips, by which the steps of an epoch are counted"
            )
        return order


class _Shuffled(Sampler[int]):
    """All clips, in a new order each time."""

    def __init__(self, clips: int, generator: torch.Generator) -> None:
        self._clips, self._generator = clips, generator

    def __len__(self) -> int:
        return self._clips

    def __iter__(self) -> Iterator[int]:
        yield from torch.randperm(self._clips, generator=self._generator).tolist()
