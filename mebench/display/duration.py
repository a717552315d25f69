"""Times in words."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Return a time in the two largest units that matter.

    >>> duration(12), duration(754), duration(50000)
    ('12 s', '13 min', '13 h 53 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
