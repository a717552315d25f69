"""One queue of the folds of several runs: who is told what, and that a run which breaks costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from in_process import InProcess

from mebench.api import Event, Executor, Job
from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.display.view import SilentView
from mebench.errors import MebenchError
from mebench.features.looked_once import LookedOnce
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.runner.begun import BegunRun, begin
from mebench.runner.fold_queue import work_through
from mebench.runner.named import named_model
from mebench.runner.options import RunOptions

PLUGINS = load_plugins()
Begun = Callable[..., "list[BegunRun]"]


@pytest.fixture(scope="module")
def cohort(registry: Registry, twin: Path) -> Cohort:
    return open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})


class Told(list[tuple[str, str]]):
    """The hooks that were called, each with the name of its run's folder."""

    def __call__(self, hook: str, **arguments: Any) -> None:
        self.append((hook.removeprefix("mebench_"), arguments["directory"].name))

    def of(self, run: BegunRun) -> list[str]:
        return [hook for hook, name in self if name == run.plan.directory.path.name]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def begun(cohort: Cohort, tmp_path: Path, told: Told) -> Iterator[Begun]:
    """Begin runs of a model that differ in a setting."""
    with ExitStack() as stack:

        def start(*sizes: int) -> list[BegunRun]:
            store, options = LookedOnce(tmp_path / "features"), RunOptions(runs=tmp_path / "runs", workers=1)
            runs = []
            for size in sizes:
                named = named_model(PLUGINS, "difference-svm", settings={"size": size})
                each = begin(
                    named.entry, named.model, cohort, options, store, SilentView(), told, InProcess()
                )
                runs.append(stack.enter_context(each))
            return runs

        yield start


class Spoils(InProcess):
    """Before the answer for a fold whose place is named, a file of its run's settings is another."""

    def __init__(self, run: BegunRun, at: int) -> None:
        super().__init__()
        self._files, self._at = run.plan.identity.parts["files"], at
        self.taken: list[str] = []

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        for number, event in enumerate(super().run(self._seen(jobs), workers=workers)):
            if number == 2 * self._at + 1:
                self._files["weights"] = "what is there no more"
            yield event

    def _seen(self, jobs: Iterable[Job | None]) -> Iterator[Job | None]:
        for job in jobs:
            assert job is not None
            self.taken.append(str(job.log.parent.parent.name))
            yield job


def test_each_run_is_told_its_own_and_ends_with_its_own_last_fold(begun: Begun, told: Told) -> None:
    runs, ended = begun(8, 16), []
    work_through(runs, InProcess(), lambda run: ended.append((run, run.finish(), len(told))))
    assert [run for run, *_ in ended] == runs
    for run, outcome, _ in ended:
        assert outcome.done_now == 3
        assert outcome.scores is not None
        assert told.of(run) == ["run_started", *["fold_done"] * 3, "run_finished"]
    assert ended[0][2] < len(told), "the first is scored before the second has ended"


def test_a_run_that_can_be_recorded_no_more_is_ended_and_begins_no_fold_while_the_other_goes_on(
    begun: Begun, told: Told
) -> None:
    spoiled, other = runs = begun(8, 16)
    ended: list[BegunRun] = []
    executor = Spoils(spoiled, at=0)
    work_through(runs, executor, ended.append)
    assert ended == [spoiled, other]
    with pytest.raises(MebenchError, match="the file of setting 'weights' changed"):
        spoiled.finish()
    assert other.finish().scores is not None
    assert executor.taken.count(spoiled.plan.directory.path.name) == 1
    assert told.of(spoiled) == ["run_started"]


def test_what_an_executor_leaves_untaken_fails_of_every_run(begun: Begun) -> None:
    class Lazy(Executor):
        def run(
            self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
        ) -> Iterator[Event]:
            return iter(())

    runs, ended = begun(8, 16), []
    work_through(runs, Lazy(), ended.append)
    assert ended == runs
    for run in runs:
        outcome = run.finish()
        assert set(outcome.failed.values()) == {"the executor ended before it took this fold"}
        assert len(outcome.failed) == outcome.missing == 3


def test_runs_that_begin_together_hold_features_once(begun: Begun, cohort: Cohort) -> None:
    one, same, other = begun(8, 8, 16)

    def held(run: BegunRun) -> list[int]:
        return [id(each) for of_input in run.ready.features.values() for each in of_input.values()]

    assert held(one) == held(same)
    assert not set(held(one)) & set(held(other))
    assert one.ready.cohort is same.ready.cohort is cohort
