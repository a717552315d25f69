"""Settings of a model: a preset, what the model's name stands for, then what the user sets.

    settings = make_settings(FAMNet, entry.settings, preset="small", assignments=["fusion=mean"])
    settings = make_settings(FAMNet, entry.settings, preset="small", assignments={"epochs": 5})

Every wrong name gets near matches and every wrong value the list or range of the right ones.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mebench.errors import MebenchError, UnknownNameError, near_matches
from mebench.models.base import Model, ModelSettings, assigned_in, reads_of
from mebench.models.setting_text import assigned_pairs, setting_text

Settings = TypeVar("Settings", bound=BaseModel)


def make_settings(
    model: type[Model],
    variant: Mapping[str, Any],
    preset: str | None = None,
    assignments: Sequence[str] | Mapping[str, Any] = (),
) -> ModelSettings:
    """Return a model's validated settings.

    ``assignments`` are texts ``name=value``, or names and values, of which a text is read as behind ``--set``.

    Raises:
        UnknownNameError: no such preset or setting.
        MebenchError: a value is not allowed.
    """
    values = dict(variant)
    if preset is not None:
        if preset not in model.presets:
            raise UnknownNameError(f"preset of {model.__name__}", preset, model.presets)
        values = {**model.presets[preset], **values}
    fields = model.Settings.model_fields
    assigned = []
    for name, value in assigned_pairs(assignments):
        assigned.append(name)
        if name not in fields:
            raise UnknownNameError(f"setting of {model.__name__}", name, fields)
        if name in variant:
            raise MebenchError(
                f"--set {name}={setting_text(value)}: this model's name stands for {name}={variant[name]}; "
                "`mebench list models` shows the other variants"
            )
        values[name] = value_of(value, fields[name].annotation) if isinstance(value, str) else value
    settings = validated(model.Settings, values, model.__name__, "--set ")
    assigned_in(settings).update(assigned)
    reads_of(settings).clear()  # checking them is no use of them
    return settings


def validated(kind: type[Settings], values: Mapping[str, Any], owner: str, written: str) -> Settings:
    """Return settings with these values; ``written`` is what a user puts before NAME=VALUE to set one of ``owner``.

    Raises:
        MebenchError: a value is not allowed, or one is missing.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        raise MebenchError(_sentence(kind, error, owner, written)) from error


def left_open(model: type[Model], variant: Mapping[str, Any]) -> set[str]:
    """Return the settings that nobody but the user can say: without a default, nor set by the model's name."""
    fields = model.Settings.model_fields
    return {name for name, field in fields.items() if field.is_required() and name not in variant}


def refuse_unread(settings: ModelSettings, assigned: Collection[str]) -> None:
    """Raise where the user set something that had no effect, since nothing read it.

    Raises:
        MebenchError: naming the first such setting.
    """
    if unread := sorted(set(assigned) - reads_of(settings)):
        raise MebenchError(
            f"setting {unread[0]!r} was set, and nothing in the model reads it as it is set up now: leave it out, or "
            "set what it depends on, too"
        )


def holds_several(annotation: Any) -> bool:
    """Return whether a setting's value is a list of values."""
    return any(get_origin(kind) in (tuple, list, set, frozenset) for kind in _kinds(annotation))


def value_of(text: str, annotation: Any) -> Any:
    """Return ``a,b`` as a list where the setting holds several values; ``none`` where it may be empty."""
    if type(None) in _kinds(annotation) and text.casefold() in ("none", ""):
        return None
    if holds_several(annotation):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _kinds(annotation: Any) -> tuple[Any, ...]:
    union = get_origin(annotation) in (typing.Union, types.UnionType)
    return get_args(annotation) if union else (annotation,)


def _sentence(kind: type[BaseModel], error: ValidationError, owner: str, written: str) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    where = f"setting {name!r} of {owner}" if name else f"the settings of {owner}"
    given = first["input"]
    if first["type"] == "literal_error":
        choices = [
            choice.strip("'\" ") for choice in first["ctx"]["expected"].replace(" or ", ", ").split(",")
        ]
        return f"{where} cannot be {given!r}{near_matches(str(given), choices)}; choose one of {', '.join(choices)}"
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return f"{owner} needs {written}{name}=...: {kind.model_fields[name].description}"
    message = (
        "it needs more values" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
    )
    return (
        f"{where} cannot be {given!r}: {message[0].lower()}{message[1:]}" if name else f"{where}: {message}"
    )
