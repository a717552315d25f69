"""One feature vector of a clip from those of its frames.

pooling("attention", width=512)(features)       # (B, T, 512) -> (B, 512)
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Pooling = Literal["mean", "max", "attention"]


class Mean(nn.Module):
    """The mean over frames, (B, T, C) -> (B, C)."""

    def forward(self, features: Tensor) -> Tensor:
        """Return the mean."""
        return features.mean(dim=1)


class Max(nn.Module):
    """The greatest value of each channel over frames, (B, T, C) -> (B, C)."""

    def forward(self, features: Tensor) -> Tensor:
        """Return the greatest values."""
        return features.amax(dim=1)


class Attention(nn.Module):
    """A mean over frames with learned weights, (B, T, C) -> (B, C).

    Ilse, Tomczak and Welling, "Attention-based deep multiple instance learning", ICML 2018, eq. 7 and 8: the weights
    are the softmax over frames of ``w^T tanh(V h)``.
    """

    def __init__(self, width: int, hidden: int = 128) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, 1, bias=False))

    def forward(self, features: Tensor) -> Tensor:
        """Return the weighted mean."""
        weights: Tensor = self.score(features).softmax(dim=1)
        return (weights * features).sum(dim=1)


class FrameByFrame(nn.Module):
    """An image network on each frame, a pooling over frames, and a linear classifier.

    Args:
        images: (N, C, H, W) -> (N, width), features of one picture.
        width: how many those are.
        pooling: over frames.
        classes: scores at the end.
    """

    def __init__(self, images: nn.Module, width: int, pooling: Pooling, classes: int) -> None:
        super().__init__()
        self.images = images
        self.pool: nn.Module = (
            {"mean": Mean, "max": Max}[pooling]() if pooling != "attention" else Attention(width)
        )
        self.classifier = nn.Linear(width, classes)

    def forward(self, clips: Tensor) -> Tensor:
        """Return scores (B, classes) of clips (B, C, T, H, W)."""
        frames = clips.movedim(2, 1)
        features: Tensor = self.images(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])
        scores: Tensor = self.classifier(self.pool(features))
        return scores


def width_of(images: nn.Module, size: int, channels: int = 3) -> int:
    """Return how many features an image network gives of a picture of a size; its mode stays as it is.

    Raises:
        Exception: whatever the network raises of such a picture.
    """
    training = images.training
    try:
        with torch.no_grad():
            features: Tensor = images.eval()(torch.zeros(1, channels, size, size))
    finally:
        images.train(training)
    if not (isinstance(features, Tensor) and features.ndim == 2):
        raise ValueError("it gives no vector of a picture")
    return features.shape[1]
