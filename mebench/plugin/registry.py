"""Names of models, datasets, protocols and what else plugins add, and the lazy targets behind them.

    registry = Registry()
    registry.model("famnet", "mebench_famnet.model:FAMNet", title="FAMNet", requires=("torch", "timm"))
    registry.get("model", "famnet").load()      # imports the target only now
    registry.get("model", "fammet")             # UnknownNameError: did you mean 'famnet'?
    registry.get("model", "models/tiny.py:Tiny")    # the class Tiny of a file, as if it were registered
    registry.get("model", "famnet[faud=false]")     # any of them with settings: entry.assigned == ("faud=false",)

Registering costs nothing: an entry is a name, light metadata and the place of its target. Two plugins may
not own one name: both are remembered, both are named in the error, and every other name still works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.errors import MebenchError, UnknownNameError
from mebench.plugin.entry import Entry, file_entry
from mebench.plugin.families import COLON, Family
from mebench.plugin.local_file import local_file
from mebench.plugin.metadata import KINDS, RESERVED, Kind, checked_metadata
from mebench.plugin.variants import Variation, split_variant

if TYPE_CHECKING:
    from mebench.plugin.metadata import DatasetMetadata, Metadata, ModelMetadata, Unpack

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


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

    def family(
        self,
        prefix: str,
        target: str,
        *,
        names: str,
        title: str,
        example: str,
        **metadata: Unpack[ModelMetadata],
    ) -> None:
        """Register a model for every name that a library has: ``prefix:NAME``.

        Args:
            prefix: what stands before the colon.
            target: a :class:`mebench.api.Model` subclass, whose setting ``name`` a member's name fixes.
            names: ``"package.module:function"``, which returns a mapping of each name to its title.
            title: what the names are, in a line of ``mebench list``.
            example: one of the names, for trials.
            metadata: as for a model, but for aliases: a family has none.
        """
        if "aliases" in metadata:
            raise MebenchError(
                f"plugin {self._owner!r} registers the models {prefix + COLON!r} with aliases=, which a family does "
                "not take: register it under each prefix"
            )
        self._check("model", prefix)
        self._check_target("model", prefix, target)
        self._check_target("model", prefix, names)
        given = checked_metadata("model", prefix, self._owner, {"title": title, **metadata})
        family = Family("model", prefix + COLON, target, self._owner, names=names, example=example, **given)
        self._claims.setdefault(("model", family.name), []).append(family)

    def variant(
        self,
        name: str,
        *,
        extends: str,
        title: str,
        settings: Mapping[str, Any],
        **metadata: Unpack[Metadata],
    ) -> None:
        """Register a variant of a model: its class with other settings, which the name then stands for.

        Args:
            name: of the variant.
            extends: the model's name; another plugin may register it, before or after.
            title: the variant's line in ``mebench list``.
            settings: what it sets, in the type of the model's settings.
            metadata: as for a model; what is not said is the model's.
        """
        given = checked_metadata(
            "model", name, self._owner, {"title": title, "settings": settings, **metadata}
        )
        if not isinstance(extends, str) or not given["settings"]:
            raise MebenchError(
                f"plugin {self._owner!r} registers the variant {name!r} of {extends!r} with settings={dict(settings)}: "
                "name the model that it extends, and one setting or more"
            )
        self._claim(Variation("model", name, "", self._owner, extends=extends, **given))

    def families(self, kind: Kind) -> list[Family]:
        """Return the usable families of a kind, sorted by prefix."""
        claims = (claims for (k, _), claims in sorted(self._claims.items()) if k == kind)
        return [claimed[0] for claimed in claims if len(claimed) == 1 and isinstance(claimed[0], Family)]

    def entries(self, kind: Kind) -> list[Entry]:
        """Return the usable entries of a kind, sorted by name; members of families are not among them."""
        found = []
        for (k, name), claims in sorted(self._claims.items()):
            if k == kind and len(claims) == 1 and claims[0].name == name and name[-1] != COLON:
                with suppress(MebenchError):  # a variant of nothing: see dangling()
                    found.append(self._resolved(claims[0], asking=False))
        return found

    def has(self, kind: Kind, name: str) -> bool:
        """Return whether a plugin claims a name or alias."""
        return (kind, name) in self._claims

    def collisions(self) -> list[str]:
        """Return one sentence for each name that two plugins claim."""
        return [_collision(name, claims) for (_, name), claims in self._claims.items() if len(claims) > 1]

    def dangling(self) -> list[str]:
        """Return one sentence for each variant that cannot be one."""
        found = []
        for (_, name), claims in self._claims.items():
            if len(claims) == 1 and claims[0].name == name:
                try:
                    self._resolved(claims[0], asking=False)
                except MebenchError as error:
                    found.append(str(error))
        return found

    def get(self, kind: Kind, name: str) -> Entry:
        """Return the entry behind a name or alias, of a member of a family, or of a class in a file, ``PATH.py:CLASS``.

        A model's name may have settings behind it, ``NAME[SETTING=VALUE,...]``, which the entry then holds.

        Raises:
            UnknownNameError: nothing has that name; the message carries near matches.
            MebenchError: two plugins claim it; the message names both. Or a family's library is not installed, or
                there is no such file, or brackets behind a name hold no settings.
        """
        if kind == "model":
            name, assigned = split_variant(name)
            if assigned:
                return replace(self.get(kind, name), assigned=assigned)
        prefix, colon, member = name.partition(COLON)
        claims = self._claims.get((kind, prefix + colon))
        if claims is None:
            if kind == "model" and (file := local_file(name)):
                return file_entry(file)
            known = [_alike(n, member) for k, n in self._claims if k == kind]
            raise UnknownNameError(kind, name, known, hint=_elsewhere(kind, name))
        if len(claims) > 1:
            raise MebenchError(_collision(prefix + colon, claims))
        return claims[0].member(member) if isinstance(claims[0], Family) else self._resolved(claims[0])

    def _resolved(self, entry: Entry, *within: str, asking: bool = True) -> Entry:
        """Return an entry, that of a variant once it is known what it is of.

        ``asking`` says whether a family's library is asked if it has the model that a variant extends.
        """
        if not isinstance(entry, Variation):
            return entry
        if entry.name in within:
            raise MebenchError(f"{entry.claimed} is a variant of it again: extend a model")
        prefix, colon, member = entry.extends.partition(COLON)
        claims = self._claims.get(("model", prefix + colon), [])
        try:
            if len(claims) != 1:
                base = self.get("model", entry.extends)
            elif isinstance(claims[0], Family):
                base = claims[0].member(member) if asking else claims[0].unasked(member)
            else:
                base = claims[0]
        except MebenchError as error:
            raise MebenchError(f"{entry.claimed} cannot be used: {error}") from error
        return entry.of(self._resolved(base, *within, entry.name, asking=asking))

    def find(self, name: str) -> list[Entry]:
        """Return the entries of every kind that carry a name.

        Raises:
            UnknownNameError: no kind has it.
        """
        if split_variant(name)[1]:
            return [self.get("model", name)]
        prefix, colon, member = name.partition(COLON)
        found = [self.get(kind, name) for kind in KINDS if (kind, prefix + colon) in self._claims]
        if not found:
            if file := local_file(name):
                return [file_entry(file)]
            known = {_alike(n, member) for _, n in self._claims}
            kinds = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
            raise UnknownNameError(kinds, name, known, hint=_elsewhere("", name))
        return found

    def _add(self, kind: Kind, name: str, target: str, title: str, metadata: Mapping[str, Any]) -> None:
        given = checked_metadata(kind, name, self._owner, {"title": title, **metadata})
        self._check_target(kind, name, target)
        self._claim(Entry(kind, name, target, self._owner, **given))

    def _claim(self, entry: Entry) -> None:
        names = (entry.name, *entry.aliases)
        for each in names:
            self._check(entry.kind, each)
        for each in names:
            self._claims.setdefault((entry.kind, each), []).append(entry)

    def _check(self, kind: Kind, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise MebenchError(
                f"plugin {self._owner!r} registers the {kind} {name!r}: a name is made of lower-case "
                "letters, digits, '.', '_' and '-'"
            )
        if name in RESERVED.get(kind, ()):
            raise MebenchError(
                f"plugin {self._owner!r} registers the {kind} {name!r}, and mebench has one of its own of that "
                "name: choose another"
            )

    def _check_target(self, kind: Kind, name: str, target: str) -> None:
        if not _TARGET.fullmatch(target):
            raise MebenchError(
                f"plugin {self._owner!r} gives the {kind} {name!r} the target {target!r}: "
                "write it as 'package.module:Object'"
            )


def _alike(known: str, member: str) -> str:
    """Return a known name to compare an unknown one with: of a family, that of the same member."""
    return known + member if known.endswith(COLON) else known


def _elsewhere(kind: str, name: str) -> str:
    """Return where else to look for a name that is not known."""
    path, colon, attribute = name.partition(":")
    file = f"{path}.py"
    if kind in ("model", "") and (colon or Path(file).is_file()):
        return f"a model in a file is written with its ending, {file}:{attribute or 'CLASS'}"
    return f"`mebench list {kind}s` shows all" if kind else "`mebench list` shows all"


def _collision(name: str, claims: list[Entry]) -> str:
    owners = " and ".join(f"{entry.plugin!r} ({entry.target})" for entry in claims)
    return (
        f"the {claims[0].kind} name {name!r} is claimed by the plugins {owners}: "
        "uninstall one, or block it with MEBENCH_BLOCK_PLUGINS=NAME"
    )
