"""Capsules: groups of neurons whose length says whether something is there (Sabour, Frosst and Hinton 2017).

capsules = PrimaryCapsules(256, dimensions=8)         # (B, 256, 20, 20) to (B, 1152, 8)
digits = DigitCapsules(1152, 8, classes=3)            # (B, 1152, 8) to (B, 3, 16)
margin_loss(digits(x).norm(dim=-1), labels)
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PRESENT, ABSENT, ABSENT_WEIGHT = 0.99, 0.01, 0.5
"""Margins of CapsuleNet's published code; Sabour et al. 2017 have 0.9 and 0.1."""


def squash(vectors: Tensor) -> Tensor:
    """Return vectors (..., D) of the same direction and the length n^2 / (1 + n^2) (Sabour et al. 2017, eq. 1)."""
    length = vectors.norm(dim=-1, keepdim=True)
    squashed: Tensor = vectors * length / (1 + length.square())
    return squashed


def margin_loss(lengths: Tensor, labels: Tensor) -> Tensor:
    """Return the mean over clips of the margin loss summed over classes (Sabour et al. 2017, eq. 4).

    Args:
        lengths: of each class's capsule, (B, classes), 0 to 1.
        labels: class numbers, (B,).
    """
    present = F.one_hot(labels, lengths.shape[1]).to(lengths.dtype)
    missed = present * (PRESENT - lengths).clamp(min=0).square()
    invented = (1 - present) * (lengths - ABSENT).clamp(min=0).square()
    return (missed + ABSENT_WEIGHT * invented).sum(dim=1).mean()


class PrimaryCapsules(nn.Module):
    """A convolution of 9x9, stride 2, whose ``dimensions`` neighbouring channels at one place are a capsule.

    (B, channels, H, W) to (B, capsules, dimensions).
    """

    def __init__(self, channels: int, dimensions: int = 8) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.conv = nn.Conv2d(channels, channels, kernel_size=9, stride=2)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the capsules, squashed."""
        return squash(self.conv(maps).movedim(1, -1).reshape(len(maps), -1, self.dimensions))


class DigitCapsules(nn.Module):
    """One capsule a class, fed by all others through routing by agreement (Sabour et al. 2017, procedure 1).

    (B, capsules, incoming) to (B, classes, outgoing).
    """

    def __init__(
        self, capsules: int, incoming: int, classes: int, outgoing: int = 16, routings: int = 3
    ) -> None:
        super().__init__()
        self.routings = routings
        self.weight = nn.Parameter(0.01 * torch.randn(classes, capsules, outgoing, incoming))

    def forward(self, capsules: Tensor) -> Tensor:
        """Return the classes' capsules; only the last routing carries a gradient."""
        votes = torch.einsum("kcoi,bci->bkco", self.weight, capsules)
        return route(votes, self.routings)


def route(votes: Tensor, routings: int) -> Tensor:
    """Return what capsules agree on, (B, classes, D), from their votes (B, classes, capsules, D).

    Each capsule shares itself out over the classes, at first evenly, then more to those whose outcome its vote
    agrees with. Only the last of ``routings`` outcomes carries a gradient.
    """
    fixed = votes.detach()
    logits = torch.zeros_like(fixed[..., 0])
    for _ in range(routings - 1):
        outcome = squash(torch.einsum("bkc,bkco->bko", logits.softmax(dim=1), fixed))
        logits = logits + torch.einsum("bko,bkco->bkc", outcome, fixed)
    return squash(torch.einsum("bkc,bkco->bko", logits.softmax(dim=1), votes))
