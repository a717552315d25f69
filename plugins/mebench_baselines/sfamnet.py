"""SFAMNet's recognition head: a small attended block on each of three motion maps (Liong et al. 2024).

SFAMNet(outputs=3)                                             # the recognition head alone
SFAMNet(outputs=5, spotting=True, batch_norm=True)             # as published, 7,249 parameters
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mebench.api import Batch, Context, StepSettings, TrainSet

from .flow_network import FlowNetwork
from .gates import ChannelGate, SpatialGate

SIDE = 42
_MAPS = 3


class Stream(nn.Module):
    """One motion map (B, 1, 42, 42) to (B, 3, 14, 14): a residual block of 5 x 5 kernels with CBAM's gates."""

    def __init__(self, batch_norm: bool) -> None:
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(1, _MAPS, 5, padding=2, bias=False),
            nn.BatchNorm2d(_MAPS) if batch_norm else nn.Identity(),
            nn.ReLU(),
            nn.Conv2d(_MAPS, _MAPS, 5, padding=2, bias=False),
            nn.BatchNorm2d(_MAPS) if batch_norm else nn.Identity(),
            ChannelGate(_MAPS, 1),
            SpatialGate(7, bias=False, norm=batch_norm),
        )
        self.shortcut = nn.Conv2d(1, _MAPS, 1, bias=False)
        self.pool = nn.MaxPool2d(3)

    def forward(self, motion: Tensor) -> Tensor:
        """Return maps."""
        maps: Tensor = self.pool((self.path(motion) + self.shortcut(motion)).relu())
        return maps


def _head(outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3 * _MAPS, 8, 5, padding=2),
        nn.MaxPool2d(3, stride=2, padding=1),
        nn.Flatten(),
        nn.Linear(8 * 7 * 7, outputs),
    )


class SFAMNet(nn.Module):
    """Motion maps (B, 3, 42, 42) to recognition scores (B, outputs).

    ``spotting`` adds the published second head (:meth:`spot`), ``batch_norm`` calls the norms that the published
    code builds and leaves out.
    """

    def __init__(self, outputs: int, *, spotting: bool = False, batch_norm: bool = False) -> None:
        super().__init__()
        self.streams = nn.ModuleList(Stream(batch_norm) for _ in range(3))
        self.recognise = _head(outputs)
        self.spotter = _head(1) if spotting else None

    def shared(self, motion: Tensor) -> Tensor:
        """Return the maps of all streams, (B, 9, 14, 14)."""
        return torch.cat([stream(motion[:, [at]]) for at, stream in enumerate(self.streams)], dim=1)

    def forward(self, motion: Tensor) -> Tensor:
        """Return recognition scores."""
        scores: Tensor = self.recognise(self.shared(motion))
        return scores

    def spot(self, motion: Tensor) -> Tensor:
        """Return how probable it is that the frame is of an expression, (B,).

        Raises:
            ValueError: the network has no spotting head.
        """
        if self.spotter is None:
            raise ValueError("this network has no spotting head: SFAMNet(..., spotting=True) has one")
        probabilities: Tensor = self.spotter(self.shared(motion)).sigmoid()[:, 0]
        return probabilities


def balanced_weights(labels: np.ndarray, classes: int) -> Tensor:
    """Return a weight for each class, (classes,): clips / (classes present * clips of the class); 0 for absent ones.

    >>> balanced_weights(np.array([0, 0, 0, 2]), 3).tolist()
    [0.6666666865348816, 0.0, 2.0]
    """
    counts = np.bincount(labels, minlength=classes)
    weights = np.where(counts, len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1)), 0)
    return torch.from_numpy(weights.astype(np.float32))


class SFAMNetSettings(StepSettings):
    """Settings of SFAMNet: Adam for a number of steps."""

    steps: int = Field(1000, ge=1, le=1_000_000, description="steps of the optimiser")
    batch_size: int = Field(1024, ge=1, description="clips in one batch")
    lr: float = Field(1e-4, gt=0, description="learning rate of Adam")
    jitter: float = Field(0.1, ge=0, lt=1, description="how far from 1 training clips' maps are multiplied")
    batch_norm: bool = Field(False, description="call the batch norms that the published code leaves out")


class SFAMNetModel(FlowNetwork):
    """SFAMNet's recognition head, trained on annotated clips alone."""

    Settings = SFAMNetSettings
    settings: SFAMNetSettings
    side = SIDE
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {"steps": 150, "batch_size": 24, "lr": 5e-3}
    }
    known = (
        "Three streams of 42 x 42 (u, v and depth flow): 5 x 5 kernels, CBAM, max-pooling of 3; their 9 maps through "
        "a 5 x 5 convolution to 8, max-pooling, one layer.",
        "7,249 parameters with the spotting head, for 4 classes and neutral; 8,428 for 7. They include 42 of batch "
        "norms that are never called, and all are met by the network here when it is built alike.",
        "Adam 1e-4, batches of 1,024, 1,000 steps; weighted cross-entropy; maps times .9 to 1.1 at random.",
    )
    assumed = (
        "The recognition head alone: no spotting, hence no neutral class and no frames around the clips, which the "
        "authors train on too. 4,613 parameters for 4 classes.",
        "The third map is optical strain, as in the authors' MEAN: the depth that SFAMNet takes it from comes with "
        "CAS(ME)^3 alone.",
        "The single hidden unit of each channel gate starts awake: with the usual first weights it may never learn.",
        "Maps enter as 0 to 1, from the flow picture; the authors' prepared files are not public.",
    )
    wrong = (
        "Batch norms and dropout are built and never called (--set batch_norm=true calls the norms).",
        "The network is set to eval mode after the first batch of each epoch; without norms and dropout, that "
        "changes nothing.",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network; the training fold's class counts become loss weights."""
        classes = len(context.classes)
        self._weights = balanced_weights(train.labels, classes).to(context.device)
        return SFAMNet(classes, batch_norm=self.settings.batch_norm)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the weighted cross-entropy of clips that are made stronger or weaker at random."""
        inputs = {"flow": self.jittered(batch.inputs["flow"])}
        return F.cross_entropy(self.outputs(network, inputs)[0].float(), batch.labels, weight=self._weights)

    def jittered(self, flow: Tensor) -> Tensor:
        """Return maps (B, H, W, 3), all of a clip times one number."""
        strength = 1 + self.settings.jitter * (2 * torch.rand(len(flow), 1, 1, 1) - 1)
        return flow * strength.to(flow.device)
