"""Inputs for sealed processes: honest ones, and some that look where they must not, fail, end or give nonsense."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mebench.data.clips.sheet import sha256_of
from mebench.features.inputs import ApexFrame, ClipFrames, Input, OnsetFrame
from mebench.features.reader import ClipReader


class Seen(Input):
    """What a clip is, in numbers: parity of the onset, apex and offset after it, frames, names that tell anything."""

    kind = "measurement"
    dtype: ClassVar = np.dtype(np.int64)

    @property
    def shape(self) -> tuple[int, ...]:
        return (6,)

    def compute(self, clip: ClipReader) -> np.ndarray:
        told = f"{clip.key} {clip.frames.paths} {os.environ} {Path.cwd()}"
        return np.array(
            [
                clip.onset,
                clip.apex - clip.onset,
                clip.offset - clip.onset,
                len(clip.frames),
                sum(word in told for word in ("casme3", "spNO", ".png", "MEBENCH_DATA", "pictures")),
                os.getpid(),
            ]
        )


@dataclass(frozen=True)
class Honest(ClipFrames):
    """Frames, as the core picks them; one that is sought a face in has none."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        clip.note_no_face(clip.apex, self.size)
        return super().compute(clip)


class Apex(ApexFrame):
    """The apex frame, and nothing else."""


@dataclass(frozen=True)
class Reads(ApexFrame):
    """The apex frame, after reading a file."""

    path: str = ""

    def compute(self, clip: ClipReader) -> np.ndarray:
        Path(self.path).read_bytes()
        return super().compute(clip)


@dataclass(frozen=True)
class ReadsNamed(ApexFrame):
    """The apex frame, as bright as the first byte of a file that a field names."""

    path: Path = Path()

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "path": sha256_of(self.path)}

    def compute(self, clip: ClipReader) -> np.ndarray:
        return np.full_like(super().compute(clip), self.path.read_bytes()[0])


@dataclass(frozen=True)
class Writes(ApexFrame):
    """The apex frame, after writing a file."""

    path: str = ""

    def compute(self, clip: ClipReader) -> np.ndarray:
        Path(self.path).write_text("a label")
        return super().compute(clip)


class Calls(OnsetFrame):
    """The onset frame, after asking the network."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        socket.create_connection(("127.0.0.1", 9), timeout=1)
        return super().compute(clip)


@dataclass(frozen=True)
class Odd(ApexFrame):
    """What goes wrong, by name."""

    how: str = "raises"

    def compute(self, clip: ClipReader) -> Any:
        if self.how == "raises":
            raise ValueError("no \x1b[31mluck")
        if self.how == "exits":
            os._exit(3)
        if self.how == "hangs":
            time.sleep(600)
        if self.how == "leaves":
            raise SystemExit(4)
        return {
            "list": [1, 2],
            "objects": np.array([{}]),
            "shape": np.zeros((2, 2), np.uint8),
            "type": np.zeros(self.shape, np.float32),
            "large": np.zeros((4096, 4096), np.uint8),
        }[self.how]


class Asks(OnsetFrame):
    """The onset frame at a size that nobody has."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        return clip.frame(clip.onset, 10**6)


class Pretends(ApexFrame):
    """An input that says it is the core's."""


Pretends.__module__ = "mebench.features.inputs"
