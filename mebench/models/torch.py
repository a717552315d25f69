"""The torch base: a subclass gives a network, the training loop is here, once for all.

    class Tiny(TorchModel):
        def inputs(self):
            return {"apex": ApexFrame(size=64)}

        def network(self, train, context):
            return timm.create_model("resnet18", num_classes=len(context.classes))

The loop seeds everything from the fold's seed, trains for a fixed time, in mixed precision where the context says
so, and ends with the last epoch: there is no test clip it could choose another one by. Every part of the recipe is a
method with a default: ``loss``, ``optimizer``, ``schedule``, ``sampler``, ``normalise``, ``augment``, ``stages``,
``begin_epoch`` and ``end_epoch``. A loop of one's own is an own ``fit`` with the parts of
:mod:`mebench.models.batches`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from torch.utils.data import Sampler

from mebench.errors import MebenchError
from mebench.models.arithmetic import BFLOAT16
from mebench.models.augment import augment, augment_measurements
from mebench.models.base import Context, Model, Predictions, TestSet, TrainSet
from mebench.models.batches import Batch, normalise, seed_everything
from mebench.models.epoch_rules import LAST, SELECTIONS
from mebench.models.half_precision import refuse_wrong_layers
from mebench.models.layout import channels_last, lay_out
from mebench.models.loop import Loop
from mebench.models.recipe import (
    BatchSettings,
    LoopSettings,
    Stage,
    StepSettings,
    TorchSettings,
    decay_groups,
    warmup_cosine,
)
from mebench.models.resident import ResidentInputs
from mebench.models.snapshots import Snapshots
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
    selections = frozenset(SELECTIONS)
    reads = frozenset(TorchSettings.model_fields) | frozenset(StepSettings.model_fields)
    idle: ClassVar[tuple[str, ...]] = ()
    stage: Stage
    epoch_steps: int
    network_: nn.Module
    _snapshots: Snapshots | None = None
    # Of many folds at once no layout can be asked for.
    _lays_out = True

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Let a class with a loop of its own follow no rule but ``last``, unless it says that it keeps its epochs."""
        super().__init_subclass__(**keywords)
        if "fit" in vars(cls) and "selections" not in vars(cls):
            cls.selections = frozenset({LAST})

    def __getstate__(self) -> dict[str, Any]:
        # An open file goes nowhere.
        return {**vars(self), "_snapshots": None}

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
        # A tensor is read when its epoch has ended: until then a GPU is not waited for.
        kept = value.detach().clone() if isinstance(value, Tensor) else float(value)
        self._logged.setdefault(name, []).append(kept)

    def start(self, train: TrainSet, context: Context) -> None:
        """Make :attr:`network_` on the fold's device: the first step of :meth:`fit`, and of one's own.

        Raises:
            MebenchError: bfloat16 is asked for on a CPU, and a layer of the network computes wrongly in it there.
        """
        self._make(train, context)
        if context.precision == BFLOAT16 and torch.device(context.device).type == "cpu":
            shown = torch.arange(min(len(train), self.settings.batch_size))
            clips = ResidentInputs(train.features, self._kinds, self._device)
            batch = self._normalised(clips.take(shown))
            refuse_wrong_layers(self.network_, lambda: self.outputs(self.network_, batch))

    def _make(self, train: TrainSet, context: Context) -> None:
        self._device, self._precision = context.device, context.precision
        self._kinds = dict(train.inputs or self.inputs())
        self._logged: dict[str, list[float | Tensor]] = {}
        self.network_ = self.network(train, context).to(context.device)
        self._make_lazy_layers(train)
        if self._on_gpu():
            lay_out(self.network_)
        self._snapshots = Snapshots() if context.selection != LAST else None

    def keep_epoch(self) -> None:
        """Keep :attr:`network_` as it stands, where the rule of choosing an epoch asks for it.

        The loop calls it after each epoch, and so does a ``fit`` of one's own with ``selections`` beyond ``last``.

        Raises:
            MebenchError: the disk refuses.
        """
        if self._snapshots is not None:
            self._snapshots.keep(self.network_)

    def epochs_kept(self) -> int:
        """Return how many epochs were kept."""
        return 0 if self._snapshots is None else len(self._snapshots)

    def use_epoch(self, epoch: int) -> None:
        """Make :attr:`network_` what it was after an epoch, counted from 1 over all stages.

        Raises:
            MebenchError: it was not kept, or the disk refuses.
        """
        if self._snapshots is None:
            raise MebenchError(
                f"{type(self).__name__} has kept no epoch: its context asks for the last alone"
            )
        self._snapshots.restore(self.network_, epoch)

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
        return replace(batch, inputs=self._laid_out(inputs))

    def fit(self, train: TrainSet, context: Context) -> None:
        """Train through all stages.

        Raises:
            MebenchError: the loss is no longer a number, or the user set a part of the recipe that the model does
                not use.
        """
        loop = self.begun(train, context)
        for stage in loop.stages:
            loop.train(stage)

    def begun(self, train: TrainSet, context: Context) -> Loop:
        """Seed everything, make the network, and return the training, of which no step is taken yet."""
        seed_everything(context.seed, precision=context.precision, fast=context.fast)
        self.start(train, context)
        loop = Loop(self, train, context, inputs=self._kinds, logged=self._logged, autocast=self._autocast)
        if self._snapshots is not None:
            self._snapshots.refuse_full_disk(self.network_, loop.epochs)
        return loop

    @torch.inference_mode()
    def predict(self, test: TestSet) -> Predictions:
        """Return the network's probabilities."""
        self.network_.eval()
        probabilities, aus = [], []
        clips = ResidentInputs(test.features, self._kinds, self._device)
        for chosen in torch.arange(len(test)).split(self.settings.batch_size):
            inputs = self._laid_out(self._normalised(clips.take(chosen)))
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
        self._make(stand_in(self.inputs(), context), context)
        put_arrays(self.network_, state)

    def _normalised(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {
            name: self.normalise(name, x) if self._kinds[name].kind == "picture" else x
            for name, x in inputs.items()
        }

    def _laid_out(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        laid_out = self._lays_out and self._on_gpu()
        pictures = {name for name in inputs if laid_out and self._kinds[name].kind == "picture"}
        return {name: channels_last(x) if name in pictures else x for name, x in inputs.items()}

    def _on_gpu(self) -> bool:
        return torch.device(self._device).type == "cuda"

    def _make_lazy_layers(self, train: TrainSet) -> None:
        """Let layers that take their size from what they are first shown see two clips."""
        if any(is_lazy(parameter) for parameter in self.network_.parameters()):
            shown = np.arange(min(2, len(train)))
            two = {name: view.take(shown) for name, view in train.features.items()}
            first = ResidentInputs(two, self._kinds, self._device).take(torch.from_numpy(shown))
            with torch.no_grad():
                self.outputs(self.network_, self._normalised(first))

    def _autocast(self) -> AbstractContextManager[Any]:
        if self._precision != BFLOAT16:
            return nullcontext()
        return torch.autocast(torch.device(self._device).type, torch.bfloat16)


class _Shuffled(Sampler[int]):
    """All clips, in a new order each time."""

    def __init__(self, clips: int, generator: torch.Generator) -> None:
        self._clips, self._generator = clips, generator

    def __len__(self) -> int:
        return self._clips

    def __iter__(self) -> Iterator[int]:
        yield from torch.randperm(self._clips, generator=self._generator).tolist()
