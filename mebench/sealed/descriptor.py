"""Arrays in a file without a name, whose descriptor another process is given: nothing to find or to delete."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Sequence

import numpy as np

from mebench.errors import MebenchError
from mebench.sealed.wire import pieces


def in_descriptor(arrays: Sequence[np.ndarray]) -> int:
    """Return the descriptor of a nameless file with arrays as they stand in a frame: in memory where that can be.

    Raises:
        MebenchError: there is no room for them.
    """
    descriptor = -1
    try:
        descriptor = _nameless()
        for piece in pieces(arrays):
            place = 0
            while place < len(piece):
                place += os.write(descriptor, piece[place:])
    except OSError as error:
        if descriptor >= 0:
            os.close(descriptor)
        size = sum(array.nbytes for array in arrays)
        where = "memory" if hasattr(os, "memfd_create") else f"the temporary folder {tempfile.gettempdir()}"
        full = error.errno in (errno.ENOSPC, errno.ENOMEM, errno.EDQUOT)
        raise MebenchError(
            f"{size / 2**20:,.0f} MiB of arrays cannot be given to a sealed process: "
            + (f"{where} is full; use fewer --workers" if full else f"{error.strerror or error} ({where})")
        ) from error
    return descriptor


def _nameless() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("mebench", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
