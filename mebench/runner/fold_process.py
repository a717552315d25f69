"""One fold in a locked process of its own, seen from the main process: questions go in, progress and a result come out.

    with FoldProcess(job) as fold:
        while not fold.over:
            wait_any([fold.process], fold.seconds_left)
            for outcome in fold.happened(): ...

What its model prints goes to the fold's log, up to a limit. The process and everything that it started end with it.
"""

from __future__ import annotations

import contextlib
import signal
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO

from mebench.errors import MebenchError
from mebench.models.base import Progress
from mebench.plugin.libraries import libraries_for
from mebench.plugin.target import module_of
from mebench.runner.assignment import assignment_of, sealed_with
from mebench.runner.conversation import Conversation, Question, Turn
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.sealing import fold_seal, refused_isolation
from mebench.sealed.in_force import is_full
from mebench.sealed.process import SealedProcess
from mebench.sealed.words import signal_name

Outcome = Progress | FoldResult | Failure

_WORK = "mebench.runner.worker:work"
# More than this a model prints by mistake.
LOG_LIMIT = 10 << 20
# Bytes of arrays in one answer: predictions of every epoch, or all that a network has learnt.
ANSWER_LIMIT = 1 << 30
STATE_LIMIT = 1 << 36


class FoldProcess:
    """A fold that runs; made, it has its training clips.

    Raises:
        MebenchError: the process cannot be started.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.over = False
        self._conversation = Conversation(job)
        self._told: list[Outcome] = []
        seal = fold_seal(job)
        assignment = sealed_with(assignment_of(job), seal)
        self.process = SealedProcess(
            _WORK,
            seal,
            assignment=assignment,
            # Libraries and the core's own side of a fold; a plugin's code is imported once it is locked.
            preload=(*libraries_for(module_of(job.target)), module_of(_WORK)),
            log_limit=LOG_LIMIT,
            limit=STATE_LIMIT if job.keep_state else ANSWER_LIMIT,
        )
        self._log = FoldLog(job.log)
        self._deadline = time.monotonic() + job.timeout
        self._take(self._conversation.opening())

    @property
    def seconds_left(self) -> float:
        """Return how long it may still take; 0 where something is to be told at once."""
        return 0.0 if self._told else max(0.0, self._deadline - time.monotonic())

    def happened(self) -> list[Outcome]:
        """Return what has come since it was last asked, without waiting; after a result or a failure it is over."""
        gone = self.process.ended is not None  # asked first: what it said before that is still read
        try:
            for frame in () if self._is_told() else self.process.pump():
                self._take(self._conversation.hear(frame.message, frame.arrays))
                if self._is_told():
                    break
        except MebenchError as error:  # bytes that are no message
            self._told.append(Failure(str(error)))
        self._log.add(self.process.take_log())
        if not self._is_told() and (reason := self._why_no_more(gone=gone)):
            self._told.append(Failure(reason))
        told, self._told = self._told, []
        if told and not isinstance(told[-1], Progress):
            self.end()
        return told

    def _take(self, turn: Turn) -> None:
        """Send a question; anything else is to be told."""
        if isinstance(turn, FoldResult):
            turn = replace(turn, isolation=self.process.isolation)
        if isinstance(turn, Question):
            self.process.send(turn.message, turn.arrays)
        elif turn is not None:
            self._told.append(turn)

    def _is_told(self) -> bool:
        return bool(self._told) and not isinstance(self._told[-1], Progress)

    def _why_no_more(self, *, gone: bool) -> str:
        if gone:
            return death_of(self.process.ended or 0, self._conversation.doing)
        if time.monotonic() > self._deadline:
            return (
                f"it was ended after {self.job.timeout:g} seconds while {self._conversation.doing}: give it longer "
                "with --fold-timeout, or see in its log what it waits for"
            )
        if self.job.require_isolation and self.process.isolation and not is_full(self.process.isolation):
            return refused_isolation(self.process.isolation)
        return ""

    def end(self) -> None:
        """End the process and whatever it started; nothing of it is left."""
        self.over = True
        self._log.end(self.process)

    def __enter__(self) -> FoldProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


class FoldLog:
    """The file of what a fold's model prints; a disk that refuses it costs the log and not the fold."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] | None = None
        with contextlib.suppress(OSError):
            while self._file is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                # Another process of the run may just be removing the folder, empty until now.
                with contextlib.suppress(FileNotFoundError):
                    self._file = path.open("wb", buffering=0)

    def add(self, said: bytes) -> None:
        """Write what was printed."""
        if said and self._file is not None:
            try:
                self._file.write(said)
            except OSError:
                self.close()

    def end(self, process: SealedProcess) -> None:
        """End a process and write what it printed to the last."""
        with contextlib.suppress(MebenchError):
            process.pump()  # what it printed before its last message
        self.add(process.take_log())
        process.end()
        self.add(process.take_log())
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def death_of(code: int, doing: str) -> str:
    """Return how a process ended that has not answered: its exit code, or what killed it, negative."""
    if code == -signal.SIGKILL:
        return (
            f"its worker process was killed while {doing} (often: out of memory); use fewer --workers or a smaller "
            "batch_size"
        )
    if code < 0:
        return f"its worker process died of {signal_name(-code)} while {doing}"
    return f"its worker process ended without an answer while {doing} (exit code {code})"
