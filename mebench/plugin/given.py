"""What a plugin gives, held against what its interface declares, before anything is computed with it.

    dataset = loaded_class(entry, Dataset)              # a class, of the right base
    refuse(entry, field_fault(protocol))                # each field of a dataclass has its declared type

A plugin is somebody's first try as often as not: what is wrong is one sentence that names the plugin.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar, cast, get_args, get_origin, get_type_hints

from mebench.errors import MebenchError
from mebench.plugin.entry import Entry

Base = TypeVar("Base")


def refuse(entry: Entry, fault: str) -> None:
    """Raise for a fault; an empty text is none.

    Raises:
        MebenchError: the fault, with the plugin's name and where it was registered from.
    """
    if fault:
        raise MebenchError(
            f"{entry.kind} {entry.name!r} of plugin {entry.plugin!r} ({entry.target}) cannot be used: {fault}"
        )


def loaded_class(entry: Entry, base: type[Base]) -> type[Base]:
    """Load a target that must be a class that can be made, with class attributes of the declared types.

    Raises:
        MebenchError: it cannot be loaded, or is something else.
    """
    kind: Any = entry.load()
    if not (inspect.isclass(kind) and issubclass(kind, base)):
        refuse(entry, f"it is {_what(kind)}, and a subclass of {base.__module__}.{base.__name__} is due")
    if missing := sorted(getattr(kind, "__abstractmethods__", ())):
        refuse(entry, f"it does not define {', '.join(f'{name}()' for name in missing)}")
    hints = {
        name: get_args(hint)[0] for name, hint in get_type_hints(base).items() if get_origin(hint) is ClassVar
    }
    if absent := next((name for name in hints if not hasattr(kind, name)), ""):
        refuse(entry, f"it has no class attribute {absent!r}")
    refuse(entry, _first_fault({name: getattr(kind, name) for name in hints}, hints))
    return cast("type[Base]", kind)


def field_fault(given: Any) -> str:
    """Return what is wrong with the type of a dataclass's first such field, nested ones too; or ``""``."""
    hints = get_type_hints(type(given))
    return _first_fault({field.name: getattr(given, field.name) for field in fields(given)}, hints)


def _first_fault(values: Mapping[str, Any], hints: Mapping[str, Any]) -> str:
    from pydantic import ValidationError

    for name, value in values.items():
        try:
            _adapter(hints[name]).validate_python(value, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = name + "".join(f"[{step!r}]" for step in first["loc"] if step != "[key]")
            return f"{place} is {_what(first['input'])}: {first['msg'][0].lower()}{first['msg'][1:]}"
        for place, nested in _dataclasses_in(name, value):
            if fault := field_fault(nested):
                return f"{place}.{fault}"
    return ""


@cache
def _adapter(hint: Any) -> Any:
    from pydantic import ConfigDict, TypeAdapter

    # A dataclass has a configuration of its own; only its being an instance is asked here.
    config = None if is_dataclass(hint) else ConfigDict(arbitrary_types_allowed=True)
    return TypeAdapter(hint, config=config)


def _dataclasses_in(name: str, value: Any) -> list[tuple[str, Any]]:
    if is_dataclass(value) and not isinstance(value, type):
        return [(name, value)]
    if isinstance(value, Mapping):
        return [found for key, each in value.items() for found in _dataclasses_in(f"{name}[{key!r}]", each)]
    if isinstance(value, tuple):
        return [
            found for place, each in enumerate(value) for found in _dataclasses_in(f"{name}[{place}]", each)
        ]
    return []


def _what(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"
