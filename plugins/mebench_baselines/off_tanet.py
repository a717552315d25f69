"""Off-TANet: a light residual network with three attentions, on flow of 112 pixels (Zhang, Liu, Zhou 2021)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, StepLR

from mebench.api import Context, FlowPicture, FlowStrain, Input, LoopSettings, TorchModel, TrainSet

from .gates import ChannelGate, SpatialGate

_HEADS = 4


def _unit(channels: int, wide: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU()]


class Residual(nn.Module):
    """Maps (B, C, H, W) through ``path`` and beside a 1 x 1 convolution, summed, then halved by max-pooling."""

    def __init__(self, channels: int, wide: int, path: nn.Module) -> None:
        super().__init__()
        self.path = path
        self.shortcut = nn.Conv2d(channels, wide, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, maps: Tensor) -> Tensor:
        """Return (B, wide, H / 2, W / 2)."""
        halved: Tensor = self.pool(self.path(maps) + self.shortcut(maps))
        return halved


def place_codes(side: int) -> Tensor:
    """Return the published position codes, (side, side): symmetric, and of nearly one value.

    Sines and cosines take the frequency alone, not frequency times position as in Vaswani et al. 2017, so that
    they tell positions apart by the parity of row and column.
    """
    at = torch.arange(side)
    frequencies = 10_000.0 ** -((at // 2) / side)
    codes = torch.where(at % 2 == 0, frequencies.sin(), frequencies.cos())
    return codes[:, None] + codes[None, :]


class MapAttention(nn.Module):
    """Heads of attention on maps (B, C, H, H), each of C / 4 channels, side by side.

    Queries, keys and values are 1 x 1 convolutions. In every channel the queries' rows are multiplied with the
    keys' rows (H x H products), the softmax runs over all of them at once, and each value is multiplied with the
    share at its place: a gate, rather than a mean over values.
    """

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        # All heads in one: their channels do not mix.
        self.query, self.key, self.value = (
            nn.Conv2d(channels, channels // _HEADS * _HEADS, 1) for _ in range(3)
        )
        self.register_buffer("places", place_codes(side), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Return gated values."""
        query = self.query(maps)
        products = query @ self.key(maps).mT + query @ self.places
        shares = products.flatten(2).softmax(dim=2).view_as(products)
        gated: Tensor = shares * self.value(maps)
        return gated


class OffTANet(nn.Module):
    """Flow and strain (B, 3, side, side) to scores (B, classes); ``side`` is a multiple of 16."""

    def __init__(self, classes: int, side: int = 112, dropout: float = 0.5) -> None:
        super().__init__()
        attended = nn.Sequential(
            *_unit(28, 28),
            ChannelGate(28, 1, bias=False),
            SpatialGate(3, bias=False),
            MapAttention(28, side // 8),
            *_unit(28, 8),
        )
        self.maps = nn.Sequential(
            nn.Conv2d(3, 8, 7, stride=2, padding=3),
            nn.ReLU(),
            nn.BatchNorm2d(8),
            Residual(8, 18, nn.Sequential(*_unit(8, 18), *_unit(18, 18))),
            Residual(18, 28, nn.Sequential(*_unit(18, 28), *_unit(28, 28))),
            Residual(28, 8, attended),
        )
        hidden = [nn.Linear(8 * (side // 16) ** 2, 64), nn.Linear(64, 64)]
        self.classify = nn.Sequential(
            nn.Flatten(),
            *(part for layer in hidden for part in (layer, nn.ReLU(), nn.Dropout(dropout))),
            nn.Linear(64, classes),
        )

    def forward(self, flow: Tensor) -> Tensor:
        """Return scores."""
        scores: Tensor = self.classify(self.maps(flow))
        return scores


class OffTANetSettings(LoopSettings):
    """Settings of Off-TANet: Adam, and steps down of the learning rate."""

    epochs: int = Field(201, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(64, ge=1, description="clips in one batch")
    lr: float = Field(1e-3, gt=0, description="learning rate of Adam, times .3 after each 60 epochs")
    size: int = Field(112, ge=32, le=512, multiple_of=16, description="side of the flow, in pixels")
    flow: Literal["pixels", "picture"] = Field(
        "pixels", description="flow as measured, or as 8-bit picture: what clips of ready flow pictures have"
    )


class OffTANetModel(TorchModel):
    """Off-TANet with its authors' recipe."""

    Settings = OffTANetSettings
    settings: OffTANetSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {"size": 48, "epochs": 80, "batch_size": 16, "lr": 3e-3}
    }
    known = (
        "u, v and strain of 112 x 112, TV-L1 flow in pixels, unscaled; 7 x 7 convolution, two residual blocks of 18 "
        "and 28 maps, then one with channel, spatial and self-attention; three layers, 59,403 parameters, as here.",
        "Adam 1e-3, times .3 after each 60 epochs, batches of 64, 201 epochs, cross-entropy.",
        "Reported: UAR .7315, UF1 .7242 on CASME, CASME II and CAS(ME)^2 together, 3 classes.",
    )
    assumed = (
        "The last epoch is kept; the authors report the best of every twentieth.",
        "The channel attention has one hidden ReLU unit; it starts with positive weights: with others it may never "
        "wake in a run.",
        "Strain by central differences of the flow; the authors take Sobel's, about 8 times as large.",
    )
    wrong = (
        "The reported figures are of the epoch that is best on the test clips, and means over subjects.",
        "The published strain holds the derivative of u by y twice and that of v by y never; here it is the norm of "
        "the strain tensor.",
        "The self-attention gates values instead of averaging them, and its position codes do not depend on the "
        "position, only on its parity and frequency; both are kept.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return flow and strain."""
        size = self.settings.size
        pixels = self.settings.flow == "pixels"
        return {"flow": FlowStrain(size=size, resolution=size) if pixels else FlowPicture(size=size)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        return OffTANet(len(context.classes), self.settings.size)

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return class scores (B, classes)."""
        flow = inputs["flow"].movedim(-1, 1)
        return network(flow if self.settings.flow == "pixels" else flow / 255), None

    def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """Return the steps down."""
        return StepLR(optimizer, 60 * self.epoch_steps, gamma=0.3)
