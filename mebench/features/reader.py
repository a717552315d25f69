"""Reading the frames of one clip: the nearest readable one where a frame is missing or damaged.

reader = ClipReader("casme3/spNO.1/b/166", onset=166, apex=175, offset=179, frames=frame_list)
reader.frame(175, size=112)      # uint8 (112, 112, 3) RGB
reader.damaged                   # paths of pictures that are damaged
reader.notes()                   # the same and what else was done to pictures, by frame number
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mebench.data.clips.layout import FrameList
from mebench.data.fetching import read_bytes
from mebench.data.pictures import Square, decode_square
from mebench.errors import MebenchError


class NothingReadableError(MebenchError):
    """A clip of which no picture can be decoded."""


@dataclass(frozen=True)
class PictureNotes:
    """What had to be done to a clip's pictures, as frame numbers.

    ``unreadable`` are damaged and bridged by others; ``turned`` were turned or mirrored as their orientation
    tag says; of ``several`` the file's first picture was taken; in ``faceless`` no face was found, and landmarks
    were placed by a template. Only pictures that were looked at are among them.
    """

    unreadable: tuple[int, ...] = ()
    turned: tuple[int, ...] = ()
    several: tuple[int, ...] = ()
    faceless: tuple[int, ...] = ()


def _decoded_file(path: Path, size: int) -> Square:
    return decode_square(path, read_bytes(path), size)


@dataclass
class ClipReader:
    """The frames of one clip's window, decoded on demand and once for each size.

    ``frames`` may lack numbers of the window (releases drop frames); it is never empty. A file that the system
    cannot read is no damaged picture: it stops whatever asked for it (:mod:`mebench.data.fetching`). ``decode`` gives
    a picture at a size; a process that may read no files has one that asks (:mod:`mebench.features.sealed_work`).
    """

    key: str
    onset: int
    apex: int
    offset: int
    frames: FrameList
    decode: Callable[[Path, int], Square] = field(default=_decoded_file, repr=False)
    _decoded: dict[tuple[Path, int], Square] = field(default_factory=dict, repr=False)
    _faceless: set[int] = field(default_factory=set, repr=False)

    def frame(self, number: int, size: int) -> np.ndarray:
        """Return the readable frame nearest to ``number``, uint8 (size, size, 3) RGB.

        The picture's central square is taken and resized with antialiasing. Of two frames equally near,
        the earlier one counts.

        Raises:
            NothingReadableError: no frame of the clip is a readable picture.
            UnreachableError: the system cannot read a file.
        """
        return self._nearest(number, size)[1]

    def around(self, position: float, size: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Return the frames before and after a position in frame numbers, and the share of the second.

        Missing and damaged frames are bridged by their readable neighbours; outside them the nearest
        frame stands alone.

        Raises:
            NothingReadableError: no frame of the clip is a readable picture.
            UnreachableError: the system cannot read a file.
        """
        numbers = self.frames.numbers
        before = self._first_readable(
            (i for i in reversed(range(len(numbers))) if numbers[i] <= position), size
        )
        after = self._first_readable((i for i in range(len(numbers)) if numbers[i] >= position), size)
        if before and after:
            span = after[0] - before[0]
            return before[1], after[1], (position - before[0]) / span if span else 0.0
        alone = before or after
        if alone is None:
            raise self.nothing_readable()
        return alone[1], alone[1], 0.0

    def at(self, position: float, size: int) -> np.ndarray:
        """Return the picture at a position in frame numbers, float32 (size, size, 3), mixed where it must be.

        Raises:
            NothingReadableError: no frame of the clip is a readable picture.
            UnreachableError: the system cannot read a file.
        """
        before, after, share = self.around(position, size)
        if not share:
            return before.astype(np.float32)
        mixed: np.ndarray = before * np.float32(1 - share) + after * np.float32(share)
        return mixed

    def square(self, index: int, size: int) -> Square:
        """Return the picture at a place of :attr:`frames`, damaged or not.

        Raises:
            UnreachableError: the system cannot read its file.
        """
        path = self.frames.paths[index]
        if (path, size) not in self._decoded:
            self._decoded[path, size] = self.decode(path, size)
        return self._decoded[path, size]

    @property
    def damaged(self) -> set[Path]:
        """The pictures that were looked at so far and are damaged."""
        return {path for (path, _), square in self._decoded.items() if square.pixels is None}

    def notes(self) -> PictureNotes:
        """Return what was done to the pictures that were looked at so far."""
        number_of = dict(zip(self.frames.paths, self.frames.numbers, strict=True))
        looked_at = [(number_of[path], square) for (path, _), square in self._decoded.items()]

        def numbers(kind: Callable[[Square], bool]) -> tuple[int, ...]:
            return tuple(sorted({number for number, square in looked_at if kind(square)}))

        return PictureNotes(
            unreadable=numbers(lambda square: square.pixels is None),
            turned=numbers(lambda square: square.turned),
            several=numbers(lambda square: square.several),
            faceless=tuple(sorted(self._faceless)),
        )

    def looked_at(self) -> tuple[int, ...]:
        """Return the places, in :attr:`frames`, of the pictures that were looked at so far."""
        looked_at = {path for path, _ in self._decoded}
        return tuple(place for place, path in enumerate(self.frames.paths) if path in looked_at)

    def note_no_face(self, number: int, size: int) -> None:
        """Note that no face was found in the picture that :meth:`frame` gives for a number."""
        self._faceless.add(self._nearest(number, size)[0])

    def _nearest(self, number: int, size: int) -> tuple[int, np.ndarray]:
        nearest = sorted(range(len(self.frames)), key=lambda i: (abs(self.frames.numbers[i] - number), i))
        found = self._first_readable(nearest, size)
        if found is None:
            raise self.nothing_readable()
        return found

    def _first_readable(self, indices: Iterable[int], size: int) -> tuple[int, np.ndarray] | None:
        for index in indices:
            pixels = self.square(index, size).pixels
            if pixels is not None:
                return self.frames.numbers[index], pixels
        return None

    def nothing_readable(self) -> NothingReadableError:
        """Return what to say where none of the frames is a readable picture."""
        return NothingReadableError(
            f"clip {self.key}: none of its {len(self.frames)} frames is a readable picture "
            f"(first: {self.frames.paths[0]}): restore the files, or take them away, so that --allow-dropped can "
            "leave the clip out"
        )
