"""Whether a model trains among others as it trains alone: the first batch of every fold, tried in both ways.

    noise = refuse_other(models, sizes, gather)         # NotTogetherError where it does not

What mixes the clips of a batch (a norm of one's own, attention from clip to clip, a loss that counts the rows) sees the
filling of a padded batch. So no list of layers decides who may train so, but the loss, the gradients and the running
statistics themselves, of each fold, without chance and in float32. Nothing of the models changes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from mebench.errors import MebenchError
from mebench.models.batches import Batch
from mebench.models.loop import refuse_small_batch
from mebench.models.together.layers import Noise, noise_of, strides_seen
from mebench.models.together.passes import Padded, Together, not_together
from mebench.models.together.refusal import NotTogetherError
from mebench.models.torch import TorchModel

# Of the loss and of running statistics, which float32 moves by 1e-6 where it adds in another order.
TOLERANCE = 1e-3
# Of the gradient's length: where a maximum or a ReLU is all but undecided, the last digit decides where it goes.
_OF_KINKS = 0.1
# Clips of the trial, and rows that fill them up.
_CLIPS, _FILLING = 8, 3
# Squared lengths below are of gradients that are 0 but for rounding.
_NOTHING = 1e-12
Tensors = dict[str, Tensor]

Gather = Callable[[Sequence[np.ndarray], int], Padded]


def refuse_other(models: Sequence[TorchModel], sizes: Sequence[int], gather: Gather) -> list[Noise]:
    """Return what the dropouts draw in a pass.

    Args:
        models: their networks are made.
        sizes: the training clips of each.
        gather: gives the clips of each fold, by their places, filled up to a width.

    Raises:
        NotTogetherError: a model learns something else among others, or cannot be trained so at all.
    """
    together = Together(models, nullcontext)
    chosen = [np.arange(min(_CLIPS, size)) for size in sizes]
    width = max(len(each) for each in chosen) + _FILLING
    padded = gather(chosen, width)
    before = dict(vars(together.model))
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False, deterministic=True):
        # First: what draws numbers by itself is refused here, and would give no fold the same twice.
        losses = _tried(lambda: together.losses(padded))
        losses.sum().backward()
        for place, model in enumerate(models):
            loss, gradients, buffers, strides = _alone(model, padded, place)
            if not torch.isfinite(loss):
                continue  # nothing can be compared; its training will say so
            _refuse_gap("loss", {"": loss}, {"": losses[place].detach()})
            of_all = {name: p.grad for name, p in together.stack.parameters.items() if p.grad is not None}
            _refuse_gap(
                "gradient", gradients, {name: each[place] for name, each in of_all.items()}, _OF_KINKS
            )
            held = {name: each[place] for name, each in together.stack.buffers.items()}
            _refuse_gap("running statistics", buffers, held)
    now = vars(together.model)
    if changed := [n for n in now if n not in together.kept and now[n] is not before.get(n)]:
        raise NotTogetherError(
            f"its loss sets its attribute {changed[0]!r}, which would be of no fold in particular"
        )
    with torch.no_grad():
        _tried(lambda: together.losses(gather(chosen, width + 1)))
        more = together.shown.wanted
        _tried(lambda: together.losses(padded))
    return noise_of(together.shown.wanted, more, width, strides)


def _alone(
    model: TorchModel, padded: Padded, place: int
) -> tuple[Tensor, Tensors, Tensors, list[tuple[int, ...]]]:
    """Return loss, gradients and buffers of a fold's own network, by the real clips alone, and what dropouts see."""
    count = padded.counts[place]
    batch = Batch(
        {name: x[place, :count] for name, x in padded.inputs.items()},
        padded.labels[place, :count],
        padded.aus[place, :count],
    )
    model, network = copy.copy(model), copy.deepcopy(model.network_)
    network.train()
    strides: list[tuple[int, ...]] = []
    strides_seen(network, strides)
    network.zero_grad()
    try:
        loss = model.loss(network, model.prepared(batch))
    except ValueError as error:
        refuse_small_batch(error, count)
        raise
    loss.backward()  # type: ignore[no-untyped-call]
    gradients = {name: p.grad for name, p in network.named_parameters() if p.grad is not None}
    return loss.detach(), gradients, dict(network.named_buffers()), strides


def _tried(what: Callable[[], Tensor]) -> Tensor:
    try:
        return what()
    except MebenchError:
        raise
    except Exception as error:
        raise not_together(error) from error


def _refuse_gap(what: str, due: Tensors, found: Tensors, most: float = TOLERANCE) -> None:
    gap = size = 0.0
    for name in due.keys() | found.keys():
        one, other = (each[name].double() if name in each else torch.zeros(()) for each in (due, found))
        gap += float((one - other).square().sum())
        size += float(one.square().sum())
    if not gap <= (most**2) * max(size, _NOTHING):
        raise NotTogetherError(
            f"the {what} of a fold among others is not that of the fold alone: its network or loss lets the clips of a "
            "batch see each other, or how many there are"
        )
