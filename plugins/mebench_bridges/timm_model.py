"""Any image network of timm as a model: on the apex frame, on onset and apex, on flow, or frame by frame.

mebench run timm:convnext_tiny casme3
mebench run timm:resnet18 casme3 --set input=clip --set pooling=attention --set pretrained=none
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import Tensor, nn

from mebench.api import (
    ApexFrame,
    ClipFrames,
    FlowPicture,
    Input,
    OnsetAndApex,
    Pretrained,
    TorchSettings,
)

from .library_model import LibraryModel
from .pooling import FrameByFrame, Pooling, width_of
from .timm_network import Look, image_network, look_of, weights_of

_RGB = 3


class TimmSettings(TorchSettings):
    """Settings of a network of timm."""

    name: str = Field(description="timm's name of the network, with the tag of its weights or without")
    input: Literal["apex", "onset-apex", "flow", "clip"] = Field(
        "apex",
        description="what it sees: the apex frame; onset and apex as six channels; flow; each frame of the clip",
    )
    size: int | None = Field(None, ge=16, le=1024, description="side of its pictures, pixels; none: its own")
    frames: int = Field(8, ge=1, le=256, description="frames sampled from onset to offset, of the clip")
    pooling: Pooling = Field("mean", description="how frames become one, of the clip")
    pretrained: Pretrained = Field(
        True, description="true: timm's weights; none: random ones; or a file of weights"
    )
    drop: float | None = Field(
        None, ge=0, lt=1, description="dropout before the classifier; none: the network's own"
    )
    drop_path: float | None = Field(
        None, ge=0, lt=1, description="share of blocks that are skipped in training; none: the network's own"
    )
    lr: float = Field(1e-4, gt=0, description="highest learning rate of AdamW")
    weight_decay: float = Field(0.05, ge=0, description="weight decay of AdamW")


class TimmModel(LibraryModel):
    """An image network of timm (Wightman 2019), by its name."""

    Settings = TimmSettings
    settings: TimmSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # 112 pixels: patches of 7, 8, 14 and 16 fit.
        "small": {"pretrained": False, "size": 112, "frames": 4, "epochs": 4, "lr": 1e-3},
    }
    known = (
        "The network, its dropout, the side of its pictures and the mean and deviation that they are brought to are "
        "timm's.",
        "Weights are those of timm's tag (where the name has none, timm's default), in all layers but the classifier.",
        "With input=onset-apex the first layer has six channels; timm repeats pretrained weights over them.",
    )
    assumed = (
        "No paper is followed: the recipe (AdamW, warm-up, a cosine, augmentation) is one for all networks, and no "
        "setting was tuned.",
        "Faces are resized to the network's side; timm's share of a centre crop is not cut off.",
        "Flow pictures are divided by 255 and normalised as photographs are.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return what the network sees, of its own size unless another is set."""
        s = self.settings
        if s.input == "clip":
            return {"clip": ClipFrames(s.frames, self._size)}
        kinds = {"apex": ApexFrame, "onset-apex": OnsetAndApex, "flow": FlowPicture}
        return {s.input: kinds[s.input](size=self._size)}

    def normalise(self, name: str, x: Tensor) -> Tensor:
        """Return pictures with the statistics that the network expects."""
        return self._look.normalise(x)

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return class scores."""
        (x,) = inputs.values()
        if self.settings.input == "flow":  # a measurement: (B, H, W, 3), 0..255
            x = self._look.normalise(x.movedim(-1, 1) / 255)
        elif self.settings.input == "onset-apex":  # (B, 3, 2, H, W): the onset's channels, then the apex's
            x = x.movedim(2, 1).flatten(1, 2)
        scores: Tensor = network(x)
        return scores, None

    @property
    def _look(self) -> Look:
        return look_of(self.settings.name)

    @property
    def _size(self) -> int:
        return self.settings.size or self._look.size

    def _weights(self) -> nn.Module | None:
        return weights_of(self.settings.name, self.settings.pretrained)

    def _made(self, classes: int) -> nn.Module:
        s = self.settings
        clip = s.input == "clip"
        channels = 2 * _RGB if s.input == "onset-apex" else _RGB
        network = image_network(
            s.name,
            classes=0 if clip else classes,
            size=self._size,
            channels=channels,
            weights=self._weights(),
            drop_rate=s.drop,
            drop_path_rate=s.drop_path,
        )
        if not clip:
            return network
        return FrameByFrame(network, width_of(network, self._size), s.pooling, classes)
