"""The sealed process's end of its conversation with the main one; it waits for every word.

frame = channel.receive()
channel.send({"fitted": 1.5}, {"probabilities": array})
"""

from __future__ import annotations

import mmap
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mebench.sealed.wire import PREFIX, Frame, decode, encode, pieces, read_prefix

_ANY = 1 << 62


class Channel:
    """What a sealed process is given to talk to the main one."""

    def __init__(self, connection: socket.socket, private: Path, isolation: str = "none") -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self.private = private
        self.isolation = isolation

    def send(self, message: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> None:
        """Send a frame; threads may.

        Raises:
            WireFault: the message is no JSON, or an array is of no plain numbers.
            OSError: the main process is gone.
        """
        head, plain = encode(message, arrays or {})
        with self._sending:
            self._connection.sendall(head)
            for piece in pieces(plain):
                self._connection.sendall(piece)

    def receive(self) -> Frame:
        """Wait for the next frame. Its arrays are this process's own: writing into them changes nothing elsewhere.

        Raises:
            EOFError: the main process has no more to say.
        """
        prefix, descriptors = self._first()
        text, body = read_prefix(prefix, _ANY)
        words = self._exactly(text)
        if not descriptors:
            return decode(words, self._exactly(body))
        try:
            # Copied page by page where it is written to, so that large arrays are not there twice.
            return decode(words, mmap.mmap(descriptors[0], body, access=mmap.ACCESS_COPY))
        finally:
            for each in descriptors:
                os.close(each)

    def _first(self) -> tuple[bytes, list[int]]:
        got, descriptors, _, _ = socket.recv_fds(self._connection, PREFIX.size, 1)
        if not got:
            raise EOFError("the main process is gone")
        return got + bytes(self._exactly(PREFIX.size - len(got))), list(descriptors)

    def _exactly(self, size: int) -> bytearray:
        target = bytearray(size)
        place = 0
        while place < size:
            if not (got := self._connection.recv_into(memoryview(target)[place:])):
                raise EOFError("the main process is gone")
            place += got
        return target
