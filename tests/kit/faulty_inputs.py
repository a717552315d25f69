"""Inputs with one fault each, and the check that finds it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mebench.api import ClipReader, Input


@dataclass(frozen=True)
class Bright(Input):
    """How bright the apex frame is, twice."""

    kind: ClassVar[Any] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)
    size: int = 8

    @property
    def shape(self) -> tuple[int, ...]:
        return (2,)

    def value(self, clip: ClipReader) -> float:
        return float(clip.frame(clip.apex, self.size).mean())

    def compute(self, clip: ClipReader) -> np.ndarray:
        return np.full(2, self.value(clip), np.float32)


class OfTheNumber(Bright):
    def value(self, clip: ClipReader) -> float:
        return float(clip.apex)


class OfTheKey(Bright):
    def value(self, clip: ClipReader) -> float:
        return float(len(clip.key))


class OfTheLength(Bright):
    def value(self, clip: ClipReader) -> float:
        with np.errstate(all="ignore"):
            return float(np.float32(1) / np.float32(clip.offset - clip.onset))


class OtherShape(Bright):
    def compute(self, clip: ClipReader) -> np.ndarray:
        return np.zeros(3, np.float32)


class Counting(Bright):
    calls: ClassVar[list[int]] = []

    def value(self, clip: ClipReader) -> float:
        self.calls.append(1)
        return float(len(self.calls))


class WritingIntoFrames(Bright):
    def value(self, clip: ClipReader) -> float:
        frame = clip.frame(clip.apex, self.size)
        frame //= 2
        return float(frame.mean())


class Writing(Bright):
    def value(self, clip: ClipReader) -> float:
        (Path(os.environ["FAULTY_PLACE"]) / "cache.npy").write_bytes(b"")
        return 1.0


class BadMirror(Bright):
    def mirror(self, x: Any) -> Any:
        return x + 1


class Square(Bright):
    kind = "square"


FAULTS = {
    OfTheNumber: ("numbers of frames mean nothing", "use differences of numbers"),
    OfTheKey: ("the name of a clip means nothing", "compute nothing of clip.key"),
    OfTheLength: ("short clips and missing frames are no error", "NaN or infinity"),
    OtherShape: (
        "a clip gives an array as declared",
        r"gave float32 \(3,\) where it declares float32 \(2,\)",
    ),
    Counting: ("the same clip gives the same bytes", "computed again after another"),
    WritingIntoFrames: ("computed twice of one reader it gives the same bytes", "read-only"),
    Writing: ("it writes nothing and calls no host", "wrote .*cache.npy"),
    BadMirror: ("a mirror twice gives the same", "mirrored twice it is another"),
    Square: ("kind, type and shape fit together", "its kind is 'square'"),
}
