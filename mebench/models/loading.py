"""From a name to a model's class.

kind = load_model(registry, "famnet")
entry, kind = find_model(registry, "models/tiny.py")    # the one model of a file; the entry names it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from inspect import isabstract, isclass
from typing import Any, NoReturn

from mebench.errors import MebenchError, near_matches, reason_of
from mebench.features.inputs import Input
from mebench.models.base import Model, ModelSettings
from mebench.models.settings import left_open, make_settings
from mebench.models.unread import fields_nobody_reads
from mebench.plugin.entry import Entry, file_entry
from mebench.plugin.given import loaded_class, refuse
from mebench.plugin.registry import Registry
from mebench.plugin.source import code_of_class


def load_model(registry: Registry, name: str) -> type[Model]:
    """Return a model plugin's class, once it is one that can be made.

    Raises:
        MebenchError: nothing has that name, it cannot be loaded, it is no model, or its registered settings or
            presets name settings that it does not have.
    """
    return find_model(registry, name)[1]


def find_model(registry: Registry, name: str) -> tuple[Entry, type[Model]]:
    """Return a model's entry and class; see :func:`load_model`.

    Raises:
        MebenchError: as there; and a file that is named without a class does not hold just one model of its own.
    """
    entry = registry.get("model", name)
    if entry.file is not None and not entry.file.attribute:
        entry = _only_model(entry)
    return entry, model_of(entry)


def model_of(entry: Entry) -> type[Model]:
    """Return the class of an entry; see :func:`load_model`.

    Raises:
        MebenchError: as there.
    """
    kind = loaded_class(entry, Model)  # type: ignore[type-abstract]
    fields = kind.Settings.model_fields
    ablations = [(f"ablation {axis!r}", each) for axis, changes in kind.ablations.items() for each in changes]
    presets = [(f"preset {name!r}", values) for name, values in kind.presets.items()]
    for what, values in (("settings", entry.settings), *presets, *ablations):
        for setting in values:
            if setting not in fields:
                refuse(
                    entry,
                    f"its {what} has {setting!r}, which its Settings lack{near_matches(setting, fields)}",
                )
    if unread := fields_nobody_reads(kind):
        base = [name for name in fields if name not in unread]
        refuse(
            entry,
            f"its setting {unread[0]!r} is read nowhere in its code{near_matches(unread[0], base)}: use "
            f"self.settings.{unread[0]}, or take it out",
        )
    for what, change in ablations:
        if not change:
            refuse(entry, f"its {what} has a variant that changes nothing")
        if not left_open(kind, change):  # else only the user can make settings of it
            try:
                make_settings(kind, change)
            except MebenchError as error:
                refuse(entry, f"its {what}: {error}")
    return kind


def _only_model(entry: Entry) -> Entry:
    assert entry.file is not None
    module = entry.load()
    own = [each for each in vars(module).values() if isclass(each) and each.__module__ == module.__name__]
    names = [each.__name__ for each in own if issubclass(each, Model) and not isabstract(each)]
    if len(names) != 1:
        found = (
            f"{len(names)} models ({', '.join(names)})"
            if names
            else "no model, a subclass of mebench.api.Model"
        )
        each = names[0] if names else "CLASS"
        raise MebenchError(f"{entry.name} defines {found}: say which class is meant, {entry.name}:{each}")
    return replace(file_entry(replace(entry.file, attribute=names[0])), assigned=entry.assigned)


def homes_of(model: Model, inputs: Mapping[str, Input]) -> list[str]:
    """Return the packages that hold the code of a model, its settings and its inputs, mebench's own left out."""
    kinds = [
        (type(model), Model),
        (type(model.settings), ModelSettings),
        *((type(each), Input) for each in inputs.values()),
    ]
    names = {name for kind, base in kinds for name in code_of_class(kind, base)}
    return sorted(names - {"mebench"})


@contextmanager
def answering(entry: Entry, what: str) -> Iterator[None]:
    """Turn what a model's own code raises into one sentence; ``what`` is the part of it that is called.

    Raises:
        MebenchError: it raised something; the plugin is named.
    """
    try:
        yield
    except MebenchError:
        raise
    except Exception as error:
        raise _failed(entry, what, reason_of(error)) from error


def refuse_answer(entry: Entry, what: str, reason: str, *, by_mebench: bool = False) -> NoReturn:
    """Raise what :func:`answering` raises, of a model's code that was called in another process.

    Raises:
        MebenchError: always; ``by_mebench`` tells that the reason is such an error's own sentence.
    """
    raise MebenchError(reason) if by_mebench else _failed(entry, what, reason)


def _failed(entry: Entry, what: str, reason: str) -> MebenchError:
    return MebenchError(f"model {entry.name!r} of plugin {entry.plugin!r}: its {what} failed: {reason}")


def check_inputs(entry: Entry, model: Model) -> dict[str, Input]:
    """Return which inputs a model wants, once they are such, before anything is computed for it.

    Raises:
        MebenchError: its ``inputs()`` fails or gives something else; the plugin is named.
    """
    with answering(entry, "inputs()"):
        wanted: Any = model.inputs()
    if not isinstance(wanted, Mapping):
        refuse(entry, f"its inputs() gave {type(wanted).__name__} where a dict of inputs is due")
    for name, each in wanted.items():
        if not (isinstance(name, str) and isinstance(each, Input)):
            refuse(entry, f"its inputs() have {each!r} under {name!r}, where an Input under a name is due")
        if fault := each.fault():
            refuse(entry, f"its input {name!r} ({type(each).__name__}) cannot be used: {fault}")
    return dict(wanted)
