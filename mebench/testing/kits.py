"""Which checks are asked of what: of a model, a dataset, a protocol or an input, by its name.

with asked(plugins, "model", "mynet") as kit:
    for check in kit.checks:
        ask(check, kit.subject)
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from inspect import isclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

from mebench.errors import MebenchError, reason_of
from mebench.features.inputs import Input
from mebench.plugin.entry import Entry
from mebench.plugin.loading import Plugins
from mebench.plugin.local_file import local_file
from mebench.testing.checks import Check
from mebench.testing.dataset_checks import DATASETS
from mebench.testing.dataset_subject import DatasetSubject
from mebench.testing.input_checks import INPUTS, InputSubject
from mebench.testing.model_declared import DECLARED
from mebench.testing.model_edges import EDGES
from mebench.testing.model_predictions import PREDICTIONS
from mebench.testing.model_repeats import REPEATS
from mebench.testing.model_subject import ModelSubject
from mebench.testing.model_training import TRAINING, watch_of_torch
from mebench.testing.protocol_checks import PROTOCOLS, ProtocolSubject
from mebench.testing.ready_checks import READY
from mebench.testing.registered import REGISTERED
from mebench.testing.twin_checks import TWINS

Checked = Literal["model", "dataset", "protocol", "input"]
CHECKED: tuple[Checked, ...] = get_args(Checked)


@dataclass(frozen=True)
class Kit:
    """Something by its name, and the checks that are asked of it."""

    kind: Checked
    name: str
    subject: Any
    checks: tuple[Check[Any], ...]

    def own_inputs(self) -> list[Input]:
        """Return the inputs of a model that are no input of mebench's own, one of each class."""
        if not isinstance(self.subject, ModelSubject):
            return []
        with suppress(Exception):  # a check of the model tells
            wanted = self.subject.inputs.values()
            found = {type(each): each for each in wanted if not type(each).__module__.startswith("mebench.")}
            return list(found.values())
        return []


def checks_of(kind: Checked, entry: Entry | None = None) -> tuple[Check[Any], ...]:
    """Return the checks of a kind; a dataset of ready inputs, known by its entry, has others than one of recordings."""
    if kind == "model":
        return (*REGISTERED, *DECLARED, *PREDICTIONS, *EDGES, *REPEATS, *TRAINING)
    if kind == "dataset":
        ready = entry is not None and entry.stands_in
        return (*REGISTERED, *READY) if ready else (*REGISTERED, *DATASETS, *TWINS)
    return (*REGISTERED, *PROTOCOLS) if kind == "protocol" else tuple(INPUTS)


@contextmanager
def asked(
    plugins: Plugins,
    kind: Checked,
    name: str | Input,
    *,
    settings: Mapping[str, Any] | Sequence[str] = (),
    preset: str | None = None,
) -> Iterator[Kit]:
    """Yield something by its name and the checks of its kind; what is written for them is removed at the end.

    Args:
        plugins: give what is named.
        kind: of it.
        name: the registered one; of a model in a file ``PATH.py:CLASS``; of an input ``package.module:CLASS``,
            ``PATH.py:CLASS`` or the input itself.
        settings: of a model, what ``--set`` would say.
        preset: of a model.

    Raises:
        MebenchError: nothing has that name, or a model cannot be made.
    """
    with TemporaryDirectory(prefix="mebench-check-") as folder:
        place = Path(folder).resolve()
        if kind == "input":
            wanted = name if isinstance(name, Input) else find_input(name)
            yield Kit(kind, input_name(wanted), InputSubject(wanted, place), checks_of(kind))
            return
        assert isinstance(name, str)
        subject: Any
        if kind == "model":
            subject = ModelSubject(plugins, name, place, settings=settings, preset=preset)
            subject.watch = watch_of_torch
        elif kind == "dataset":
            subject = DatasetSubject(plugins, name, place)
        else:
            subject = ProtocolSubject(plugins, name)
        yield Kit(kind, subject.entry.name, subject, checks_of(kind, subject.entry))


def input_name(wanted: Input) -> str:
    """Return what an input is called where it is reported: its class."""
    return f"{type(wanted).__module__}:{type(wanted).__name__}"


def find_input(name: str) -> Input:
    """Return the input of a class ``package.module:CLASS`` or ``PATH.py:CLASS``, with its fields as they are set.

    Raises:
        MebenchError: there is no such class, it is no input, or a field of it has no default.
    """
    module, _, attribute = name.partition(":")
    file = local_file(name)
    try:
        if file is not None:
            file.open()
            module, attribute = file.module, file.attribute
        found = getattr(importlib.import_module(module), attribute) if attribute else None
    except Exception as error:
        raise MebenchError(
            f"there is no input {name!r} ({reason_of(error)}): write package.module:CLASS"
        ) from error
    if isinstance(found, Input):
        return found
    if not (isclass(found) and issubclass(found, Input)):
        raise MebenchError(
            f"{name!r} is no input: name a subclass of mebench.api.Input, package.module:CLASS"
        )
    try:
        return found()
    except TypeError as error:
        raise MebenchError(
            f"the input {name!r} cannot be made ({error}): give each of its fields a default"
        ) from error
