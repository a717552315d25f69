"""What a torch model must not get wrong while it trains, found by watching it train.

    training_faults(lambda: MyNet(settings), train, test, context)      # [] for a sound one

Published code of the field has each of these faults: parameters that never learn (HTNet, MMNet), a network that
trains in evaluation mode (MOL, FDP), one that predicts in training mode, results that differ from call to call.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import torch
from torch import Tensor, nn

from mebench.models.base import Context, Predictions, TestSet, TrainSet
from mebench.models.torch import TorchModel


def training_faults(
    make: Callable[[], TorchModel], train: TrainSet, test: TestSet, context: Context
) -> list[str]:
    """Fit and predict twice and return what went wrong, a sentence each.

    Args:
        make: returns a fresh model; two of them must give the same bytes.
        train: a few clips, of every class.
        test: a few clips.
        context: of the fold; small enough settings make this a matter of seconds.
    """

    def fit_and_predict(model: TorchModel) -> tuple[Watched, Predictions]:
        watched = Watched(model)
        model.fit(train, context)
        watched.predicting()
        return watched, model.predict(test)

    watched, first = fit_and_predict(make())
    _, again = fit_and_predict(make())
    faults = [*watched.gradient_faults(), *watched.mode_faults()]
    if not first.same_bytes(again):
        faults.append(
            "two fits with one seed give other predictions: draw chance from the seeds that the fold sets"
        )
    return faults


class Watched:
    """A model whose network tells in which mode it is called and which of its parameters get a gradient.

    Say :meth:`predicting` between its fit and its prediction.
    """

    def __init__(self, model: TorchModel) -> None:
        self._model = model
        self._modes: dict[str, set[bool]] = {"fit": set(), "predict": set()}
        self._learnt: set[str] = set()
        self._names: list[str] = []
        self._doing = "fit"
        made = model.network

        def network(train: TrainSet, context: Context) -> nn.Module:
            return self._watch(made(train, context))

        model.network = network  # type: ignore[method-assign]

    def predicting(self) -> None:
        """Take what is called from now on for prediction."""
        self._doing = "predict"

    def gradient_faults(self) -> list[str]:
        """Return what is wrong with which parameters learnt, a sentence each."""
        idle = {name: [p for p in self._model.idle if fnmatchcase(name, p)] for name in self._names}
        still = [name for name in self._names if name not in self._learnt and not idle[name]]
        learning = [name for name in self._names if name in self._learnt and idle[name]]
        matched = {pattern for patterns in idle.values() for pattern in patterns}
        faults = []
        if still:
            faults.append(
                f"{len(still)} parameter(s) never got a gradient, {still[0]} the first: use them, take them out, or "
                "list them in `idle`"
            )
        if learning:
            faults.append(f"{learning[0]} learns, though `idle` lists it")
        return faults + [
            f"`idle` lists {p!r}, which no parameter is called" for p in self._model.idle if p not in matched
        ]

    def mode_faults(self) -> list[str]:
        """Return what is wrong with the modes in which the network was called, a sentence each."""
        faults = []
        if not self._modes["fit"]:
            faults.append("the network was never called while it trained: loss and outputs must call it")
        if False in self._modes["fit"]:
            faults.append("the network was in evaluation mode while it trained: dropout and norms were off")
        if True in self._modes["predict"]:
            faults.append(
                "the network was in training mode while it predicted: what it says depends on the batch"
            )
        return faults

    def _watch(self, network: nn.Module) -> nn.Module:
        def called(module: nn.Module, _: object) -> None:
            self._modes[self._doing].add(network.training)

        # A network of several parts may be called by its parts alone; the mode is that of the whole, for a part
        # may be held in evaluation on purpose.
        for part in network.modules():
            part.register_forward_pre_hook(called)
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                self._names.append(name)
                parameter.register_hook(self._noticing(name))
        return network

    def _noticing(self, name: str) -> Callable[[Tensor], None]:
        def notice(gradient: Tensor) -> None:
            # A softmax over one token gives every weight before it a gradient of zeros.
            if name not in self._learnt and torch.count_nonzero(gradient):
                self._learnt.add(name)

        return notice
