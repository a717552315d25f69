"""Names of models, datasets, protocols and what else plugins add, and the lazy targets behind them.

    registry = Registry()
    registry.model("famnet", "mebench_famnet.model:FAMNet", title="FAMNet", requires=("torch", "timm"))
    registry.get("model", "famnet").load()      # imports the target only now
    registry.get("model", "fammet")             # UnknownNameError: did you mean 'famnet'?
    registry.get("model", "models/tiny.py:Tiny")    # the class Tiny of a file, as if it were registered

Registering costs nothing: an entry is a name, light metadata and the place of its target. Two plugins may
not own one name: both are remembered, both are named in the error, and every other name still works.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.errors import MebenchError, UnknownNameError, near_matches
from mebench.plugin.local_file import LocalFile, local_file
from mebench.plugin.metadata import KINDS, RESERVED, Kind, checked_metadata
from mebench.plugin.source import code_of, drop_stale_bytecode, source_of
from mebench.torchvision_shim import watch_torchvision

if TYPE_CHECKING:
    from mebench.plugin.metadata import DatasetMetadata, Metadata, ModelMetadata, Unpack

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Entry:
    """One registered name.

    ``target`` is ``"package.module:Object"``; ``requires`` lists importable modules that it needs and
    ``extra`` the pip requirement that brings them; ``settings`` are defaults that a variant changes;
    ``needs`` says in words which data or inputs it works on; ``spellings`` are other ways in which lists and
    predictions write a dataset's name; ``stands_in`` lists the protocols for whose datasets one of ready inputs
    stands in (:class:`mebench.api.ReadyDataset`); ``file`` is where a model lies that no plugin registers.
    """

    kind: Kind
    name: str
    target: str
    plugin: str
    title: str
    reference: str = ""
    needs: str = ""
    aliases: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    stands_in: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    extra: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    file: LocalFile | None = None

    @property
    def imported(self) -> str:
        """Return ``"module:Object"`` as Python imports it here; the target, but of a local file."""
        return f"{self.file.module}:{self.file.attribute}" if self.file else self.target

    def local_code(self) -> dict[str, str] | None:
        """Return name and SHA-256 of the file where no plugin gives the model, for marks; else None."""
        return {"file": self.file.path.name, "sha256": self.file.sha256()} if self.file else None

    def missing_requirements(self) -> list[str]:
        """Return the required modules that are not installed here."""
        return [module for module in self.requires if not _installed(module)]

    def load(self) -> Any:
        """Import and return the target.

        Raises:
            MebenchError: a requirement is not installed, or the import failed.
        """
        if missing := self.missing_requirements():
            how = f"pip install '{self.extra}'" if self.extra else f"pip install {' '.join(missing)}"
            raise MebenchError(
                f"{self.kind} {self.name!r} needs {', '.join(missing)}, not installed here: {how}"
            )
        watch_torchvision()
        if self.file is not None:
            return self._load_file(self.file)
        module, _, attribute = self.target.partition(":")
        try:
            if self.kind == "model":
                _remember_source(module)
            return getattr(importlib.import_module(module), attribute)
        except Exception as error:
            raise MebenchError(
                f"{self.kind} {self.name!r} of plugin {self.plugin!r} could not be loaded from "
                f"{self.target!r}: {type(error).__name__}: {error}"
            ) from error

    def _load_file(self, file: LocalFile) -> Any:
        file.open()
        try:
            _remember_source(file.module)
            module = importlib.import_module(file.module)
        except (Exception, SystemExit) as error:
            raise MebenchError(file.fault(error)) from error
        if not file.attribute:
            return module
        if not hasattr(module, file.attribute):
            classes = [
                n for n, each in vars(module).items() if getattr(each, "__module__", "") == file.module
            ]
            raise MebenchError(
                f"{file.path.name} has no class {file.attribute!r}{near_matches(file.attribute, classes)}"
            )
        return getattr(module, file.attribute)


class Registry:
    """All entries by kind and name, each with the plugin that owns it."""

    def __init__(self) -> None:
        self._claims: dict[tuple[Kind, str], list[Entry]] = {}
        self._owner = ""

    @contextmanager
    def owned_by(self, plugin: str) -> Iterator[None]:
        """Let ``plugin`` register; what it registered is taken back when it fails half-way."""
        before = {key: list(claims) for key, claims in self._claims.items()}
        self._owner = plugin
        try:
            yield
        except BaseException:
            self._claims = before
            raise
        finally:
            self._owner = ""

    def model(self, name: str, target: str, *, title: str, **metadata: Unpack[ModelMetadata]) -> None:
        """Register a model: a :class:`mebench.api.Model` subclass (metadata: :mod:`mebench.plugin.metadata`)."""
        self._add("model", name, target, title, metadata)

    def dataset(self, name: str, target: str, *, title: str, **metadata: Unpack[DatasetMetadata]) -> None:
        """Register a dataset: a :class:`mebench.api.Dataset` or :class:`mebench.api.ReadyDataset` subclass."""
        self._add("dataset", name, target, title, metadata)

    def protocol(self, name: str, target: str, *, title: str, **metadata: Unpack[Metadata]) -> None:
        """Register a protocol: a :class:`mebench.api.Protocol` object."""
        self._add("protocol", name, target, title, metadata)

    def command(self, name: str, target: str, *, title: str, **metadata: Unpack[Metadata]) -> None:
        """Register a command: a ``click.Command``, which runs as ``mebench NAME``; ``title`` is its line of help."""
        self._add("command", name, target, title, metadata)

    def metric(self, name: str, target: str, *, title: str, **metadata: Unpack[Metadata]) -> None:
        """Register a metric: a :class:`mebench.api.Metric` subclass, for ``mebench show RUN --metric NAME``."""
        self._add("metric", name, target, title, metadata)

    def executor(self, name: str, target: str, *, title: str, **metadata: Unpack[Metadata]) -> None:
        """Register an executor: a :class:`mebench.api.Executor` subclass, for ``mebench run --executor NAME``."""
        self._add("executor", name, target, title, metadata)

    def tracker(self, name: str, target: str, *, title: str, **metadata: Unpack[Metadata]) -> None:
        """Register a tracker: a :class:`mebench.api.Tracker` subclass, for ``mebench run --tracker NAME``."""
        self._add("tracker", name, target, title, metadata)

    def entries(self, kind: Kind) -> list[Entry]:
        """Return the usable entries of a kind, sorted by name."""
        found = {
            name: claims[0]
            for (k, name), claims in self._claims.items()
            if k == kind and len(claims) == 1 and claims[0].name == name
        }
        return [found[name] for name in sorted(found)]

    def has(self, kind: Kind, name: str) -> bool:
        """Return whether a plugin claims a name or alias."""
        return (kind, name) in self._claims

    def collisions(self) -> list[str]:
        """Return one sentence for each name that two plugins claim."""
        return [_collision(name, claims) for (_, name), claims in self._claims.items() if len(claims) > 1]

    def get(self, kind: Kind, name: str) -> Entry:
        """Return the entry behind a name or alias; a model may be a class in a file, ``PATH.py:CLASS``.

        Raises:
            UnknownNameError: nothing has that name; the message carries near matches.
            MebenchError: two plugins claim it; the message names both. Or there is no such file.
        """
        claims = self._claims.get((kind, name))
        if claims is None:
            if kind == "model" and (file := local_file(name)):
                return file_entry(file)
            known = [n for k, n in self._claims if k == kind]
            raise UnknownNameError(kind, name, known, hint=_elsewhere(kind, name))
        if len(claims) > 1:
            raise MebenchError(_collision(name, claims))
        return claims[0]

    def find(self, name: str) -> list[Entry]:
        """Return the entries of every kind that carry a name.

        Raises:
            UnknownNameError: no kind has it.
        """
        found = [self.get(kind, name) for kind in KINDS if (kind, name) in self._claims]
        if not found:
            if file := local_file(name):
                return [file_entry(file)]
            known = {n for _, n in self._claims}
            kinds = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
            raise UnknownNameError(kinds, name, known, hint=_elsewhere("", name))
        return found

    def _add(self, kind: Kind, name: str, target: str, title: str, metadata: Mapping[str, Any]) -> None:
        given = checked_metadata(kind, name, self._owner, {"title": title, **metadata})
        for each in (name, *given.get("aliases", ())):
            if not _NAME.fullmatch(each):
                raise MebenchError(
                    f"plugin {self._owner!r} registers the {kind} {each!r}: a name is made of lower-case "
                    "letters, digits, '.', '_' and '-'"
                )
            if each in RESERVED.get(kind, ()):
                raise MebenchError(
                    f"plugin {self._owner!r} registers the {kind} {each!r}, and mebench has one of its own of that "
                    "name: choose another"
                )
        if not _TARGET.fullmatch(target):
            raise MebenchError(
                f"plugin {self._owner!r} gives the {kind} {name!r} the target {target!r}: "
                "write it as 'package.module:Object'"
            )
        entry = Entry(kind, name, target, self._owner, **given)
        for each in (name, *entry.aliases):
            self._claims.setdefault((kind, each), []).append(entry)


def file_entry(file: LocalFile) -> Entry:
    """Return the entry of a model in a file, which nobody registered."""
    return Entry("model", file.name, file.name, "local file", f"local code: {file.name}", file=file)


def _elsewhere(kind: str, name: str) -> str:
    """Return where else to look for a name that is not known."""
    path, colon, attribute = name.partition(":")
    file = f"{path}.py"
    if kind in ("model", "") and (colon or Path(file).is_file()):
        return f"a model in a file is written with its ending, {file}:{attribute or 'CLASS'}"
    return f"`mebench list {kind}s` shows all" if kind else "`mebench list` shows all"


def _remember_source(module: str) -> None:
    """Hash a module's code before its import, so that what was imported is what is hashed."""
    with suppress(MebenchError):  # a missing module is Python's to name
        for home in code_of(module):
            drop_stale_bytecode(home)
            source_of(home)


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package that would hold it is missing
        return False


def _collision(name: str, claims: list[Entry]) -> str:
    owners = " and ".join(f"{entry.plugin!r} ({entry.target})" for entry in claims)
    return (
        f"the {claims[0].kind} name {name!r} is claimed by the plugins {owners}: "
        "uninstall one, or block it with MEBENCH_BLOCK_PLUGINS=NAME"
    )
