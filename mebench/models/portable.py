"""Settings as a kept model takes them along: without the files and fetched weights that its training started from.

    kept = portable(model.settings)
    kept.values             # {"width": 64, "pretrained": None, ...}: these build the network, wherever that is
    kept.started_from       # {"pretrained": "resnet18.a1_in1k"}, or the SHA-256 of a file

What a network started from is no part of what it is: all of its weights are kept. So a kept model needs neither a file
of then nor a connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from mebench.errors import MebenchError
from mebench.models.base import ModelSettings, settings_values
from mebench.models.setting_text import setting_text
from mebench.models.weights import StartsFrom, files_of


@dataclass(frozen=True)
class Portable:
    """``values`` are plain settings without any place; ``started_from`` says by setting what they leave out."""

    values: dict[str, Any]
    started_from: dict[str, str]


def portable(settings: ModelSettings) -> Portable:
    """Return the settings that build the network again.

    Raises:
        MebenchError: one names a file and can be nothing else, so that the model cannot do without it.
    """
    own, plain = settings_values(settings), settings_values(settings, "json")
    files = files_of(settings)
    started: dict[str, str] = {}
    for name, field in type(settings).model_fields.items():
        named = [each for each in files if each == name or each.startswith(f"{name}.")]
        mark = _mark(field)
        if mark and own[name] != mark.without:
            started[name] = files.get(name) or setting_text(own[name])
            plain[name] = mark.without
        elif named:
            if named != [name] or not _can_be_none(settings, name):
                raise MebenchError(
                    f"its setting {name!r} names a file or folder, which a kept model does not hold, and cannot be none"
                )
            started[name] = files[name] or "nothing there"
            plain[name] = None
    return Portable(plain, started)


def refuse_places(settings: ModelSettings) -> None:
    """Raise where settings that are said to be a kept model's name a file, or weights to start from, after all.

    Raises:
        MebenchError: one does.
    """
    values = settings_values(settings)
    for name, field in type(settings).model_fields.items():
        value, mark = values[name], _mark(field)
        if isinstance(value, Path) or (mark and value != mark.without):
            raise MebenchError(
                f"its setting {name!r} names {setting_text(value)}, and a kept model starts from nothing but its own "
                "weights"
            )


def _mark(field: FieldInfo) -> StartsFrom | None:
    """Return the mark of a setting that names weights to start from."""
    return next((each for each in field.metadata if isinstance(each, StartsFrom)), None)


def _can_be_none(settings: ModelSettings, name: str) -> bool:
    values = {**settings_values(settings), name: None}
    try:
        type(settings)(**values)
    except ValidationError:
        return False
    return True
