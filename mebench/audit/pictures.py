"""Near-duplicate pictures, told by a difference hash (dHash).

    distances(difference_hashes(pictures))     # int (n, n): bits that differ, of 272

A hash says of each pixel of a small grey picture whether its right neighbour is brighter (N. Krawetz, "Kind of like
that", The Hacker Factor Blog, 2013, there 9 x 8 pixels). It stays as it is under compression, resizing and changes of
light, and differs between faces. 17 x 17 pixels are taken here, since recordings of one laboratory are alike in all
but the face.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mebench.features.grey import grey


class Limit(NamedTuple):
    """Bits of a hash, and how many of them may differ where two pictures are called the same."""

    bits: int
    same: int


SIDE = 17
LIMIT = Limit(bits=SIDE * (SIDE - 1), same=12)


def difference_hashes(pictures: np.ndarray) -> np.ndarray:
    """Return the hash of each picture: uint8 (n, 17, 17, 3) RGB to bool (n, 272)."""
    light = grey(pictures)
    # Equal to three digits is equal: what rounding makes of a flat background is no difference.
    brighter = np.diff(light, axis=2) > 1e-3
    hashes: np.ndarray = brighter.reshape(len(pictures), LIMIT.bits)
    return hashes


def distances(hashes: np.ndarray) -> np.ndarray:
    """Return how many bits differ between any two hashes: bool (n, bits) to int (n, n)."""
    ones = hashes.astype(np.float32)
    both = ones @ ones.T
    count = ones.sum(axis=1)
    apart: np.ndarray = np.rint(count[:, None] + count[None, :] - 2 * both).astype(np.int64)
    return apart
