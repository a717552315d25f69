"""Files that a model's settings name: what they hold decides a run, not where they lie.

    class MyNetSettings(TorchSettings):
        pretrained: WeightFile | None = None

    files_of(settings)                  # {"pretrained": "9f86d0..."}, the SHA-256 of each file
    dump_without_places(settings)       # {"pretrained": "a file", ...}

Every setting of type ``Path`` is treated so, a folder by all its files (but those that :mod:`mebench.plugin.source`
leaves out of a package, too: hidden ones, bytecode, logs). A plain text that happens to be the name of
an existing file is hashed as well, beside the text, since nobody can tell whether the model will read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from mebench.errors import MebenchError
from mebench.files import content_of
from mebench.models.base import ModelSettings, settings_values
from mebench.models.place import PLACE
from mebench.plugin.source import files_below


def _existing_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


WeightFile = Annotated[Path, AfterValidator(_existing_file)]
"""A setting that names a file of weights, or any other file that decides what a model predicts.

The file must exist. A run is named by its content: the same bytes elsewhere are the same run, other bytes another.
"""


@dataclass(frozen=True)
class StartsFrom:
    """Marks a setting, in its annotation, as the weights that training starts from; ``without`` is random ones.

    A kept model is restored without them, since all of its weights are kept.
    """

    without: Any


def files_of(settings: ModelSettings) -> dict[str, str | None]:
    """Return the SHA-256 of the files that settings name, by setting; None for a path with nothing there.

    Raises:
        MebenchError: a file cannot be read.
    """
    found = {}
    for name, value in _leaves("", settings_values(settings)):
        if isinstance(value, Path) or (isinstance(value, str) and _names_a_file(value)):
            try:
                found[name] = _content(Path(value))
            except OSError as error:
                raise MebenchError(
                    f"setting {name!r} names {value}, which cannot be read: {error.strerror or error}"
                ) from error
    return found


def files_named(values: Mapping[str, Any]) -> set[Path]:
    """Return the files and folders that the values of settings name, as :func:`files_of` finds them, absolute."""
    return {
        Path(value).absolute()
        for _, value in _leaves("", values)
        if isinstance(value, Path) or (isinstance(value, str) and _names_a_file(value))
    }


def with_absolute_places(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of settings with files and folders named from the root: another process has its own folder."""
    return {name: _absolute(value) for name, value in values.items()}


def _absolute(value: Any) -> Any:
    if isinstance(value, Path):
        return value.absolute()
    if isinstance(value, str) and _names_a_file(value):
        return str(Path(value).absolute())
    if isinstance(value, dict):
        return {name: _absolute(each) for name, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_absolute(each) for each in value)
    return value


def dump_without_places(settings: ModelSettings) -> dict[str, Any]:
    """Return settings as plain values, with one and the same word in place of every path."""
    plain: dict[str, Any] = _without_places(settings_values(settings), settings_values(settings, "json"))
    return plain


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(f"{name}.{key}" if name else str(key), each)
    elif isinstance(value, (list, tuple)):
        for place, each in enumerate(value):
            yield from _leaves(f"{name}.{place}", each)
    else:
        yield name, value


def _without_places(value: Any, plain: Any) -> Any:
    if isinstance(value, Path):
        return PLACE
    if isinstance(value, dict) and isinstance(plain, dict) and len(value) == len(plain):
        pairs = zip(value.values(), plain.items(), strict=True)
        return {key: _without_places(each, other) for each, (key, other) in pairs}
    if isinstance(value, (list, tuple)) and isinstance(plain, list) and len(value) == len(plain):
        return [_without_places(each, other) for each, other in zip(value, plain, strict=True)]
    return plain


def _names_a_file(text: str) -> bool:
    try:
        # A word such as "mean" is no name of a file, whatever lies in the current folder.
        return ("/" in text or "." in text) and Path(text).is_file()
    except (OSError, ValueError):
        return False  # too long for a path, or holds a null character


def _content(path: Path) -> str | None:
    if path.is_file():
        return content_of(path)
    if not path.is_dir():
        return None
    digest = hashlib.sha256()
    for file in sorted(files_below(path)):
        digest.update(f"{file.relative_to(path).as_posix()}\0{content_of(file)}\n".encode())
    return digest.hexdigest()
