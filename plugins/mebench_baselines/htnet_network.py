"""HTNet's network: transformers on patches, within blocks that are merged twice (Wang et al. 2024).

    HTNet(classes=3)                                     # as published: 139,582,982 parameters
    HTNet(classes=3, attention="working")                # attention over 4 tokens at each of the three levels

A mosaic of 28 x 28 is 4 x 4 patches of 7 x 7. Level 1 looks at them in blocks, its map is halved to 2 x 2 (a
token for each facial region), then level 2, then a second merging and level 3. In the published configuration a
block is a single token at every level, over which a softmax can but give 1: the layers of queries and keys never
learn. ``working`` is what the paper's text tells: level 1 attends within each facial region (2 x 2 patches),
levels 2 and 3 between the four regions, which the second merging therefore leaves apart.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

PATCH = 7


class Attention(nn.Module):
    """Self-attention among tokens (..., N, width); a head has ``width // heads`` channels, rounded down."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads, inner = heads, width // heads * heads
        self.query = nn.Linear(width, inner, bias=False)
        self.key = nn.Linear(width, inner, bias=False)
        self.value = nn.Linear(width, inner, bias=False)
        self.join = nn.Linear(inner, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens of the same shape."""
        query, key, value = (self._split(layer(tokens)) for layer in (self.query, self.key, self.value))
        weights = (query @ key.mT * query.shape[-1] ** -0.5).softmax(dim=-1)
        joined: Tensor = self.join((weights @ value).transpose(-2, -3).flatten(-2))
        return joined

    def _split(self, tokens: Tensor) -> Tensor:
        split: Tensor = tokens.unflatten(-1, (self._heads, -1)).transpose(-2, -3)  # (..., heads, N, channels)
        return split


class Layer(nn.Module):
    """Attention, then a two-layer perceptron, each behind a layer norm and beside a shortcut."""

    def __init__(self, width: int, heads: int, widening: int = 4) -> None:
        super().__init__()
        self.attend = nn.Sequential(nn.LayerNorm(width), Attention(width, heads))
        self.think = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, widening * width),
            nn.GELU(),
            nn.Linear(widening * width, width),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens of the same shape."""
        tokens = tokens + self.attend(tokens)
        thought: Tensor = tokens + self.think(tokens)
        return thought


class Level(nn.Module):
    """Transformer layers on maps (B, H, W, width), within blocks of ``side`` x ``side`` tokens.

    A place in the block has one learned number, added to all channels.
    """

    def __init__(self, width: int, heads: int, layers: int, side: int) -> None:
        super().__init__()
        self._side = side
        self.places = nn.Parameter(torch.randn(side * side))
        self.layers = nn.Sequential(*(Layer(width, heads) for _ in range(layers)))

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps of the same shape."""
        side, (rows, columns) = self._side, (maps.shape[1] // self._side, maps.shape[2] // self._side)
        blocks = maps.unflatten(2, (columns, side)).unflatten(1, (rows, side)).transpose(2, 3)
        tokens = self.layers(blocks.flatten(3, 4) + self.places[:, None])
        joined: Tensor = tokens.unflatten(3, (side, side)).transpose(2, 3).flatten(3, 4).flatten(1, 2)
        return joined


class Merge(nn.Module):
    """Maps (B, H, W, width) to twice the width: 3 x 3 convolution, layer norm, max-pooling of 3 by ``stride``."""

    def __init__(self, width: int, widened: int, stride: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(width, widened, 3, padding=1)
        self.norm = nn.LayerNorm(widened)
        self.pool = nn.MaxPool2d(3, stride=stride, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the merged maps."""
        widened = self.norm(self.widen(maps.movedim(-1, 1)).movedim(1, -1))
        merged: Tensor = self.pool(widened.movedim(-1, 1)).movedim(1, -1)
        return merged


class HTNet(nn.Module):
    """Mosaics (B, 3, 28, 28) to scores (B, classes)."""

    def __init__(
        self,
        classes: int,
        *,
        width: int = 256,
        heads: int = 3,
        layers: tuple[int, int, int] = (2, 2, 10),
        attention: Literal["published", "working"] = "published",
    ) -> None:
        super().__init__()
        side, strides = (1, (2, 2)) if attention == "published" else (2, (2, 1))
        widths = [width, 2 * width, 4 * width]
        self.embed = nn.Linear(3 * PATCH * PATCH, width)
        self.levels = nn.ModuleList(
            Level(wide, heads * wide // width, count, side)
            for wide, count in zip(widths, layers, strict=True)
        )
        self.merges = nn.ModuleList(
            Merge(narrow, wide, stride)
            for (narrow, wide), stride in zip(pairwise(widths), strides, strict=True)
        )
        self.norm = nn.LayerNorm(widths[-1])
        self.classify = nn.Linear(widths[-1], classes)

    def forward(self, mosaics: Tensor) -> Tensor:
        """Return scores."""
        patches = mosaics.unflatten(3, (-1, PATCH)).unflatten(2, (-1, PATCH))  # (B, 3, 4, 7, 4, 7)
        maps = self.levels[0](self.embed(patches.permute(0, 2, 4, 3, 5, 1).flatten(3)))
        for merge, level in zip(self.merges, self.levels[1:], strict=True):
            maps = level(merge(maps))
        scores: Tensor = self.classify(self.norm(maps).mean(dim=(1, 2)))
        return scores
