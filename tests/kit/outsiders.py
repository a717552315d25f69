"""Plugins as outsiders would write them, for one test: a module of its own and a registry that knows it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry

_numbers = itertools.count()

Outsider = Callable[..., Registry]


def outsider(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Outsider:
    """Return ``with_plugin(text, kind="protocol", name="theirs")``: a registry with first-party plugins and theirs.

    ``text`` is a module's text that assigns or defines ``THEIRS``.
    """

    def with_plugin(text: str, kind: str = "protocol", name: str = "theirs", **metadata: object) -> Registry:
        module = f"outsider{next(_numbers)}"
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(folder)
        registry = Registry()
        known = load_plugins().registry
        registry._claims = {key: list(claims) for key, claims in known._claims.items()}
        with registry.owned_by("outsider"):
            getattr(registry, kind)(name, f"{module}:THEIRS", title="Theirs", **metadata)
        return registry

    return with_plugin
