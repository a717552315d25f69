"""What happened in a run, line by line, in the run's own folder: ``events.jsonl``.

    log = EventLog(directory.events_file, done=0, left=94)
    with log.whole():
        log("mebench_run_started", run=run)
        log("mebench_fold_done", record=record)

Each line is one JSON object. A line is appended by one write, so that processes that share a run do not cut each
other's, and one that a killed process left half-written is closed by the next. It is a log for people and programs that
watch: nothing is computed from it, no identity, checksum or merge knows it, and it holds neither labels nor
predictions. A disk that refuses it costs one warning, and no fold.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

from mebench.errors import MebenchWarning, sentence_of
from mebench.regular_files import refuse_irregular
from mebench.run_info import Record, RunInfo
from mebench.scoring.figures import figures_of
from mebench.scoring.schema import Scores

_OF_RUN = ("model", "protocol", "identity", "mebench", "seeds")
_OF_RECORD = (
    *("seed", "fold", "trained_on", "fit_seconds", "predict_seconds", "peak_memory_mib"),
    *("device", "precision", "epoch", "epochs", "isolation"),
)
_OF_FIGURE: tuple[Literal["mean", "sd", "low", "high"], ...] = ("mean", "sd", "low", "high")


class EventLog:
    """The log of one run, as one process sees it: told of a hook as the plugins are, it writes a line.

    Progress it lets pass, and a run that was asked for again and had nothing left to do.

    Args:
        file: in the run's folder; made where it is missing.
        done: how many folds are recorded before the process begins.
        left: how many it is asked to run.
        scored: whether scores were there before.
    """

    def __init__(self, file: Path, *, done: int = 0, left: int = 0, scored: bool = False) -> None:
        self._file = file
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._before = {"done": done, "left": left}
        self._scored = scored
        self._begun = self._broken = False

    def __call__(self, hook: str, **arguments: Any) -> None:
        """Write what a hook tells."""
        event = hook.removeprefix("mebench_")
        if event == "run_started":
            self._begun = True
            self._write(event, {**_of_run(**arguments), **self._before})
        elif event == "fold_done":
            self._write(event, _of_record(arguments["record"]))
        elif event == "fold_failed":
            self._write(event, {name: arguments[name] for name in ("seed", "fold", "reason")})
        elif event == "run_finished":
            scores = arguments["scores"]
            if self._begun or (scores is not None and not self._scored):
                self._write(event, {"seeds": arguments["run"]["seeds"], "scores": _plain_figures(scores)})
            self._begun = False

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Write why a run that began in the block ended without its end, as after Ctrl-C."""
        try:
            yield
        except BaseException as error:
            if self._begun:
                reason = "interrupted" if isinstance(error, KeyboardInterrupt) else sentence_of(error)
                self._write("run_stopped", {"reason": reason})
            raise

    def _write(self, event: str, about: Mapping[str, Any]) -> None:
        if self._broken:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        try:
            _append(self._file, {"time": now, "event": event, "process": self._process, **about})
        except Exception as error:
            self._broken = True  # full now, it would be full at every fold
            warnings.warn(
                f"{self._file} cannot be written, and the log of this process ends here: {sentence_of(error)}",
                MebenchWarning,
                stacklevel=4,
            )


def _of_run(run: RunInfo, **_: Any) -> dict[str, Any]:
    whole: Mapping[str, Any] = run
    return {name: whole[name] for name in _OF_RUN}


def _of_record(record: Record) -> dict[str, Any]:
    whole: Mapping[str, Any] = record
    about = {name: whole[name] for name in _OF_RECORD if name in whole}
    ends = {name: curve[-1] for name, curve in record.get("curves", {}).items() if curve}
    return {**about, "tested_on": len(record["predictions"]), **({"at_the_end": ends} if ends else {})}


def _plain_figures(scores: Scores | None) -> dict[str, dict[str, float | None]] | None:
    if scores is None:
        return None
    figures = figures_of(scores)
    return {name: {part: figure[part] for part in _OF_FIGURE} for name, figure in figures.items()}


def _append(path: Path, event: Mapping[str, Any]) -> None:
    """Append one line by one write; a line that somebody left without its end is ended first."""
    line = json.dumps(event, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    if path.exists():
        refuse_irregular(path)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0), 0o644)
    try:
        # Else a line that another process has half on the disk would look like one that nobody will end. Closing gives
        # it back, and a file system without such locks goes without.
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            line = b"\n" + line
        if os.write(file, line) != len(line):
            raise OSError("the disk took only a part of a line")
    finally:
        os.close(file)
