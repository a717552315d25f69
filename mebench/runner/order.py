"""The order in which a fold's test clips are asked for, which nobody can know who has not the user's secret.

    order = secret_order(seed, ["casme3/spNO.1/a/12", ...])      # places in the list

The same user on the same machine gets the same order each time, and with it the same bytes.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

import numpy as np

from mebench.paths import secret


def secret_order(seed: int, keys: Sequence[str]) -> np.ndarray:
    """Return the places of clips (n,) in the order of an HMAC of their keys under the secret and the fold's seed."""
    own = secret()
    marks = [hmac.digest(own, f"{seed}\0{key}".encode(), "sha256") for key in keys]
    return np.array(sorted(range(len(marks)), key=marks.__getitem__), np.int64)
