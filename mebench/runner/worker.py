"""The fold's side of a fold: fit, predict, report, as it is asked (:mod:`mebench.runner.conversation`).

    work(channel, assignment)       # in a process of its own, once it is locked
    run_here(job)                   # in this process, which nothing locks: for tests, and for looking into a model

Every fold has a fresh process, so nothing a model keeps in a module or class can carry labels from one fold to the
next.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from mebench.errors import MebenchError, reason_of
from mebench.models.base import Model, Predictions, Progress, TrainSet, reads_of
from mebench.models.epoch_rules import LAST
from mebench.models.keeping import checked_state
from mebench.models.settings import refuse_unread
from mebench.plugin.target import imported
from mebench.runner.assignment import Assignment, assignment_of, unsealed
from mebench.runner.conversation import Conversation, Question
from mebench.runner.curves import plain_progress
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.memory import keep_freed_memory
from mebench.runner.messages import Arrays, Message, answer_arrays, chosen_message, progress_message
from mebench.runner.selection import Chosen, earlier_predictions, fit_by
from mebench.sealed.channel import Channel
from mebench.sealed.denied import explain_denied
from mebench.sealed.seal import Seal
from mebench.sealed.wire import Frame
from mebench.torchvision_shim import watch_torchvision

# Before the model's module, which may import torchvision.
watch_torchvision()


def work(channel: Channel, assignment: bytes) -> None:
    """Answer the main process until it has the fold's result; the process is locked by now."""
    answer_all(channel, assignment, lambda sent, send, seal: Learner(sent, send))


class Answering(Protocol):
    """What answers the main process, message by message."""

    def answer(self, message: Message, arrays: Arrays) -> None:
        """Do what a message asks for, and send the answer; whatever is raised is sent as a failure."""


def answer_all(
    channel: Channel, assignment: bytes, make: Callable[[Any, Callable[..., None], Seal], Answering]
) -> None:
    """Answer the main process until it has what it wants; ``make`` takes what was assigned, how to send, and the seal.

    With the first message it is called: then the model's module is imported.
    """
    seal, sent = unsealed(assignment)
    learner: Answering | None = None

    def send(message: Message, arrays: Arrays | None = None) -> None:
        # First what was printed: the main process ends this one when it has the last message.
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        channel.send(message, arrays)

    try:
        keep_freed_memory()
        while True:
            asked = channel.receive()
            try:
                if learner is None:
                    learner = make(sent(), send, seal)
                learner.answer(asked.message, asked.arrays)
            except BaseException as error:
                send(failure_message(error, seal))
            finally:
                del asked  # its arrays are mapped as long as somebody has them
    except EOFError:
        pass  # the main process has what it wants


def run_here(job: Job, report: Callable[[Progress], None] = lambda progress: None) -> FoldResult | Failure:
    """Run one job in this process, which nothing keeps from anything: its ``isolation`` is ``none``.

    A job that is run for its record belongs into a process of its own: :func:`mebench.runner.executor.run_job`.
    """
    conversation = Conversation(job)
    said: list[Frame] = []
    learner: Learner | None = None

    def send(message: Message, arrays: Arrays | None = None) -> None:
        if "progress" in message:
            turn = conversation.hear(message, {})
            if isinstance(turn, Failure):
                raise MebenchError(turn.reason)
            if isinstance(turn, Progress):
                report(turn)
        else:
            said.append(Frame(dict(message), dict(arrays or {})))

    turn: Any = conversation.opening()
    while isinstance(turn, Question):
        try:
            learner = learner or Learner(assignment_of(job), send)
            learner.answer(turn.message, turn.arrays)
        except (Exception, SystemExit) as error:
            send(failure_message(error))
        told = said.pop()
        turn = conversation.hear(told.message, told.arrays)
    assert isinstance(turn, FoldResult | Failure)
    return turn


class Learner:
    """A fold's model, and what it is asked for; ``send`` takes a message and its arrays."""

    def __init__(self, assignment: Assignment, send: Callable[..., None]) -> None:
        self._assignment = assignment
        self._send = send
        kind = imported(assignment.target)
        _limit_threads(assignment)
        self.model: Model = kind(kind.Settings(**assignment.settings))
        reads_of(self.model.settings).clear()  # checking settings is no use of them
        self.context = assignment.context(self._report)
        self._train: TrainSet | None = None

    def answer(self, message: Message, arrays: Arrays) -> None:
        """Do what a message asks for, and send the answer.

        Raises:
            BaseException: whatever the model raises.
        """
        if "fit" in message:
            self._fit(arrays)
        elif "predict" in message:
            self._predict(message["predict"], arrays, epochs=message["epochs"])
        else:
            self._finish()

    def _fit(self, arrays: Arrays) -> None:
        train = self._assignment.train_set(arrays)
        start = time.perf_counter()
        chosen = fit_by(self._assignment.selection, self.model, train, self.context)
        self.fitted(train, time.perf_counter() - start, chosen)

    def fitted(self, train: TrainSet, seconds: float, chosen: Chosen | None = None) -> None:
        """Say that the model is fitted to clips."""
        self._send(
            {
                "fitted": True,
                "seconds": seconds,
                "peak": _peak_memory_mib(),
                "chosen": chosen_message(chosen),
            }
        )
        self._train = train if self._assignment.keep_state else None

    def _predict(self, size: int, arrays: Arrays, *, epochs: bool) -> None:
        test = self._assignment.test_set(arrays, size)
        start = time.perf_counter()
        predictions = self.model.predict(test)
        # After the last epoch's own, which are then those of a training that chooses nothing.
        each = (*earlier_predictions(self.model, test), predictions) if epochs else ()
        for given in (predictions, *each):
            if not isinstance(given, Predictions):
                raise MebenchError(f"predict() returned {type(given).__name__} where Predictions are due")
        spent = _spent(start)
        self._send({"predicted": True, **spent, "epochs": len(each)}, answer_arrays(predictions, each))

    def _finish(self) -> None:
        state: Mapping[str, np.ndarray] = {}
        if self._assignment.keep_state:
            assert self._train is not None
            # It predicts, too: where there are no test clips, whatever only predictions read is read here.
            state = checked_state(self.model, self._train, replace(self.context, selection=LAST))
        refuse_unread(self.model.settings, self._assignment.assigned)
        self._send({"finished": True}, state)

    def _report(self, progress: Progress) -> None:
        if not isinstance(progress, Progress):
            raise TypeError(f"context.report takes a Progress, not {type(progress).__name__}")
        self._send(progress_message(plain_progress(progress)))


def failure_message(error: BaseException, seal: Seal | None = None) -> dict[str, str]:
    """Return why a fold failed as a message; ``seal`` explains what it was refused."""
    trace = "".join(traceback.format_exception(error))
    if seal is not None and (denied := explain_denied(error, seal)):
        return {"failure": denied, "trace": trace}
    if isinstance(error, MebenchError):
        return {"failure": str(error), "trace": trace}
    if isinstance(error, MemoryError):
        return {
            "failure": "the worker ran out of memory: use fewer --workers or a smaller batch_size",
            "trace": "",
        }
    reason = reason_of(error)
    if isinstance(error, ModuleNotFoundError):
        # Python does not tell a module that it may not read from one that is not there.
        reason += (
            " (a fold's process reads libraries, and of other code the packages of the model and what these import by "
            "name; docs/isolation.md)"
        )
    return {"failure": reason, "trace": trace}


def _limit_threads(assignment: Assignment) -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(assignment.threads)
    if "torch" in sys.modules or assignment.device != "cpu":
        import torch

        torch.set_num_threads(assignment.threads)


def _spent(start: float) -> dict[str, float]:
    return {"seconds": time.perf_counter() - start, "peak": _peak_memory_mib()}


def _peak_memory_mib() -> float:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
