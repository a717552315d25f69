"""Settings that a model declares and no line of its code mentions: whoever sets one would change nothing.

fields_nobody_reads(MyNet)          # ["learning_rate"], where the code reads settings.lr
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mebench.files import content_of
from mebench.models.base import Model, ModelSettings
from mebench.plugin.source import code_of_class, python_files


def fields_nobody_reads(kind: type[Model]) -> list[str]:
    """Return the settings that a model's own classes declare and its code never names.

    Named is what is read as an attribute or stands in a text, ``getattr(settings, "width")``; keys of dicts, as
    presets have them, are no use. A part of the recipe that the torch base looks for, such as ``augmentation``, is
    read by it wherever it is declared. Code that takes all settings at once, ``settings.model_dump()``, or hands
    them to an installed library may use any. Settings of mebench's own classes are not looked at: who reads those
    shows when a fold is run.
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
    uses = [_uses(file, content_of(file)) for home in homes for file in python_files(home)]
    own = {home.partition(".")[0] for home in homes}
    if any(each.takes_all or each.handed_to - own for each in uses):
        return []
    named = {name for each in uses for name in each.names} | kind.reads
    return [name for name in kind.Settings.model_fields if name in declared - named]


def _is_of_the_core(settings: type[ModelSettings], name: str) -> bool:
    core = (each for each in settings.__mro__ if each.__module__.startswith("mebench."))
    return any(name in getattr(each, "model_fields", {}) for each in core)


@dataclass(frozen=True)
class _Uses:
    """What a file may read of settings: the names that stand in it, or all.

    ``handed_to`` are the packages of imported names that are called with the settings as a whole.
    """

    names: frozenset[str] = frozenset()
    takes_all: bool = False
    handed_to: frozenset[str] = frozenset()


@cache
def _uses(file: Path, content: str) -> _Uses:
    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except (SyntaxError, ValueError, OSError):
        return _Uses()
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys if key is not None}
    texts = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in keys)
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.value for node in texts if isinstance(node.value, str)}
    takes_all = bool(names & {"model_dump", "model_dump_json", "__dict__"}) or any(map(_takes_all, nodes))
    return _Uses(frozenset(names), takes_all, _handed_to(nodes))


def _takes_all(node: ast.AST) -> bool:
    """Tell whether it is ``vars(settings)``, ``dict(settings)``, or a loop over ``settings``."""
    if isinstance(node, ast.Call):
        taken = node.args[:1] if isinstance(node.func, ast.Name) and node.func.id in ("vars", "dict") else []
    else:
        taken = [node.iter] if isinstance(node, (ast.For, ast.comprehension)) else []
    return any(map(_are_settings, taken))


def _handed_to(nodes: list[ast.AST]) -> frozenset[str]:
    """Return the packages of imported names that are called with all settings: ``library.build(self.settings)``."""
    packages: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            packages |= {(a.asname or a.name).partition(".")[0]: a.name.partition(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            packages |= {a.asname or a.name: node.module.partition(".")[0] for a in node.names}
    found = set()
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        if any(map(_are_settings, (*node.args, *(each.value for each in node.keywords)))):
            root = node.func
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in packages:
                found.add(packages[root.id])
    return frozenset(found)


def _are_settings(node: ast.expr) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node).endswith("settings")
