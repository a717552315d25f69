"""ResNet18 as a stem and four stages, for images and for clips.

    images = backbone_2d(width=64)
    images.stem(torch.rand(2, 3, 224, 224))  # (2, 64, 56, 56); then images.stages[0], ... one after the other

    clips = backbone_3d(width=64)
    clips.stem(torch.rand(2, 3, 16, 112, 112))  # (2, 64, 16, 28, 28)

The network is timm's; one with pretrained weights is handed in as ``weights``.
"""

from __future__ import annotations

import copy
from typing import Any, cast

from torch import nn

from mebench.errors import MebenchError, UnknownNameError
from mebench.torchvision_shim import ensure_torchvision

from .inflate import inflate, shrink_kernel

STEMS = ("3x3x3", "3x7x7")
"""First kernels of the 3D network: the paper's wording, or ResNet's own with a temporal extent."""

FULL_WIDTH = 64


class Backbone(nn.Module):
    """The stem and the stages of a ResNet; whoever uses it calls them one by one.

    Args:
        resnet: a ResNet of timm, whose modules are taken over, not copied.
    """

    def __init__(self, resnet: nn.Module) -> None:
        super().__init__()
        net = cast("Any", resnet)
        self.stem = nn.Sequential(net.conv1, net.bn1, net.act1, net.maxpool)
        self.stages = nn.ModuleList([net.layer1, net.layer2, net.layer3, net.layer4])

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of each stage's map."""
        return tuple(cast("Any", stage)[-1].conv2.out_channels for stage in self.stages)


def resnet18(width: int = FULL_WIDTH) -> nn.Module:
    """Return timm's ResNet18 without classifier, with random weights.

    Args:
        width: channels of the stem and of the first stage; 64 is ResNet18 itself, each later stage doubles.
    """
    ensure_torchvision()
    import timm
    from timm.models.resnet import BasicBlock

    stages = tuple(width * 2**stage for stage in range(4))
    net: Any = timm.create_model("resnet18", pretrained=False, num_classes=0, channels=stages)
    if width != FULL_WIDTH:
        # timm scales the stages alone; behind a stem of the same width the first block needs no projection.
        net.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(net.conv1.weight, mode="fan_out", nonlinearity="relu")
        net.bn1 = nn.BatchNorm2d(width)
        net.layer1[0] = BasicBlock(width, width)
        net.init_weights()
    return cast("nn.Module", net)


def backbone_2d(width: int = FULL_WIDTH, weights: nn.Module | None = None) -> Backbone:
    """Return the backbone for images ``(B, 3, H, W)``.

    Args:
        width: as in :func:`resnet18`.
        weights: a timm ResNet18 of that width to copy; by default a random one is made.

    Raises:
        MebenchError: ``weights`` has another width.
    """
    if weights is None:
        return Backbone(resnet18(width))
    backbone = Backbone(copy.deepcopy(weights))
    if backbone.channels[0] != width:
        raise MebenchError(
            f"the given weights are those of a ResNet18 of width {backbone.channels[0]} but the network has "
            f"width {width}; set width={backbone.channels[0]} or train without these weights"
        )
    return backbone


def backbone_3d(width: int = FULL_WIDTH, stem: str = "3x3x3", weights: nn.Module | None = None) -> Backbone:
    """Return the inflated backbone for clips ``(B, 3, T, H, W)``; stages 2 to 4 halve time with space.

    Without ``weights`` the inflated network is initialised anew, since weights repeated over time would start
    blind to motion.

    Args:
        width: as in :func:`resnet18`.
        stem: one of :data:`STEMS`; for ``3x3x3`` given 7x7 weights are resampled.
        weights: a timm ResNet18 (2D) of that width to inflate.

    Raises:
        UnknownNameError: there is no such stem.
        MebenchError: ``weights`` has another width.
    """
    if stem not in STEMS:
        raise UnknownNameError("stem", stem, STEMS)
    flat = backbone_2d(width, weights)
    if stem == "3x3x3":
        flat.stem[0] = shrink_kernel(cast("nn.Conv2d", flat.stem[0]), 3)
    backbone = cast("Backbone", inflate(flat, stretch=("stages.1", "stages.2", "stages.3")))
    if weights is None:
        for module in backbone.modules():
            if isinstance(module, nn.Conv3d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return backbone
