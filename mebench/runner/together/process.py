"""Several folds in one locked process, seen from the main process: as :mod:`mebench.runner.fold_process` of one.

    with TogetherProcess(jobs) as folds:
        while not folds.over:
            wait_any([folds.process], folds.seconds_left)
            for task, outcome in folds.happened(): ...

No test clip is sent before the training of every fold has ended, and then those of one fold at a time.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from mebench.errors import MebenchError
from mebench.models.base import Progress
from mebench.plugin.libraries import libraries_for
from mebench.plugin.target import module_of
from mebench.records import Task
from mebench.runner.assignment import gathered, sealed_with
from mebench.runner.conversation import Conversation, Question, Turn
from mebench.runner.fold_process import ANSWER_LIMIT, LOG_LIMIT, STATE_LIMIT, FoldLog, Outcome, death_of
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.messages import Arrays, Message, shortened
from mebench.runner.sealing import fold_seal
from mebench.runner.together.assignment import assignment_of_all
from mebench.sealed.in_force import TOGETHER
from mebench.sealed.process import SealedProcess

_WORK = "mebench.runner.together.worker:work"
_TRAINING = "training"


class TogetherProcess:
    """Folds that run as one; made, the process has their training clips.

    Args:
        jobs: of one run. What their models print goes to the log of the first.

    Raises:
        MebenchError: the process cannot be started, or the clips cannot be read.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.over = False
        self._jobs = list(jobs)
        self._tasks = tuple(job.task for job in jobs)
        self._going = {number: Conversation(job) for number, job in enumerate(jobs)}
        self._questions: deque[tuple[int, Question]] = deque()
        self._asked: int | None = None
        self._told: list[tuple[Task, Outcome]] = []
        first = jobs[0]
        seal = fold_seal(first)
        assigned, features = assignment_of_all(jobs)
        try:
            arrays = gathered(features)
        except (OSError, ValueError, IndexError, MemoryError) as error:
            raise MebenchError(f"the features of the folds cannot be read from the cache: {error}") from error
        self.process = SealedProcess(
            _WORK,
            seal,
            assignment=sealed_with(assigned, seal),
            preload=(*libraries_for(module_of(first.target)), module_of(_WORK)),
            log_limit=LOG_LIMIT,
            limit=STATE_LIMIT if first.keep_state else ANSWER_LIMIT,
        )
        self._log = FoldLog(first.log)
        # As long as the folds might take one after the other.
        self._deadline = time.monotonic() + sum(job.timeout for job in jobs)
        self.process.send({"fit": True}, arrays)

    @property
    def seconds_left(self) -> float:
        """Return how long they may still take; 0 where something is to be told at once."""
        return 0.0 if self._told else max(0.0, self._deadline - time.monotonic())

    def happened(self) -> list[tuple[Task, Outcome]]:
        """Return what has come since it was last asked, without waiting; when every fold has ended it is over."""
        gone = self.process.ended is not None  # asked first: what it said before that is still read
        try:
            for frame in self.process.pump():
                self._hear(frame.message, frame.arrays)
        except MebenchError as error:  # bytes that are no message
            self._end_all(Failure(str(error)))
        self._log.add(self.process.take_log())
        if self._going and (reason := self._why_no_more(gone=gone)):
            self._end_all(Failure(reason))
        told, self._told = self._told, []
        if not self._going:
            self.end()
        return told

    def _hear(self, message: Message, arrays: Arrays) -> None:
        if "each" in message:
            for fold, said in _each(message["each"]):
                self._heard(fold, said, {})
        elif "fold" in message:
            said = {name: value for name, value in message.items() if name != "fold"}
            self._heard(message["fold"], said, arrays)
        elif "failure" in message:
            self._end_all(Failure.told(message))
        else:
            raise MebenchError(f"the folds' process said {shortened(message)}, which is none of its messages")
        self._ask()

    def _heard(self, fold: Any, message: Message, arrays: Arrays) -> None:
        if isinstance(fold, bool) or not isinstance(fold, int) or not 0 <= fold < len(self._jobs):
            raise MebenchError(
                f"the folds' process said something of fold {shortened(fold)}, and has no such fold"
            )
        if fold not in self._going:
            return  # it has failed for something that was said before
        if "progress" not in message and self._asked == fold:
            self._asked = None
        self._take(fold, self._going[fold].hear(message, arrays))

    def _take(self, fold: int, turn: Turn) -> None:
        """Keep a question until it may be asked; tell anything else."""
        if isinstance(turn, Question):
            self._questions.append((fold, turn))
        elif turn is not None:
            if isinstance(turn, FoldResult):
                isolation = f"{self.process.isolation}, {TOGETHER}"
                turn = replace(turn, isolation=isolation, together=self._tasks)
            if not isinstance(turn, Progress):
                del self._going[fold]
                self._asked = None if self._asked == fold else self._asked
            self._told.append((self._tasks[fold], turn))

    def _ask(self) -> None:
        """Ask the next question, once no fold trains any more and the one before is answered."""
        if self._asked is not None or any(each.doing == _TRAINING for each in self._going.values()):
            return
        while self._questions and self._asked is None:
            fold, question = self._questions.popleft()
            if fold in self._going:
                self._asked = fold
                self.process.send({**question.message, "fold": fold}, question.arrays)

    def _end_all(self, failure: Failure) -> None:
        self._told += [(self._tasks[fold], failure) for fold in self._going]
        self._going.clear()

    def _why_no_more(self, *, gone: bool) -> str:
        doing = next(iter(self._going.values())).doing
        if gone:
            return death_of(self.process.ended or 0, doing)
        if time.monotonic() > self._deadline:
            return (
                f"its process, of {len(self._jobs)} folds, was ended after {self._jobs[0].timeout:g} seconds for each "
                f"while {doing}: give them longer with --fold-timeout, or see in the log what they wait for"
            )
        return ""

    def end(self) -> None:
        """End the process and whatever it started; nothing of it is left."""
        self.over = True
        self._log.end(self.process)

    def __enter__(self) -> TogetherProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def _each(said: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Yield the fold and the report of each of several; of nothing else several may come at once."""
    for pair in said if isinstance(said, list) else [said]:
        if (
            not isinstance(pair, list)
            or len(pair) != 2
            or not isinstance(pair[1], dict)
            or "progress" not in pair[1]
        ):
            raise MebenchError(
                f"the folds' process reported {shortened(pair)}, which is no progress of a fold"
            )
        yield pair[0], pair[1]
