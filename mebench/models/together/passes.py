"""One pass of a batch of every fold through all of their networks at once.

    together = Together(models, autocast)
    losses = together.losses(padded)            # (folds,)
    losses.sum().backward()                     # into the gradients of together.stack.parameters

A pass is what a model's own ``prepared`` and ``loss`` say, called once with tensors that stand for those of every fold
(``torch.func.vmap``). Tensors that a model keeps of its fold, such as class weights, stand for each fold's, too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from mebench.errors import reason_of
from mebench.models.batches import Batch
from mebench.models.together.layers import Shown, with_own_layers
from mebench.models.together.refusal import NotTogetherError
from mebench.models.together.stack import Stack
from mebench.models.torch import TorchModel

# The label of a filling row: cross-entropy leaves it out, also where it takes the mean.
FILLING = -100


@dataclass(frozen=True)
class Padded:
    """A batch of each fold, filled up: all tensors are (folds, B, ...); ``counts`` are the real clips of each fold.

    Rows that fill up stand behind the real ones, have the label :data:`FILLING` and unknown action units.
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    aus: Tensor
    rows: Tensor
    counts: Sequence[int]

    @property
    def width(self) -> int:
        """Return B."""
        return self.labels.shape[1]


class Together:
    """Models that are trained as one; their networks are made, and no longer their own.

    Args:
        models: of one class and the same settings.
        autocast: makes the surroundings in which the loss is computed.

    Raises:
        NotTogetherError: their networks are not alike, or have a norm that cannot be taught which rows are real.

    Attributes:
        stack: the weights of all.
        model: one of no fold: what it keeps of one is exchanged in every pass.
        kept: what is exchanged, the tensors (folds, ...) that models keep.
    """

    def __init__(
        self, models: Sequence[TorchModel], autocast: Callable[[], AbstractContextManager[Any]]
    ) -> None:
        self.shown = Shown()
        self.stack = Stack([model.network_ for model in models])
        self._autocast = autocast
        self.model = copy.copy(models[0])
        self.model._lays_out = False
        self.model._logged = {}
        self.kept = kept_tensors(models)
        self._pass = _Pass(self.model, with_own_layers(models[0].network_, self.shown))

    @property
    def network(self) -> nn.Module:
        """Return the network that the passes go through; its mode counts, its weights do not."""
        return self._pass.network

    def losses(self, padded: Padded, noise: Sequence[Tensor] = ()) -> Tensor:
        """Return the loss of each fold (folds,).

        Args:
            padded: the batches.
            noise: of each dropout (folds, rows, ...); without any, none drops anything.
        """
        self.shown.full = all(count == padded.width for count in padded.counts)
        weights = (self.stack.parameters, self.stack.buffers, self.kept)
        given: tuple[Any, ...] = (
            *weights,
            list(noise),
            padded.inputs,
            padded.labels,
            padded.aus,
            padded.rows,
        )
        found: Tensor = vmap(self._of_one, randomness="error")(*given)
        if self.model._logged:
            raise NotTogetherError(
                "its loss reports numbers with self.log(), which would be of no fold in particular"
            )
        if found.dim() != 1:
            raise NotTogetherError(f"its loss is of shape {tuple(found.shape[1:])}, where one number is due")
        return found

    def _of_one(
        self,
        parameters: dict[str, Tensor],
        buffers: dict[str, Tensor],
        kept: dict[str, Tensor],
        noise: list[Tensor],
        inputs: dict[str, Tensor],
        labels: Tensor,
        aus: Tensor,
        rows: Tensor,
    ) -> Tensor:
        self.shown.rows, self.shown.wanted = rows, []
        self.shown.noise = iter(noise) if noise else None
        vars(self.model).update(kept)
        weights = {f"network.{name}": each for name, each in (*parameters.items(), *buffers.items())}
        with self._autocast():
            return cast(Tensor, functional_call(self._pass, weights, (Batch(inputs, labels, aus),)))


class _Pass(nn.Module):
    """From a batch to the loss, as a module, so that the network's weights can be given from outside."""

    def __init__(self, model: TorchModel, network: nn.Module) -> None:
        super().__init__()
        self._model = [model]
        self.network = network

    def forward(self, batch: Batch) -> Tensor:
        (model,) = self._model
        return model.loss(self.network, model.prepared(batch))


def kept_tensors(models: Sequence[TorchModel]) -> dict[str, Tensor]:
    """Return the tensors (folds, ...) that models hold as attributes beside their networks.

    Raises:
        NotTogetherError: one is of another shape in another fold.
    """
    found = {}
    for name, value in vars(models[0]).items():
        if isinstance(value, Tensor):
            each = [vars(model).get(name) for model in models]
            if not all(isinstance(x, Tensor) and x.shape == value.shape for x in each):
                raise NotTogetherError(f"its attribute {name!r} is a tensor that is not alike in every fold")
            found[name] = torch.stack(cast("list[Tensor]", each)).detach()
    return found


def not_together(error: Exception) -> NotTogetherError:
    """Return why a pass of many folds failed, where one fold alone may well go."""
    if "randomness" in str(error):
        return NotTogetherError(
            "it draws numbers in training that no dropout layer of torch's draws, and which of them are a fold's own "
            "cannot be told"
        )
    why = reason_of(error).split(". ")[0]
    return NotTogetherError(f"its loss or network does what torch.func.vmap cannot do for many folds ({why})")
