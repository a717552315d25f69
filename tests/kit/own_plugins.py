"""Plugins that a test registers itself, without an installed package."""

from __future__ import annotations

from typing import Any

import pluggy

from mebench.plugin.loading import Plugins, load_plugins
from mebench.plugin.registry import Registry


def plugins_with(kind: str, name: str, target: str, **metadata: Any) -> Plugins:
    """Return plugins of one name, and of the first-party datasets that protocols name."""
    registry = Registry()
    with registry.owned_by("own"):
        add = getattr(registry, kind)
        add(name, target, **{"title": "one of a test's own", "needs": "nothing", **metadata})
        for entry in load_plugins().registry.entries("dataset"):
            if kind == "protocol" and not entry.stands_in:
                registry.dataset(entry.name, entry.target, title=entry.title)
    return Plugins(registry, (), pluggy.PluginManager("own"))
