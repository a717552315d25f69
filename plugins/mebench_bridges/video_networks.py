"""Video networks of pytorchvideo: the clips they were published for, and how they are made.

    ARCHITECTURES["x3d_s"]                      # 13 frames of 160 pixels
    video_network("x3d_s", classes=4)           # of any clip: its last pooling is over all that is left
    video_network("mvit_base_16x4", classes=4, frames=4, size=64)

Their weights are those of Kinetics-400 (pytorchvideo's model zoo).
"""

from __future__ import annotations

import importlib
import operator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from mebench.api import MebenchError, fetched, load_weights, read_weights
from mebench.torchvision_shim import ensure_torchvision

# The model zoo's networks were trained on pictures brought to these statistics, the same for each channel.
MEAN, STD = 0.45, 0.225


@dataclass(frozen=True)
class Architecture:
    """The clip that a network was published for, and what it needs of another one.

    ``frames`` of ``size`` pixels; the number of frames must be a multiple of ``frame_step``, the size of
    ``size_step``. ``module`` of the library's hub holds it; ``pathways`` tells of SlowFast's two, ``sized`` that the
    network is built for one clip.
    """

    module: str
    frames: int
    size: int
    frame_step: int = 1
    size_step: int = 1
    pathways: bool = False
    sized: bool = False

    def fault(self, frames: int, size: int) -> str:
        """Return what is wrong with a clip, or ``""``."""
        if frames % self.frame_step:
            return f"frames={frames} is no multiple of {self.frame_step}"
        return f"size={size} is no multiple of {self.size_step}" if size % self.size_step else ""


def _slowfast(frames: int) -> Architecture:
    return Architecture("slowfast", frames, 224, frame_step=4, pathways=True)


def _mvit(frames: int) -> Architecture:
    # Patches are every second frame and every fourth pixel.
    return Architecture("vision_transformers", frames, 224, frame_step=2, size_step=4, sized=True)


ARCHITECTURES = {
    "x3d_xs": Architecture("x3d", 4, 160),
    "x3d_s": Architecture("x3d", 13, 160),
    "x3d_m": Architecture("x3d", 16, 224),
    "x3d_l": Architecture("x3d", 16, 312),
    "slow_r50": Architecture("resnet", 8, 224),
    # Their first stage takes the greater of each two frames.
    "c2d_r50": Architecture("resnet", 8, 224, frame_step=2),
    "i3d_r50": Architecture("resnet", 8, 224, frame_step=2),
    "slowfast_r50": _slowfast(32),
    "slowfast_r101": _slowfast(32),
    "slowfast_16x8_r101_50_50": _slowfast(64),
    "csn_r101": Architecture("csn", 32, 224),
    "r2plus1d_r50": Architecture("r2plus1d", 16, 224),
    "mvit_base_16x4": _mvit(16),
    "mvit_base_32x3": _mvit(32),
}
ALPHA = 4
"""Frames of SlowFast's fast pathway to one of the slow (Feichtenhofer et al., ICCV 2019, with 8x8 sampling)."""


def names() -> dict[str, str]:
    """Return the title of each network."""
    return {
        name: f"pytorchvideo's {name}: {each.frames} frames of {each.size} pixels"
        for name, each in ARCHITECTURES.items()
    }


class VideoNetwork(nn.Module):
    """A network of the library with a classifier of our classes and a pooling that takes any clip.

    The published heads average over maps of one size; averaging over all of the map is the same for that size.
    The scores are no probabilities: X3D and R(2+1)D come with a softmax, which is left out.

    Args:
        network: the library's.
        classes: scores at the end.
        pathways: whether it reads a slow and a fast clip.
        dropout: before the classifier; None leaves the library's own.
    """

    def __init__(
        self, network: nn.Module, classes: int, *, pathways: bool, dropout: float | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.pathways = pathways
        for module in list(network.modules()):
            for name, part in list(module.named_children()):
                if isinstance(part, nn.AvgPool3d):
                    setattr(module, name, nn.AdaptiveAvgPool3d(1))
        head: Any = head_of(network)[1]
        head.proj = nn.Linear(head.proj.in_features, classes)
        nn.init.normal_(head.proj.weight, std=0.01)  # as the library's own
        nn.init.zeros_(head.proj.bias)
        head.activation = None
        if dropout is not None:
            head.dropout = nn.Dropout(dropout)

    def forward(self, clips: Tensor) -> Tensor:
        """Return scores (B, classes) of clips (B, 3, T, H, W)."""
        scores: Tensor = self.network(both_pathways(clips) if self.pathways else clips)
        return scores


def both_pathways(clips: Tensor) -> list[Tensor]:
    """Return SlowFast's two clips of one (B, 3, T, H, W): the slow, a quarter of the frames, and the fast, all."""
    frames = clips.shape[2]
    chosen = torch.linspace(0, frames - 1, frames // ALPHA, device=clips.device).long()
    return [clips.index_select(2, chosen), clips]


def head_of(network: nn.Module) -> tuple[str, nn.Module]:
    """Return the name and the module of a network's head."""
    blocks = cast("Any", network).blocks
    named = getattr(network, "head", None)
    return ("head", named) if isinstance(named, nn.Module) else (f"blocks.{len(blocks) - 1}", blocks[-1])


def video_network(
    name: str,
    *,
    classes: int,
    frames: int | None = None,
    size: int | None = None,
    weights: nn.Module | None = None,
    dropout: float | None = None,
) -> VideoNetwork:
    """Return a network from clips (B, 3, frames, size, size) to scores (B, classes).

    Args:
        name: the library's.
        classes: scores at the end.
        frames: of a clip; None for the published number.
        size: of a frame; None for the published one.
        weights: the published network that has them, whose classifier is left out.
        dropout: before the classifier; None leaves the library's own.

    Raises:
        MebenchError: the weights are for another clip.
    """
    architecture = ARCHITECTURES[name]
    clip = (frames or architecture.frames, size or architecture.size)
    network = _built(name, *clip)
    if weights is not None:
        if architecture.sized and clip != (architecture.frames, architecture.size):
            raise MebenchError(
                f"the pretrained weights of {name} are for {architecture.frames} frames of {architecture.size} pixels, "
                f"not {clip[0]} of {clip[1]}: leave frames and size out, or set pretrained=none"
            )
        network.load_state_dict(weights.state_dict())
    return VideoNetwork(network, classes, pathways=architecture.pathways, dropout=dropout)


@lru_cache(maxsize=1)
def weights_of(name: str, source: Path | bool) -> nn.Module | None:
    """Return the published network with the library's weights or those of a file; None for random ones.

    Raises:
        MebenchError: the library's are out of reach, or the file holds those of another network.
    """
    if source is False:
        return None
    architecture = ARCHITECTURES[name]
    network = _built(name, architecture.frames, architecture.size)
    classifier = f"{head_of(network)[0]}.proj"
    if isinstance(source, Path):
        load_weights(network, read_weights(source), f"pytorchvideo's {name}", source, spared=(classifier,))
        return network
    place: str = _hub(architecture).checkpoint_paths[name]
    stored = fetched(
        name,
        # Of pickled files only the tensors are read, which the library's own loading does not see to.
        lambda: torch.hub.load_state_dict_from_url(
            place, map_location="cpu", progress=False, weights_only=True
        ),
    )
    load_weights(network, stored["model_state"], f"pytorchvideo's {name}", place)
    return network


def _built(name: str, frames: int, size: int) -> nn.Module:
    architecture = ARCHITECTURES[name]
    clip = {"temporal_size": frames, "spatial_size": size} if architecture.sized else {}
    network = cast("nn.Module", getattr(_hub(architecture), name)(**clip))
    for module in network.modules():
        if hasattr(module, "branch_fusion"):
            # The library's is a lambda of the same sum, which cannot be pickled.
            module.branch_fusion = operator.add  # type: ignore[assignment]
    return network


def _hub(architecture: Architecture) -> Any:
    ensure_torchvision()
    return importlib.import_module(f"pytorchvideo.models.hub.{architecture.module}")
