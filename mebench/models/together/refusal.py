"""Which models cannot be trained with all folds at once, told before anything is computed; the network's own faults
show with the first batch (:mod:`mebench.models.together.agreement`).
"""

from __future__ import annotations

from mebench.errors import MebenchError
from mebench.models.base import Model
from mebench.models.epoch_rules import LAST

OPTION = "--folds-together"
# What of the loop a model may not take into its own hands: called for many folds at once, it would be of none.
_OF_THE_LOOP = ("fit", "begun", "begin_epoch", "end_epoch", "keep_epoch")


class NotTogetherError(MebenchError):
    """A model's folds cannot be trained as one network: ``why``, as a part of a sentence about it."""

    def __init__(self, why: str, name: str = "it") -> None:
        super().__init__(f"{OPTION} cannot train {name}: {why}; run it without {OPTION}")


def refuse_together(name: str, model: Model, selection: str) -> None:
    """Raise where a model's folds cannot be trained as one network.

    Raises:
        NotTogetherError: says why, in one sentence.
    """
    if why := _why_not(model, selection):
        raise NotTogetherError(why, repr(name))


def _why_not(model: Model, selection: str) -> str:
    if not model.accelerated:
        return "it is no network that trains by mebench's own loop"
    from mebench.models.torch import TorchModel

    if not isinstance(model, TorchModel):
        return "it is no network that trains by mebench's own loop"
    for method in _OF_THE_LOOP:
        if getattr(type(model), method) is not getattr(TorchModel, method):
            return f"its own {method}() is called for one fold"
    if getattr(model.settings, "augmentation", False):
        return "it changes its clips at random, one fold after the other (--set augmentation=false if it need not)"
    if selection != LAST:
        return f"no epochs are kept of folds that train together, of which the rule {selection!r} could choose one"
    return ""
