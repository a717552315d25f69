"""What the main process says to a fold's process, and what it believes of the answers: one question at a time.

    conversation = Conversation(job)
    next = conversation.opening()                       # a Question, to be sent
    next = conversation.hear(message, arrays)           # a Question, Progress, FoldResult, Failure, or None

Test clips are gathered only once ``fit`` has returned. Whatever is wrong with an answer, or with what is to be sent, is
a :class:`Failure` of the fold. No process is in here, so that each turn can be tested by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mebench.errors import MebenchError, reason_of
from mebench.models.base import Predictions, Progress
from mebench.models.epoch_rules import INNER, ORACLE
from mebench.runner.answers import checked
from mebench.runner.assignment import gathered
from mebench.runner.curves import Curves
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.messages import (
    Arrays,
    Message,
    amount,
    answers_of,
    chosen_of,
    kind_of,
    progress_of,
    shortened,
)
from mebench.runner.probes import NO_ANSWER, largest_difference, questions
from mebench.runner.selection import Chosen


@dataclass(frozen=True)
class Question:
    """What is to be sent to the fold's process."""

    message: Mapping[str, Any]
    arrays: Arrays


Turn = Question | Progress | FoldResult | Failure | None


class Conversation:
    """One fold's, from its training clips to its result."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._due = "fitted"
        self._curves = Curves()
        self._fit_seconds = self._predict_seconds = self._peak = 0.0
        self._chosen: Chosen | None = None
        self._given: Predictions | None = None  # the answer to the first question, as it came
        self._first: Predictions | None = None  # the same, checked
        self._epochs: tuple[Predictions, ...] = ()
        self._probes: Iterator[tuple[str, np.ndarray]] = iter(())
        self._probe: tuple[str, np.ndarray] | None = None
        self._differences: dict[str, float] = {}

    @property
    def doing(self) -> str:
        """Return what the fold's process is doing, for a sentence that says how far it came."""
        if self._due == "fitted":
            return "training"
        return "predicting" if self._due == "predicted" else "handing over what it had learnt"

    def opening(self) -> Question | Failure:
        """Return the training clips, to be sent first."""
        return self._asking({"fit": True}, self._job.train.features)

    def hear(self, message: Message, arrays: Arrays) -> Turn:
        """Take what the fold's process says; return what comes of it."""
        try:
            return self._hear(message, arrays)
        except MebenchError as error:
            return Failure(str(error))

    def _hear(self, message: Message, arrays: Arrays) -> Turn:
        kind = kind_of(message)
        if kind == "failure":
            # A model that cannot be asked otherwise has predicted all the same.
            return Failure.told(message) if self._probe is None else self._probed(None)
        if kind == "progress":
            return self._heard_progress(progress_of(message))
        if kind != self._due:
            raise MebenchError(f"the fold's process said {kind!r} where {self._due!r} is due")
        if kind == "fitted":
            return self._fitted(message)
        if kind == "predicted":
            return self._predicted(message, arrays)
        return self._result(arrays)

    def _heard_progress(self, progress: Progress) -> Progress | None:
        if self._probe is not None:
            return None  # of no training
        self._curves.add(progress)
        return progress

    def _fitted(self, message: Message) -> Turn:
        job = self._job
        self._fit_seconds, self._peak = self._spent(message)
        chosen = message.get("chosen")
        if (chosen is None) == (job.selection == INNER):
            raise MebenchError(
                f"the fold's process chose {shortened(chosen)} under the epoch rule {job.selection!r}"
            )
        if chosen is not None:
            self._chosen = chosen_of(chosen, len(job.train))
        if not len(job.test):
            none = Predictions(np.empty((0, len(job.classes))), np.empty((0, len(job.au_numbers))))
            self._given = none
            return self._finish()
        self._due = "predicted"
        return self._asking({"predict": len(job.test), "epochs": job.selection == ORACLE}, job.test.features)

    def _predicted(self, message: Message, arrays: Arrays) -> Turn:
        job = self._job
        predictions, epochs = answers_of(message, arrays)
        if self._probe is not None:
            try:
                answer = self._as_due(predictions, len(self._probe[1]))
            except MebenchError:
                answer = None
            return self._probed(answer)
        if bool(epochs) != (job.selection == ORACLE):
            raise MebenchError(f"the fold's process answered for {len(epochs)} epochs that nobody asked for")
        self._predict_seconds, self._peak = self._spent(message)
        self._first = self._as_due(predictions, len(job.test))
        self._given, self._epochs = predictions, epochs
        if job.probes:
            self._probes = questions(len(job.test))
        return self._next_probe()

    def _as_due(self, predictions: Predictions, clips: int) -> Predictions:
        return checked(predictions, clips, len(self._job.classes), len(self._job.au_numbers))

    def _probed(self, answer: Predictions | None) -> Turn:
        assert self._probe is not None
        assert self._first is not None
        name, places = self._probe
        gap = NO_ANSWER if answer is None else largest_difference(self._first.take(places), answer)
        self._differences[name] = max(self._differences.get(name, 0.0), gap)
        return self._next_probe()

    def _next_probe(self) -> Turn:
        self._probe = next(self._probes, None)
        if self._probe is None:
            return self._finish()
        places, test = self._probe[1], self._job.test
        return self._asking({"predict": len(places), "epochs": False}, test.features, places)

    def _finish(self) -> Question:
        self._due = "finished"
        return Question({"finish": True}, {})

    def _result(self, arrays: Arrays) -> FoldResult:
        assert self._given is not None
        if arrays and not self._job.keep_state:
            raise MebenchError("the fold's process handed over a state that nobody asked for")
        return FoldResult(
            self._given,
            self._fit_seconds,
            self._predict_seconds,
            self._peak,
            self._curves.values(),
            self._epochs,
            self._chosen,
            dict(arrays) if self._job.keep_state else None,
            probes=self._differences,
        )

    def _spent(self, message: Message) -> tuple[float, float]:
        return amount(message.get("seconds"), "the seconds it took"), amount(
            message.get("peak"), "its memory"
        )

    def _asking(
        self, message: Mapping[str, Any], features: Mapping[str, Any], places: np.ndarray | None = None
    ) -> Question | Failure:
        try:
            return Question(message, gathered(features, places))
        except MebenchError as error:
            return Failure(str(error))
        except MemoryError:
            return Failure("the clips of a fold do not fit into memory: use fewer --workers")
        except (OSError, ValueError, IndexError) as error:  # the file of a feature array is gone or cut short
            return Failure(f"the features of a fold cannot be read from the cache: {reason_of(error)}")
