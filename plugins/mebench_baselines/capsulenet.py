"""CapsuleNet: capsules on ResNet18's maps of the apex frame (Van Quang, Chun and Tokuyama 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import LRScheduler, StepLR
from torch.utils.data import Sampler, WeightedRandomSampler

from mebench.api import (
    ApexFrame,
    Batch,
    Context,
    Input,
    LoopSettings,
    MebenchError,
    PretrainedTag,
    TorchModel,
    TrainSet,
)

from .capsules import DigitCapsules, PrimaryCapsules, margin_loss
from .pretrained import StartsFromResNet18, resnet18_backbone, start_from

DECAY = 0.9
KERNEL = 9
DIMENSIONS = 8  # of a primary capsule


class CapsuleNetSettings(LoopSettings):
    """Settings of CapsuleNet; the defaults are the published recipe."""

    epochs: int = Field(30, ge=1, le=10_000, description="passes over the balanced training clips")
    batch_size: int = Field(32, ge=2, description="clips in one step")
    lr: float = Field(
        1e-4, gt=0, description="Adam's learning rate, times 0.9 from before the first epoch on"
    )
    size: int = Field(224, ge=136, le=1024, description="side of the apex frame, pixels")
    width: int = Field(64, ge=8, le=128, description="channels of ResNet18's first stage; 64 is ResNet18")
    routings: int = Field(3, ge=1, le=20, description="rounds of routing by agreement")
    repeats: int = Field(
        5, ge=1, le=100, description="times that a clip of the rarest class is shown an epoch"
    )
    augmentation: bool = Field(True, description="mirror, shift and relight training frames")
    pretrained: PretrainedTag = start_from("resnet18.tv_in1k")


class CapsuleNetwork(nn.Module):
    """ResNet18 without its max-pooling and last stage, two 9x9 convolutions, and capsules with routing.

    Pictures (B, 3, size, size) to the lengths of the classes' capsules, (B, classes), 0 to 1.
    """

    def __init__(
        self, classes: int, size: int = 224, width: int = 64, routings: int = 3, pretrained: Any = None
    ) -> None:
        super().__init__()
        resnet: Any = resnet18_backbone(pretrained, width)
        self.backbone = nn.Sequential(*list(resnet.stem)[:3], *list(resnet.stages)[:3])
        channels = resnet.channels[2]
        side = (-(-size // 8) - 2 * (KERNEL - 1) + 1) // 2
        if side < 1:
            raise MebenchError(f"size is {size}: CapsuleNet's two 9x9 convolutions need 136 pixels or more")
        self.conv = nn.Conv2d(channels, channels, KERNEL)
        self.primary = PrimaryCapsules(channels, DIMENSIONS)
        self.digits = DigitCapsules(
            side * side * channels // DIMENSIONS, DIMENSIONS, classes, routings=routings
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the lengths."""
        maps = self.conv(self.backbone(pictures)).relu()
        lengths: Tensor = self.digits(self.primary(maps)).norm(dim=-1)
        return lengths


class CapsuleNet(StartsFromResNet18, TorchModel):
    """CapsuleNet on the apex frame."""

    Settings = CapsuleNetSettings
    settings: CapsuleNetSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {
            "size": 160,
            "width": 8,
            "epochs": 12,
            "batch_size": 8,
            "repeats": 1,
            "lr": 5e-4,
            "augmentation": False,
            "pretrained": None,
        },
    }
    known = (
        "Input: the apex frame alone, 224x224; no motion is measured.",
        "ResNet18 up to its third stage (256x28x28: the max-pooling of the stem is left out), a 9x9 convolution, "
        "1,152 capsules of 8 neighbouring channels, one capsule of 16 numbers a class, 3 rounds of routing.",
        "Margin loss with margins 0.99 and 0.01 (published code); classes balanced by showing rare ones more often.",
        "Adam 1e-4, times 0.9 an epoch, 30 epochs of batches of 32. Reported: UF1 .6520, UAR .6506 on MEGC2019.",
    )
    assumed = (
        "Rare classes are drawn anew from their apex frames; the published code takes four neighbouring frames a "
        "clip as well.",
        "Augmentation is this benchmark's mirror, shift and relighting in place of rotation by 8 degrees, colour "
        "jitter and crops.",
        "The published code starts from weights trained on macro-expressions, which are not public; ours from "
        "ImageNet's.",
        "Probabilities are the capsules' lengths, divided by their sum.",
    )
    wrong = (
        "The epoch with the best UF1 on the test subject is reported.",
        "The learning rate decays before the first epoch, so 1e-4 is never used: training starts at 9e-5.",
        "Test frames are turned by a random angle, so that its predictions differ from call to call.",
        "Frames are not normalised by the statistics that the pretrained weights expect.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the apex frame."""
        return {"apex": ApexFrame(self.settings.size)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        s = self.settings
        return CapsuleNetwork(len(context.classes), s.size, s.width, s.routings, s.pretrained)

    def normalise(self, name: str, x: Tensor) -> Tensor:
        """Return pictures in 0..1 as they are, as the published code does."""
        return x

    def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]:
        """Return clips with equal chances for every class; as many as 5 times the rarest class, or all."""
        counts = np.bincount(train.labels)
        seen = counts[counts > 0]
        weights = (1 / np.maximum(counts, 1))[train.labels]
        shown = max(len(train), self.settings.repeats * int(seen.min()) * len(seen))
        return WeightedRandomSampler(weights.tolist(), shown, generator=generator)

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        """Return Adam at the rate of the first epoch: the published schedule steps before it."""
        return Adam(parameters, lr=self.settings.lr * DECAY)

    def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """Return a decay by 0.9 after every epoch."""
        return StepLR(optimizer, self.epoch_steps, gamma=DECAY)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the margin loss."""
        return margin_loss(network(batch.inputs["apex"]).float(), batch.labels)

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the logarithms of the lengths, whose softmax are the lengths' shares."""
        lengths: Tensor = network(inputs["apex"]).float()
        return lengths.clamp(min=1e-12).log(), None
