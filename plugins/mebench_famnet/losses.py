"""Losses of the two tasks and the ways of balancing them.

weights = class_weights(labels, classes=4)  # (4,)
positive = au_positive_weights(aus)  # (A,)
balance = task_weighting("uncertainty", ("emotion", "aus"))
total = balance({"emotion": F.cross_entropy(scores, labels, weights), "aus": au_loss(logits, aus, positive)})
balance.end_epoch({"emotion": 0.71, "aus": 0.33})  # the epoch's mean losses; only "dwa" uses them
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mebench.errors import MebenchError, UnknownNameError

WEIGHTINGS = ("uncertainty", "fixed", "dwa")
"""The task weightings there are."""


def class_weights(labels: Tensor, classes: int, beta: float = 0.999) -> Tensor:
    """Weights ``(classes,)`` for cross entropy by effective number of samples, with mean 1 over seen classes.

    Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of Samples": a class of ``n`` clips weighs
    ``(1 - beta) / (1 - beta ** n)``. With a few hundred clips and the default beta this is close to inverse
    frequency, only milder for the largest classes. A class without a clip gets 0: no loss can name it.

    Args:
        labels: class numbers of the training clips, ``(N,)``.
        classes: how many classes there are.
        beta: 0 for equal weights, towards 1 for inverse frequency (assumed: 0.999).
    """
    if not classes:
        return torch.empty(0)
    counts = torch.bincount(labels, minlength=classes).to(torch.float64)
    seen = counts > 0
    # A class without a clip stands in as one clip here, and is set to 0 after.
    weights = torch.where(seen, (1 - beta) / (1 - beta ** counts.clamp(min=1)), 0)
    return (weights * seen.sum() / weights.sum()).float()


def au_positive_weights(aus: Tensor, ceiling: float = 10.0) -> Tensor:
    """Weights ``(A,)`` of the positives of each AU: negatives over positives, within 1/ceiling and ceiling.

    Args:
        aus: AU labels of the training clips, ``(N, A)``: 0, 1, or nan where a clip's AUs are not known.
        ceiling: keeps an AU seen once or never from ruling the loss (assumed: 10).
    """
    positives = (aus == 1).sum(0).double()
    negatives = (aus == 0).sum(0).double()
    return (negatives / positives.clamp(min=1)).clamp(1 / ceiling, ceiling).float()


def au_loss(logits: Tensor, aus: Tensor, positive_weights: Tensor | None = None) -> Tensor:
    """Mean binary cross entropy over the known AU labels; 0 where a batch has none.

    Args:
        logits: ``(B, A)``.
        aus: ``(B, A)``: 0, 1, or nan where not known.
        positive_weights: ``(A,)``, as from :func:`au_positive_weights`.
    """
    known = aus.isfinite()
    each = F.binary_cross_entropy_with_logits(
        logits.float(), aus.nan_to_num().float(), reduction="none", pos_weight=positive_weights
    )
    return (each * known).sum() / known.sum().clamp(min=1)


class TaskWeighting(nn.Module):
    """Fixed weights: the total is the weighted sum of the tasks' losses."""

    weights: Tensor

    def __init__(self, tasks: Sequence[str], weights: Sequence[float] | None = None) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        given = [1.0] * len(self.tasks) if weights is None else list(weights)
        if len(given) != len(self.tasks):
            raise MebenchError(
                f"{len(given)} task weights were given for {len(self.tasks)} tasks; "
                f"give one each for {', '.join(self.tasks)}"
            )
        self.register_buffer("weights", torch.tensor(given))

    def forward(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Losses by task (scalars) to the total."""
        return (self.weights * self._stacked(losses)).sum()

    def end_epoch(self, means: Mapping[str, float]) -> None:
        """Take note of an epoch's mean loss of each task; fixed and learned weights need none of it."""

    def _stacked(self, losses: Mapping[str, Tensor]) -> Tensor:
        return torch.stack([losses[task].float() for task in self.tasks])


class UncertaintyWeighting(TaskWeighting):
    """Learned log-variances ``s``: the total is ``sum(exp(-s) * loss + s / 2)``.

    Kendall et al. 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses", in its form for
    classification tasks. For a steady loss L the best ``s`` is ``log(2 L)``: a weight of ``1 / (2 L)``.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        super().__init__(tasks)
        self.log_variances = nn.Parameter(torch.zeros(len(self.tasks)))

    def forward(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Losses by task (scalars) to the total, which may be negative."""
        return (torch.exp(-self.log_variances) * self._stacked(losses) + self.log_variances / 2).sum()


class DynamicWeightAverage(TaskWeighting):
    """Weights that favour the task whose loss falls slowest, renewed after every epoch.

    Liu et al. 2019, "End-to-End Multi-Task Learning with Attention" (dynamic weight average): a softmax over
    the ratios of the last two epochs' losses, times the number of tasks. Weights are 1 until two epochs have
    ended.

    Args:
        tasks: names of the tasks.
        temperature: high for equal weights (2 in the paper).
    """

    last: Tensor

    def __init__(self, tasks: Sequence[str], temperature: float = 2.0) -> None:
        super().__init__(tasks)
        self.temperature = temperature
        self.register_buffer("last", torch.full((len(self.tasks),), torch.nan))

    def end_epoch(self, means: Mapping[str, float]) -> None:
        """Renew the weights from this epoch's mean losses and the last one's."""
        now = self.last.new_tensor([means[task] for task in self.tasks])
        if self.last.isfinite().all():
            falls = now / self.last.clamp(min=1e-8)
            self.weights.copy_(len(self.tasks) * torch.softmax(falls / self.temperature, 0))
        self.last.copy_(now)


def task_weighting(name: str, tasks: Sequence[str], weights: Sequence[float] | None = None) -> TaskWeighting:
    """Return the weighting ``uncertainty``, ``fixed`` or ``dwa``; ``weights`` belong to ``fixed`` alone.

    Raises:
        UnknownNameError: there is no such weighting.
        MebenchError: the number of weights is not that of the tasks.
    """
    if name == "fixed":
        return TaskWeighting(tasks, weights)
    if name == "uncertainty":
        return UncertaintyWeighting(tasks)
    if name == "dwa":
        return DynamicWeightAverage(tasks)
    raise UnknownNameError("task weighting", name, WEIGHTINGS)
