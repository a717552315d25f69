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

from mebench.errors import MebenchError
from mebench.plugin.metadata import Kind
from mebench.plugin.source import code_of, drop_stale_bytecode, source_of
from mebench.torchvision_shim import watch_torchvision


@dataclass(frozen=True)
class Entry:
    """One registered name.

    ``target`` is ``"package.module:Object"``; ``requires`` lists importable modules that it needs and
    ``extra`` the pip requirement that brings them; ``settings`` are defaults that a variant changes;
    ``needs`` says in words which data or inputs it works on; ``spellings`` are other ways in which lists and
    predictions write a dataset's name; ``stands_in`` lists the protocols for whose datasets one of ready inputs
    stands in (:class:`mebench.api.ReadyDataset`).
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
        module, _, attribute = self.target.partition(":")
        try:
            if self.kind == "model":
                # Before the import, so that what was imported is what is hashed; a missing module is Python's to name.
                with suppress(MebenchError):
                    for home in code_of(module):
                        drop_stale_bytecode(home)
                        source_of(home)
            return getattr(importlib.import_module(module), attribute)
        except Exception as error:
            raise MebenchError(
                f"{self.kind} {self.name!r} of plugin {self.plugin!r} could not be loaded from "
                f"{self.target!r}: {type(error).__name__}: {error}"
            ) from error


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package that would hold it is missing
        return False
