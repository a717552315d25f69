"""Where a baseline's ImageNet weights come from: a setting, and what a model does with it before the folds start.

class MySettings(LoopSettings):
    pretrained: Pretrained = start_from("resnet18.tv_in1k")

class MyModel(StartsFromResNet18, TorchModel):
    ...                              # resnet18_backbone(self.settings) is the trunk, pretrained or not
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from torch import nn

from mebench.api import MebenchError, Model, WeightFile
from mebench.torchvision_shim import ensure_torchvision
from mebench_famnet.backbone import Backbone, backbone_2d
from mebench_famnet.weights import FILE_SUFFIX, content_of, pretrained_resnet18


def _file_or_tag(value: Any) -> Any:
    return Path(value) if isinstance(value, str) and value.endswith(FILE_SUFFIX) else value


Pretrained = Annotated[WeightFile | str | None, BeforeValidator(_file_or_tag)]
"""A tag of timm's, a .safetensors file with timm's names, or nothing: random weights."""


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

    name = pretrained if isinstance(pretrained, str) else architecture
    where: dict[str, Any] = (
        {"pretrained_cfg_overlay": {"file": str(pretrained)}} if isinstance(pretrained, Path) else {}
    )
    try:
        network: nn.Module = timm.create_model(name, pretrained=pretrained is not None, **where, **options)
    except Exception as error:  # timm and the hub's client have no common base of their errors
        if pretrained is None:
            raise
        raise MebenchError(
            f"pretrained={pretrained}: no weights of timm's {architecture} for this network could be had from there "
            f"({type(error).__name__}: {str(error).splitlines()[0][:200]}): connect once, name a tag or a "
            f"{FILE_SUFFIX} file that fits, or train from random weights with --set pretrained=none"
        ) from error
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
