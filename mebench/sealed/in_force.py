"""What is in force in a sealed process, in the words of records and tables: ``landlock-7, netns`` ... ``none``."""

from __future__ import annotations

NONE = "none"
AUDIT = "audit hook"
NETWORK = "netns"
WRITES = "writes"
CALLS = "seccomp"
TOGETHER = "folds together"


def is_full(isolation: str) -> bool:
    """Tell whether what is in force keeps files away by Landlock, and leaves no network and no word to others.

    Folds that share a process are not kept from each other, whatever keeps it from all else.
    """
    parts = set(isolation.split(", "))
    return (
        isolation.startswith("landlock-")
        and bool({NETWORK, CALLS} & parts)
        and not {WRITES, TOGETHER} & parts
    )
