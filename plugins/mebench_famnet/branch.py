"""One branch of FAMNet: a backbone with attention, and the heads of the two tasks.

    branch = Branch(backbone_2d, classes=4, aus=12, axes=("channel", "spatial"))  # AMNet2D
    scores, au_logits = branch(torch.rand(8, 3, 224, 224))  # (8, 4) and (8, 12)

With ``backbone_3d`` and clips ``(B, 3, T, H, W)`` the same module is AMNet3D.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import torch
from torch import Tensor, nn

from mebench.errors import UnknownNameError

from .attention import Attention
from .backbone import Backbone

PLACEMENTS = ("hierarchical", "last", "none")
"""Where attention modules sit."""

SHARINGS = ("hard", "none")
"""Whether the two tasks share one trunk."""


class Trunk(nn.Module):
    """From an image or a clip to a feature vector of ``features`` numbers.

    With ``hierarchical`` attention the vectors of the four stages are projected to one length, added up,
    normalised and rectified (assumed: the summaries say that levels are combined, not how). Otherwise the
    vector is the globally pooled map of the last stage.

    Args:
        backbone: the stem and the four stages.
        attention: ``hierarchical``: each stage's attended map is pooled and feeds the next stage; ``last``:
            attention after the last stage only; ``none``.
        axes: the axes of each attention module.

    Raises:
        UnknownNameError: there is no such placement or axis.
    """

    def __init__(self, backbone: Backbone, attention: str, axes: Collection[str]) -> None:
        super().__init__()
        if attention not in PLACEMENTS:
            raise UnknownNameError("attention placement", attention, PLACEMENTS)
        channels = backbone.channels
        self.backbone = backbone
        self.features = channels[-1]
        attended = {"hierarchical": channels, "last": channels[-1:], "none": ()}[attention]
        bare = len(channels) - len(attended)
        self.attention = nn.ModuleList(
            [nn.Identity()] * bare + [Attention(count, axes) for count in attended]
        )
        self.levels: nn.ModuleList | None = None
        if attention == "hierarchical":
            self.levels = nn.ModuleList([nn.Linear(count, self.features, bias=False) for count in channels])
            self.combine = nn.Sequential(nn.LayerNorm(self.features), nn.ReLU())

    def forward(self, images: Tensor) -> Tensor:
        """``(B, 3, H, W)`` or ``(B, 3, T, H, W)`` to ``(B, features)``."""
        maps: Tensor = self.backbone.stem(_channels_last(images))
        pooled: list[Tensor] = []
        for stage, attend in zip(self.backbone.stages, self.attention, strict=True):
            maps = attend(stage(maps))
            pooled.append(maps.flatten(2).mean(2))
        if self.levels is None:
            return pooled[-1]
        levels = [project(level) for project, level in zip(self.levels, pooled, strict=True)]
        combined: Tensor = self.combine(torch.stack(levels).sum(0))
        return combined


class Branch(nn.Module):
    """A trunk (or one for each task) and the heads for emotions and action units.

    Args:
        make_backbone: makes a new backbone; called once for each trunk.
        classes: how many emotion classes there are; 0 leaves that head out.
        aus: how many action units there are; 0 leaves that head out.
        attention: as in :class:`Trunk`.
        axes: as in :class:`Trunk`.
        sharing: ``hard``: one trunk feeds both heads; ``none``: each task has its own.
        dropout: probability of dropping a feature before the heads (assumed: 0.5).

    Raises:
        UnknownNameError: there is no such sharing, placement or axis.
    """

    def __init__(
        self,
        make_backbone: Callable[[], Backbone],
        *,
        classes: int,
        aus: int = 0,
        attention: str = "hierarchical",
        axes: Collection[str] = ("channel", "spatial"),
        sharing: str = "hard",
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if sharing not in SHARINGS:
            raise UnknownNameError("sharing", sharing, SHARINGS)
        self.trunk = Trunk(make_backbone(), attention, axes)
        self.au_trunk: Trunk | None = None
        if aus and sharing == "none":
            self.au_trunk = Trunk(make_backbone(), attention, axes)
        self.dropout = nn.Dropout(dropout)
        self.emotion_head = nn.Linear(self.trunk.features, classes) if classes else None
        self.au_head = nn.Linear(self.trunk.features, aus) if aus else None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """``(B, 3, H, W)`` or ``(B, 3, T, H, W)`` to scores ``(B, classes)`` and AU logits ``(B, aus)``.

        Both are float32, also under autocast; without AUs the second is None.
        """
        features = self.dropout(self.trunk(images))
        scores = features.new_empty(len(features), 0).float()
        if self.emotion_head is not None:
            scores = self.emotion_head(features).float()
        if self.au_head is None:
            return scores, None
        if self.au_trunk is not None:
            features = self.dropout(self.au_trunk(images))
        return scores, self.au_head(features).float()


def _channels_last(images: Tensor) -> Tensor:
    """Return the same images in the layout that convolutions, norms and pools are fastest in."""
    layout = torch.channels_last if images.ndim == 4 else torch.channels_last_3d
    return images.contiguous(memory_format=layout)
