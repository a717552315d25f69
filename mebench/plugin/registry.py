"""Names of models, datasets and protocols, and the lazy targets behind them.

    registry = Registry()
    registry.model("famnet", "mebench_famnet.model:FAMNet", title="FAMNet", requires=("torch", "timm"))
    registry.get("model", "famnet").load()      # imports the target only now
    registry.get("model", "fammet")             # UnknownNameError: did you mean 'famnet'?

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
from typing import Any, Literal, get_args

from mebench.errors import MebenchError, UnknownNameError
from mebench.plugin.source import code_of, drop_stale_bytecode, source_of
from mebench.torchvision_shim import watch_torchvision

Kind = Literal["model", "dataset", "protocol"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


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

    def model(self, name: str, target: str, *, title: str, **metadata: Any) -> None:
        """Register a model: a :class:`mebench.api.Model` subclass (metadata: see :class:`Entry`)."""
        self._add("model", name, target, title, metadata)

    def dataset(self, name: str, target: str, *, title: str, **metadata: Any) -> None:
        """Register a dataset: a :class:`mebench.api.Dataset` or :class:`mebench.api.ReadyDataset` subclass."""
        self._add("dataset", name, target, title, metadata)

    def protocol(self, name: str, target: str, *, title: str, **metadata: Any) -> None:
        """Register a protocol: a :class:`mebench.api.Protocol` object."""
        self._add("protocol", name, target, title, metadata)

    def entries(self, kind: Kind) -> list[Entry]:
        """Return the usable entries of a kind, sorted by name."""
        found = {
            name: claims[0]
            for (k, name), claims in self._claims.items()
            if k == kind and len(claims) == 1 and claims[0].name == name
        }
        return [found[name] for name in sorted(found)]

    def collisions(self) -> list[str]:
        """Return one sentence for each name that two plugins claim."""
        return [_collision(name, claims) for (_, name), claims in self._claims.items() if len(claims) > 1]

    def get(self, kind: Kind, name: str) -> Entry:
        """Return the entry behind a name or alias.

        Raises:
            UnknownNameError: nothing has that name; the message carries near matches.
            MebenchError: two plugins claim it; the message names both.
        """
        claims = self._claims.get((kind, name))
        if claims is None:
            known = [n for k, n in self._claims if k == kind]
            raise UnknownNameError(kind, name, known, hint=f"`mebench list {kind}s` shows all")
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
            known = {n for _, n in self._claims}
            raise UnknownNameError("model, dataset or protocol", name, known, hint="`mebench list` shows all")
        return found

    def _add(self, kind: Kind, name: str, target: str, title: str, metadata: dict[str, Any]) -> None:
        aliases = tuple(metadata.pop("aliases", ()))
        for each in (name, *aliases):
            if not _NAME.fullmatch(each):
                raise MebenchError(
                    f"plugin {self._owner!r} registers the {kind} {each!r}: a name is made of lower-case "
                    "letters, digits, '.', '_' and '-'"
                )
        if not _TARGET.fullmatch(target):
            raise MebenchError(
                f"plugin {self._owner!r} gives the {kind} {name!r} the target {target!r}: "
                "write it as 'package.module:Object'"
            )
        entry = Entry(kind, name, target, self._owner, title, aliases=aliases, **metadata)
        for each in (name, *aliases):
            self._claims.setdefault((kind, each), []).append(entry)


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
