"""SKD-TSTSAN as a model: inputs, recipe and card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from mebench.api import (
    Batch,
    Context,
    Input,
    OnsetAndApex,
    StepSettings,
    TorchModel,
    TrainSet,
    WeightFile,
)

from .inputs import GRID, SegmentFlow, blocks, grey, small, stretched
from .losses import distillation_loss, rarity_weights
from .magnet import load_magnet
from .network import Scores, TstsanNetwork

BETAS = (0.9, 0.99)


class SkdTstsanSettings(StepSettings):
    """Settings of SKD-TSTSAN; the defaults are the published recipe."""

    steps: int = Field(20_000, ge=1, description="steps of the optimiser")
    batch_size: int = Field(16, ge=2, description="clips in one step")
    lr: float = Field(1e-3, gt=0, description="Adam's learning rate")
    weight_decay: float = Field(5e-4, ge=0, description="Adam's weight decay")
    size: int = Field(
        48, ge=16, le=256, description="side of a block, of the small face and of the flow, pixels"
    )
    flow: str = Field("tvl1", description="method that estimates the flow")
    resolution: int = Field(
        224,
        ge=32,
        le=1024,
        json_schema_extra={"assumed": True},
        description="side of the frames that flow is of",
    )
    width: int = Field(64, ge=8, le=64, multiple_of=8, description="channels of a stream's first half")
    distillation: bool = Field(True, description="two auxiliary heads that the whole network teaches")
    temperature: float = Field(3.0, gt=0, description="softens the scores that are taught")
    soft: float = Field(0.1, ge=0, le=1, description="weight of softened scores (alpha)")
    hint: float = Field(1e-6, ge=0, description="weight of features (beta)")
    amplification: float = Field(2.0, ge=0, description="of MagNet's manipulators")
    magnet: WeightFile | None = Field(None, description="MagNet's weights to start from; none: random ones")


class SkdTstsan(TorchModel):
    """SKD-TSTSAN on onset and apex frame and the flow between onset, apex and offset."""

    Settings = SkdTstsanSettings
    settings: SkdTstsanSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {
            "steps": 60,
            "batch_size": 8,
            "width": 16,
            "size": 24,
            "flow": "farneback",
            "resolution": 112,
        },
    }
    known = (
        "Three streams of 48x48 pictures: 4x4 blocks of onset and apex, onset and apex as a whole (both grey), and the "
        "flow (TV-L1) from onset to apex and from apex to offset.",
        "Each stream: MagNet's encoder and manipulator, a 5x5 and six 3x3 convolutions; the local stream attends to "
        "channels (ECA), the flow's two segments share an eighth of their channels each way.",
        "Two heads that end early are trained beside, and learn from the last one: softened scores (T 3, weight .1), "
        "features (weight 1e-6). Prediction needs the last head alone.",
        "Adam 1e-3 (.9, .99), weight decay 5e-4, batches of 16, 20,000 steps, weighted focal loss, amplification 2.",
    )
    assumed = (
        "No pretraining on macro-expressions: those weights are not public.",
        "MagNet starts from random weights, as the published code in effect does; --set magnet=FILE starts from the "
        "published ones, but for the first convolution of the encoder and the one before its blocks of motion, which "
        "MagNet has not, or for colours only.",
        "Frames are 4 x 48 pixels, so that blocks need no resizing; the authors cut them from their larger crop.",
    )
    wrong = (
        "The best accuracy on the test subject is kept, and training stops when it is 1.",
        "The published code loads MagNet's weights without effect: their names begin with `encoder.` or "
        "`manipulator.`, its own do not, and what does not fit is passed over in silence.",
        "The focal loss is weighted by the clips of all of CASME II, test subject included; here by the fold's.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the frames and the flow."""
        s = self.settings
        return {"frames": OnsetAndApex(GRID * s.size), "flow": SegmentFlow(s.flow, s.size, s.resolution)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network; the fold's classes weigh the loss."""
        s = self.settings
        labels = torch.from_numpy(train.labels)
        self._weights = rarity_weights(labels, len(context.classes)).to(context.device)
        network = TstsanNetwork(
            len(context.classes), s.width, distilled=s.distillation, amplification=s.amplification
        )
        if s.magnet is not None:
            for encoder, manipulator in network.magnifiers():
                load_magnet(encoder, s.magnet, "encoder")
                load_magnet(manipulator, s.magnet, "manipulator")
        return network

    def normalise(self, name: str, x: Tensor) -> Tensor:
        """Return pictures as they are: every one is stretched by itself."""
        return x

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        """Return Adam."""
        s = self.settings
        return Adam(parameters, lr=s.lr, betas=BETAS, weight_decay=s.weight_decay)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the focal losses and the lessons."""
        s = self.settings
        lessons = {"temperature": s.temperature, "soft": s.soft, "hint": s.hint}
        return distillation_loss(self._scores(network, batch.inputs), batch.labels, self._weights, **lessons)

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the last head's scores."""
        return self._scores(network, inputs).scores.float(), None

    def _scores(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> Scores:
        frames = stretched(grey(inputs["frames"]))  # (B, 2, H, W)
        face = small(frames, self.settings.size).unsqueeze(2)
        # Both have the apex second; the flow's channels come before its places.
        scores: Scores = network(blocks(frames), face, inputs["flow"].movedim(-1, 2))
        return scores
