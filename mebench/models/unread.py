"""Settings that a model declares and no line of its code mentions: whoever sets one would change nothing.

fields_nobody_reads(MyNet)          # ["learning_rate"], where the code reads settings.lr
"""

from __future__ import annotations

import ast
import inspect
from functools import lru_cache
from pathlib import Path

from mebench.files import content_of
from mebench.models.base import Model, ModelSettings
from mebench.plugin.source import code_of_class, python_files

_TAKES_ALL = {"model_dump", "model_dump_json", "__dict__"}


def fields_nobody_reads(kind: type[Model]) -> list[str]:
    """Return the settings that a model's own classes declare and its code never names.

    Named is what is read as an attribute or stands in a text, ``getattr(settings, "width")``; keys of dicts, as
    presets have them, are no use. A part of the recipe that the torch base looks for, such as ``augmentation``, is
    read by it wherever it is declared. Code that takes all settings at once, ``settings.model_dump()``, may use any.
    Settings of mebench's own classes are not looked at: who reads those shows when a fold is run.
    """
    declared = {
        name
        for each in kind.Settings.__mro__
        if issubclass(each, ModelSettings) and not each.__module__.startswith("mebench.")
        for name in each.__annotations__
        if name in kind.Settings.model_fields and not _is_of_the_core(kind.Settings, name)
    }
    if not declared:
        return []
    homes = {*code_of_class(kind, Model), *code_of_class(kind.Settings, ModelSettings)} - {"mebench"}
    named = {name for home in homes for file in python_files(home) for name in _names(file, content_of(file))}
    if named & _TAKES_ALL:
        return []
    core = {inspect.getfile(each) for each in kind.__mro__ if each.__module__.startswith("mebench.")}
    named |= {name for file in core for name in _asked_for(Path(file))}
    return [name for name in kind.Settings.model_fields if name in declared - named]


def _is_of_the_core(settings: type[ModelSettings], name: str) -> bool:
    core = (each for each in settings.__mro__ if each.__module__.startswith("mebench."))
    return any(name in getattr(each, "model_fields", {}) for each in core)


@lru_cache
def _asked_for(file: Path) -> frozenset[str]:
    """Return the names that a file looks for with ``getattr(object, "name", default)``."""
    calls = (node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Call))
    texts = (
        call.args[1]
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "getattr" and len(call.args) > 1
    )
    return frozenset(str(text.value) for text in texts if isinstance(text, ast.Constant))


@lru_cache
def _names(file: Path, content: str) -> frozenset[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return frozenset()
    keys = {
        id(key)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if key is not None
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys:
            found.add(node.value)
        elif _takes_all(node):
            found.add("__dict__")
    return frozenset(found)


def _takes_all(node: ast.AST) -> bool:
    """Tell whether it is ``vars(settings)``, ``dict(settings)``, or a loop over ``settings``."""
    if isinstance(node, ast.Call):
        taken = node.args[:1] if isinstance(node.func, ast.Name) and node.func.id in ("vars", "dict") else []
    else:
        taken = [node.iter] if isinstance(node, (ast.For, ast.comprehension)) else []
    return any(ast.unparse(each).endswith("settings") for each in taken)
