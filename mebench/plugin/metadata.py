"""What may be said of a registered name beside its title: which keys, and what each holds.

    registry.model("mynet", "mynet.model:MyNet", title="My network", aliases=("my-net",))

Type checkers see the keys below; at run time a misspelt key or a wrong type is one sentence with near matches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args

from mebench.errors import MebenchError, near_matches

if TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack  # noqa: PLC0414 - for the registry's signatures

Kind = Literal["model", "dataset", "protocol", "command", "metric", "executor", "tracker"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# What the core itself has under a name, so that no plugin may: its commands, scores and executor.
RESERVED: Mapping[Kind, frozenset[str]] = {
    "command": frozenset(
        (
            "run",
            "doubt",
            "power",
            "report",
            "view",
            "sweep",
            "ablate",
            "fit",
            "audit",
            "list",
            "info",
            "check",
            "new",
            "runs",
            "show",
            "compare",
            "merge",
            "optimism",
            "score",
            "predict",
            "protocol",
            "data",
            "cache",
            "features",
            "leaderboard",
        )
    ),
    "metric": frozenset(("uf1", "uar", "accuracy", "f1", "f1_macro")),
    "executor": frozenset(("local",)),
}

# A list is as good as a tuple; a plain text would count letter by letter.
Texts = tuple[str, ...] | list[str]


class Metadata(TypedDict, total=False):
    """What every kind of entry may say of itself.

    ``reference`` is the paper; ``needs`` says in words which data or inputs it works on; ``aliases`` are other
    names; ``requires`` are importable modules that must be installed, and ``extra`` the pip requirement that
    brings them.
    """

    reference: str
    needs: str
    aliases: Texts
    requires: Texts
    extra: str


class ModelMetadata(Metadata, total=False):
    """Of a model besides: ``settings``, the defaults that a variant changes."""

    settings: Mapping[str, Any]


class DatasetMetadata(Metadata, total=False):
    """Of a dataset besides.

    ``spellings`` are other ways in which lists and predictions write its name; ``stands_in`` are the protocols for
    whose datasets one of ready inputs stands in (:class:`mebench.api.ReadyDataset`).
    """

    spellings: Texts
    stands_in: Texts


def checked_metadata(kind: Kind, name: str, plugin: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata with lists as tuples.

    Raises:
        MebenchError: a key is not known for that kind, or a value is of another type; the plugin is named.
    """
    keys: type = {"model": ModelMetadata, "dataset": DatasetMetadata}.get(kind, Metadata)
    known = ("title", *keys.__annotations__)
    where = f"plugin {plugin!r} registers the {kind} {name!r} with"
    for key, value in metadata.items():
        if key not in known:
            raise MebenchError(f"{where} {key}=, which it does not take{near_matches(key, known)}")
        is_due, what = _DUE[key]
        if not is_due(value):
            raise MebenchError(f"{where} {key}={value!r} ({type(value).__name__}), and {what} is due")
    return {key: _plain(key, value) for key, value in metadata.items()}


def _plain(key: str, value: Any) -> Any:
    """Return a value that is compared, hashed and written as JSON alike, whatever kind of list or mapping it was."""
    if key in _LISTS:
        return tuple(value)
    return dict(value) if isinstance(value, Mapping) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(each, str) for each in value)


def _are_settings(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, str) for each in value)


_LISTS = ("aliases", "requires", "spellings", "stands_in")
_DUE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "title": (_is_text, "a text"),
    "reference": (_is_text, "a text"),
    "needs": (_is_text, "a text"),
    "extra": (_is_text, "a text"),
    **dict.fromkeys(_LISTS, (_are_texts, "a tuple of texts, as in ('one',),")),
    "settings": (_are_settings, "a mapping from setting to value"),
}
