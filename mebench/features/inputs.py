"""What a model may ask of a clip: the apex frame, n frames of the clip, ...

    ApexFrame(size=112)           # uint8 (112, 112, 3)
    ClipFrames(n=16, size=112)    # uint8 (16, 112, 112, 3)

An input is a pure function of **one clip**: it never sees another, so no statistic can cross subjects. Its
fields and its ``version`` are its identity in the cache: raise the version when its result changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np

from mebench.errors import MebenchError
from mebench.features.reader import ClipReader

if TYPE_CHECKING:
    from torch import Tensor

InputKind = Literal["picture", "measurement"]


@dataclass(frozen=True)
class Input(ABC):
    r"""One input; subclasses are frozen dataclasses of plain values.

    ``kind`` says what its arrays are, and so how they reach a torch model:

    - ``picture``: light, uint8 (H, W, C) or (T, H, W, C). A batch is float32 with channels first, normalised, and
      in training mirrored, shifted and relit at random.
    - ``measurement``: anything else, of any ``dtype`` and shape: flow, landmarks, histograms. A batch is float32
      and otherwise as it is, (B, \*shape), and in training mirrored where :meth:`mirror` says how.
    """

    version: ClassVar[int] = 1
    kind: ClassVar[InputKind] = "picture"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.uint8)

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one clip's array."""

    @abstractmethod
    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return one clip's array, of :attr:`shape` and :attr:`dtype`."""

    def mirror(self, x: Tensor) -> Tensor | None:
        r"""Return what the input would be of clips mirrored left to right; None where that is not known.

        ``x`` is a batch of measurements, (B, \*shape), or of pictures with channels first. Pictures need a rule only
        where those of one clip change places with each other; without one each is turned by itself.
        """
        return None

    def describe(self) -> dict[str, Any]:
        """Return the input's identity as plain values."""
        kind = type(self)
        return {"input": f"{kind.__module__}:{kind.__qualname__}", "version": kind.version, **asdict(self)}

    def fault(self) -> str:
        """Return why its kind, dtype and shape do not fit together, or an empty text."""
        if self.kind not in get_args(InputKind):
            return f"its kind is {self.kind!r}: choose {' or '.join(get_args(InputKind))}"
        if self.kind == "picture" and (self.dtype != np.uint8 or len(self.shape) not in (3, 4)):
            return (
                f"it is a picture of {self.dtype} {self.shape}: pictures are uint8 of shape (H, W, C) or "
                "(T, H, W, C); anything else is of kind = 'measurement'"
            )
        return ""


def as_declared(wanted: Input, array: np.ndarray) -> np.ndarray:
    """Return an array that an input computed of a clip.

    Raises:
        MebenchError: its shape or type is not what the input declares.
    """
    if array.shape != wanted.shape or array.dtype != wanted.dtype:
        raise MebenchError(
            f"input {wanted} gave {array.dtype} {array.shape} where it declares {wanted.dtype} {wanted.shape}"
        )
    return array


def positive(name: str, value: int) -> None:
    """Raise MebenchError unless a named value is at least 1."""
    if value < 1:
        raise MebenchError(f"{name} is {value}: it must be at least 1")


@dataclass(frozen=True)
class _OneFrame(Input):
    size: int = 112

    def __post_init__(self) -> None:
        positive("size", self.size)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 3)


@dataclass(frozen=True)
class ApexFrame(_OneFrame):
    """The frame of strongest expression, (size, size, 3) RGB; the nearest readable one if it is missing."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the apex frame."""
        return clip.frame(clip.apex, self.size)


@dataclass(frozen=True)
class OnsetFrame(_OneFrame):
    """The frame where the expression begins, (size, size, 3) RGB."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the onset frame."""
        return clip.frame(clip.onset, self.size)


@dataclass(frozen=True)
class MiddleFrame(_OneFrame):
    """The frame half-way between onset and offset, (size, size, 3) RGB: for ablations of the apex."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the middle frame."""
        return clip.frame((clip.onset + clip.offset) // 2, self.size)


@dataclass(frozen=True)
class OnsetAndApex(Input):
    """The onset frame, then the apex frame, as one input (2, size, size, 3) RGB."""

    size: int = 112

    def __post_init__(self) -> None:
        positive("size", self.size)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (2, size, size, 3)."""
        return (2, self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return both frames."""
        return np.stack([clip.frame(clip.onset, self.size), clip.frame(clip.apex, self.size)])


@dataclass(frozen=True)
class ClipFrames(Input):
    """``n`` frames spread evenly from onset to offset, (n, size, size, 3) RGB.

    Positions are even in time. A clip of at least ``n`` frames gives its nearest whole frames; a shorter
    one, and any place where frames are missing, is interpolated linearly between its neighbours.
    """

    n: int = 16
    size: int = 112

    def __post_init__(self) -> None:
        positive("n", self.n)
        positive("size", self.size)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (n, size, size, 3)."""
        return (self.n, self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the sampled frames."""
        frames = np.empty(self.shape, np.uint8)
        for i, position in enumerate(self.positions(clip.onset, clip.offset)):
            frames[i] = np.rint(clip.at(position, self.size))
        return frames

    def positions(self, onset: int, offset: int) -> np.ndarray:
        """Return the sampled positions in frame numbers, (n,) float64."""
        positions = np.linspace(onset, offset, self.n)
        return np.rint(positions) if offset - onset + 1 >= self.n else positions
