"""Networks of one make as one, their weights in a row, and the optimiser that steps all of them.

stack = Stack(networks)
optimizer = stack.optimizer([one for each network])
optimizer.step()
stack.put_back()                # each network has its own weights again
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from mebench.models.together.refusal import NotTogetherError

# What they do to a number depends on that number's gradients alone, and their state begins with the first step.
_BY_ELEMENT = (
    torch.optim.SGD,
    torch.optim.Adam,
    torch.optim.AdamW,
    torch.optim.NAdam,
    torch.optim.RAdam,
    torch.optim.Adamax,
    torch.optim.Adadelta,
    torch.optim.RMSprop,
)


class Stack:
    """The parameters and buffers (networks, ...) of networks, by name.

    Raises:
        NotTogetherError: they are not alike.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        self._networks = networks
        self._own = [dict(each.named_parameters()) for each in networks]
        self._held = [dict(each.named_buffers()) for each in networks]
        self.parameters = {
            name: nn.Parameter(stacked, requires_grad=self._own[0][name].requires_grad)
            for name, stacked in _stacked("parameter", self._own).items()
        }
        self.buffers = _stacked("buffer", self._held)

    def put_back(self) -> None:
        """Give each network its own weights."""
        with torch.no_grad():
            for place, own in enumerate(self._own):
                for name, parameter in own.items():
                    parameter.copy_(self.parameters[name][place])
            for place, held in enumerate(self._held):
                for name, buffer in held.items():
                    buffer.copy_(self.buffers[name][place])

    def optimizer(self, optimizers: Sequence[Optimizer]) -> Optimizer:
        """Return the first of the networks' optimisers, which from now on steps all of them.

        That a stacked parameter has one axis more must not decide on its weight decay: groups are those of a network's
        own parameters.

        Raises:
            NotTogetherError: it looks at more than each number's own gradients, or they are not alike.
        """
        first = optimizers[0]
        if type(first) not in _BY_ELEMENT:
            raise NotTogetherError(
                f"its optimiser is {type(first).__name__}, which may look at a whole tensor; those that step each "
                f"number by itself are {', '.join(kind.__name__ for kind in _BY_ELEMENT)}"
            )
        groups = [_groups(optimizer, own) for optimizer, own in zip(optimizers, self._own, strict=True)]
        if any(
            each != groups[0] or type(o) is not type(first)
            for each, o in zip(groups, optimizers, strict=True)
        ):
            raise NotTogetherError("its optimiser is set otherwise in different folds")
        for group, (names, _) in zip(first.param_groups, groups[0], strict=True):
            group["params"] = [self.parameters[name] for name in names]
        return first

    def learn_only(self, names: set[str]) -> None:
        """Let the named parameters get gradients, and no others."""
        for name, parameter in self.parameters.items():
            parameter.requires_grad_(name in names)


def clip_each(parameters: Sequence[Tensor], most: float) -> None:
    """Scale each network's gradients (networks, ...) down to a norm, as torch's ``clip_grad_norm_`` does of one."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    norms = torch.stack([torch.linalg.vector_norm(g.flatten(1), dim=1) for g in gradients])
    scale = (most / (torch.linalg.vector_norm(norms, dim=0) + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(scale.to(gradient.dtype).view(-1, *[1] * (gradient.dim() - 1)))


def _stacked(what: str, each: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
    first = each[0]
    for other in each[1:]:
        if other.keys() != first.keys():
            raise NotTogetherError(f"its networks have not the same {what}s in every fold")
        for name, tensor in other.items():
            if tensor.shape != first[name].shape or tensor.dtype != first[name].dtype:
                raise NotTogetherError(
                    f"its {what} {name!r} is {tuple(first[name].shape)} in one fold, {tuple(tensor.shape)} in another"
                )
    return {name: torch.stack([own[name].detach() for own in each]) for name in first}


def _groups(optimizer: Optimizer, own: dict[str, nn.Parameter]) -> list[tuple[list[str], dict[str, Any]]]:
    names = {id(parameter): name for name, parameter in own.items()}
    try:
        return [
            ([names[id(p)] for p in group["params"]], {k: v for k, v in group.items() if k != "params"})
            for group in optimizer.param_groups
        ]
    except KeyError:
        raise NotTogetherError("its optimiser steps tensors that are no parameters of its network") from None
