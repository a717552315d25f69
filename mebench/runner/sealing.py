"""What a fold's process may read: Python and libraries, the model's own code, and files that its settings name.

    seal = fold_seal(job)

Nothing else of the user's, and in no case datasets, runs, caches and mebench's own folders, wherever they lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from mebench.data.own_folders import own_folders
from mebench.errors import MebenchError
from mebench.models.outside import Outside
from mebench.models.weights import files_named
from mebench.plugin.source import code_of, places_of_code
from mebench.plugin.target import module_of
from mebench.runner.jobs import Job
from mebench.sealed.environment import hub_folders
from mebench.sealed.in_force import WRITES, is_full
from mebench.sealed.seal import Seal, available, make_seal

_NOTHING = Outside()
# Where libraries keep weights that they fetched, as Model.prepare() let them.
_HUBS = ("HF_HUB_CACHE", "TORCH_HOME")


def fold_seal(job: Job) -> Seal:
    """Return the seal of a fold's process on this machine."""
    own = {job.file.path} if job.file is not None else set()
    return _seal(
        # A user's own file is no module of its name, which may be that of a library.
        tuple(sorted(_code(job) - own)),
        tuple(sorted(files_named(job.settings) | own)),
        tuple(sorted({*job.protected, *own_folders()})),
        job.device,
        tuple(hub_folders()[name] for name in _HUBS),
        job.outside,
    )


def refuse_isolation(outside: Outside = _NOTHING) -> None:
    """Raise where a fold's process could not be kept from files, the network and other folds; nothing is computed yet.

    Raises:
        MebenchError: this machine cannot, or what the model uses ``outside`` is a word to the next fold.
    """
    if not is_full(found := ", ".join([available(), *([WRITES] if outside.writable else [])])):
        raise MebenchError(refused_isolation(found))


def refused_isolation(found: str) -> str:
    """Return why a fold does not count where isolation is required."""
    if WRITES in found.split(", "):
        return (
            f"a fold's process may write a folder that outlives it ({found!r}), in which it could leave a word for the "
            "next, and --require-isolation asks for folds that cannot: leave out the setting that names such a folder"
        )
    return (
        f"this machine isolates a fold's process by {found!r}, and --require-isolation asks for Landlock (Linux 5.13 "
        "or later) and for no network, by a namespace or a filter of system calls: run on such a machine, or without "
        "it (docs/isolation.md)"
    )


@lru_cache(maxsize=64)
def _seal(
    code: tuple[Path, ...],
    readable: tuple[Path, ...],
    protected: tuple[Path, ...],
    device: str,
    hubs: tuple[Path, ...],
    outside: Outside,
) -> Seal:
    return make_seal(
        code=code,
        readable=(*readable, *hubs, *outside.readable),
        executable=outside.programs,
        writable=outside.writable,
        protected=protected,
        device=device,
    )


def _code(job: Job) -> set[Path]:
    if job.file is not None:
        job.file.open()  # where the job was brought here, its module must be found to say what it imports
    return places_of_code(code_of(*modules_of(job)))


def modules_of(job: Job) -> set[str]:
    """Return the modules whose code a fold runs beside mebench's own: of its model, inputs and settings."""
    modules = {module_of(job.target), *job.code}
    modules |= {type(each).__module__ for each in (*job.train.inputs.values(), *job.test.inputs.values())}
    return modules | {type(each).__module__ for each in _values(job.settings)}


def _values(settings: Any) -> Iterator[Any]:
    if isinstance(settings, Mapping):
        for each in settings.values():
            yield from _values(each)
    elif isinstance(settings, list | tuple | set | frozenset):
        for each in settings:
            yield from _values(each)
    elif type(settings).__module__ not in ("builtins", "pathlib"):
        yield settings
