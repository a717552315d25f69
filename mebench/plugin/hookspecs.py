"""The hooks that a plugin may implement, and the marker to implement them with.

A plugin is a module (or object) named by an entry point in the group ``mebench``::

    # pyproject.toml of your package
    [project.entry-points.mebench]
    mynet = "mynet"

    # mynet/__init__.py
    from mebench.api import Registry, hookimpl

    @hookimpl
    def mebench_register(registry: Registry) -> None:
        registry.model("mynet", "mynet.model:MyNet", title="My network")

Keep that module light: it is imported by every ``mebench list``. The target named in it is imported only
when the model is used.

A hook takes as many of its arguments as it names. What a run tells is told to trackers in the same words
(:class:`mebench.api.Tracker`); :class:`mebench.api.RunInfo`, ``Record`` and ``Scores`` are the types of the dicts.
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
    """Register models, datasets, protocols, commands, metrics, executors and trackers by name.

    Called once, right after the plugin was imported. An exception makes mebench skip the whole plugin,
    name it and give its reason.
    """


@hookspec
def mebench_run_started(run: dict[str, Any], directory: Path) -> None:
    """A run is about to work through its missing folds.

    ``run`` is the content of ``run.json``; ``directory`` holds it.
    """


@hookspec
def mebench_fold_progress(run: dict[str, Any], directory: Path, fold: str, seed: int, progress: Any) -> None:
    """A fold in flight said where it stands, as a rule after an epoch; called often, so be quick.

    ``progress`` is a :class:`mebench.api.Progress`: step, steps and loss.
    """


@hookspec
def mebench_fold_done(run: dict[str, Any], directory: Path, record: dict[str, Any]) -> None:
    """A fold was recorded; ``record`` is the content of its file (it holds no labels)."""


@hookspec
def mebench_fold_failed(run: dict[str, Any], directory: Path, fold: str, seed: int, reason: str) -> None:
    """A fold of this process failed; ``reason`` is one sentence, the traceback lies in ``directory/folds``."""


@hookspec
def mebench_run_finished(run: dict[str, Any], directory: Path, scores: dict[str, Any] | None) -> None:
    """A run ended, also one that had nothing left to do; ``scores`` is None where folds are still missing.

    Not called after Ctrl-C, nor where the run itself failed.
    """
