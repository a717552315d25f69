"""Whether a network's layers compute in bfloat16 on this CPU what they compute in float32.

    refuse_wrong_layers(network, lambda: network(batch))

A processor's primitives are chosen by the shapes of layer and maps, and some are wrong: in torch 2.13 the weight
gradient of a 3D convolution on maps of fewer frames than its kernel has (``benchmarks/bf16_conv3d.py``). So the very
layers are tried on maps of the very shapes, before a training depends on them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mebench.errors import MebenchError

TRIALS = 3
"""How often each layer goes forward and backward."""

TOLERANCE = 0.05
"""How far a number may be off, as a share of the largest that is due; rounding makes it about 0.005."""


@dataclass(frozen=True)
class MetLayer:
    """A layer as a batch met it.

    Attributes:
        name: in the network.
        layer: the module.
        maps: what it was given: of one shape, layout and format of numbers.
    """

    name: str
    layer: nn.Module
    maps: Tensor

    @property
    def kind(self) -> tuple[Any, ...]:
        """Return what its primitives are chosen by; layers of one kind need one test."""
        maps = self.maps
        return (type(self.layer), self.layer.extra_repr(), tuple(maps.shape), maps.stride(), maps.dtype)


def refuse_wrong_layers(network: nn.Module, run: Callable[[], object], trials: int = TRIALS) -> None:
    """Try each layer with parameters of its own that turns one tensor into one.

    What a network does with functions alone is not tried, nor layers of several tensors (recurrent ones).

    Args:
        network: on a CPU, its parameters float32.
        run: has the network compute a batch, of the training's shape.
        trials: how often each layer goes forward and backward.

    Raises:
        MebenchError: a layer's result or one of its gradients is not what it is in float32.
    """
    tried = set()
    for met in layers_met(network, run):
        if met.kind in tried:
            continue
        tried.add(met.kind)
        for trial in range(trials):
            if fault := _fault(met, trial):
                shape = "x".join(map(str, met.maps.shape))
                raise MebenchError(
                    f"--precision bfloat16: this CPU with torch {torch.__version__} computes {fault} of layer "
                    f"{met.name or 'network'!r} ({type(met.layer).__name__}) wrongly for maps of {shape}: "
                    "use --precision float32"
                )


def layers_met(network: nn.Module, run: Callable[[], object]) -> list[MetLayer]:
    """Return the layers that a batch goes through, in evaluation and in bfloat16."""
    met: list[MetLayer] = []

    def note(name: str, layer: nn.Module, given: tuple[Any, ...], made: Any) -> None:
        if len(given) == 1 and all(
            isinstance(each, Tensor) and each.is_floating_point() for each in (given[0], made)
        ):
            met.append(MetLayer(name, layer, given[0].detach()))

    def watch(name: str, layer: nn.Module) -> Any:
        return layer.register_forward_hook(lambda module, given, made: note(name, module, given, made))

    leaves = [
        (name, layer)
        for name, layer in network.named_modules()
        if next(layer.parameters(), None) is not None and next(layer.children(), None) is None
    ]
    hooks = [watch(name, layer) for name, layer in leaves]
    try:
        with _evaluated(network), torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            run()
    finally:
        for hook in hooks:
            hook.remove()
    return met


@contextmanager
def _evaluated(network: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def _fault(met: MetLayer, trial: int) -> str:
    """Return what of a layer is wrong in bfloat16, or an empty text."""
    layer = copy.deepcopy(met.layer).train()
    layer.requires_grad_(True)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(parameter.bfloat16())
    # Numbers that both formats hold, in the layout and format that the layer met.
    maps = torch.empty_like(met.maps).copy_(_drawn(met.maps.shape, 2 * trial))
    due = _results(layer, maps.float(), 2 * trial + 1)
    _soil(maps.numel(), *(parameter.numel() for parameter in layer.parameters()))
    with torch.autocast("cpu", torch.bfloat16):
        found = _results(layer, maps, 2 * trial + 1)
    for name, expected in due.items():
        limit = TOLERANCE * expected.abs().max().clamp(min=1e-6)
        # A number that is not finite is within no limit.
        if not bool(((found[name].float() - expected).abs() <= limit).all()):
            return name
    return ""


def _results(layer: nn.Module, maps: Tensor, seed: int) -> dict[str, Tensor]:
    """Return a layer's result and gradients, by what they are called."""
    maps = maps.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    named = dict(layer.named_parameters())
    made = layer(maps)
    upstream = _drawn(made.shape, seed).to(made.dtype)
    gradients = torch.autograd.grad(made, [maps, *named.values()], upstream, allow_unused=True)
    called = ["the gradient of the maps", *(f"the gradient of {name!r}" for name in named)]
    results = {name: each for name, each in zip(called, gradients, strict=True) if each is not None}
    return {"the result": made.detach(), **results}


def _drawn(shape: torch.Size, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).bfloat16()


def _soil(*sizes: int) -> None:
    """Leave nan in memory that is freed, as a training may: a primitive that reads what it never wrote meets it."""
    for size in (*sizes, *(2**power for power in range(8, 23))):
        torch.full((size,), torch.nan)
