"""The torch base: a subclass gives a network and a loss, the training loop is here, once for all.

    class Tiny(TorchModel):
        def inputs(self):
            return {"apex": ApexFrame(size=64)}

        def network(self, train, context):
            return timm.create_model("resnet18", num_classes=len(context.classes))

        def outputs(self, network, inputs):
            return network(inputs["apex"]), None

The loop seeds everything from the fold's seed, trains a fixed number of epochs with AdamW under a cosine
schedule with warm-up, in mixed precision where the context says so, and keeps the last epoch: there is no
test clip it could choose another one by.
"""

from __future__ import annotations

import math
import random
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mebench.cohort.protocol import AU_UNKNOWN
from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.models.augment import augment, to_tensor
from mebench.models.base import Context, Model, ModelSettings, Predictions, Progress, TestSet, TrainSet
from mebench.models.features import FeatureView


class TorchSettings(ModelSettings):
    """Settings of the training loop, shared by every torch model."""

    epochs: int = Field(30, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(16, ge=1, description="clips in one step")
    lr: float = Field(1e-3, gt=0, description="highest learning rate of AdamW")
    weight_decay: float = Field(1e-2, ge=0, description="weight decay of AdamW")
    warmup: float = Field(0.1, ge=0, lt=1, description="share of the steps in which the learning rate rises")
    clip_norm: float = Field(5.0, gt=0, description="gradients are scaled down to this norm")
    augmentation: bool = Field(True, description="random mirror, shift and light change of training clips")


@dataclass(frozen=True)
class Batch:
    """Training clips on the device: ``inputs`` float tensors, ``labels`` (B,) int64, ``aus`` (B, K) float.

    An action unit that is not known is nan.
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    aus: Tensor


class TorchModel(Model):
    """Base of torch models; see the module for the least a subclass needs."""

    Settings = TorchSettings
    settings: TorchSettings
    accelerated = True

    @abstractmethod
    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network; ``train`` is there for class counts and the like."""

    @abstractmethod
    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return class scores (B, classes), and action unit probabilities (B, K) or None.

        The softmax of the scores are the probabilities.
        """

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the loss to minimise; cross-entropy unless overridden."""
        return F.cross_entropy(self.outputs(network, batch.inputs)[0].float(), batch.labels)

    def end_epoch(self, network: nn.Module) -> None:
        """Be called after each epoch; adaptive task weights are updated here."""

    def fit(self, train: TrainSet, context: Context) -> None:
        """Train for the set number of epochs.

        Raises:
            MebenchError: the loss is no longer a number.
        """
        settings = self.settings
        _seed_everything(context.seed)
        self._context = context
        self.network_ = self.network(train, context).to(context.device)
        parameters = [p for p in self.network_.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW(_groups(parameters, settings.weight_decay), lr=settings.lr)
        batches = _Batches(train, self.inputs(), settings.batch_size, context)
        steps = settings.epochs * len(batches)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: warmup_cosine(step, steps, settings.warmup)
        )
        for epoch in range(1, settings.epochs + 1):
            self.network_.train()
            total = 0.0
            for batch in batches.epoch(augmented=settings.augmentation):
                with self._autocast():
                    loss = self.loss(self.network_, batch)
                if not torch.isfinite(loss):
                    raise MebenchError(
                        f"the training loss became {loss.item()} in epoch {epoch} of {settings.epochs}: "
                        "lower the learning rate (--set lr=...) or use --precision float32"
                    )
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(parameters, settings.clip_norm)
                optimiser.step()
                schedule.step()
                total += loss.item() * len(batch.labels)
            self.end_epoch(self.network_)
            context.report(Progress(epoch, settings.epochs, total / len(train)))

    @torch.inference_mode()
    def predict(self, test: TestSet) -> Predictions:
        """Return probabilities of the last epoch's network."""
        self.network_.eval()
        probabilities, aus = [], []
        for chosen in torch.arange(len(test)).split(self.settings.batch_size):
            inputs = _load(test.features, chosen.numpy(), self._context.device)
            with self._autocast():
                scores, found = self.outputs(self.network_, inputs)
            probabilities.append(scores.float().softmax(dim=1).cpu())
            if found is not None:
                aus.append(found.float().cpu())
        return Predictions(torch.cat(probabilities).numpy(), torch.cat(aus).numpy() if aus else None)

    def _autocast(self) -> torch.autocast:
        context = self._context
        return torch.autocast(
            torch.device(context.device).type, torch.bfloat16, enabled=context.precision == "bfloat16"
        )


class _Batches:
    """Batches of one fold's training clips, shuffled anew each epoch."""

    def __init__(self, train: TrainSet, kinds: Mapping[str, Input], size: int, context: Context) -> None:
        self._train = train
        self._kinds = kinds
        self._device = context.device
        self._generator = torch.Generator().manual_seed(context.seed)
        # Batch normalisation needs two clips, so a last clip alone joins the batch before it.
        starts = list(range(0, len(train), size))
        if len(starts) > 1 and len(train) - starts[-1] == 1:
            starts.pop()
        self._bounds = list(zip(starts, [*starts[1:], len(train)], strict=True))

    def __len__(self) -> int:
        return len(self._bounds)

    def epoch(self, *, augmented: bool) -> Iterator[Batch]:
        train = self._train
        order = torch.randperm(len(train), generator=self._generator).numpy()
        for first, last in self._bounds:
            chosen = order[first:last]
            inputs = _load(train.features, chosen, self._device)
            if augmented:
                inputs = {name: self._augmented(name, tensor) for name, tensor in inputs.items()}
            yield Batch(
                inputs,
                torch.from_numpy(train.labels[chosen]).to(self._device),
                au_targets(train.aus[chosen]).to(self._device),
            )

    def _augmented(self, name: str, tensor: Tensor) -> Tensor:
        kind = self._kinds[name]
        return augment(tensor, self._generator, negated=kind.negated_by_mirror, relit=kind.dtype == np.uint8)


def au_targets(aus: np.ndarray) -> Tensor:
    """Return uint8 action units as float 0 and 1, and nan where they are not known."""
    return torch.from_numpy(np.where(aus == AU_UNKNOWN, np.float32(np.nan), aus.astype(np.float32)))


def warmup_cosine(step: int, steps: int, warmup: float) -> float:
    """Return the learning rate's factor: a linear rise over ``warmup * steps``, then half a cosine to 0.

    >>> [round(warmup_cosine(s, 10, 0.2), 3) for s in (0, 1, 2, 6, 10)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    rising = warmup * steps
    if step < rising:
        return (step + 1) / rising if rising >= 1 else 1.0
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rising) / max(1.0, steps - rising))))


def _groups(parameters: list[nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    """Spare biases, norms and single learned numbers (task weights) the decay, which would bias them to 0."""
    decayed = [p for p in parameters if p.ndim > 1]
    spared = [p for p in parameters if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]


def _load(features: Mapping[str, FeatureView], chosen: np.ndarray, device: str) -> dict[str, Tensor]:
    return {name: to_tensor(view[chosen]).to(device, non_blocking=True) for name, view in features.items()}


def _seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
