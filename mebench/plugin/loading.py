"""Finding and loading plugins, one by one, so that a broken one costs only itself.

plugins = load_plugins()
plugins.registry.get("model", "famnet")
plugins.problems()           # one sentence for each plugin that was skipped
plugins.implementers("mebench_fold_done")       # plugin -> its hook
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from mebench.errors import MebenchError, reason_of
from mebench.plugin import hookspecs
from mebench.plugin.registry import Registry
from mebench.plugin.source import drop_stale_bytecode, home_of

BLOCK_VARIABLE = "MEBENCH_BLOCK_PLUGINS"


@dataclass(frozen=True)
class PluginInfo:
    """What became of one entry point; ``problem`` is empty for a plugin that works or that the user blocked."""

    name: str
    distribution: str
    version: str
    module: str
    problem: str = ""
    blocked: bool = False


@dataclass(frozen=True)
class Plugins:
    """The loaded plugins: the registry they filled, and the hooks they implement."""

    registry: Registry
    infos: tuple[PluginInfo, ...]
    manager: pluggy.PluginManager

    def problems(self) -> list[str]:
        """Return one sentence for each skipped plugin, each name claimed twice and each variant of nothing."""
        skipped = [
            f"plugin {i.name!r} ({i.distribution} {i.version}) is skipped: {i.problem}"
            for i in self.infos
            if i.problem
        ]
        return skipped + self.registry.collisions() + self.registry.dangling()

    def implementers(self, hook: str) -> dict[str, Callable[..., Any]]:
        """Return plugin -> what calls its implementations of a hook, in the order of their names."""
        found = {impl.plugin_name: impl.plugin for impl in getattr(self.manager.hook, hook).get_hookimpls()}
        return {
            name: self.manager.subset_hook_caller(hook, [p for p in found.values() if p is not plugin])
            for name, plugin in sorted(found.items())
        }


def load_plugins(*, strict: bool = False) -> Plugins:
    """Load every installed plugin.

    Args:
        strict: raise for the first broken plugin or name collision instead of skipping it.

    Raises:
        MebenchError: only when ``strict``.
    """
    plugins = _load()
    if strict and (problems := plugins.problems()):
        raise MebenchError(problems[0])
    return plugins


@lru_cache(maxsize=1)
def _load() -> Plugins:
    manager = pluggy.PluginManager("mebench")
    manager.add_hookspecs(hookspecs)
    registry = Registry()
    # Historic: every plugin registered from here on is called at once, inside its own `try`.
    manager.hook.mebench_register.call_historic(kwargs={"registry": registry})
    for name in filter(None, map(str.strip, os.environ.get(BLOCK_VARIABLE, "").split(","))):
        manager.set_blocked(name)
    points = sorted(
        entry_points(group=hookspecs.ENTRY_POINT_GROUP), key=lambda point: (point.name, point.value)
    )
    return Plugins(registry, tuple(_load_one(point, manager, registry) for point in points), manager)


def _load_one(point: EntryPoint, manager: pluggy.PluginManager, registry: Registry) -> PluginInfo:
    distribution = point.dist
    info = PluginInfo(
        point.name,
        distribution.name if distribution else "unknown",
        distribution.version if distribution else "",
        point.value,
    )
    if manager.is_blocked(point.name):
        return replace(info, blocked=True)
    if manager.has_plugin(point.name):
        return replace(info, problem="another installed package has a plugin of that name")
    try:
        with registry.owned_by(point.name):
            drop_stale_bytecode(home_of(point.module))
            plugin = point.load()
            manager.register(plugin, name=point.name)
            manager.check_pending()
            if not manager.get_hookcallers(plugin):
                raise MebenchError("it implements no hook: mark its mebench_register with @hookimpl")
    except (Exception, SystemExit) as error:
        if manager.has_plugin(point.name):
            manager.unregister(name=point.name)
        reason = " ".join(str(error).split()) if isinstance(error, MebenchError) else reason_of(error)
        return replace(info, problem=reason)
    return info
