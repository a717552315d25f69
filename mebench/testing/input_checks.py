"""Checks of an input: a pure function of one clip, of the declared shape and type, whatever the clip is like."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mebench.features.inputs import Input, as_declared
from mebench.features.reader import ClipReader
from mebench.files import to_json
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.drawn import drawn_clip
from mebench.testing.watching import watched

INPUTS = Checks["InputSubject"]()


class InputSubject:
    """An input, and a private folder for the clips that it is computed of."""

    def __init__(self, wanted: Input, folder: Path) -> None:
        self.wanted, self.folder = wanted, folder
        self._computed: np.ndarray | None = None

    def clip(self, **change: Any) -> ClipReader:
        """Return a drawn clip (:func:`drawn_clip`)."""
        return drawn_clip(self.folder, **change)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return what the input makes of a clip, once it is as declared."""
        return as_declared(self.wanted, self.wanted.compute(clip)).copy()

    def usual(self) -> np.ndarray:
        """Return what it makes of the usual clip of nine frames."""
        if self._computed is None:
            self._computed = self.compute(self.clip())
        return self._computed


@INPUTS.add("kind, type and shape fit together")
def declared(subject: InputSubject) -> str:
    """The kind decides how arrays reach a network."""
    if fault := subject.wanted.fault():
        return fault
    shape = subject.wanted.shape
    if not shape or not all(type(side) is int and side > 0 for side in shape):
        return f"its shape is {shape!r}: give a tuple of whole numbers above 0"
    return ""


@INPUTS.add("it is a frozen dataclass of plain values")
def frozen(subject: InputSubject) -> str:
    """Its fields are its name in the cache of features."""
    wanted = subject.wanted
    if not is_dataclass(wanted):
        return f"{type(wanted).__name__} is no dataclass: write @dataclass(frozen=True) above it"
    hash(wanted)
    if pickle.loads(pickle.dumps(wanted)) != wanted:
        return "it is another once it was pickled: use plain values as fields"
    try:
        for field in fields(wanted):
            setattr(wanted, field.name, getattr(wanted, field.name))
            return f"its {field.name} can be changed: write @dataclass(frozen=True) above {type(wanted).__name__}"
    except FrozenInstanceError:
        pass
    json.loads(to_json(wanted.describe()))
    return ""


@INPUTS.add("a clip gives an array as declared")
def as_said(subject: InputSubject) -> str:
    """Of the declared shape and type, and without NaN or infinity, which no network survives."""
    array = subject.usual()
    return (
        ""
        if np.isfinite(array).all()
        else "it holds NaN or infinity for a drawn face: see where it divides by zero"
    )


@INPUTS.add("the same clip gives the same bytes")
def pure(subject: InputSubject) -> str:
    """Also once another clip was computed in between: nothing may be carried from clip to clip."""
    first = subject.usual()
    subject.compute(subject.clip(subject="another"))
    return _differs(first, subject.compute(subject.clip()), "of the same clip, computed again after another")


@INPUTS.add("from threads it gives the same bytes")
def threads(subject: InputSubject) -> str:
    """Clips are computed on all cores at once."""
    first = subject.usual()
    clips = [subject.clip(), subject.clip(subject="another"), subject.clip(), subject.clip()]
    with ThreadPoolExecutor(4) as pool:
        arrays = list(pool.map(subject.compute, clips))
    return next(
        filter(None, (_differs(first, arrays[place], "in a thread of four") for place in (0, 2, 3))), ""
    )


@INPUTS.add("computed twice of one reader it gives the same bytes")
def unchanged(subject: InputSubject) -> str:
    """The reader hands out the pictures that it keeps: whoever writes into one changes it for the next."""
    clip = subject.clip()
    one = subject.compute(clip)
    return _differs(one, subject.compute(clip), "of the same reader: work on copies of its frames")


@INPUTS.add("numbers of frames mean nothing")
def numbering(subject: InputSubject) -> str:
    """Owners count from 0, 1 or 61,000, and where a clip lies in its recording may tell its label."""
    array = subject.compute(subject.clip(first=137))
    return _differs(
        subject.usual(), array, "of the same pictures, numbered otherwise: use differences of numbers"
    )


@INPUTS.add("the name of a clip means nothing")
def naming(subject: InputSubject) -> str:
    """A key holds the subject, and in some databases the emotion."""
    array = subject.compute(subject.clip(key="drawn/other/clip/1"))
    return _differs(subject.usual(), array, "of the same clip under another key: compute nothing of clip.key")


@INPUTS.add("short clips and missing frames are no error")
def short(subject: InputSubject) -> str:
    """Clips of four, two and a single frame exist, and releases lose frames."""
    for change in (
        {"frames": 4, "apex": 2},
        {"frames": 2, "apex": 1},
        {"frames": 1, "apex": 0},
        {"without": (3, 4)},
    ):
        if not np.isfinite(subject.compute(subject.clip(**change))).all():
            return f"it holds NaN or infinity for a clip of {change}"
    return ""


@INPUTS.add("it writes nothing and calls no host")
def alone(subject: InputSubject) -> str:
    """It is computed in a process that may do neither."""
    private = subject.folder / "private"
    private.mkdir(exist_ok=True)
    subject.usual()  # what is imported on the first use may write its bytecode
    with watched(private) as seen:
        subject.compute(subject.clip())
    if seen.written:
        return f"compute() wrote {seen.written[0]}: return the array, and keep nothing"
    return f"compute() connected to {seen.called[0]}: it has no network" if seen.called else ""


@INPUTS.add("a mirror twice gives the same")
def mirror(subject: InputSubject) -> str:
    """mirror(x) is what a measurement looks like where its clip is mirrored; x is a batch, (B, *shape)."""
    if type(subject.wanted).mirror is Input.mirror:
        raise NotAsked("it defines no mirror()")
    try:
        import torch
    except ImportError:
        raise NotAsked("torch is not installed, which mirrors batches") from None
    batch = torch.from_numpy(subject.usual()[None].astype(np.float32))
    once = subject.wanted.mirror(batch.clone())
    twice = None if once is None else subject.wanted.mirror(once.clone())
    if once is None or twice is None:
        return "mirror() gave None: return the mirrored batch, or leave mirror() out"
    if once.shape != batch.shape:
        return f"mirror() turned a batch of {tuple(batch.shape)} into {tuple(once.shape)}: keep its shape"
    return (
        ""
        if torch.allclose(twice, batch, atol=1e-5)
        else "mirrored twice it is another: see its signs and places"
    )


def _differs(one: np.ndarray, other: np.ndarray, when: str) -> str:
    if one.tobytes() == other.tobytes():
        return ""
    worst = np.abs(one.astype(float) - other.astype(float)).max()
    return f"it gives other bytes {when} (the largest difference is {worst:.3g})"
