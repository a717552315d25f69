"""Hashes that bind a run's files together, and the seeds that follow from names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest_of(decided_by: Any) -> str:
    """Return the SHA-256 of what decides a run: its identity."""
    return _hash_of(decided_by)


def checksum(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record's or a description's content, the checksum itself left out."""
    return _hash_of({name: value for name, value in content.items() if name != "checksum"})


def _hash_of(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return content with its checksum."""
    return {**content, "checksum": checksum(content)}


def derive_seed(*names: object) -> int:
    """Return a seed below 2**63 from any names, the same on every machine.

    >>> derive_seed(0, "casme3-4c", "casme3/spNO.1") == derive_seed(0, "casme3-4c", "casme3/spNO.1")
    True
    """
    text = "\x1f".join(map(str, names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
