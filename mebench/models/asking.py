"""What a model says before any clip is read: its inputs, and what it prepared.

    asked = ask(entry, model)
    asked.inputs        # {"apex": ApexFrame(size=112)}
    asked.contents      # {"pretrained": "9f86d0..."}

``prepare()`` and ``contents()`` run in a sealed process: it has the network and the folders in which the hubs'
libraries keep what they fetch, and else only the model's code and the files that its settings name.
"""

from __future__ import annotations

import math
import pickle
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mebench.data.own_folders import own_folders
from mebench.errors import MebenchNotice, MebenchWarning
from mebench.features.inputs import Input
from mebench.models.base import Model, ModelSettings, reads_of, settings_values
from mebench.models.loading import answering, check_inputs, refuse_answer
from mebench.models.outside import Outside
from mebench.models.weights import files_named, with_absolute_places
from mebench.plugin.entry import Entry
from mebench.plugin.libraries import libraries_for
from mebench.plugin.source import code_of_class, places_of_code
from mebench.plugin.target import module_of
from mebench.sealed.environment import hub_folders
from mebench.sealed.process import SealedProcess, wait_any
from mebench.sealed.seal import Seal, make_seal
from mebench.sealed.words import how_it_ended, last_line, one_line

_WORK = "mebench.models.sealed_prepare:work"
_WARNINGS: Mapping[str, type[Warning]] = {each.__name__: each for each in (MebenchWarning, MebenchNotice)}
# Seconds after which a preparation is told of: it may be fetching weights for minutes.
PATIENCE = 5.0


@dataclass(frozen=True)
class Asked:
    """``inputs`` by name; ``contents``: name -> hash of what no setting names as a file; what it uses ``outside``."""

    inputs: Mapping[str, Input]
    contents: Mapping[str, str] = field(default_factory=dict)
    outside: Outside = field(default_factory=Outside)


def ask(entry: Entry, model: Model) -> Asked:
    """Return what a model says before any clip is read; it is asked once.

    Raises:
        MebenchError: it fails, something that every fold would need cannot be had, or its answers are none.
    """
    inputs = check_inputs(entry, model)
    with answering(entry, "outside()"):
        outside: Any = model.outside()
    if not isinstance(outside, Outside):
        refuse_answer(entry, "outside()", f"it gave {type(outside).__name__} where an Outside is due")
    return Asked(inputs, _prepared(entry, model, outside), outside)


def _prepared(entry: Entry, model: Model, outside: Outside) -> dict[str, str]:
    """Call a model's ``prepare()`` and ``contents()``, where it has any, and return its contents."""
    kind = type(model)
    if kind.prepare is Model.prepare and kind.contents is Model.contents:
        return {}
    values = with_absolute_places(settings_values(model.settings))
    with _hubs() as hubs:
        seal = _seal_for(entry, model, values, hubs, outside)
        assignment = pickle.dumps((seal, pickle.dumps((entry.file, entry.imported, values))))
        preload = (*libraries_for(kind.__module__), module_of(_WORK))
        with SealedProcess(_WORK, seal, assignment=assignment, preload=preload) as process:
            said = _answer(entry, process)
    for name, words in (
        each for each in _each(said, "warnings") if isinstance(each, list) and len(each) == 2
    ):
        warnings.warn(one_line(words), _WARNINGS.get(str(name), UserWarning), stacklevel=4)
    if (failed := said.get("failed")) is not None:
        refuse_answer(
            entry, one_line(said.get("step")), one_line(failed), by_mebench=said.get("of") == "MebenchError"
        )
    # What only a preparation reads is read, too: nothing of it goes unused.
    reads_of(model.settings).update(
        {str(each) for each in _each(said, "reads")} & {*kind.Settings.model_fields}
    )
    contents = said.get("contents")
    if not isinstance(contents, dict) or not all(isinstance(each, str) for each in contents.values()):
        refuse_answer(entry, "contents()", f"it gave {one_line(contents)} where name -> hash is due")
    return dict(contents)


def _each(said: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list of an answer: a plugin's code ran where it comes from, so that its form is nobody's promise."""
    found = said.get(name)
    return found if isinstance(found, list) else []


def _answer(entry: Entry, process: SealedProcess) -> Mapping[str, Any]:
    """Wait for what a preparation has to say; one that is long is told of, imports before it are not counted."""
    begun, told = math.inf, False
    while True:
        wait_any([process], PATIENCE)
        gone = process.ended
        for frame in process.pump():
            if "preparing" not in frame.message:
                return frame.message
            begun = time.monotonic()
        if gone is not None:
            last = last_line(process.take_log())
            refuse_answer(
                entry, "prepare()", f"its process ended without an answer ({how_it_ended(gone)}){last}"
            )
        if not told and time.monotonic() - begun > PATIENCE:
            told = True
            warnings.warn(
                f"{entry.name} is preparing itself, which may fetch weights: Ctrl-C ends it",
                MebenchNotice,
                stacklevel=5,
            )


def _seal_for(
    entry: Entry, model: Model, values: Mapping[str, Any], hubs: Sequence[Path], outside: Outside
) -> Seal:
    own = {entry.file.path} if entry.file is not None else set()
    kinds = ((type(model), Model), (type(model.settings), ModelSettings))
    code = places_of_code(name for kind, base in kinds for name in code_of_class(kind, base)) - own
    return make_seal(
        code=sorted(code),
        readable=sorted({*files_named(values), *own, *outside.readable}),
        executable=outside.programs,
        writable=hubs,
        network=True,
        protected=own_folders(),
    )


@contextmanager
def _hubs() -> Iterator[list[Path]]:
    """Yield the folders of the hubs' libraries, made where they are not; those that stay empty are taken away."""
    made, found = [], []
    for each in dict.fromkeys(hub_folders().values()):
        with suppress(OSError):
            above = [place for place in (each, *each.parents) if not place.exists()]
            each.mkdir(parents=True, exist_ok=True)
            made += above
        if each.is_dir():
            found.append(each)
    try:
        yield found
    finally:
        for each in sorted(made, reverse=True):
            with suppress(OSError):
                each.rmdir()
