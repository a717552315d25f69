"""Whether something read from a file has the shape that its type says: every field there, of its kind, within limits.

    misshapen(Record, content)       # "its predictions.0.clip is 7: input should be a valid string", or ""

Nothing is converted: a number in quotes is no number, a truth value no whole number.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# More wrong values than that are counted, not listed: of a hostile file there may be millions.
_LISTED = 1000


def misshapen(kind: Any, content: Any) -> str:
    """Return in a sentence's part why content is not of a kind (a typed dict); nothing where it is."""
    return next(iter(misshapes(kind, content, most=1)), "")


def misshapes(kind: Any, content: Any, *, most: int = 20) -> list[str]:
    """Return each reason why content is not of a kind, of more than ``most`` the first ones."""
    try:
        _adapter(kind).validate_python(content, strict=True)
    except ValidationError as error:
        if error.error_count() > _LISTED:
            return [f"it has {error.error_count()} wrong values"]
        return [_told(each) for each in error.errors(include_url=False, include_context=False)[:most]]
    return []


def _told(error: ErrorDetails) -> str:
    where = ".".join(map(str, error["loc"]))[:80]
    if error["type"] == "missing":
        return f"it lacks {where}"
    message = error["msg"][:1].lower() + error["msg"][1:]
    return f"{f'its {where}' if where else 'it'} is {repr(error['input'])[:60]}: {message}"


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
