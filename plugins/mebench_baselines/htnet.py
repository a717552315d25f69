"""HTNet as a model: mosaics of facial regions, its authors' recipe, and its card (Wang et al. 2024).

mebench run htnet megc2019                           # as published: no attention takes part
mebench run htnet megc2019 --set attention=working   # attention as the paper tells it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator
from torch import Tensor, nn

from mebench.api import Context, FlowPicture, Input, LoopSettings, TrainSet

from .flow_network import FlowNetwork
from .htnet_network import HTNet
from .mosaic import EYES_AND_MOUTH, SIDE, mosaic


class HTNetSettings(LoopSettings):
    """Settings of HTNet: Adam and nothing else."""

    epochs: int = Field(800, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(256, ge=1, description="clips in one batch")
    lr: float = Field(5e-5, gt=0, description="learning rate of Adam")
    attention: Literal["published", "working"] = Field(
        "published",
        description="one token a block, so that no attention takes place, or four, as the paper tells",
    )
    axes: Literal["published", "image"] = Field(
        "published", description="regions cut with x as the row and y as the column, or where the points lie"
    )
    third: Literal["strain", "magnitude"] = Field(
        "strain",
        description="beside u and v: strain, as in MEGC2019's pictures, or magnitude, as on CAS(ME)^3",
    )
    width: int = Field(256, ge=4, le=1024, description="channels of the first level; they double twice")
    heads: int = Field(3, ge=1, le=64, description="heads of the first level; they double twice")
    layers: tuple[int, int, int] = Field((2, 2, 10), description="transformer layers of the three levels")

    @model_validator(mode="after")
    def _fits_together(self) -> HTNetSettings:
        if self.heads > self.width:
            raise ValueError(
                f"heads={self.heads} share width={self.width} channels: take at most as many heads"
            )
        if min(self.layers) < 1:
            raise ValueError(f"layers={','.join(map(str, self.layers))}: each level needs at least one")
        return self


class HTNetModel(FlowNetwork):
    """HTNet with its authors' recipe, or with attention that works."""

    Settings = HTNetSettings
    settings: HTNetSettings
    white = 1.0
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {
            "width": 48,
            "layers": (1, 1, 2),
            "epochs": 80,
            "batch_size": 16,
            "lr": 5e-4,
        }
    }
    idle: ClassVar[tuple[str, ...]] = ("levels.*.query.weight", "levels.*.key.weight")
    known = (
        "A mosaic of four crops of 14 x 14 around eyes and mouth corners, cut from flow of 28 x 28, each channel "
        "stretched to 0 .. 255 and not scaled further: on MEGC2019 the published pictures of u, v and strain, on "
        "CAS(ME)^3 Farneback's u, v and magnitude (--set third=magnitude).",
        "Patches of 7 x 7; three levels of 2, 2 and 10 transformer layers, 256, 512 and 1,024 channels, 3, 6 and 12 "
        "heads; merging by 3 x 3 convolution, layer norm and max-pooling; 139,582,982 parameters, as here.",
        "Adam 5e-5, batches of 256, 800 epochs, cross-entropy.",
        "Reported: UF1 .8603, UAR .8475 on MEGC2019.",
    )
    assumed = (
        "The four points are the same for all clips: those that the published code falls back on where its detector "
        "finds no face. It detects them on each apex frame.",
        "Flow that is computed is Farneback's; nobody says by which method MEGC2019's pictures were made.",
        "attention=working: the paper does not say how many tokens its levels see. Level 1 attends within each "
        "region (2 x 2 patches); the second merging does not halve the map, so that levels 2 and 3 attend between "
        "the four regions. 9 parameters more.",
        "Clips are shuffled, and the last epoch is kept.",
    )
    wrong = (
        "Every attention block sees a map of 1 x 1: the softmax over one token is 1 whatever it reads, and the "
        "22,195,200 weights of queries and keys never get a gradient. --set attention=working has four tokens.",
        "Crops are cut with x as the row and y as the column, so the right eye and the left corner of the mouth "
        "change places in the mosaic. --set axes=image cuts them where they lie.",
        "The prediction that counts is that of the epoch best on the test subject (of ties the last).",
        "The loader does not shuffle: clips come class by class.",
        "The script of the confusion matrix builds another network, of (2, 2, 8) layers and 114,429,446 parameters.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the flow picture."""
        return {"flow": FlowPicture(size=SIDE, method="farneback", third=self.settings.third)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        s = self.settings
        if s.attention == "working":
            self.idle = ()  # type: ignore[misc]
        return HTNet(
            len(context.classes), width=s.width, heads=s.heads, layers=s.layers, attention=s.attention
        )

    def picture(self, flow: Tensor) -> Tensor:
        """Return the mosaic (B, 3, 28, 28)."""
        return mosaic(super().picture(flow), EYES_AND_MOUTH, swapped=self.settings.axes == "published")
