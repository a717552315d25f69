"""Pretrained ResNet18 weights: from timm's hub by name, or from a safetensors file.

pretrained_resnet18("resnet18.a1_in1k")       # fetched once, then from the hub's local cache
pretrained_resnet18(Path("my/weights.safetensors"))
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from mebench.errors import MebenchError, near_matches
from mebench.models.pretrained import SAFETENSORS, content_of, fetched, load_weights, read_weights
from mebench.torchvision_shim import ensure_torchvision

from .backbone import resnet18

__all__ = ["content_of", "pretrained_resnet18"]


@lru_cache(maxsize=1)
def pretrained_resnet18(name: str | Path) -> nn.Module:
    """Return a 2D ResNet18 with the named weights, without classifier.

    Args:
        name: a pretrained tag of timm's resnet18, or the path of a ``.safetensors`` file with timm's names.

    Raises:
        MebenchError: there is no such tag or file, the file does not fit, or the hub is out of reach.
    """
    return _from_file(Path(name)) if str(name).endswith(SAFETENSORS) else _from_hub(str(name))


def _from_file(path: Path) -> nn.Module:
    state = read_weights(path)
    stem = state.get("conv1.weight")
    network = resnet18(int(stem.shape[0]) if isinstance(stem, torch.Tensor) else 64)
    load_weights(network, state, "timm's resnet18", path, spared=("fc",))
    return network


def _from_hub(name: str) -> nn.Module:
    ensure_torchvision()
    import timm

    known = timm.list_pretrained("resnet18.*")
    if name not in known:
        raise MebenchError(
            f"pretrained={name!r} is neither a {SAFETENSORS} file nor weights of timm's resnet18"
            f"{near_matches(name, known)}"
        )
    network: nn.Module = fetched(name, lambda: timm.create_model(name, pretrained=True, num_classes=0))
    return network
