"""A network with two faults: its seed is fixed, and one of its layers is never used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from mebench.api import ApexFrame, Context, Input, LoopSettings, TorchModel, TrainSet


class Net(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.used, self.unused = nn.Linear(3, classes), nn.Linear(3, classes)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.used(x.mean((2, 3)))
        return scores


class FixedSeed(TorchModel):
    Settings = LoopSettings

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=8)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        return Net(len(context.classes))

    def fit(self, train: TrainSet, context: Context) -> None:
        super().fit(train, replace(context, seed=42))
        assert torch.is_grad_enabled()
