"""What sealed processes and the main one say to each other: frames of strict JSON and plain arrays, never pickles.

    head, arrays = encode({"fitted": 1.5}, {"probabilities": array})
    Assembler(limit=1 << 20).read(sock)     # the frames that have arrived, whole ones only

A frame is a prefix (magic, length of the text, length of the arrays), JSON that names every array with its dtype and
shape, and the arrays' bytes in C order, each at a multiple of 64. What a reader is told is checked before memory is
taken for it.
"""

from __future__ import annotations

import json
import math
import socket
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.strict_json import parse_json

PREFIX = struct.Struct("<4sIQ")
MAGIC = b"mbf1"
TEXT_LIMIT = 16 << 20
LIMIT = 1 << 30
_ALIGNED = 64
_NAME = 200
_DIMENSIONS = 32
# The only dtypes that travel, by the text that names them: numbers and truth values of this machine's byte order.
_DTYPES = {
    dtype.str: dtype
    for dtype in map(np.dtype, ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"))
}


class WireFault(MebenchError):  # noqa: N818
    """A frame that is none: whoever sent it is not to be believed any more."""


@dataclass(frozen=True)
class Frame:
    """What was said at a time: plain JSON, and arrays by name."""

    message: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def encode(message: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> tuple[bytes, list[np.ndarray]]:
    """Return a frame's prefix with its JSON, and the arrays as their bytes are to follow.

    Raises:
        WireFault: the message is no JSON, or an array's dtype cannot travel.
    """
    plain = {str(name): _plain(str(name), np.asarray(array)) for name, array in arrays.items()}
    told = [[name, array.dtype.str, array.shape] for name, array in plain.items()]
    try:
        text = json.dumps({"message": message, "arrays": told}, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise WireFault(f"this cannot be sent, for it is no plain JSON: {error}") from None
    encoded = text.encode("utf-8", "replace")
    if len(encoded) > TEXT_LIMIT:
        raise WireFault(
            f"a message of {len(encoded):,} bytes is too long to be sent (at most {TEXT_LIMIT:,})"
        )
    body = sum(padded(array.nbytes) for array in plain.values())
    return PREFIX.pack(MAGIC, len(encoded), body) + encoded, list(plain.values())


def pieces(arrays: Iterable[np.ndarray]) -> Iterable[memoryview]:
    """Yield the bytes of a frame's arrays, with what stands between them."""
    for array in arrays:
        if array.nbytes:
            yield array.reshape(-1).view(np.uint8).data
            if gap := padded(array.nbytes) - array.nbytes:
                yield memoryview(bytes(gap))


def padded(size: int) -> int:
    """Return the place after ``size`` bytes where the next array may begin."""
    return -(-size // _ALIGNED) * _ALIGNED


def _plain(name: str, array: np.ndarray) -> np.ndarray:
    native = array.dtype.newbyteorder("=")
    if native.str not in _DTYPES:
        raise WireFault(f"the array {name!r} is of {array.dtype}, where numbers or truth values are due")
    return np.ascontiguousarray(array, dtype=native).reshape(array.shape)


def read_prefix(prefix: bytes, limit: int) -> tuple[int, int]:
    """Return the lengths of a frame's text and of its arrays in bytes.

    Raises:
        WireFault: it is none, or longer than allowed.
    """
    magic, text, body = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireFault("what arrived is no frame")
    if text > TEXT_LIMIT or body > limit:
        raise WireFault(f"a frame of {text + body:,} bytes is longer than allowed ({limit:,})")
    return text, body


def decode(text: bytes | bytearray, body: Any) -> Frame:
    """Return the frame of a JSON text and the bytes of its arrays (a buffer; the arrays are views of it).

    Raises:
        WireFault: the text is no strict JSON, or tells other arrays than there are.
    """
    said = _strict(text)
    if not isinstance(said, dict) or set(said) != {"message", "arrays"}:
        raise WireFault("a frame holds a message and arrays, and this one does not")
    message, told = said["message"], said["arrays"]
    if not isinstance(message, dict) or not isinstance(told, list):
        raise WireFault("a frame's message or its list of arrays has a wrong type")
    arrays: dict[str, np.ndarray] = {}
    place = 0
    for each in told:
        name, dtype, shape = _told(each)
        size = math.prod(shape) * dtype.itemsize
        if name in arrays or place + padded(size) > len(body):
            raise WireFault(f"the array {name!r} is told twice, or larger than what arrived")
        arrays[name] = np.frombuffer(body, dtype, math.prod(shape), place).reshape(shape)
        place += padded(size)
    if place != len(body):
        raise WireFault(f"{len(body) - place:,} bytes belong to no array")
    return Frame(message, arrays)


def _told(each: Any) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    if not (isinstance(each, list) and len(each) == 3 and isinstance(each[0], str) and len(each[0]) <= _NAME):
        raise WireFault("an array is told by its name, dtype and shape")
    name, dtype, shape = each
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise WireFault(f"the array {name!r} is of a dtype that does not travel")
    if (
        not isinstance(shape, list)
        or len(shape) > _DIMENSIONS
        or not all(type(n) is int and n >= 0 for n in shape)
    ):
        raise WireFault(f"the array {name!r} has no shape")
    return name, _DTYPES[dtype], tuple(shape)


def _strict(text: bytes | bytearray) -> Any:
    """Return what JSON says, without what JSON leaves open."""
    try:
        return parse_json(text.decode("utf-8"))
    except ValueError as error:
        raise WireFault(f"a frame's text is no strict JSON: {error}") from None


class Assembler:
    """Puts frames together from what arrives at a socket that does not block."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._begin()

    def _begin(self) -> None:
        self._text: bytes | None = None
        self._expect(PREFIX.size)
        self._lengths: tuple[int, int] | None = None

    def _expect(self, size: int) -> None:
        # Not zeroed: memory is taken only as bytes arrive, whatever length was claimed.
        self._target = np.empty(size, np.uint8)
        self._filled = 0

    @property
    def halfway(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._lengths is not None or self._filled > 0

    def read(self, source: socket.socket, most: int = 8 << 20) -> tuple[list[Frame], bool]:
        """Return the frames that are whole after reading what is there, and whether more can come.

        Raises:
            WireFault: what arrived is no frame, or too long.
        """
        frames: list[Frame] = []
        while most > 0:
            try:
                got = source.recv_into(self._target.data[self._filled :])
            except (BlockingIOError, InterruptedError):
                return frames, True
            except ConnectionError:
                return frames, False
            if not got:
                return frames, False
            self._filled += got
            most -= got
            while self._filled == len(self._target) and (frame := self._step()) is not None:
                if frame:
                    frames += frame
        return frames, True

    def _step(self) -> list[Frame] | None:
        """Take what has been filled; return the frames that this completes, None where more is to be read first."""
        if self._lengths is None:
            self._lengths = read_prefix(self._target.tobytes(), self.limit)
            self._expect(self._lengths[0])
            return [] if not self._lengths[0] else None
        if self._text is None:
            self._text = self._target.tobytes()
            self._expect(self._lengths[1])
            return [] if not self._lengths[1] else None
        frame = decode(self._text, self._target)
        self._begin()
        return [frame]
