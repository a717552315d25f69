"""Where a baseline's ImageNet weights come from: a setting, and what a model does with it before the folds start.

class MySettings(LoopSettings):
    pretrained: PretrainedTag = start_from("resnet18.tv_in1k")

class MyModel(StartsFromResNet18, TorchModel):
    ...                              # resnet18_backbone(self.settings) is the trunk, pretrained or not
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field
from torch import nn

from mebench.api import Model, content_of, fetched, load_weights, read_weights
from mebench.torchvision_shim import ensure_torchvision
from mebench_famnet.backbone import Backbone, backbone_2d
from mebench_famnet.weights import pretrained_resnet18


def start_from(tag: str) -> Any:
    """Return the setting ``pretrained`` with a tag as its default."""
    return Field(
        tag, description="timm tag or .safetensors file to start from; none starts from random weights"
    )


def resnet18_backbone(pretrained: str | Path | None, width: int) -> Backbone:
    """Return stem and stages of a ResNet18, with the named weights where there are any.

    Raises:
        MebenchError: there are no such weights, or they are of another width.
    """
    return backbone_2d(width, None if pretrained is None else pretrained_resnet18(pretrained))


def timm_model(architecture: str, pretrained: str | Path | None, **options: Any) -> nn.Module:
    """Return a network of timm's, with the named weights where there are any.

    Args:
        architecture: timm's name without a tag.
        pretrained: the tagged name of its weights, a file of them, or None for random ones.
        options: of ``timm.create_model``.

    Raises:
        MebenchError: the weights do not fit, or cannot be fetched or read.
    """
    ensure_torchvision()
    import timm

    if isinstance(pretrained, str):
        network: nn.Module = fetched(
            pretrained, lambda: timm.create_model(pretrained, pretrained=True, **options)
        )
        return network
    network = timm.create_model(architecture, pretrained=False, **options)
    if pretrained is not None:
        load_weights(
            network, read_weights(pretrained), f"timm's {architecture}", pretrained, spared=("head",)
        )
    return network


class StartsFromResNet18(Model):
    """A model whose settings have ``pretrained`` weights of a ResNet18, and its ``width``."""

    def prepare(self) -> None:
        """Fetch the weights once, so that folds find them on this machine, and see that they fit."""
        settings: Any = self.settings
        if settings.pretrained is not None:
            resnet18_backbone(settings.pretrained, settings.width)

    def contents(self) -> Mapping[str, str]:
        """Return the hash of weights that came from the hub: a tag does not say what it stood for that day."""
        tag = getattr(self.settings, "pretrained", None)
        return {"pretrained": content_of(pretrained_resnet18(tag))} if isinstance(tag, str) else {}
