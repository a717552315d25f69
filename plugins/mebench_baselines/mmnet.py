"""MMNet: where muscles move from apex minus onset, where they lie from the onset alone (Li, Sui, Zhu and Zhao 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from mebench.api import Context, Input, LoopSettings, OnsetAndApex, TorchModel, TrainSet

from .position_calibration import PositionCalibration

GAMMA, DECAYING_EPOCHS = 0.987, 50
UNUSED_AUS = 38  # of the published network's action unit head


class MmnetSettings(LoopSettings):
    """Settings of MMNet; the defaults are the published recipe for five classes."""

    epochs: int = Field(74, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(32, ge=2, description="clips in one step")
    lr: float = Field(
        8e-4, gt=0, description="AdamW's learning rate, times 0.987 after each of the first 50 epochs"
    )
    weight_decay: float = Field(0.6, ge=0, description="AdamW's weight decay, on every parameter")
    size: int = Field(224, ge=32, le=1024, multiple_of=16, description="side of the frames, pixels")
    width: int = Field(128, ge=8, le=128, description="channels of the first stage; 128 is MMNet")
    depth: int = Field(2, ge=1, le=12, description="blocks of the position branch; 3 in the three-class file")
    mlp_ratio: float = Field(4.0, gt=0, description="its hidden width; 2 in the three-class file")
    drop_path: float = Field(
        0.0, ge=0, lt=1, description="chance to skip its last block; .3 in the three-class file"
    )
    augmentation: bool = Field(True, description="mirror, shift and relight onset and apex alike")


class AttendedBlock(nn.Module):
    """A residual block and a spatial attention that goes on from the block before it (CA block).

    Maps (B, in, H, W), and the former attention at the size of the result or None, to maps (B, out, H / stride,
    W / stride) and their attention (B, 1, ...).
    """

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, out, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )
        self.attention = nn.Sequential(nn.Conv2d(2, 1, 1, bias=False), nn.BatchNorm2d(1), nn.Sigmoid())
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, maps: Tensor, former: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return attended maps and the attention."""
        maps = (self.body(maps) + self.shortcut(maps)).relu()
        attention = self.attention(torch.cat([maps.mean(1, keepdim=True), maps.amax(1, keepdim=True)], dim=1))
        if former is not None:
            attention = attention * former
        return maps * attention, attention


class MmnetNetwork(nn.Module):
    """MMNet: the motion branch on apex minus onset, plus the position branch on the onset.

    Onset and apex (B, 3, size, size) to scores (B, classes). What the published network has and never uses stands
    under ``unused``, so that the number of parameters is the published one.
    """

    def __init__(
        self,
        classes: int,
        size: int = 224,
        width: int = 128,
        depth: int = 2,
        mlp_ratio: float = 4.0,
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        differences = width * 180 // 128
        widths = (width, width, 2 * width, 4 * width)
        merging = nn.Conv2d(differences, width, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(merging.weight, mode="fan_out", nonlinearity="relu")
        self.stem = nn.Sequential(
            nn.Conv2d(3, differences, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(differences),
            nn.ReLU(inplace=True),
            merging,
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        self.blocks = nn.ModuleList(
            AttendedBlock(before, after, stride)
            for before, after, stride in zip((width, *widths), widths, (1, 2, 2, 2), strict=False)
        )
        self.side = size // 16
        self.positions = PositionCalibration(self.side, widths[-1], depth, mlp_ratio, drop_path)
        self.head = nn.Linear(widths[-1] * self.side**2, classes)
        self.unused = nn.ModuleDict(
            {
                "position_head": nn.Linear(widths[-1], classes),
                "position_mask": nn.Linear(widths[-1], 1),
                "position_stem": nn.Sequential(
                    nn.Conv2d(3, widths[-1], 1, bias=False), nn.BatchNorm2d(widths[-1])
                ),
                "action_units": nn.Linear((size // 2) ** 2, UNUSED_AUS, bias=False),
            }
        )
        self.unused_token = nn.Parameter(torch.zeros(1, 1, widths[-1]))
        self.unused_times = nn.Parameter(torch.zeros(1, 4, size // 2 - 1, size // 2 - 1))

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        """Return the scores."""
        maps, attention = self.blocks[0](self.stem(apex - onset), None)
        for block in self.blocks[1:]:
            maps, attention = block(maps, F.max_pool2d(attention, 3, stride=2, padding=1))
        small = F.interpolate(
            onset, (self.side, self.side), mode="bilinear", antialias=True, align_corners=False
        )
        scores: Tensor = self.head((maps + self.positions(small)).flatten(1))
        return scores


class Mmnet(TorchModel):
    """MMNet on onset and apex frame."""

    Settings = MmnetSettings
    settings: MmnetSettings
    idle = ("unused.*", "unused_*")
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {
            "size": 64,
            "width": 16,
            "epochs": 20,
            "batch_size": 8,
            "lr": 2e-3,
            "weight_decay": 0.05,
            "augmentation": False,
        },
    }
    known = (
        "Motion branch: apex minus onset, 224x224, four residual blocks, each with a spatial attention that is "
        "multiplied by the one before it.",
        "Position branch: the onset at 14x14, every pixel a token of 512, two transformer blocks of 4 heads; its map "
        "is added to the motion branch's, and the 512x14x14 sum is classified.",
        "AdamW 8e-4, weight decay .6, times .987 in each of the first 50 epochs, 74 epochs, batches of 32 (five "
        "classes). The three-class file: depth 3, mlp_ratio 2, drop_path .3, batch 24, weight decay .7, 99 epochs.",
    )
    assumed = (
        "Augmentation is this benchmark's mirror, shift and relighting, the same for both frames, in place of mirror, "
        "rotation by 3 degrees and crops with 15 pixels of black border.",
        "Onset and apex frame are the owner's; the published training draws each from the first, or last, 15 % of a "
        "quarter of the way between them.",
    )
    wrong = (
        "Best accuracy and best F1 on the test subject are reported, each of an epoch of its own.",
        "532,106 of 9,970,947 parameters never get a gradient: an action unit head, an embedding of time, a class "
        "token and others are built and not used.",
        "The published three-class file cannot be built: its first convolution has groups that do not divide three "
        "channels.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the two frames."""
        return {"frames": OnsetAndApex(self.settings.size)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        s = self.settings
        return MmnetNetwork(len(context.classes), s.size, s.width, s.depth, s.mlp_ratio, s.drop_path)

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        """Return AdamW."""
        return AdamW(parameters, lr=self.settings.lr, weight_decay=self.settings.weight_decay)

    def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """Return a decay by .987 after each of the first 50 epochs."""
        per_epoch = self.epoch_steps
        return LambdaLR(optimizer, lambda step: GAMMA ** min(step // per_epoch, DECAYING_EPOCHS))

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the scores."""
        return network(*inputs["frames"].unbind(2)), None
