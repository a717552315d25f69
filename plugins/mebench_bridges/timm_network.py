"""Image networks of timm: what they want to see, and how they are made.

look = look_of("convnext_tiny")             # 224 pixels, and the statistics of its training pictures
image_network("convnext_tiny", classes=4, size=64)
image_network("convnext_tiny", classes=4, channels=6, weights=weights_of("convnext_tiny", True))
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import timm
from torch import Tensor, nn

from mebench.api import MebenchError, fetched, load_weights, read_weights

from .pooling import width_of


@dataclass(frozen=True)
class Look:
    """What a network was trained on, or is meant for.

    ``size`` is the side of its pictures in pixels, ``fixed`` whether the network is built for it; ``mean`` and ``std``
    are those of the channels of values 0..1; ``classifier`` names the last layers; ``has_weights`` tells whether
    timm knows where to fetch weights.
    """

    size: int
    fixed: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classifier: tuple[str, ...]
    has_weights: bool

    def normalise(self, pictures: Tensor) -> Tensor:
        """Return pictures (B, 3, ...) of values 0..1 with the statistics the network expects."""
        shape = (1, -1, *(1,) * (pictures.ndim - 2))
        mean, std = (pictures.new_tensor(each).view(shape) for each in (self.mean, self.std))
        return (pictures - mean) / std


@lru_cache
def look_of(name: str) -> Look:
    """Return what the network of a name wants to see, as timm has it."""
    config: Any = timm.models.get_pretrained_cfg(name)
    classifier = config.classifier or ()
    return Look(
        size=config.input_size[-1],
        fixed=config.fixed_input_size,
        mean=tuple(config.mean),
        std=tuple(config.std),
        classifier=(classifier,) if isinstance(classifier, str) else tuple(classifier),
        has_weights=bool(config.has_weights),
    )


@lru_cache(maxsize=1)
def weights_of(name: str, source: Path | bool) -> nn.Module | None:
    """Return the network of a name as it was published, with weights of timm's or of a file; None for random ones.

    Raises:
        MebenchError: timm has none, the hub is out of reach, or the file holds those of another network.
    """
    if source is False:
        return None
    look = look_of(name)
    if isinstance(source, Path):
        network: nn.Module = timm.create_model(name)
        load_weights(network, read_weights(source), f"timm's {name}", source, spared=look.classifier)
        return network
    if not look.has_weights:
        raise MebenchError(
            f"timm has no pretrained weights of {name}: name a file with --set pretrained=FILE, or train from random "
            "weights with --set pretrained=none"
        )
    network = fetched(name, lambda: timm.create_model(name, pretrained=True))
    return network


def image_network(
    name: str,
    *,
    classes: int,
    size: int,
    channels: int = 3,
    weights: nn.Module | None = None,
    **rates: float | None,
) -> nn.Module:
    """Return a network from pictures (B, channels, size, size) to scores (B, classes), or to features.

    Args:
        name: timm's.
        classes: scores at the end; 0 for the features before them.
        size: side of the pictures; a network that is built for one size is built for this one.
        channels: of the pictures; timm repeats the pretrained first layer over more than three.
        weights: the published network that has them, whose classifier is left out.
        rates: ``drop_rate`` and ``drop_path_rate``; None leaves timm's own.

    Raises:
        MebenchError: timm cannot make it so, or it cannot take such pictures.
    """
    look = look_of(name)
    if classes and not look.classifier:
        raise MebenchError(
            f"timm's {name} classifies no pictures: --set input=clip puts a classifier behind it"
        )
    wanted: dict[str, Any] = {each: value for each, value in rates.items() if value is not None}
    if look.fixed and size != look.size:
        wanted["img_size"] = size
    if weights is not None:
        ends = tuple(f"{each}." for each in look.classifier)
        state = {key: value for key, value in weights.state_dict().items() if not key.startswith(ends)}
        # In this way timm itself fits them to other sizes and channels. No classes: its classifier is none of them.
        wanted |= {"pretrained": True, "pretrained_cfg_overlay": {"state_dict": state, "num_classes": -1}}
    try:
        network: Any = timm.create_model(name, num_classes=classes, in_chans=channels, **wanted)
        if weights is not None:
            network.pretrained_cfg.pop("state_dict", None)  # or it would be stored with the network
        width_of(network, size, channels)
    except Exception as error:  # a thousand architectures refuse in as many ways
        others = {"size": size} | {each: value for each, value in rates.items() if value is not None}
        said = ", ".join(f"{each}={value}" for each, value in others.items())
        raise MebenchError(
            f"timm cannot make {name} for pictures of {channels} channels with {said} "
            f"({type(error).__name__}: {' '.join(str(error).split())}); its own size is {look.size}"
        ) from error
    return cast("nn.Module", network)
