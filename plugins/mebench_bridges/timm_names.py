"""The names that timm has: architectures, and architectures with the tag of their weights."""

from __future__ import annotations

from functools import lru_cache

from mebench.errors import first_few
from mebench.torchvision_shim import ensure_torchvision


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Return the title of each name: ``resnet18``, and ``resnet18.a1_in1k`` for one of its sets of weights."""
    ensure_torchvision()
    import timm

    tags: dict[str, list[str]] = {}
    for name in timm.list_pretrained():
        architecture, _, tag = name.partition(".")
        tags.setdefault(architecture, []).append(tag)
    titles = {}
    for architecture in timm.list_models():
        weights = [tag for tag in tags.get(architecture, []) if tag]
        titles[architecture] = f"timm's {architecture}: " + (
            f"weights {first_few(weights, most=2)}" if weights else "no pretrained weights"
        )
        titles.update({f"{architecture}.{tag}": f"timm's {architecture}, weights {tag}" for tag in weights})
    return titles
