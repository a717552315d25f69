"""The inputs of plugins, computed in sealed processes: they see pixels, and neither names nor labels.

    with SealedInput(wanted, protected=[data.root]) as computing:
        computing.made(reader)          # from any thread; each has a process of its own

This process reads and decodes the pictures that the input asks for, so that what the system refuses stays an error
here. Frame numbers are told relative to the clip, shifted by an even number: an input that rounds a place half-way
between two frames to the even one gives what it gave of the numbers themselves.
"""

from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from mebench.data.own_folders import own_folders
from mebench.errors import MebenchError
from mebench.features.inputs import Input, as_declared
from mebench.features.made import Made
from mebench.features.reader import ClipReader, NothingReadableError
from mebench.plugin.libraries import libraries_for
from mebench.plugin.local_file import file_that_gives
from mebench.plugin.source import code_of_class, places_of_code
from mebench.plugin.target import module_of
from mebench.sealed.process import SealedProcess, wait_any
from mebench.sealed.seal import Seal, make_seal
from mebench.sealed.wire import Frame, WireFault
from mebench.sealed.words import how_it_ended, last_line, one_line

_WORK = "mebench.features.sealed_work:work"
# No picture of the field is larger; a size of a million would fill this process's memory.
MOST_SIZE = 8192
_CORE = "mebench"
# Seconds between looks at whether anything is still wanted.
_GLANCE = 0.2


def is_of_core(wanted: Input) -> bool:
    """Tell whether an input needs no seal: its class is the core's own, or stands in the program that is run.

    That program is the user's, and does in this process whatever it likes; a notebook's inputs stand there, too.
    """
    kind = type(wanted)
    module, home = sys.modules.get(kind.__module__), kind.__module__.partition(".")[0]
    if home not in (_CORE, "__main__") or getattr(module, kind.__qualname__, None) is not kind:
        return False
    code = getattr(kind.compute, "__code__", None)
    return home == _CORE or getattr(code, "co_filename", None) == getattr(module, "__file__", None)


class SealedInput:
    """Computes one input, in a sealed process for each thread that asks at a time."""

    def __init__(self, wanted: Input, protected: Iterable[Path]) -> None:
        self._wanted = wanted
        kind = type(wanted)
        file = file_that_gives(kind.__module__)
        self._seal = _seal_for(wanted, file.path if file else None, protected)
        self._assignment = pickle.dumps((file, pickle.dumps(wanted), self._seal))
        self._idle: list[SealedProcess] = []
        self._every: list[SealedProcess] = []
        self._lock = threading.Lock()
        self._stopped = False

    def made(self, reader: ClipReader) -> Made | NothingReadableError:
        """Return the input of one clip, or why nothing of the clip can be read.

        Raises:
            UnreachableError: the system cannot read a file.
            MebenchError: the input fails, its process ends, or what it gives is not as declared.
        """
        process = self._take()
        shift = reader.onset - reader.onset % 2
        process.limit = int(np.prod(self._wanted.shape, dtype=np.int64)) * self._wanted.dtype.itemsize + (
            1 << 16
        )
        process.send(
            {
                "clip": "this clip",
                "onset": reader.onset - shift,
                "apex": reader.apex - shift,
                "offset": reader.offset - shift,
                "numbers": [number - shift for number in reader.frames.numbers],
            }
        )
        answer = self._answer(process, reader)
        message = answer.message
        if "failed" in message:
            raise self._fault(f"failed on clip {reader.key}: {one_line(message['failed'])}")
        with self._lock:
            self._idle.append(process)
        if "nothing" in message:
            return reader.nothing_readable()
        array = answer.arrays.get("array")
        if array is None:
            raise self._fault(f"gave no array of clip {reader.key}")
        notes = replace(reader.notes(), faceless=_numbers(message.get("faceless"), shift, reader))
        declared = as_declared(self._wanted, np.ascontiguousarray(array).reshape(array.shape))
        return Made(declared, notes, reader.looked_at())

    def _answer(self, process: SealedProcess, reader: ClipReader) -> Frame:
        """Hand over pictures until the array is there."""
        while True:
            wait_any([process], _GLANCE)
            if self._stopped:
                raise self._fault("is not wanted any more")
            gone = process.ended
            for frame in self._frames(process):
                if "picture" not in frame.message:
                    return frame
                self._hand_over(process, reader, frame.message)
            if gone is not None:
                raise self._fault(
                    f"ended on clip {reader.key} without an answer ({how_it_ended(gone)})", process
                )

    def _frames(self, process: SealedProcess) -> list[Frame]:
        try:
            return process.pump()
        except WireFault as error:
            raise self._fault(f"gave what cannot be taken: {error}") from error

    def _hand_over(self, process: SealedProcess, reader: ClipReader, asked: dict[str, Any]) -> None:
        place, size = asked.get("picture"), asked.get("size")
        if type(place) is not int or not 0 <= place < len(reader.frames):
            raise self._fault(f"asked for picture {place!r} of clip {reader.key}, which it was not told of")
        if type(size) is not int or not 0 < size <= MOST_SIZE:
            raise self._fault(f"asked for a picture of {size!r} pixels: 1 to {MOST_SIZE} are possible")
        pixels = reader.square(place, size).pixels
        process.send({"picture": place}, {} if pixels is None else {"pixels": pixels})

    def _take(self) -> SealedProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            process = SealedProcess(
                _WORK,
                self._seal,
                assignment=self._assignment,
                preload=(*libraries_for(type(self._wanted).__module__), module_of(_WORK)),
            )
            self._every.append(process)
            return process

    def _fault(self, what: str, process: SealedProcess | None = None) -> MebenchError:
        kind = type(self._wanted)
        last = last_line(process.take_log()) if process else ""
        return MebenchError(f"input {kind.__module__}.{kind.__qualname__} {what}{last}")

    def stop(self) -> None:
        """Let threads that wait for an array give up."""
        self._stopped = True

    def end(self) -> None:
        """End the processes; no thread may be waiting for one."""
        for process in self._every:
            process.end()

    def __enter__(self) -> SealedInput:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def _seal_for(wanted: Input, file: Path | None, protected: Iterable[Path]) -> Seal:
    own = {file} if file else set()
    code = places_of_code(code_of_class(type(wanted), Input)) - own
    named = (getattr(wanted, each.name) for each in fields(wanted))
    # Files that its fields name: a model of landmarks, say.
    readable = {Path(each).absolute() for each in named if isinstance(each, Path)}
    return make_seal(
        code=sorted(code), readable=sorted(readable | own), protected=sorted({*protected, *own_folders()})
    )


def _numbers(said: Any, shift: int, reader: ClipReader) -> tuple[int, ...]:
    """Return frame numbers as they were told, as those of the clip; only such of its own frames count."""
    told = said if isinstance(said, list) else []
    known = set(reader.frames.numbers)
    return tuple(sorted({n + shift for n in told if type(n) is int and n + shift in known}))
