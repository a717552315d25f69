"""A fitted model that is kept: a folder of two files, which can be moved, and a model that predicts as it did.

    kept/
        model.json              what it is, what it was trained on and under which code; no place on any disk
        weights.safetensors     what it has learnt

    save_fitted(Path("kept"), about, model.state())
    fitted = load_fitted(Path("kept"), registry)
    fitted.model.predict(test)

Nothing is unpickled, so a folder from elsewhere can hold wrong numbers, and nothing that runs.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mebench.errors import MebenchError, MebenchWarning
from mebench.features.inputs import Input
from mebench.files import content_of, read_json, to_json
from mebench.models.arithmetic import precision_and_speed
from mebench.models.base import Context, Model
from mebench.models.kept import FORMAT, MODEL_FILE, WEIGHTS_FILE, FittedInfo, KeptWeights, save_fitted
from mebench.models.loading import answering, check_inputs, find_model, homes_of
from mebench.models.portable import portable, refuse_places
from mebench.models.settings import make_settings
from mebench.plugin.entry import Entry
from mebench.plugin.registry import Registry
from mebench.plugin.source import code_name, source_of

__all__ = ["Fitted", "code_of_model", "described", "is_fitted", "load_fitted", "read_about", "save_fitted"]


@dataclass(frozen=True)
class Fitted:
    """A kept model, ready to predict; ``about`` is what ``model.json`` says, ``context`` what it was restored with."""

    entry: Entry
    model: Model
    about: FittedInfo
    context: Context
    folder: Path

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Return the inputs that it wants to see."""
        return self.model.inputs()


def is_fitted(folder: Path) -> bool:
    """Tell whether a folder looks like a kept model."""
    return (folder / MODEL_FILE).is_file()


def load_fitted(
    folder: Path,
    registry: Registry,
    *,
    device: str = "cpu",
    precision: str | None = None,
    threads: int = 1,
    model: str | None = None,
) -> Fitted:
    """Return a kept model as it was fitted.

    Args:
        folder: as :func:`mebench.models.kept.save_fitted` wrote it, wherever it lies now.
        registry: knows its code.
        device: where it shall compute; probabilities are the same to the bit on the machine, the device, the precision
            and the number of threads that it was kept under.
        precision: ``float32`` or ``bfloat16``; that of its training if not given.
        threads: CPU threads of models that ask for them.
        model: the name of its code, where that is no longer the one that ``model.json`` has, or is a file: a folder's
            word is no reason to run one.

    Raises:
        MebenchError: the folder is no kept model or was changed, its code is not here, or no longer fits.
    """
    about = read_about(folder)
    weights = folder / WEIGHTS_FILE
    if not weights.is_file():
        raise MebenchError(f"{folder} has no {WEIGHTS_FILE} beside its {MODEL_FILE}: restore it")
    if content_of(weights) != about["weights"]:
        raise MebenchError(
            f"{weights} is not the file that {MODEL_FILE} beside it describes (another SHA-256): restore both from the "
            "same copy"
        )
    entry, kind = _code(folder, about, registry, model)
    try:
        settings = make_settings(kind, about["settings"])
    except MebenchError as error:
        raise MebenchError(f"{folder / MODEL_FILE}: {error}; the code of {entry.name} has changed") from error
    try:
        refuse_places(settings)
    except MebenchError as error:
        raise MebenchError(f"{folder / MODEL_FILE} was changed: {error}; restore it") from error
    with answering(entry, "__init__()"):
        restored = kind(settings)
    check_inputs(entry, restored)
    _warn_of_changes(folder, about, entry, restored)
    trained_in, fast = precision_and_speed(about["precision"])
    context = Context(
        about["derived_seed"],
        tuple(about["classes"]),
        tuple(about["aus"]),
        device,
        precision or trained_in,
        threads=threads,
        fast=fast,
    )
    with KeptWeights(weights) as state:
        _restore(folder, entry, restored, state, context)
    return Fitted(entry, restored, about, context, folder)


def read_about(folder: Path) -> FittedInfo:
    """Return what ``model.json`` says of a kept model, which stays unread.

    Raises:
        MebenchError: the folder is none, or the file is damaged or of another format.
    """
    file = folder / MODEL_FILE
    if not file.is_file():
        what = "has no" if folder.is_dir() else "is no folder with a"
        raise MebenchError(
            f"{folder} {what} {MODEL_FILE}: name the folder of a model that `mebench fit` or `mebench run "
            "--save-models` kept"
        )
    about: Any = read_json(file)
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        found = about.get("format") if isinstance(about, dict) else None
        raise MebenchError(
            f"{file} describes no kept model of format {FORMAT}, the one that this version of mebench reads, but of "
            f"{found}: fit it again"
        )
    if faults := [name for name, due in _DUE.items() if not isinstance(about.get(name), due)]:
        raise MebenchError(f"{file} was changed: {faults[0]!r} is missing or of another kind; restore it")
    kept: FittedInfo = about  # type: ignore[assignment]
    return kept


# What must be there, and as what, for anything to be made of it.
_DUE: Mapping[str, type | tuple[type, ...]] = {
    "model": str,
    "target": str,
    "settings": dict,
    "classes": list,
    "aus": list,
    "wanted": dict,
    "precision": str,
    "protocol": str,
    "derived_seed": int,
    "synthetic": bool,
    "code": dict,
    "weights": str,
}


def _code(folder: Path, about: FittedInfo, registry: Registry, name: str | None) -> tuple[Entry, type[Model]]:
    try:
        # A stranger's folder may name a file that came with it, and to import it is to run it.
        untrusted = name is None and registry.get("model", about["model"]).file is not None
        if not untrusted:
            entry, kind = find_model(registry, name or about["model"])
    except MebenchError as error:
        raise MebenchError(
            f"{folder} is a model {about['model']}, whose code is not here: {error}"
        ) from error
    if untrusted:
        raise MebenchError(
            f"{folder} is a model of a file, {about['model']}, and files are run only where you name them yourself: "
            "give --model PATH.py:CLASS"
        )
    return replace(entry, assigned=()), kind


def _restore(
    folder: Path, entry: Entry, model: Model, state: Mapping[str, np.ndarray], context: Context
) -> None:
    try:
        with answering(entry, "restore()"):
            model.restore(state, context)
    except MebenchError as error:
        raise MebenchError(f"{folder} cannot be restored: {error}") from error


def _warn_of_changes(folder: Path, about: FittedInfo, entry: Entry, model: Model) -> None:
    """Warn where it may predict otherwise than it did: its code, or what its inputs are, is not as it was."""
    changed = []
    now = code_of_model(model)
    if entry.target != about["target"]:
        changed.append(f"{about['model']} was {about['target']} and is {entry.target}")
    elif others := sorted(name for name, source in now.items() if about["code"].get(name) != source):
        changed.append(f"the code of {', '.join(map(code_name, others))} is another")
    # Where it was trained on ready files, they stood where its own inputs would.
    wanted = about["wanted"]
    for name, each in model.inputs().items():
        if wanted.get(name) != json.loads(to_json(each.describe())):  # tuples are lists there
            changed.append(f"its input {name!r} is computed otherwise")
    if changed:
        warnings.warn(
            f"{folder} was kept under other code ({'; '.join(changed)}): it may predict otherwise than it did, so fit "
            "it again where that matters",
            MebenchWarning,
            stacklevel=3,
        )


def described(entry: Entry, model: Model) -> dict[str, Any]:
    """Return what ``model.json`` says of a model by itself, however it was trained.

    Raises:
        MebenchError: it cannot be kept without a file that its settings name.
    """
    kept = portable(model.settings)
    return {
        "model": entry.name,
        "target": entry.target,
        "settings": kept.values,
        "started_from": kept.started_from,
        "wanted": {name: each.describe() for name, each in model.inputs().items()},
        "code": code_of_model(model),
        "local_code": entry.local_code(),
        "selection": model.selection,
    }


def code_of_model(model: Model) -> dict[str, str]:
    """Return the packages of a model and its inputs, mebench's own left out, with the SHA-256 of their source."""
    return {name: source_of(name) for name in homes_of(model, model.inputs())}
