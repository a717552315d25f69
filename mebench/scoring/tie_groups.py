"""Groups of runs that a test cannot tell apart, as letters beside a ranking.

>>> tie_groups(["x", "y", "z"], {("x", "y"): 0.4, ("x", "z"): 0.01, ("y", "z"): 0.3})
{'x': 'a', 'y': 'ab', 'z': 'b'}

Not being told apart does not carry over: here x and y may be equal, and y and z, but not x and z. So a group has a
leader. Group a holds the best run and every run that the test cannot tell from it. Group b is led by the best run that
is in no group yet, and holds every run that cannot be told from that leader, also ones that are in a; and so on. A
group says of its members that none can be told from its leader, not from each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase

from mebench.errors import MebenchError

LEVEL = 0.05


def tie_groups(
    names: Sequence[str], p: Mapping[tuple[str, str], float | None], level: float = LEVEL
) -> dict[str, str]:
    """Return the letters of each run's groups, for ``names`` from the best to the worst.

    ``p`` holds each two runs' p-value, corrected for their number, in either order. They are told apart where it is
    below ``level``; where it is None or NaN the test says nothing, and they are not. After ``z`` come ``A`` to ``Z``,
    then numbers in brackets.

    Raises:
        MebenchError: two runs have no p-value.
    """
    signs = [*ascii_lowercase, *ascii_lowercase.upper()]
    groups = dict.fromkeys(names, "")
    led = 0
    for leader in names:
        if groups[leader]:
            continue
        sign = signs[led] if led < len(signs) else f"({led + 1})"
        led += 1
        for name in names:
            if name == leader or not _told_apart(p, leader, name, level):
                groups[name] += sign
    return groups


def _told_apart(p: Mapping[tuple[str, str], float | None], a: str, b: str, level: float) -> bool:
    if (a, b) not in p and (b, a) not in p:
        raise MebenchError(f"{a} and {b} have no p-value: compare every two runs before they are grouped")
    value = p.get((a, b), p.get((b, a)))
    return value is not None and value < level
