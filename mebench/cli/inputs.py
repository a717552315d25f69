"""Inputs by name, with their fields as texts: ``--input FlowPicture --set size=56 --set method=farneback``."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, get_type_hints

from mebench import api
from mebench.errors import MebenchError, UnknownNameError
from mebench.features.inputs import Input
from mebench.models.setting_text import assigned_pairs
from mebench.models.settings import value_of


def named_input(name: str, assignments: Sequence[str] = ()) -> Input:
    """Return the input of :mod:`mebench.api` that a class's name means.

    ``assignments`` are texts ``field=value``.

    Raises:
        UnknownNameError: there is no such input or field.
        MebenchError: a value is not allowed, or one that has no default is missing.
    """
    from pydantic import TypeAdapter, ValidationError

    kind: Any = getattr(api, name) if name in api.__all__ else None
    if not _is_input(kind):
        raise UnknownNameError("input", name, [each for each in api.__all__ if _is_input(getattr(api, each))])
    hints = get_type_hints(kind)
    fields = [field for field in inspect.signature(kind).parameters if field in hints]
    values: dict[str, Any] = {}
    for field, text in assigned_pairs(assignments):
        if field not in fields:
            raise UnknownNameError(f"field of {name}", field, fields)
        try:
            values[field] = TypeAdapter(hints[field]).validate_python(value_of(text, hints[field]))
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            raise MebenchError(f"--set {field}={text}: {reason[0].lower()}{reason[1:]}") from error
    try:
        made: Input = kind(**values)
    except TypeError as error:
        raise MebenchError(f"{name} cannot be made of {values or 'nothing'}: {error}") from error
    return made


def _is_input(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, Input) and not inspect.isabstract(kind)
