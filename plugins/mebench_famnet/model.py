"""FAMNet as a model of mebench: settings, inputs, loss and card around the network.

Several things in the paper are not publicly known; each is a setting marked *assumed*, so that a reader of
the paper can put it right without touching code: ``mebench run famnet casme3 --set attention=last``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from mebench.api import (
    ApexFrame,
    Batch,
    ClipFrames,
    Context,
    Input,
    MiddleFrame,
    PretrainedTag,
    SpottedApexFrame,
    TorchModel,
    TorchSettings,
    TrainSet,
    au_targets,
)

from .backbone import backbone_2d
from .losses import au_positive_weights, class_weights
from .network import FAMNetConfig, FAMNetwork, Output
from .weights import content_of, pretrained_resnet18


def _assumed(default: Any, description: str, **limits: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"assumed": True}, **limits)


class FAMNetSettings(TorchSettings):
    """Settings of FAMNet; those marked assumed are not in any public text about it."""

    branches: Literal["both", "2d", "3d"] = Field("both", description="both, or AMNet2D / AMNet3D alone")
    attention: Literal["hierarchical", "last", "none"] = _assumed(
        "hierarchical", "a module after every stage, after the last one only, or none"
    )
    attention_axes: tuple[Literal["channel", "spatial", "temporal"], ...] = _assumed(
        ("channel", "spatial", "temporal"), "what is attended to; temporal concerns the 3D branch"
    )
    fusion: Literal["weighted", "mean", "max", "product"] = _assumed(
        "weighted", "how the two score vectors become one; weighted learns convex weights per class"
    )
    faud: bool = Field(True, description="detect the protocol's action units beside the emotion")
    sharing: Literal["hard", "none"] = Field(
        "hard", description="one backbone for both tasks, or one for each"
    )
    task_weighting: Literal["uncertainty", "fixed", "dwa"] = _assumed(
        "uncertainty", "how the two tasks' losses are balanced"
    )
    task_weights: tuple[float, float] = _assumed((1.0, 1.0), "weights of emotion and AU loss when fixed")
    branch_loss: float = _assumed(0.5, "weight of each branch's own loss beside the fused one", ge=0)
    dropout: float = _assumed(0.5, "dropout before the heads", ge=0, lt=1)
    stem: Literal["3x3x3", "3x7x7"] = _assumed("3x3x3", "first kernel of the 3D branch")
    width: int = Field(64, ge=4, le=128, description="channels of the first stage; 64 is ResNet18")
    apex: Literal["owner", "middle", "spotted"] = Field(
        "owner", description="the annotated apex frame, the middle one, or the one that motion points to"
    )
    apex_size: int = _assumed(224, "side of the apex frame, pixels", ge=32, le=1024)
    clip_size: int = _assumed(112, "side of the clip's frames, pixels", ge=32, le=1024)
    frames: int = _assumed(16, "frames sampled from onset to offset", ge=2, le=256)
    pretrained: PretrainedTag = _assumed(
        "resnet18.a1_in1k", "timm tag or .safetensors file to start from, inflated for the 3D branch; or none"
    )
    epochs: int = _assumed(30, "passes over the training clips", ge=1, le=10_000)
    batch_size: int = _assumed(16, "clips in one step", ge=2)
    lr: float = _assumed(3e-4, "highest learning rate of AdamW", gt=0)

    @model_validator(mode="after")
    def _fits_together(self) -> FAMNetSettings:
        if not self.attention_axes and self.attention != "none":
            raise ValueError("attention_axes is empty: name at least one axis, or set attention=none")
        return self


class FAMNet(TorchModel):
    """FAMNet (arXiv 2508.13483, IJCNN 2025) and, with one branch, AMNet2D and AMNet3D."""

    Settings = FAMNetSettings
    detects_aus = True
    settings: FAMNetSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # Sized for a trial on two CPU cores: a fold of a small twin trains in about twenty seconds. So few steps
        # are too few to learn through augmentation.
        "small": {
            "width": 16,
            "apex_size": 64,
            "clip_size": 48,
            "frames": 8,
            "epochs": 20,
            "lr": 2e-3,
            "dropout": 0.2,
            "augmentation": False,
            "pretrained": None,
        },
    }
    # Beside the paper's own: the choices that a reader would ask about, and all that is assumed and can be switched.
    ablations: ClassVar[Mapping[str, Sequence[Mapping[str, Any]]]] = {
        "branches": ({"branches": "2d"}, {"branches": "3d"}),
        "attention": ({"attention": "last"}, {"attention": "none"}),
        "attention_axes": ({"attention_axes": ("channel",)}, {"attention_axes": ("spatial",)}),
        "fusion": ({"fusion": "mean"}, {"fusion": "max"}, {"fusion": "product"}),
        "faud": ({"faud": False},),
        "sharing": ({"sharing": "none"},),
        "task_weighting": ({"task_weighting": "fixed"}, {"task_weighting": "dwa"}),
        "apex": ({"apex": "middle"}, {"apex": "spotted"}),
    }
    known = (
        "Two networks of one structure, AMNet2D on the apex frame and AMNet3D on the whole clip: a shared "
        "ResNet18 backbone with attention modules (abstract).",
        "AMNet3D is ResNet18 with every 2D convolution replaced by a 3x3x3 one; 4 stages of 2 basic blocks.",
        "Hierarchical attention modules sit in both branches.",
        "Emotion recognition and facial action unit detection are trained jointly, with hard parameter sharing "
        "(abstract).",
        "The branches are trained with different data loading; their score vectors go through a late fusion.",
        "Reported: UF1 43.42, UAR 51 on CAS(ME)^3; UF1 84.03, UAR 83.75 on CASME II + SAMM + MMEW (abstract).",
    )
    assumed = (
        "No code and no full text are public: this is a reconstruction. Settings marked assumed are ours.",
        "Hierarchical attention: channel, spatial and temporal gates (CBAM's, Woo et al. 2018) after every stage; "
        "each stage's attended map is pooled, and the four levels are summed before the heads.",
        "Different data loading: each branch's input is mirrored, shifted and relit at random by itself.",
        "AUs: one logit for each action unit of the protocol; both branches detect, their probabilities are "
        "averaged.",
        "Losses: class-balanced cross-entropy (Cui et al. 2019) on the fused and each branch's scores; weighted "
        "binary cross-entropy on AUs; learned uncertainty weights (Kendall et al. 2018).",
        "Optimiser: AdamW, a linear warm-up, then a cosine to 0; training clips are augmented.",
        "CAS(ME)^3's reported figures are taken for 4 classes; the abstract does not say.",
        "The last epoch is kept; the paper's rule is not known.",
    )

    def inputs(self) -> Mapping[str, Input]:
        """Return the apex frame and the clip, or the one that the branch reads."""
        s = self.settings
        frame = {"owner": ApexFrame, "middle": MiddleFrame, "spotted": SpottedApexFrame}[s.apex]
        both = {"apex": frame(s.apex_size), "clip": ClipFrames(s.frames, s.clip_size)}
        return {"both": both, "2d": {"apex": both["apex"]}, "3d": {"clip": both["clip"]}}[s.branches]

    def prepare(self) -> None:
        """Fetch the pretrained weights once, so that folds find them on this machine, and see that they fit."""
        if self.settings.pretrained is not None:
            backbone_2d(self.settings.width, pretrained_resnet18(self.settings.pretrained))

    def contents(self) -> Mapping[str, str]:
        """Return the hash of weights that came from the hub: its tag does not say what it stood for that day."""
        tag = self.settings.pretrained
        return {"pretrained": content_of(pretrained_resnet18(tag))} if isinstance(tag, str) else {}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network; the training fold's class and AU counts become loss weights."""
        s = self.settings
        labels, aus = torch.from_numpy(train.labels), au_targets(train.aus)
        self._class_weights = class_weights(labels, len(context.classes)).to(context.device)
        self._au_weights = au_positive_weights(aus).to(context.device)
        self._task_sums: dict[str, list[float]] = {}
        config = FAMNetConfig(
            classes=len(context.classes),
            aus=len(context.au_numbers) if s.faud else 0,
            **{
                name: getattr(s, name)
                for name in (
                    "branches",
                    "width",
                    "stem",
                    "attention",
                    "attention_axes",
                    "sharing",
                    "dropout",
                    "fusion",
                    "branch_loss",
                    "task_weighting",
                    "task_weights",
                )
            },
        )
        weights = None if s.pretrained is None else pretrained_resnet18(s.pretrained)
        return FAMNetwork(config, weights)

    def augment(self, name: str, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return an input changed by draws of its own, as the branches' different data loading is taken to mean."""
        if name == "clip":
            torch.rand(len(x), 5, generator=generator)  # what the apex frame drew
        return super().augment(name, x, generator)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the balanced loss of both tasks."""
        assert isinstance(network, FAMNetwork)
        output: Output = network(batch.inputs)
        losses = network.task_losses(output, batch.labels, batch.aus, self._class_weights, self._au_weights)
        for task, value in losses.items():
            self._task_sums.setdefault(task, []).append(value.item())
            self.log(f"{task} loss", value)
        total: Tensor = network.weighting(losses)
        return total

    def end_epoch(self, network: nn.Module, epoch: int) -> None:
        """Let an adaptive task weighting see the epoch's mean losses."""
        assert isinstance(network, FAMNetwork)
        network.weighting.end_epoch({task: sum(v) / len(v) for task, v in self._task_sums.items()})
        self._task_sums.clear()

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return fused scores and the branches' mean AU probabilities."""
        output: Output = network(inputs)
        return output.scores, output.au_probabilities
