"""Who is told what happens in a run: the plugins' hooks, and the trackers that the user chose.

    notify = Notifier(plugins, load_trackers(plugins.registry, ("my-tracker",)))
    notify("mebench_fold_done", run=run, directory=directory, record=record)

Both are told the same in the same way: the tracker's method ``fold_done`` is the hook ``mebench_fold_done``. A
listener that fails is named in one warning and disturbs neither the run nor another listener; each gets copies of its
own, so that what it changes changes nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.errors import MebenchWarning, reason_of
from mebench.plugin.given import loaded_class
from mebench.plugin.loading import Plugins
from mebench.plugin.registry import Registry
from mebench.run_info import Record, RunInfo
from mebench.scoring.schema import Scores

if TYPE_CHECKING:
    from mebench.models.base import Progress


class Tracker:
    """Follows runs, for ``mebench run --tracker NAME``: override what you want to be told of.

    It is made once a run, in the main process; runs of one study go on at the same time. A method that raises is named
    in one warning, and the tracker is told nothing more of that run.
    """

    def run_started(self, run: RunInfo, directory: Path) -> None:
        """Be told that a run begins to work through its missing folds; ``run`` is the content of ``run.json``."""

    def fold_progress(self, run: RunInfo, directory: Path, fold: str, seed: int, progress: Progress) -> None:
        """Be told where a fold in flight stands, as a rule after an epoch."""

    def fold_done(self, run: RunInfo, directory: Path, record: Record) -> None:
        """Be told that a fold was recorded."""

    def fold_failed(self, run: RunInfo, directory: Path, fold: str, seed: int, reason: str) -> None:
        """Be told that a fold of this process failed, and why in one sentence."""

    def run_finished(self, run: RunInfo, directory: Path, scores: Scores | None) -> None:
        """Be told that the run ended; ``scores`` is None where folds are missing.

        Told without :meth:`run_started` where nothing was left to do, and not after Ctrl-C.
        """


def tracker_class(registry: Registry, name: str) -> type[Tracker]:
    """Return the class of a registered tracker.

    Raises:
        MebenchError: nothing has that name, or it is no tracker.
    """
    return loaded_class(registry.get("tracker", name), Tracker)


def make_trackers(registry: Registry, names: Sequence[str]) -> dict[str, Tracker]:
    """Return trackers by name; one that cannot be made is named in a warning, and the run does without.

    Raises:
        MebenchError: nothing has that name, or it is no tracker.
    """
    made = {}
    for name in dict.fromkeys(names):
        kind = tracker_class(registry, name)
        try:
            made[name] = kind()
        except (Exception, SystemExit) as error:
            _warn(f"tracker {name!r} could not be made, and follows nothing", error)
    return made


class Notifier:
    """Tells listeners, each in its own ``try``. It lasts for one run."""

    def __init__(self, plugins: Plugins, trackers: Mapping[str, Tracker]) -> None:
        self._plugins = plugins
        self._trackers = dict(trackers)
        self._hooks: dict[str, dict[str, Callable[..., Any]]] = {}

    def __call__(self, hook: str, **arguments: Any) -> None:
        """Call a hook of every plugin, and the method of every tracker that overrides it."""
        if hook not in self._hooks:
            self._hooks[hook] = self._plugins.implementers(hook)
        for name, call in list(self._hooks[hook].items()):
            try:
                call(**deepcopy(arguments))
            except (Exception, SystemExit) as error:
                # Told of every epoch or fold again, it would fail again.
                del self._hooks[hook][name]
                _warn(f"plugin {name!r} failed in {hook}", error)
        method = hook.removeprefix("mebench_")
        for name, tracker in list(self._trackers.items()):
            if getattr(type(tracker), method) is getattr(Tracker, method):
                continue
            try:
                getattr(tracker, method)(**deepcopy(arguments))
            except (Exception, SystemExit) as error:
                del self._trackers[name]
                _warn(f"tracker {name!r} failed in {method} and follows the run no further", error)


def _warn(what: str, error: BaseException) -> None:
    warnings.warn(f"{what}: {reason_of(error)}", MebenchWarning, stacklevel=3)
