"""Settings as texts, as a user writes and reads them; what is written is made settings of in
:mod:`mebench.models.settings`.

>>> in_words({"fusion": "mean", "faud": False})
'fusion=mean, faud=false'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mebench.errors import MebenchError


def assigned_pairs(assignments: Sequence[str] | Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield names and values of what stands behind ``--set``, or of a mapping.

    Raises:
        MebenchError: a text is not written as NAME=VALUE.
    """
    if isinstance(assignments, Mapping):
        yield from ((str(name), value) for name, value in assignments.items())
        return
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise MebenchError(f"--set {assignment!r}: write it as NAME=VALUE")
        yield name.strip(), text.strip()


def setting_text(value: Any) -> str:
    """Return a value as one would write it behind ``--set NAME=``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(setting_text, value)) if isinstance(value, (tuple, list)) else str(value)


def in_words(settings: Mapping[str, Any], mark: str = ", ") -> str:
    """Return settings as a sentence or a cell names them, ``fusion=mean, faud=false``, with a mark between them."""
    return mark.join(f"{name}={setting_text(value)}" for name, value in settings.items())
