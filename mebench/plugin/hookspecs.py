"""The hooks that a plugin may implement, and the marker to implement them with.

A plugin is a module (or object) named by an entry point in the group ``mebench``::

    # pyproject.toml of your package
    [project.entry-points.mebench]
    mynet = "mynet"

    # mynet/__init__.py
    from mebench.api import hookimpl

    @hookimpl
    def mebench_register(registry):
        registry.model("mynet", "mynet.model:MyNet", title="My network")

Keep that module light: it is imported by every ``mebench list``. The target named in it is imported only
when the model is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from mebench.plugin.registry import Registry

ENTRY_POINT_GROUP = "mebench"

hookspec = pluggy.HookspecMarker("mebench")
hookimpl = pluggy.HookimplMarker("mebench")


@hookspec(historic=True)
def mebench_register(registry: Registry) -> None:
    """Register models, datasets and protocols by name.

    Called once, right after the plugin was imported. An exception makes mebench skip the whole plugin,
    name it and give its reason.
    """


@hookspec
def mebench_run_started(run: dict[str, Any], directory: Path) -> None:
    """A run is about to work through its missing folds.

    ``run`` is the content of ``run.json``; ``directory`` holds it.
    """


@hookspec
def mebench_fold_done(run: dict[str, Any], record: dict[str, Any]) -> None:
    """A fold was recorded; ``record`` is the content of its file (it holds no labels)."""


@hookspec
def mebench_run_finished(run: dict[str, Any], scores: dict[str, Any] | None) -> None:
    """A run ended; ``scores`` is None where folds are still missing."""
