"""A grid as it is written: which settings vary, and the values of each.

>>> from mebench.models.base import ModelSettings
>>> class Settings(ModelSettings):
...     lr: float = 0.1
...     axes: tuple[str, ...] = ()
>>> class Net(Model):
...     pass
>>> Net.Settings = Settings
>>> read_grid(Net, ["lr=0.1,0.01", "axes=channel;channel,spatial"])
{'lr': ['0.1', '0.01'], 'axes': ['channel', 'channel,spatial']}

Commas stand between values. Where a value holds commas itself, as every list does, semicolons do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mebench.errors import MebenchError, UnknownNameError
from mebench.models.base import Model
from mebench.models.settings import holds_several


def read_grid(kind: type[Model], given: Sequence[str] | Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return setting -> its values, each as :func:`mebench.models.settings.make_settings` takes it.

    Args:
        kind: whose settings they are.
        given: texts ``setting=value,value``, or settings and lists of their values.

    Raises:
        UnknownNameError: the model has no such setting.
        MebenchError: a text or value is of another form, or a setting stands there twice.
    """
    grid: dict[str, list[Any]] = {}
    for name, values in given.items() if isinstance(given, Mapping) else map(_parts, given):
        if name not in kind.Settings.model_fields:
            raise UnknownNameError(f"setting of {kind.__name__}", name, kind.Settings.model_fields)
        if name in grid:
            raise MebenchError(f"--grid names {name} twice: write all its values behind one, {name}=A,B,C")
        grid[name] = _values(kind, name, values)
    if not grid:
        raise MebenchError("a sweep needs a grid: --grid SETTING=VALUE,VALUE")
    return grid


def _parts(text: str) -> tuple[str, str]:
    name, equals, values = text.partition("=")
    if not equals or not name.strip():
        raise MebenchError(f"--grid {text!r}: write it as --grid SETTING=VALUE,VALUE")
    return name.strip(), values


def _values(kind: type[Model], name: str, given: Any) -> list[Any]:
    if not isinstance(given, str):
        if not isinstance(given, Sequence) or not given:
            raise MebenchError(f"the grid has {given!r} for {name}: give a list of its values")
        return list(given)
    several = holds_several(kind.Settings.model_fields[name].annotation)
    if several and "," in given and ";" not in given:
        one, *rest = given.split(",")
        raise MebenchError(
            f"--grid {name}={given}: {name} holds a list, so write semicolons between its values, in quotes for the "
            f"shell: '{name}={one};{','.join(rest)}'"
        )
    mark = ";" if several or ";" in given else ","
    values = [value.strip() for value in given.split(mark)]
    if mark == ";" and not values[-1]:
        values.pop()  # a semicolon at the end says that commas are part of one value
    if "" in values:
        raise MebenchError(f"--grid {name}={given}: a value is empty; write it as {name}=VALUE,VALUE")
    return list(values)
