"""What tests of both libraries' networks share."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from mebench.plugin.registry import Registry
from mebench_bridges import mebench_register


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Steps this small only wait for each other on several threads."""
    if "torch" not in sys.modules:
        yield
        return
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def bridges() -> Registry:
    registry = Registry()
    with registry.owned_by("bridges"):
        mebench_register(registry)
    return registry
