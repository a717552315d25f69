"""Pretrained ResNet18 weights: from timm's hub by name, or from a safetensors file.

pretrained_resnet18("resnet18.a1_in1k")       # fetched once, then from the hub's local cache
pretrained_resnet18(Path("my/weights.safetensors"))
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from mebench.errors import MebenchError, near_matches
from mebench.torchvision_shim import ensure_torchvision

from .backbone import resnet18

FILE_SUFFIX = ".safetensors"


@lru_cache(maxsize=1)
def pretrained_resnet18(name: str | Path) -> nn.Module:
    """Return a 2D ResNet18 with the named weights, without classifier.

    Args:
        name: a pretrained tag of timm's resnet18, or the path of a ``.safetensors`` file with timm's names.

    Raises:
        MebenchError: there is no such tag or file, the file does not fit, or the hub is out of reach.
    """
    # Pickled weights can run code, so only safetensors files are read.
    return _from_file(Path(name)) if str(name).endswith(FILE_SUFFIX) else _from_hub(str(name))


def content_of(network: nn.Module) -> str:
    """Return the SHA-256 of a network's parameters and buffers, with their names and shapes."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        array = value.detach().cpu().contiguous().numpy()
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _from_file(path: Path) -> nn.Module:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path)
    except FileNotFoundError as error:
        raise MebenchError(f"pretrained={path}: there is no such file") from error
    except (SafetensorError, OSError) as error:
        raise MebenchError(f"pretrained={path}: the file is not readable as safetensors ({error})") from error
    stem = state.get("conv1.weight")
    network = resnet18(int(stem.shape[0]) if isinstance(stem, torch.Tensor) else 64)
    try:
        network.load_state_dict({key: value for key, value in state.items() if not key.startswith("fc.")})
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise MebenchError(
            f"pretrained={path}: these are not the weights of timm's resnet18 ({reason})"
        ) from error
    return network


def _from_hub(name: str) -> nn.Module:
    ensure_torchvision()
    import timm

    known = timm.list_pretrained("resnet18.*")
    if name not in known:
        raise MebenchError(
            f"pretrained={name!r} is neither a {FILE_SUFFIX} file nor weights of timm's resnet18"
            f"{near_matches(name, known)}"
        )
    try:
        return timm.create_model(name, pretrained=True, num_classes=0)
    except Exception as error:  # the hub's client has no common base of its errors
        raise MebenchError(
            f"the weights {name!r} could not be fetched ({type(error).__name__}: the hub is out of reach or refuses): "
            "connect once, name a file with --set pretrained=FILE.safetensors, or train from random weights with "
            "--set pretrained=none"
        ) from error
