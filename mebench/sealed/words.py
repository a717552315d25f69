"""What is told of a sealed process: what it said, as one harmless line, and how it ended."""

from __future__ import annotations

import signal

from mebench.plain_text import plain

_LONGEST = 2000


def one_line(*said: object) -> str:
    """Return what a process said as one line of limited length, which no terminal obeys."""
    words = plain(" ".join(" ".join(map(str, said)).split()))
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}..."


def last_line(log: bytes) -> str:
    """Return the last line that it printed, with a colon before it; nothing where it printed nothing."""
    lines = log.decode("utf-8", "replace").strip().splitlines()
    return f": {one_line(lines[-1])}" if lines else ""


def how_it_ended(status: int) -> str:
    """Return how a process ended, of its exit status, which is negative where a signal killed it."""
    if status == -signal.SIGKILL:
        return "it was killed, often for want of memory"
    return f"it died of {signal_name(-status)}" if status < 0 else f"exit status {status}"


def signal_name(number: int) -> str:
    """Return what a signal is called: those of real time have no names but the first and the last."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
