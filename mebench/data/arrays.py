"""An array file of the cache, read without trusting it.

array = load_array(path, mapped=True)
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mebench.errors import MebenchError


def load_array(path: Path, *, mapped: bool = False) -> np.ndarray:
    """Return the array of a file, memory-mapped and read-only where it is asked for.

    Raises:
        FileNotFoundError: there is no such file.
        MebenchError: it holds no array of numbers.
    """
    try:
        found = np.load(path, mmap_mode="r" if mapped else None)
    except FileNotFoundError:
        raise
    except Exception as error:  # of a header that was changed numpy raises whatever its parts raise
        raise MebenchError(f"{path.name} is no array ({str(error) or type(error).__name__})") from error
    if not isinstance(found, np.ndarray):
        raise MebenchError(f"{path.name} is no array")
    return found
