"""What is in force in a sealed process, in the words of records and tables: ``landlock-7, netns`` ... ``none``."""

from __future__ import annotations

NONE = "none"
AUDIT = "audit hook"
NETWORK = "netns"
WRITES = "writes"
CALLS = "seccomp"


def is_full(isolation: str) -> bool:
    """Tell whether what is in force keeps files away by Landlock, and leaves no network and no word to others."""
    parts = isolation.split(", ")
    return parts[0].startswith("landlock-") and bool({NETWORK, CALLS} & set(parts)) and WRITES not in parts
