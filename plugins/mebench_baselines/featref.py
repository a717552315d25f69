"""FeatRef: features for each expression, proposed from shared ones, then fused (Zhou et al. 2022).

Built after the paper's text: no code is public.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mebench.api import Batch, Context, LoopSettings, TrainSet

from .dual_inception import stream
from .flow_network import FlowNetwork


class Proposal(nn.Module):
    """The features of one expression: shared ones (B, n) times attention factors in 0 .. 1, then one layer."""

    def __init__(self, shared: int, specific: int, dropout: float, squeeze: int = 16) -> None:
        super().__init__()
        self.factors = nn.Sequential(
            nn.Linear(shared, shared // squeeze),
            nn.ReLU(),
            nn.Linear(shared // squeeze, shared),
            nn.Sigmoid(),
        )
        self.refine = nn.Sequential(nn.Dropout(dropout), nn.Linear(shared, specific), nn.ReLU())
        self.present = nn.Linear(specific, 1)

    def forward(self, shared: Tensor) -> tuple[Tensor, Tensor]:
        """Return specific features (B, specific) and a logit (B,) of whether the clip shows the expression."""
        specific = self.refine(shared * self.factors(shared))
        return specific, self.present(specific)[:, 0]


class FeatRef(nn.Module):
    """Pictures (B, 3, 28, 28), of which u and v are read, to scores and proposals, both (B, classes)."""

    def __init__(self, classes: int, *, shared: int = 256, specific: int = 64, dropout: float = 0.5) -> None:
        super().__init__()
        self.u, self.v = stream(), stream()
        self.share = nn.Sequential(nn.Linear(2 * 64 * 7 * 7, shared), nn.ReLU())
        self.proposals = nn.ModuleList(Proposal(shared, specific, dropout) for _ in range(classes))
        self.classify = nn.Linear(classes * specific, classes)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Return fused scores, and the logit of each expression's proposal."""
        shared = self.share(torch.cat([self.u(picture[:, :1]), self.v(picture[:, 1:2])], dim=1).flatten(1))
        specific, present = zip(*(proposal(shared) for proposal in self.proposals), strict=True)
        return self.classify(torch.cat(specific, dim=1)), torch.stack(present, dim=1)


def _assumed(default: Any, description: str, **limits: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"assumed": True}, **limits)


class FeatRefSettings(LoopSettings):
    """Settings of FeatRef; those marked assumed are ours."""

    epochs: int = _assumed(200, "passes over the training clips", ge=1, le=10_000)
    batch_size: int = _assumed(32, "clips in one batch", ge=1)
    lr: float = _assumed(1e-4, "learning rate of Adam", gt=0)
    proposal: float = _assumed(0.5, "weight of the proposals' loss beside that of the fused scores", ge=0)
    shared: int = _assumed(256, "values that all expressions share", ge=16, le=4096)
    specific: int = _assumed(64, "values of each expression", ge=1, le=4096)
    dropout: float = _assumed(0.5, "dropout before each expression's layer", ge=0, lt=1)


class FeatRefModel(FlowNetwork):
    """FeatRef, reconstructed."""

    Settings = FeatRefSettings
    settings: FeatRefSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {"epochs": 15, "batch_size": 16, "lr": 1e-3}
    }
    known = (
        "Inception blocks on the two flow components give features that all expressions share.",
        "A proposal module for each expression weighs them with attention factors, and learns with a loss of its "
        "own to tell this expression from the rest.",
        "The expressions' features are fused and classified.",
        "Reported: UF1 .7838, UAR .7832 on MEGC2019.",
    )
    assumed = (
        "No code is public, and no parameter count: widths, weights of the losses and the optimiser are ours.",
        "Inception blocks as in Dual-Inception (Zhou et al. 2019) by the same first author: 6 and 16 maps a path, "
        "one stream for u and one for v; strain is not read.",
        "Attention factors: a sigmoid for each shared value, from two layers; a proposal's loss is the binary "
        "cross-entropy of one logit.",
        "The picture enters as 0 to 1; the last epoch is kept.",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        s = self.settings
        return FeatRef(len(context.classes), shared=s.shared, specific=s.specific, dropout=s.dropout)

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return fused class scores (B, classes)."""
        return network(self.picture(inputs["flow"]))[0], None

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return cross-entropy of the fused scores, and binary cross-entropy of each proposal."""
        scores, present = network(self.picture(batch.inputs["flow"]))
        target = F.one_hot(batch.labels, scores.shape[1]).float()
        proposals = F.binary_cross_entropy_with_logits(present.float(), target)
        self.log("proposals", proposals.detach())
        return F.cross_entropy(scores.float(), batch.labels) + self.settings.proposal * proposals
