"""SKD-TSTSAN's losses: a focal loss weighted by class, and what the whole network teaches its early heads."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .network import Scores

GAMMA = 2.0


def rarity_weights(labels: Tensor, classes: int) -> Tensor:
    """Return each class's share of the sum of 1 / clips, (classes,); 0 for a class without a clip."""
    counts = torch.bincount(labels, minlength=classes).double()
    weights = torch.where(counts > 0, 1 / counts.clamp(min=1), 0)
    return (weights / weights.sum()).float()


def focal_loss(scores: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of -(1 - p)^2 log p, p being the right class's probability (Lin et al. 2017)."""
    logs = F.log_softmax(scores, dim=1)
    return F.nll_loss((1 - logs.exp()) ** GAMMA * logs, labels, weights)


def taught(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return the divergence of softened scores from the teacher's, times the squared temperature (Hinton et al. 2015).

    The teacher gets no gradient.
    """
    target = (teacher.detach() / temperature).softmax(dim=1)
    divergence = F.kl_div((student / temperature).log_softmax(dim=1), target, reduction="batchmean")
    return divergence * temperature**2


def hinted(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the sum of squared differences of features, where either is above 0; the teacher gets no gradient."""
    fixed = teacher.detach()
    return ((student - fixed).square() * ((student > 0) | (fixed > 0))).sum()


def distillation_loss(
    output: Scores, labels: Tensor, weights: Tensor, *, temperature: float, soft: float, hint: float
) -> Tensor:
    """Return the whole loss: focal losses of all heads, and each early head's lessons.

    Args:
        output: of the network.
        labels: class numbers, (B,).
        weights: of classes (:func:`rarity_weights`).
        temperature: that softens scores.
        soft: weight of softened scores; the early heads' own losses have 1 - ``soft``.
        hint: weight of features.
    """
    total = focal_loss(output.scores, labels, weights)
    for scores, features in output.early:
        total = total + (1 - soft) * focal_loss(scores, labels, weights)
        total = total + soft * taught(scores, output.scores, temperature)
        total = total + hint * hinted(features, output.features)
    return total
