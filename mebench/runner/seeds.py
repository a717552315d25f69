"""Seeds by name: a fold's seed depends on what the fold is, never on when or where it runs."""

from __future__ import annotations

import hashlib


def derive_seed(*names: object) -> int:
    """Return a seed below 2**63 from any names, the same on every machine.

    >>> derive_seed(0, "casme3-4c", "casme3/spNO.1") == derive_seed(0, "casme3-4c", "casme3/spNO.1")
    True
    """
    text = "\x1f".join(map(str, names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
