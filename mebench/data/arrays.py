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
        if mapped:
            return np.lib.format.open_memmap(path, mode="r")
        with path.open("rb") as file:
            found: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
            return found
    except FileNotFoundError:
        raise
    except Exception as error:  # of a header that was changed numpy raises whatever its parts raise
        raise MebenchError(f"{path.name} is no array ({str(error) or type(error).__name__})") from error
