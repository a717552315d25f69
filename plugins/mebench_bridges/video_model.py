"""Any video network of pytorchvideo as a model, on the clip from onset to offset.

mebench run pytorchvideo:x3d_s casme3
mebench run pytorchvideo:slowfast_r50 casme3 --set frames=16 --set size=112 --set pretrained=none
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator
from torch import Tensor, nn

from mebench.api import ClipFrames, Input, Pretrained, TorchSettings

from .library_model import LibraryModel
from .video_networks import ARCHITECTURES, MEAN, STD, video_network, weights_of


class VideoSettings(TorchSettings):
    """Settings of a network of pytorchvideo."""

    name: str = Field(description="pytorchvideo's name of the network")
    frames: int | None = Field(
        None, ge=1, le=256, description="frames sampled from onset to offset; none: the network's own"
    )
    size: int | None = Field(
        None, ge=32, le=1024, description="side of the frames, pixels; none: the network's own"
    )
    pretrained: Pretrained = Field(
        True,
        description="true: pytorchvideo's weights of Kinetics-400; none: random ones; or a file of weights",
    )
    dropout: float | None = Field(
        None, ge=0, lt=1, description="dropout before the classifier; none: the network's own"
    )
    batch_size: int = Field(8, ge=2, description="clips in one step")
    lr: float = Field(1e-4, gt=0, description="highest learning rate of AdamW")

    @model_validator(mode="after")
    def _fits_the_network(self) -> VideoSettings:
        architecture = ARCHITECTURES.get(self.name)
        if architecture and (
            fault := architecture.fault(self.frames or architecture.frames, self.size or architecture.size)
        ):
            raise ValueError(f"{fault}, which {self.name} needs")
        return self


class VideoModel(LibraryModel):
    """A video network of pytorchvideo (Fan et al. 2021), by its name."""

    Settings = VideoSettings
    settings: VideoSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {"pretrained": False, "frames": 4, "size": 64, "epochs": 2, "lr": 1e-3},
    }
    known = (
        "The network, its dropout, its frames and their side are pytorchvideo's; frames are brought to the mean 0.45 "
        "and the deviation 0.225 of its model zoo.",
        "Weights are those of Kinetics-400 in pytorchvideo's model zoo, in all layers but the classifier.",
        "The head averages over the whole map, so that clips of any size are taken; for the published size it is the "
        "published head.",
        "SlowFast's slow pathway sees every fourth frame.",
    )
    assumed = (
        "No paper is followed: the recipe (AdamW, warm-up, a cosine, augmentation) is one for all networks, and no "
        "setting was tuned.",
        "The frames are spread over the clip from onset to offset, whatever the sampling rate a network is named for.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the clip, of the network's own frames and size unless others are set."""
        architecture, s = ARCHITECTURES[self.settings.name], self.settings
        return {"clip": ClipFrames(s.frames or architecture.frames, s.size or architecture.size)}

    def normalise(self, name: str, x: Tensor) -> Tensor:
        """Return frames with the statistics of the model zoo."""
        return (x - MEAN) / STD

    def _weights(self) -> nn.Module | None:
        return weights_of(self.settings.name, self.settings.pretrained)

    def _made(self, classes: int) -> nn.Module:
        s = self.settings
        return video_network(
            s.name,
            classes=classes,
            frames=s.frames,
            size=s.size,
            weights=self._weights(),
            dropout=s.dropout,
        )
