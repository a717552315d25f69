"""FAMNet: AMNet2D on the apex frame, AMNet3D on the clip, late fusion, and the joint loss.

    network = FAMNetwork(FAMNetConfig(classes=4, aus=12))
    output = network({"apex": torch.rand(8, 3, 224, 224), "clip": torch.rand(8, 3, 16, 112, 112)})
    output.probabilities  # (8, 4)
    losses = network.task_losses(output, labels, aus, class_weights, au_positive_weights)
    network.weighting(losses).backward()

The network is a reconstruction from the abstract and summaries of arXiv 2508.13483 (FAMNet, IJCNN 2025). What
they leave open is a setting of :class:`FAMNetConfig`, marked *assumed*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mebench.errors import MebenchError, UnknownNameError

from .backbone import backbone_2d, backbone_3d
from .branch import Branch
from .fusion import Fusion
from .losses import TaskWeighting, au_loss, task_weighting

BRANCHES = {"both": ("2d", "3d"), "2d": ("2d",), "3d": ("3d",)}
"""The branches that each value of ``branches`` stands for."""

INPUTS = {"2d": "apex", "3d": "clip"}
"""The input that each branch reads."""


@dataclass(frozen=True)
class FAMNetConfig:
    """What the network is made of.

    Attributes:
        classes: emotion classes; 0 trains AU detection alone.
        aus: action units to detect beside (FAUD); 0 trains the emotion task alone.
        branches: ``both``, ``2d`` (AMNet2D alone) or ``3d`` (AMNet3D alone).
        width: channels of the first stage; 64 is ResNet18, less gives a smaller network of the same form.
        stem: first kernel of the 3D branch, ``3x3x3`` (the summaries' wording) or ``3x7x7``.
        attention: ``hierarchical``, ``last`` or ``none``; assumed: one module after every stage.
        attention_axes: some of ``channel``, ``spatial``, ``temporal``; ``temporal`` concerns the 3D branch
            alone. Assumed: all.
        sharing: ``hard`` (one trunk a branch for both tasks) or ``none`` (a trunk for each task).
        dropout: before the heads; assumed: 0.5.
        fusion: ``weighted``, ``mean``, ``max`` or ``product``; assumed: weighted.
        branch_loss: weight of each branch's own cross entropy beside that of the fused scores, where there
            are two branches; assumed: 0.5.
        task_weighting: ``uncertainty``, ``fixed`` or ``dwa``; assumed: uncertainty.
        task_weights: weights of the emotion and the AU loss for ``fixed``; assumed: equal.
    """

    classes: int
    aus: int = 0
    branches: str = "both"
    width: int = 64
    stem: str = "3x3x3"
    attention: str = "hierarchical"
    attention_axes: tuple[str, ...] = ("channel", "spatial", "temporal")
    sharing: str = "hard"
    dropout: float = 0.5
    fusion: str = "weighted"
    branch_loss: float = 0.5
    task_weighting: str = "uncertainty"
    task_weights: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True)
class Output:
    """What the network says of a batch; all tensors are float32.

    Attributes:
        scores: ``(B, classes)``, the fused score vectors.
        branch_scores: the same of each branch, under ``2d`` and ``3d``.
        au_logits: ``(B, aus)`` of each branch; empty without AUs.
    """

    scores: Tensor
    branch_scores: dict[str, Tensor]
    au_logits: dict[str, Tensor]

    @property
    def probabilities(self) -> Tensor:
        """``(B, classes)``: the softmax of the fused scores."""
        return self.scores.softmax(1)

    @property
    def au_probabilities(self) -> Tensor | None:
        """``(B, aus)``: the mean over the branches of their sigmoids (assumed); None without AUs."""
        if not self.au_logits:
            return None
        return torch.stack([logits.sigmoid() for logits in self.au_logits.values()]).mean(0)


class FAMNetwork(nn.Module):
    """The network of :class:`FAMNetConfig`.

    Args:
        config: what it is made of.
        weights: a 2D ResNet18 of timm to start from, of the config's width; it is copied into the 2D branch
            and inflated into the 3D one. By default all weights are random.

    Raises:
        UnknownNameError: a setting has no such value.
        MebenchError: ``weights`` has another width.
    """

    def __init__(self, config: FAMNetConfig, weights: nn.Module | None = None) -> None:
        super().__init__()
        if config.branches not in BRANCHES:
            raise UnknownNameError("choice of branches", config.branches, BRANCHES)
        self.config = config
        makers = {
            "2d": partial(backbone_2d, config.width, weights),
            "3d": partial(backbone_3d, config.width, config.stem, weights),
        }
        axes = {"2d": set(config.attention_axes) - {"temporal"}, "3d": set(config.attention_axes)}
        self.branches = nn.ModuleDict(
            {
                name: Branch(
                    makers[name],
                    classes=config.classes,
                    aus=config.aus,
                    attention=config.attention,
                    axes=axes[name],
                    sharing=config.sharing,
                    dropout=config.dropout,
                )
                for name in BRANCHES[config.branches]
            }
        )
        fuses = len(self.branches) > 1 and config.classes > 0
        self.fusion = Fusion(config.fusion, len(self.branches), config.classes) if fuses else None
        tasks = tuple(name for name, count in (("emotion", config.classes), ("aus", config.aus)) if count)
        if not tasks:
            raise MebenchError(
                "the network has neither classes nor AUs to learn; set faud=true, or choose a protocol"
            )
        self.weighting: TaskWeighting = (
            task_weighting(config.task_weighting, tasks, config.task_weights)
            if len(tasks) > 1
            else TaskWeighting(tasks)
        )

    def forward(self, batch: Mapping[str, Tensor]) -> Output:
        """Read ``apex`` ``(B, 3, H, W)`` and ``clip`` ``(B, 3, T, h, w)``, or the one that is needed."""
        scores: dict[str, Tensor] = {}
        au_logits: dict[str, Tensor] = {}
        for name, branch in self.branches.items():
            scores[name], logits = branch(batch[INPUTS[name]])
            if logits is not None:
                au_logits[name] = logits
        parts = list(scores.values())
        return Output(parts[0] if self.fusion is None else self.fusion(parts), scores, au_logits)

    def task_losses(
        self,
        output: Output,
        labels: Tensor,
        aus: Tensor | None = None,
        class_weights: Tensor | None = None,
        au_positive_weights: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Return the loss of each task, under ``emotion`` and (with AUs) ``aus``; balance with ``weighting``.

        Args:
            output: what the network said of the batch.
            labels: class numbers, ``(B,)``.
            aus: ``(B, aus)``: 0, 1, or nan where a clip's AUs are not known.
            class_weights: ``(classes,)`` for cross entropy.
            au_positive_weights: ``(aus,)`` for binary cross entropy.

        Raises:
            MebenchError: the network detects AUs but ``aus`` is missing.
        """
        losses: dict[str, Tensor] = {}
        if self.config.classes:
            losses["emotion"] = self._emotion_loss(output, labels, class_weights)
        if output.au_logits:
            if aus is None:
                raise MebenchError(
                    "the network detects AUs but the batch has no AU labels; set aus=0 or give them"
                )
            each = [au_loss(logits, aus, au_positive_weights) for logits in output.au_logits.values()]
            losses["aus"] = torch.stack(each).mean()
        return losses

    def _emotion_loss(self, output: Output, labels: Tensor, class_weights: Tensor | None) -> Tensor:
        loss = F.cross_entropy(output.scores, labels, class_weights)
        if self.fusion is not None and self.config.branch_loss:
            own = [F.cross_entropy(part, labels, class_weights) for part in output.branch_scores.values()]
            loss = loss + self.config.branch_loss * torch.stack(own).sum()
        return loss
