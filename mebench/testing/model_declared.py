"""Checks of what a model says of itself: settings, presets, inputs. None of them trains it."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import numpy as np
from pydantic.fields import FieldInfo

from mebench.errors import MebenchError
from mebench.features.inputs import Input, as_declared
from mebench.models.base import ModelSettings, settings_values
from mebench.models.loading import check_inputs
from mebench.models.settings import make_settings
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.drawn import drawn_clip
from mebench.testing.model_subject import ModelSubject

DECLARED = Checks[ModelSubject]()


@DECLARED.add("its name alone makes a model")
def made(subject: ModelSubject) -> str:
    """`mebench run NAME PROTOCOL` is all that anybody types first; a setting without a default stands in its way."""
    if subject.open:
        name = min(subject.open)
        field = subject.kind.Settings.model_fields[name]
        if not field.description:
            return f"its setting {name!r} has no default and no description: give one of them"
    subject.make()
    return ""


@DECLARED.add("every setting says what it is")
def described(subject: ModelSubject) -> str:
    """`mebench info` shows the description beside the default."""
    silent = [name for name, field in _own_fields(subject.kind.Settings).items() if not field.description]
    return f"its setting {silent[0]!r} has no description: Field(..., description=...)" if silent else ""


@DECLARED.add("settings come back from JSON as they were")
def from_json(subject: ModelSubject) -> str:
    """They are stored with each run and kept model, and sent to the process of each fold."""
    assert subject.made
    kind, values = subject.chosen[1:]
    settings = kind.Settings(**values)
    again = kind.Settings(**settings_values(settings, "json"))
    before, after = settings_values(settings), settings_values(again)
    other = [name for name in before if before[name] != after[name]]
    return (
        f"its setting {other[0]!r} is {before[other[0]]!r}, and {after[other[0]]!r} once it was JSON: give it a type "
        "that JSON has, or a pydantic one"
        if other
        else ""
    )


@DECLARED.add("every preset makes a model")
def presets(subject: ModelSubject) -> str:
    """A preset whose values are refused is found by the first who asks for it."""
    if not subject.kind.presets:
        raise NotAsked("it has no presets")
    assert subject.made
    entry, given = subject.chosen[0], dict.fromkeys(subject.open)
    for name in subject.kind.presets:
        kind = subject.kind
        check_inputs(entry, kind(make_settings(kind, entry.settings, name, given)))
    return ""


@DECLARED.add("its inputs are the same whenever they are asked for")
def inputs(subject: ModelSubject) -> str:
    """They are asked for before features are computed, and again by whoever uses the fitted model."""
    one, other = subject.asked_inputs, subject.make().inputs()
    if dict(one) != dict(other):
        return f"its inputs() gave {dict(one)} and then {dict(other)}: let them depend on its settings alone"
    return ""


@DECLARED.add("its inputs are frozen values")
def frozen(subject: ModelSubject) -> str:
    """An input's fields are its name in the cache of features: one that can change would be somebody else's."""
    for name, each in subject.inputs.items():
        hash(each)
        if pickle.loads(pickle.dumps(each)) != each:
            return f"its input {name!r} is another once it was pickled: use a dataclass of plain values"
        try:
            for field in fields(each):
                setattr(each, field.name, getattr(each, field.name))
                return f"its input {name!r} can be changed: write @dataclass(frozen=True) above {type(each).__name__}"
        except FrozenInstanceError:
            continue
    return ""


@DECLARED.add("its inputs can be computed of a clip, and of a short one")
def computed(subject: ModelSubject) -> str:
    """Clips of two frames exist; an input that wants sixteen has to make them of what is there."""
    for name, each in subject.inputs.items():
        try:
            _compute(each, subject.folder / "clips")
        except MebenchError as error:
            return f"its input {name!r}: {error}"
    return ""


@DECLARED.add("its settings and class can be pickled")
def pickled(subject: ModelSubject) -> str:
    """An executor may carry a fold to another machine."""
    assert subject.made
    kind, values = subject.chosen[1:]
    settings = kind.Settings(**values)
    again: Any = pickle.loads(pickle.dumps((kind, settings)))
    return "" if again == (kind, settings) else "they are others once they were pickled: keep them plain"


# Models share most of their inputs, and flow takes its time: each is computed once in a process.
_sound: set[Input] = set()


def _compute(wanted: Input, folder: Path) -> None:
    """Compute an input of a drawn clip, and of one of two frames."""
    for frames in () if wanted in _sound else (9, 2):
        clip = drawn_clip(folder, frames=frames, apex=frames // 2)
        if not np.isfinite(as_declared(wanted, wanted.compute(clip))).all():
            raise MebenchError(f"{wanted} holds NaN or infinity for a clip of {frames} frames")
    _sound.add(wanted)


def _own_fields(settings: type[ModelSettings]) -> dict[str, FieldInfo]:
    """Return the fields that are not those of mebench's own classes."""
    core = (each for each in settings.__mro__ if each.__module__.startswith("mebench."))
    inherited = {name for each in core for name in getattr(each, "model_fields", {})}
    return {name: field for name, field in settings.model_fields.items() if name not in inherited}
