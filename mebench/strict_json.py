"""JSON as mebench writes it, and nothing that another program could read otherwise.

    parse_json(text)            # ValueError where it is not such JSON; of a file: mebench.files.read_json

RFC 8259 leaves open what a name that stands twice in an object means, and knows neither NaN nor infinity; Python's
reader takes the last of the two and knows all three. Here they are refused, and so are half a surrogate pair, a number
that overflows, and a depth that no file of mebench has.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

# The deepest file that mebench writes, a run's description, has half of it.
DEPTH = 32

# Of all that JSON says, these alone hold something.
_HOLDERS = frozenset((dict, list))


def parse_json(text: str) -> Any:
    """Return what JSON says.

    Raises:
        ValueError: it is not JSON in the strict sense.
    """
    try:
        content = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError(f"it is nested more than {DEPTH} deep") from None
    _refuse_depth(content)
    if "\\ud" in text or "\\uD" in text:
        _refuse_half_pairs(content)
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"it names {twice[:60]!r} twice in one object")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"it holds {word}, which is no number")


def _finite(text: str) -> float:
    if not isfinite(value := float(text)):
        raise ValueError(f"it holds {text[:20]}, which is too large a number")
    return value


def _refuse_half_pairs(content: Any) -> None:
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a surrogate pair, which is no character") from None


def _refuse_depth(content: Any) -> None:
    level = [content] if type(content) in _HOLDERS else []
    for _ in range(DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _HOLDERS
        ]
        if not level:
            return
    raise ValueError(f"it is nested more than {DEPTH} deep")
