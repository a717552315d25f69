"""Late fusion: from the branches' score vectors to the final one.

    fuse = Fusion("weighted", branches=2, classes=4)
    scores = fuse([scores_2d, scores_3d])  # (B, 4); softmax gives the final probabilities

Score vectors are what a softmax turns into probabilities, before fusion and after it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mebench.errors import UnknownNameError

RULES = ("weighted", "mean", "max", "product")
"""The fusion rules there are."""


class Fusion(nn.Module):
    """Fuse score vectors by one of :data:`RULES`.

    ``weighted``
        a convex combination with learned weights, one set a class; it starts as the mean (assumed default).
    ``mean``, ``max``
        of the scores, class by class.
    ``product``
        of the branches' probabilities, given as a sum of log-probabilities.

    Args:
        rule: the rule's name.
        branches: how many score vectors there are.
        classes: length of a score vector.

    Raises:
        UnknownNameError: there is no such rule.
    """

    def __init__(self, rule: str, branches: int, classes: int) -> None:
        super().__init__()
        if rule not in RULES:
            raise UnknownNameError("fusion rule", rule, RULES)
        self.rule = rule
        if rule == "weighted":
            self.logits = nn.Parameter(torch.zeros(branches, classes))

    @property
    def weights(self) -> Tensor:
        """``(branches, classes)``: the learned weights; not negative, each column sums to 1."""
        return self.logits.softmax(0)

    def forward(self, scores: Sequence[Tensor]) -> Tensor:
        """Score vectors ``(B, classes)``, one a branch, to one of that shape."""
        stacked = torch.stack(list(scores))
        if self.rule == "weighted":
            return (self.weights[:, None] * stacked).sum(0)
        if self.rule == "mean":
            return stacked.mean(0)
        if self.rule == "max":
            return stacked.amax(0)
        return F.log_softmax(stacked, dim=-1).sum(0)
