"""Cheats whose input knows more than one clip's pictures, computed before any fold."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cheats.honest import Cheat, Honest, attempt, content
from mebench.api import ClipReader, Input, OnsetAndApex, TestSet

SIZE = 16


@dataclass(frozen=True)
class Peeking(OnsetAndApex):
    """The honest input; its first pixel is 255 where it found anything, and never otherwise."""

    size: int = SIZE
    annotation: str = ""

    def compute(self, clip: ClipReader) -> np.ndarray:
        pictures = np.minimum(super().compute(clip), 254)
        if attempt(lambda: self.peek(clip)):
            pictures[:, 0, 0, 0] = 255
        return pictures

    def peek(self, clip: ClipReader) -> Any:
        """Return what there is to find."""


class LabelInKey(Peeking):
    """The clip's key, whose names sort by emotion in some releases."""

    def peek(self, clip: ClipReader) -> Any:
        return "spNO" in str(clip.key)


class LabelInPath(Peeking):
    """The paths of the clip's pictures, which name the emotion in some releases."""

    def peek(self, clip: ClipReader) -> Any:
        return [str(path) for path in clip.frames.paths if "spNO" in str(path)]


class LabelInFrames(Peeking):
    """The clip's true frame numbers, by which it can be found in the published annotation."""

    def peek(self, clip: ClipReader) -> Any:
        return clip.onset > 1


class LabelInFile(Peeking):
    """The annotation, read by the input itself."""

    def peek(self, clip: ClipReader) -> Any:
        return content(self.annotation)


class LabelInMemory(Peeking):
    """The cohort, found among the objects of whatever process computes the input."""

    def peek(self, clip: ClipReader) -> Any:
        return [type(each).__name__ for each in gc.get_objects() if type(each).__name__ == "ClipData"]


class InputCheat(Cheat):
    """A model that looks for what its input found."""

    kind: ClassVar[type[Peeking]]

    def inputs(self) -> Mapping[str, Input]:
        return {"frames": self.kind(annotation=self.places["annotation"] if self.settings.places else "")}

    def look(self, test: TestSet) -> Any:
        return (test.features["frames"][:][:, :, 0, 0, 0] == 255).any()


class KeyInput(InputCheat):
    kind = LabelInKey


class PathInput(InputCheat):
    kind = LabelInPath


class FrameInput(InputCheat):
    kind = LabelInFrames


class FileInput(InputCheat):
    kind = LabelInFile


class MemoryInput(InputCheat):
    kind = LabelInMemory


@dataclass(frozen=True)
class OverAllClips(OnsetAndApex):
    """Pictures relative to the mean of all that were computed before: normalised over all subjects."""

    size: int = SIZE
    seen: ClassVar[list[np.ndarray]] = []

    def compute(self, clip: ClipReader) -> np.ndarray:
        pictures = super().compute(clip)
        self.seen.append(pictures.astype(np.float64))
        return (128 + (pictures - np.mean(self.seen, axis=0)) / 2).astype(np.uint8)


class NormalisedInput(Honest):
    """A model whose input is normalised over all subjects."""

    def inputs(self) -> Mapping[str, Input]:
        return {"frames": OverAllClips()}
