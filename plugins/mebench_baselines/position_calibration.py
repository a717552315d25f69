"""MMNet's position branch: a small transformer over the pixels of a tiny onset frame (Li et al. 2022).

PositionCalibration(side=14, channels=512)(torch.rand(2, 3, 14, 14))      # (2, 512, 14, 14)
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from mebench.torchvision_shim import ensure_torchvision

HEADS = 4


class PositionCalibration(nn.Module):
    """Every pixel a token, learned positions, ``depth`` transformer blocks; (B, 3, side, side) to (B, channels, ...).

    Args:
        side: of the picture, in pixels.
        channels: width of a token, a multiple of 4.
        depth: number of blocks.
        mlp_ratio: hidden width of a block's perceptron, in tokens' widths.
        drop_path: chance to skip the last block in training (stochastic depth); earlier ones have less, the first 0.
    """

    def __init__(
        self, side: int, channels: int, depth: int = 2, mlp_ratio: float = 4.0, drop_path: float = 0.0
    ) -> None:
        super().__init__()
        ensure_torchvision()
        from timm.models.vision_transformer import Block

        norm: Any = partial(nn.LayerNorm, eps=1e-6)
        chances = [drop_path * block / max(1, depth - 1) for block in range(depth)]
        self.embed = nn.Conv2d(3, channels, kernel_size=1)
        self.positions = nn.Parameter(torch.empty(1, side * side, channels))
        self.blocks = nn.Sequential(
            *(
                Block(channels, HEADS, mlp_ratio, qkv_bias=True, drop_path=chance, norm_layer=norm)
                for chance in chances
            )
        )
        self.norm = norm(channels)
        nn.init.trunc_normal_(self.positions, std=0.02)
        for module in self.blocks.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, picture: Tensor) -> Tensor:
        """Return the map that tells where things lie."""
        embedded = self.embed(picture)
        tokens = self.norm(self.blocks(embedded.flatten(2).transpose(1, 2) + self.positions))
        positions: Tensor = tokens.transpose(1, 2).reshape(embedded.shape)
        return positions
