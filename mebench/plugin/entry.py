"""One registered name: light metadata, and the place of its target, which is imported only when it is used.

entry = Entry("model", "famnet", "mebench_famnet.model:FAMNet", plugin="famnet", title="FAMNet")
entry.load()                                # imports mebench_famnet.model
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mebench.errors import MebenchError, near_matches, reason_of
from mebench.plugin.local_file import LocalFile
from mebench.plugin.metadata import Kind
from mebench.plugin.source import code_of, drop_stale_bytecode, source_of
from mebench.plugin.target import imported, module_of
from mebench.torchvision_shim import watch_torchvision


@dataclass(frozen=True)
class Entry:
    """One registered name.

    ``target`` is ``"package.module:Object"``; ``requires`` lists importable modules that it needs and
    ``extra`` the pip requirement that brings them; ``settings`` are defaults that a variant changes;
    ``needs`` says in words which data or inputs it works on; ``spellings`` are other ways in which lists and
    predictions write a dataset's name; ``stands_in`` lists the protocols for whose datasets one of ready inputs
    stands in (:class:`mebench.api.ReadyDataset`); ``file`` is where a model lies that no plugin registers;
    ``extends`` is the model that this one is a variant of; ``assigned`` are settings that the user wrote behind the
    name, ``name=value`` each.
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
    extends: str = ""
    assigned: tuple[str, ...] = ()

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

    def shortcoming(self) -> str:
        """Return which required modules are not installed here, and what installs them; empty where all are."""
        missing = self.missing_requirements()
        how = f"pip install '{self.extra}'" if self.extra else f"pip install {' '.join(missing)}"
        return f"needs {', '.join(missing)}, not installed here: {how}" if missing else ""

    def load(self) -> Any:
        """Import and return the target.

        Raises:
            MebenchError: a requirement is not installed, or the import failed.
        """
        if shortcoming := self.shortcoming():
            raise MebenchError(f"{self.kind} {self.name!r} {shortcoming}")
        watch_torchvision()
        if self.file is not None:
            return self._load_file(self.file)
        try:
            if self.kind == "model":
                _remember_source(module_of(self.target))
            return imported(self.target)
        except Exception as error:
            raise MebenchError(
                f"{self.kind} {self.name!r} of plugin {self.plugin!r} could not be loaded from "
                f"{self.target!r}: {reason_of(error)}"
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


def file_entry(file: LocalFile) -> Entry:
    """Return the entry of a model in a file, which nobody registered."""
    return Entry("model", file.name, file.name, "local file", f"local code: {file.name}", file=file)


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
