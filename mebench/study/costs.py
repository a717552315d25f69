"""What a model costs: parameters of its network, and operations for one clip.

    cost = cost_of(named.entry, model, inputs, classes, au_numbers)
    cost.parameters, cost.flops         # None, None for a model without torch

The network is built on clips that stand in for real ones and shown a single one. Operations are those that torch
counts (``torch.utils.flop_counter``): matrix products, convolutions and attention, of which a multiplication and an
addition are two; what a model computes in another way is not among them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mebench.features.inputs import Input
from mebench.models.base import Context, Model, TestSet, TrainSet
from mebench.models.loading import answering
from mebench.models.stand_in import stand_in
from mebench.plugin.entry import Entry

if TYPE_CHECKING:
    from mebench.models.torch import TorchModel


@dataclass(frozen=True)
class Cost:
    """Parameters that the network has, and floating-point operations of one clip; None where it is not known."""

    parameters: int | None = None
    flops: int | None = None


def cost_of(
    entry: Entry, model: Model, inputs: Mapping[str, Input], classes: Sequence[str], au_numbers: Sequence[int]
) -> Cost:
    """Return what a model costs; ``inputs`` are what its own are made of.

    Raises:
        MebenchError: its network cannot be built or shown a clip.
    """
    if not model.accelerated:
        return Cost()
    from mebench.models.torch import TorchModel

    if not isinstance(model, TorchModel):
        return Cost()
    context = Context(seed=0, classes=tuple(classes), au_numbers=tuple(au_numbers))
    with answering(entry, "network()"), _chance_kept():
        # A model of its own, so that a study does not hold the networks of all its variants at once.
        return _counted(type(model)(model.settings), stand_in(inputs, context), context)


def _counted(model: TorchModel, train: TrainSet, context: Context) -> Cost:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model.start(train, context)
    network = model.network_.eval()
    parameters = sum(each.numel() for each in network.parameters())
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model.predict(
            TestSet({name: view.take(np.arange(1)) for name, view in train.features.items()}, 1, train.inputs)
        )
    return Cost(parameters, counter.get_total_flops())


@contextmanager
def _chance_kept() -> Iterator[None]:
    """Leave the sources of chance of this process as they were: networks draw their weights from them."""
    import torch

    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
