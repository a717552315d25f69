"""Hooks and trackers: told the same, and none disturbs another or the run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pluggy
import pytest

from mebench.api import Registry, Tracker, hookimpl
from mebench.errors import MebenchError
from mebench.plugin import hookspecs
from mebench.plugin.loading import Plugins
from mebench.runner.tracking import Notifier, make_trackers

EVENT: dict[str, Any] = {"run": {}, "directory": Path("d"), "fold": "a", "seed": 0}


def plugins(*modules: object) -> Plugins:
    manager = pluggy.PluginManager("mebench")
    manager.add_hookspecs(hookspecs)
    for number, module in enumerate(modules):
        manager.register(module, name=f"plugin{number}")
    return Plugins(Registry(), (), manager)


class Hooks:
    """A plugin that is an object: its attributes are its hooks."""

    def __init__(self, **hooks: Any) -> None:
        vars(self).update(hooks)


class Lines(Tracker):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def fold_progress(self, run: Any, directory: Path, fold: str, seed: int, progress: Any) -> None:
        self.lines.append(f"{fold} {seed} {progress}")

    def fold_failed(self, run: Any, directory: Path, fold: str, seed: int, reason: str) -> None:
        raise ValueError("the line\nis cut")


def test_a_hook_of_an_older_plugin_takes_fewer_arguments() -> None:
    told: list[Any] = []

    @hookimpl
    def mebench_fold_done(run: Any, record: Any) -> None:
        told.append(record)

    notify = Notifier(plugins(Hooks(mebench_fold_done=mebench_fold_done)), {})
    notify("mebench_fold_done", run={}, directory=Path("d"), record={"fold": "a"})
    assert told == [{"fold": "a"}]


def test_a_tracker_that_fails_is_warned_of_once_and_told_nothing_more() -> None:
    good, bad = Lines(), Lines()
    bad.fold_progress = None  # type: ignore[assignment, method-assign]
    notify = Notifier(plugins(), {"bad": bad, "good": good})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in (1, 2):
            notify("mebench_fold_progress", **EVENT, progress=step)
        notify("mebench_fold_failed", **EVENT, reason="x")
        notify("mebench_fold_progress", **EVENT, progress=3)
    assert good.lines == ["a 0 1", "a 0 2"]
    assert [str(each.message).partition(": ")[0] for each in caught] == [
        "tracker 'bad' failed in fold_progress and follows the run no further",
        "tracker 'good' failed in fold_failed and follows the run no further",
    ]
    assert str(caught[1].message).endswith("ValueError: the line is cut")


def test_a_hook_that_fails_is_warned_of_once_and_disturbs_no_other() -> None:
    told: list[int] = []

    @hookimpl
    def mebench_fold_progress(progress: Any) -> None:
        raise SystemExit("no")

    broken = Hooks(mebench_fold_progress=mebench_fold_progress)

    @hookimpl(specname="mebench_fold_progress")
    def other(progress: Any) -> None:
        told.append(progress)

    notify = Notifier(plugins(broken, Hooks(other=other)), {})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in (1, 2):
            notify("mebench_fold_progress", **EVENT, progress=step)
    said = [str(each.message) for each in caught]
    assert said == ["plugin 'plugin0' failed in mebench_fold_progress: SystemExit: no"]
    assert told == [1, 2]


def test_every_event_of_a_run_is_a_hook_and_a_method_of_the_same_arguments() -> None:
    manager = plugins().manager
    hooks = {
        name: tuple(caller.spec.argnames)
        for name, caller in vars(manager.hook).items()
        if name.startswith("mebench_") and name != "mebench_register"
    }
    methods = {
        f"mebench_{name}": method.__code__.co_varnames[1 : method.__code__.co_argcount]
        for name, method in vars(Tracker).items()
        if not name.startswith("_")
    }
    assert methods == hooks


TRACKERS = """
from mebench.api import Tracker

class Fine(Tracker): ...

class Unmade(Tracker):
    def __init__(self):
        raise SystemExit("no key")
"""


def test_a_tracker_that_cannot_be_made_is_left_out_and_a_wrong_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trackers_of_a_test.py").write_text(TRACKERS)
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry()
    for name, target in (
        ("fine", "trackers_of_a_test:Fine"),
        ("unmade", "trackers_of_a_test:Unmade"),
        ("none", "json:JSONDecoder"),
    ):
        registry.tracker(name, target, title="A tracker")
    with pytest.warns(match=r"tracker 'unmade' could not be made, .*: SystemExit: no key"):
        made = make_trackers(registry, ("fine", "unmade", "fine"))
    assert list(made) == ["fine"]
    with pytest.raises(MebenchError, match=r"a subclass of mebench\.runner\.tracking\.Tracker is due"):
        make_trackers(registry, ("none",))
    with pytest.raises(MebenchError, match="no tracker named 'fin': did you mean 'fine'"):
        make_trackers(registry, ("fin",))
