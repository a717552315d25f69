"""Networks of which is known where they look, fitted for a moment, and described as kept models are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from invented import invented_sets
from torch import Tensor, nn

from mebench.api import (
    ApexFrame,
    ClipFrames,
    Context,
    Input,
    LoopSettings,
    Model,
    OnsetAndApex,
    OpticalFlow,
    TorchModel,
    TrainSet,
)

CLASSES = ("negative", "positive", "surprise")
UNITS = (4, 12)


@dataclass(frozen=True)
class Fitted:
    """A fitted model that lies on no disk."""

    model: Model
    about: dict[str, Any]


class Corner(nn.Module):
    """One class for the light of a picture's upper left quadrant, one against it, one for nothing."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Return scores (B, 3) of pictures (B, C, ..., H, W)."""
        side = pictures.shape[-1] // 2
        light = pictures[..., :side, :side].flatten(1).mean(1)
        return torch.stack([4 * light, -4 * light, 0 * light], dim=1)


class Short(LoopSettings):
    epochs: int = 1


class Looks(TorchModel):
    """Looks at the upper left of its only input."""

    Settings = Short
    idle = ("*",)

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(16)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        return Corner()

    def fit(self, train: TrainSet, context: Context) -> None:
        """Know all already."""
        self.start(train, context)


class LooksAtMovement(Looks):
    """The same of flow."""

    def inputs(self) -> Mapping[str, Input]:
        return {"flow": OpticalFlow(method="dis", size=16, resolution=64)}

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, None]:
        return network(inputs["flow"].movedim(-1, 1).abs()), None


class LooksTwice(Looks):
    """An apex frame and a clip, as a network of two branches has them, another input that it ignores, and two units."""

    detects_aus = True

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(16), "clip": ClipFrames(20, 16), "both": OnsetAndApex(16)}

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        scores = network(inputs["apex"]) + 2 * network(inputs["clip"][:, :, 8:12])
        return scores, scores[:, :2].sigmoid()


def fitted(
    model: Model, folder: Path, *, classes: Sequence[str] = CLASSES, aus: Sequence[int] = (), **about: Any
) -> Fitted:
    """Return a model after its fit on a few clips of noise, described as one that was kept."""
    folder.mkdir(exist_ok=True)
    train, _ = invented_sets(model.inputs(), folder, classes=max(1, len(classes)), clips=6, aus=len(aus))
    model.fit(train, Context(1, tuple(classes), tuple(aus)))
    described = {
        "model": type(model).__name__.lower(),
        "protocol": "invented-3c",
        "classes": list(classes),
        "aus": list(aus),
        "inputs": {name: each.describe() for name, each in model.inputs().items()},
        "prepared": {"invented": None},
        "trained_on": 6,
        "fold": None,
        "synthetic": False,
        "shuffled_labels": False,
    }
    return Fitted(model, {**described, **about})
