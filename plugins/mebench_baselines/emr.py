"""EMR: coloured flow, ResNet18, and the upper and lower face pooled apart (Liu, Du, Zheng and Gedeon 2019).

The paper's title is "A Neural Micro-Expression Recognizer" (NMER); tables of MEGC2019 call it EMR, after its expression
magnification and reduction.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Adam, Optimizer

from mebench.api import Batch, Context, Input, LoopSettings, PretrainedTag, TorchModel, TrainSet, normalise

from .flow_colours import FlowColours
from .pretrained import StartsFromResNet18, resnet18_backbone, start_from

HIDDEN = 64
UPPER_SHARE = 3 / 7  # of the map's rows


class EmrSettings(LoopSettings):
    """Settings of EMR; the defaults are the published recipe as far as it is known."""

    epochs: int = Field(
        30, ge=1, le=10_000, json_schema_extra={"assumed": True}, description="passes over the clips"
    )
    batch_size: int = Field(32, ge=2, json_schema_extra={"assumed": True}, description="clips in one step")
    lr: float = Field(1e-4, gt=0, description="Adam's learning rate of the heads")
    backbone_lr: float = Field(
        1e-5, gt=0, json_schema_extra={"assumed": True}, description="Adam's learning rate of ResNet18"
    )
    weight_decay: float = Field(1e-6, ge=0, description="Adam's weight decay")
    clip_norm: float = Field(
        1.0, gt=0, json_schema_extra={"assumed": True}, description="largest norm of a gradient"
    )
    size: int = Field(224, ge=64, le=1024, description="side of the flow picture, pixels")
    flow: str = Field(
        "tvl1", json_schema_extra={"assumed": True}, description="method that estimates the flow"
    )
    alpha: float = Field(
        10.0,
        ge=0,
        json_schema_extra={"assumed": True},
        description="Eulerian magnification of the apex; 0 for none",
    )
    width: int = Field(64, ge=8, le=128, description="channels of ResNet18's first stage; 64 is ResNet18")
    pretrained: PretrainedTag = start_from("resnet18.tv_in1k")


class EmrScores(NamedTuple):
    """Scores (B, classes) of the whole face, and of each half alone."""

    face: Tensor
    upper: Tensor
    lower: Tensor


class EmrNetwork(nn.Module):
    """ResNet18's last map, its upper three and lower four rows of seven pooled apart, a hidden layer for each half.

    Pictures (B, 3, size, size), normalised, to :class:`EmrScores`.
    """

    def __init__(self, classes: int, width: int = 64, pretrained: str | Path | None = None) -> None:
        super().__init__()
        self.backbone = resnet18_backbone(pretrained, width)
        self.upper, self.lower = (
            nn.Sequential(nn.Linear(self.backbone.channels[-1], HIDDEN), nn.Tanh(), nn.Dropout(0.1))
            for _ in range(2)
        )
        self.face_scores = nn.Linear(2 * HIDDEN, classes)
        self.upper_scores, self.lower_scores = (nn.Linear(HIDDEN, classes) for _ in range(2))
        for head in self.modules():
            if isinstance(head, nn.Linear):
                nn.init.xavier_normal_(head.weight)
                nn.init.zeros_(head.bias)

    def forward(self, pictures: Tensor) -> EmrScores:
        """Return the scores."""
        maps = self.backbone.stem(pictures)
        for stage in self.backbone.stages:
            maps = stage(maps)
        rows = max(1, round(maps.shape[2] * UPPER_SHARE))
        upper = self.upper(maps[:, :, :rows].mean(dim=(2, 3)))
        lower = self.lower(maps[:, :, rows:].mean(dim=(2, 3)))
        face = self.face_scores(torch.cat([upper, lower], dim=1))
        return EmrScores(face, self.upper_scores(upper), self.lower_scores(lower))


class Emr(StartsFromResNet18, TorchModel):
    """EMR without its adversarial training on macro-expressions."""

    Settings = EmrSettings
    settings: EmrSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {
            "size": 64,
            "width": 16,
            "epochs": 15,
            "batch_size": 8,
            "lr": 2e-3,
            "backbone_lr": 2e-3,
            "flow": "farneback",
            "alpha": 0.0,
            "pretrained": None,
        },
    }
    known = (
        "Flow from onset to apex as a colour picture: its angle is the hue, its length the value (published "
        "re-implementation).",
        "Part-based average pooling: ResNet18's 7x7x512 map, the upper 3 and the lower 4 rows apart.",
        "Each half: 512 to 64, tanh, dropout .1; scores of both halves together, and auxiliary scores of each half "
        "(published re-implementation).",
        "Adam 1e-4, weight decay 1e-6 (published re-implementation).",
        "Reported: UF1 .7885, UAR .7824 on MEGC2019, the challenge's first place.",
    )
    assumed = (
        "The paper's domain adaptation is absent: no adversarial training, and no macro-expressions (CK+) whose "
        "motion is reduced; micro-expressions alone are magnified.",
        "The magnified apex gives the picture's saturation; magnification 10 with low-passes .4 and .05 (meb).",
        "ResNet18's rate of 1e-5 and gradients cut at a norm of 1 are those of meb, a benchmark that rebuilt the "
        "network.",
        "Epochs and batch are ours. No augmentation: turning, mirroring or recolouring tells of other motions.",
        "Of a map with another number of rows than 7, three sevenths are the upper face.",
    )
    wrong = (
        "No code of the authors is known; this is of meb's rebuilding. It jitters colours in training, and a flow's "
        "colour is its direction.",
        "meb's optimiser is handed the heads of networks built anew, so the heads in use keep their first values.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the coloured flow."""
        s = self.settings
        return {"flow": FlowColours(s.flow, s.size, s.size, alpha=s.alpha)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        return EmrNetwork(len(context.classes), self.settings.width, self.settings.pretrained)

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        """Return Adam with a rate for ResNet18 and one for the heads."""
        assert isinstance(self.network_, EmrNetwork)
        trunk = {id(p) for p in self.network_.backbone.parameters()}
        groups: list[dict[str, Any]] = [
            {"params": [p for p in parameters if id(p) not in trunk]},
            {"params": [p for p in parameters if id(p) in trunk], "lr": self.settings.backbone_lr},
        ]
        return Adam(groups, lr=self.settings.lr, weight_decay=self.settings.weight_decay)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the sum of the three heads' cross-entropies."""
        heads = self._scores(network, batch.inputs)
        return torch.stack([F.cross_entropy(scores.float(), batch.labels) for scores in heads]).sum()

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the scores of the whole face."""
        return self._scores(network, inputs).face, None

    @staticmethod
    def _scores(network: nn.Module, inputs: Mapping[str, Tensor]) -> EmrScores:
        scores: EmrScores = network(normalise(inputs["flow"].movedim(-1, 1) / 255))
        return scores
