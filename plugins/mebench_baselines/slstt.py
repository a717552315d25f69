"""SLSTT: a vision transformer on each picture of the long-term flow, then an LSTM (Zhang et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import Tensor, nn
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from mebench.api import (
    Context,
    Input,
    LoopSettings,
    PretrainedTag,
    TorchModel,
    TrainSet,
    content_of,
    normalise,
)

from .flow_colours import FlowColourFrames
from .pretrained import start_from, timm_model

ARCHITECTURE = "vit_base_patch16_384"
WIDTH, DEPTH = 768, 12  # of ViT-B
MEMORY, LAYERS = 512, 3  # of the LSTM
LATE = 30  # the epoch from which the rate is a tenth

Aggregation = Literal["lstm", "mean"]


class SlsttSettings(LoopSettings):
    """Settings of SLSTT; the defaults are the published recipe."""

    epochs: int = Field(40, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(2, ge=1, description="clips in one step")
    lr: float = Field(0.01, gt=0, description="SGD's learning rate, a tenth of it from epoch 30 on")
    momentum: float = Field(0.9, ge=0, lt=1, description="SGD's momentum")
    weight_decay: float = Field(1e-4, ge=0, description="SGD's weight decay")
    size: int = Field(384, ge=32, le=1024, multiple_of=16, description="side of the flow pictures, pixels")
    frames: int = Field(11, ge=1, le=256, description="pictures of flow around the apex")
    flow: str = Field("farneback", description="method that estimates the flow")
    aggregation: Aggregation = Field("lstm", description="over pictures: an LSTM, or the mean of scores")
    encoder: Literal["frozen", "trained"] = Field(
        "frozen",
        description="the transformer keeps its weights as in the published code, or learns as in the paper",
    )
    width: int = Field(768, ge=48, le=768, multiple_of=12, description="width of a token; 768 is ViT-B")
    depth: int = Field(12, ge=1, le=12, description="transformer blocks; 12 is ViT-B")
    pretrained: PretrainedTag = start_from(f"{ARCHITECTURE}.orig_in21k_ft_in1k")


class SlsttNetwork(nn.Module):
    """ViT-B/16 and an LSTM of three layers on its class tokens, or the mean of its scores.

    Pictures (B, T, 3, size, size), normalised, to scores (B, classes). Under an LSTM the transformer's own head is
    there and unused, as in the published code.
    """

    def __init__(
        self, classes: int, encoder: nn.Module, width: int, aggregation: Aggregation, *, frozen: bool
    ) -> None:
        super().__init__()
        self.encoder: Any = encoder
        self.aggregation = aggregation
        if aggregation == "lstm":
            memory = MEMORY * width // WIDTH
            self.lstm = nn.LSTM(width, memory, num_layers=LAYERS, batch_first=True)
            self.scores = nn.Sequential(
                nn.Linear(memory, memory // 2), nn.ReLU(), nn.Linear(memory // 2, classes)
            )
        for name, parameter in encoder.named_parameters():
            # The published blocks compute without gradients, which cuts off all that lies before the last norm.
            used = aggregation == "mean" or not name.startswith("head.")
            parameter.requires_grad_(used and (not frozen or name.startswith(("norm.", "head."))))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the scores."""
        count, frames = pictures.shape[:2]
        tokens = self.encoder.forward_features(pictures.flatten(0, 1))[:, 0].view(count, frames, -1)
        if self.aggregation == "mean":
            mean: Tensor = self.encoder.head(tokens).mean(dim=1)
            return mean
        scores: Tensor = self.scores(self.lstm(tokens)[0][:, -1])
        return scores


def vision_transformer(
    classes: int,
    size: int = 384,
    width: int = WIDTH,
    depth: int = DEPTH,
    pretrained: str | Path | None = None,
) -> nn.Module:
    """Return timm's ViT-B/16 with the dropout of the published code; other widths and depths are of the same form."""
    return timm_model(
        ARCHITECTURE,
        pretrained,
        num_classes=classes,
        img_size=size,
        embed_dim=width,
        depth=depth,
        proj_drop_rate=0.1,
        attn_drop_rate=0.1,
    )


class Slstt(TorchModel):
    """SLSTT on the long-term flow."""

    Settings = SlsttSettings
    settings: SlsttSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {
            "size": 64,
            "frames": 5,
            "width": 96,
            "depth": 2,
            "encoder": "trained",
            "epochs": 20,
            "batch_size": 8,
            "pretrained": None,
        },
    }
    known = (
        "Input: flow from the onset to each of 11 frames around the apex (Farneback's, estimated on the face), "
        "coloured and 384x384.",
        "ViT-B/16 of ImageNet-21k, fine-tuned on ImageNet-1k; its class tokens go through an LSTM of 3 layers of 512, "
        "then 256 and the classes; or its scores are averaged (--set aggregation=mean).",
        "SGD .01, momentum .9, weight decay 1e-4; .001 from epoch 30 of 40 on; batches of 1 or 2.",
    )
    assumed = (
        "Where a clip has fewer than 11 frames after the onset, some stand twice; the authors interpolate with RIFE.",
        "The face is that of the dataset's or of mebench's crop; the authors cut a square around 68 landmarks.",
        "Flow is estimated on frames of the pictures' size.",
        "timm's transformer: dropout after the hidden layer too, and the exact GELU.",
    )
    wrong = (
        "The epoch that is best on the left-out subject is kept.",
        "Every transformer block computes without gradients, so 86,088,960 of the encoder's 86,094,341 parameters stay "
        "as they came; --set encoder=trained lets them learn, as the paper describes.",
        "A cosine schedule is built and overwritten in every epoch.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the pictures of flow."""
        s = self.settings
        return {"flow": FlowColourFrames(s.flow, s.size, s.size, s.frames)}

    def prepare(self) -> None:
        """Fetch pretrained weights once, so that folds find them on this machine, and see that they fit."""
        if self.settings.pretrained is not None:
            self._encoder(1)

    def contents(self) -> Mapping[str, str]:
        """Return the hash of weights that came from the hub: a tag does not say what it stood for that day."""
        tag = self.settings.pretrained
        return {"pretrained": content_of(timm_model(ARCHITECTURE, tag))} if isinstance(tag, str) else {}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        s, classes = self.settings, len(context.classes)
        return SlsttNetwork(
            classes, self._encoder(classes), s.width, s.aggregation, frozen=s.encoder == "frozen"
        )

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        """Return SGD with momentum."""
        s = self.settings
        return SGD(parameters, lr=s.lr, momentum=s.momentum, weight_decay=s.weight_decay)

    def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """Return a tenth of the rate from epoch 30 on, a hundredth from 60."""
        per_epoch = self.epoch_steps
        return LambdaLR(optimizer, lambda step: 0.1 ** ((step // per_epoch + 1) // LATE))

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the scores."""
        pictures = normalise(inputs["flow"].movedim(-1, 1) / 255).transpose(1, 2)
        return network(pictures), None

    def _encoder(self, classes: int) -> nn.Module:
        s = self.settings
        return vision_transformer(classes, s.size, s.width, s.depth, s.pretrained)
