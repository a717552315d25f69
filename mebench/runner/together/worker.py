"""The side of several folds in their process: all are fitted at once, then each is asked as a fold alone is.

    work(channel, assignments)      # in a process of its own, once it is locked

Messages are those of :mod:`mebench.runner.messages`, with ``fold`` as its number in this process. What all report of an
epoch comes in one: ``{"each": [[fold, message], ...]}``. A failure without a number is one of all folds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from mebench.runner.messages import Arrays, Message
from mebench.runner.together.assignment import Assignments
from mebench.runner.worker import Learner, answer_all, failure_message
from mebench.sealed.channel import Channel
from mebench.sealed.seal import Seal

if TYPE_CHECKING:
    from mebench.models.torch import TorchModel

# Reports that wait for those of other folds: as many folds are trained at a time at the most.
_MOST_WAITING = 1_000


def work(channel: Channel, assignment: bytes) -> None:
    """Answer the main process until it has the result of every fold; the process is locked by now."""
    answer_all(channel, assignment, Learners)


class Learners:
    """The models of several folds, and what they are asked for; ``send`` takes a message and its arrays."""

    def __init__(self, assigned: Assignments, send: Callable[..., None], seal: Seal) -> None:
        self._assigned, self._send, self._seal = assigned, send, seal
        self._reports: list[tuple[int, Message]] = []
        self._reported: set[int] = set()
        self._learners = [
            Learner(own, partial(self._say, number)) for number, own in enumerate(assigned.folds)
        ]

    def answer(self, message: Message, arrays: Arrays) -> None:
        """Do what a message asks for, and send the answers; what one fold raises is that fold's failure."""
        if "fit" in message:
            self._fit(arrays)
            return
        fold = message["fold"]
        try:
            self._learners[fold].answer(message, arrays)
        except BaseException as error:
            self._say(fold, failure_message(error, self._seal))

    def _fit(self, arrays: Arrays) -> None:
        # Torch comes with the model.
        from mebench.models.together.fitting import fit_together

        views = self._assigned.views(arrays)
        trains = [self._assigned.train_set(fold, views) for fold in range(len(self._learners))]
        models = [each.model for each in self._learners]
        contexts = [each.context for each in self._learners]
        start = time.perf_counter()
        faults = fit_together(
            cast("list[TorchModel]", models), trains, contexts, views, self._assigned.places
        )
        share = (time.perf_counter() - start) / len(faults)
        self._flush()
        for fold, fault in enumerate(faults):
            if fault is not None:
                self._say(fold, failure_message(fault, self._seal))
            else:
                self._learners[fold].fitted(trains[fold], share)

    def _say(self, fold: int, message: Message, arrays: Arrays | None = None) -> None:
        if "progress" not in message:
            self._send({**message, "fold": fold}, arrays)
            return
        if fold in self._reported or len(self._reports) >= _MOST_WAITING:
            self._flush()
        self._reports.append((fold, message))
        self._reported.add(fold)

    def _flush(self) -> None:
        if self._reports:
            each: list[Any] = [[fold, message] for fold, message in self._reports]
            self._send({"each": each})
        self._reports.clear()
        self._reported.clear()
