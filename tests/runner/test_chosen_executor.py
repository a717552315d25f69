"""Executors of plugins: what the worker's core gives them, and how little of them is believed."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from odd_models import odd_job
from own_plugins import plugins_with
from pydantic import Field

from mebench.api import (
    Event,
    Executor,
    ExecutorSettings,
    Failure,
    FoldResult,
    Job,
    Progress,
    Task,
    run_job,
)
from mebench.errors import MebenchError, MebenchWarning
from mebench.runner.chosen_executor import believed, executor_class, make_executor
from mebench.runner.executor import LocalExecutor

Run = Callable[..., Iterator[Event]]


def executor(run: Callable[[list[Job]], Iterable[Any]]) -> Executor:
    """Return an executor that takes all jobs at once and then does what it likes."""

    class Theirs(Executor):
        def run(self, jobs: Iterable[Job | None], **_: Any) -> Iterator[Event]:
            yield from run([job for job in jobs if job is not None])

    return Theirs()


def outcomes(folder: Path, run: Callable[[list[Job]], Iterable[Any]]) -> tuple[dict[str, Any], list[str]]:
    """Return how two folds ended with an executor, each once and started before, and what was warned of."""
    ended: dict[str, Any] = {}
    started: list[str] = []
    jobs = (odd_job(folder, fold) for fold in ("a", "b"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for event in believed(executor(run), "theirs", iter([*jobs, None]), workers=1, preload=[]):
            if event.outcome is None:
                assert event.task.fold not in started
                started.append(event.task.fold)
            elif not isinstance(event.outcome, Progress):
                assert event.task.fold in started
                assert event.task.fold not in ended
                ended[event.task.fold] = event.outcome
    assert set(ended) == {"a", "b"}
    assert all(issubclass(each.category, MebenchWarning) for each in caught)
    return ended, [str(each.message) for each in caught]


def test_a_job_is_run_wherever_it_was_brought_with_progress(tmp_path: Path) -> None:
    told: list[Progress] = []
    result = run_job(odd_job(tmp_path, "a"), told.append)
    assert isinstance(result, FoldResult)
    assert result.predictions.probabilities.shape == (1, 2)
    assert told == [Progress(1, 2, 0.5)]
    assert isinstance(run_job(odd_job(tmp_path, "a")), FoldResult), "nobody need listen"


def test_what_a_model_raises_comes_back_from_the_core_as_a_failure(tmp_path: Path) -> None:
    failed = run_job(odd_job(tmp_path, "a", "raise"))
    assert isinstance(failed, Failure)
    assert failed.reason == "ValueError: odd on purpose"
    assert "Traceback" in failed.trace
    assert run_job(odd_job(tmp_path, "a", "exit")).reason == "SystemExit: 0"  # type: ignore[union-attr]


def answers(jobs: list[Job]) -> Iterator[Event]:
    for job in jobs:
        yield Event(job.task)
        yield Event(job.task, Progress(1, 2))
        yield Event(job.task, run_job(job))


def test_an_executor_that_keeps_to_its_jobs_is_believed(tmp_path: Path) -> None:
    ended, said = outcomes(tmp_path, answers)
    assert all(isinstance(each, FoldResult) for each in ended.values())
    assert said == []


def test_a_fold_whose_start_is_not_told_starts_all_the_same(tmp_path: Path) -> None:
    ended, said = outcomes(tmp_path, lambda jobs: [Event(job.task, run_job(job)) for job in jobs])
    assert all(isinstance(each, FoldResult) for each in ended.values())
    assert said == []


ASTRAY = {
    "for a fold of nobody": (
        lambda jobs: Event(Task(0, "zzz"), Failure("x")),
        "a fold that it does not have in hand",
    ),
    "for an ended fold": (
        lambda jobs: Event(jobs[1].task, Failure("again")),
        "a fold that it does not have in hand",
    ),
    "for what is no fold": (lambda jobs: Event([], None), "a fold that it does not have in hand"),  # type: ignore[arg-type]
    "with progress that is none": (
        lambda jobs: Event(jobs[0].task, Progress("one", 2)),  # type: ignore[arg-type]
        "does not have in hand",
    ),
    "that is no event": (lambda jobs: jobs[0].task, "gave Task where an Event is due"),
    "with a strange outcome": (lambda jobs: Event(jobs[0].task, "done"), "does not have in hand"),
}


@pytest.mark.parametrize(("stray", "sentence"), ASTRAY.values(), ids=ASTRAY)
def test_an_event_astray_is_told_once_and_loses_nothing(
    tmp_path: Path, stray: Callable[[list[Job]], Any], sentence: str
) -> None:
    ended, said = outcomes(tmp_path, lambda jobs: [*answers(jobs), stray(jobs), stray(jobs)])
    assert all(isinstance(each, FoldResult) for each in ended.values())
    (warning,) = said
    assert warning.startswith("executor 'theirs' ")
    assert sentence in warning


def test_a_strange_outcome_of_a_fold_in_hand_is_told(tmp_path: Path) -> None:
    ended, said = outcomes(tmp_path, lambda jobs: [Event(jobs[0].task, "done"), *answers(jobs)])
    assert all(isinstance(each, FoldResult) for each in ended.values())
    assert said == ["executor 'theirs' gave str as a fold's outcome, which is left aside"]


def test_progress_that_is_none_is_told_and_goes_no_further(tmp_path: Path) -> None:
    wrong: list[Any] = [
        Progress("one", 2),
        Progress(1, 2, 0.5, {"rate": object()}),
        Progress(1, 2, values=None),
    ]  # type: ignore[arg-type]
    ended, said = outcomes(
        tmp_path, lambda jobs: [*(Event(jobs[0].task, each) for each in wrong), *answers(jobs)]
    )
    assert all(isinstance(each, FoldResult) for each in ended.values())
    assert len(said) == 3
    assert said[0].startswith(
        "executor 'theirs' gave a Progress that is none (MebenchError: a model reports step='one'"
    )


def test_a_fold_left_without_an_answer_fails_by_name(tmp_path: Path) -> None:
    ended, _ = outcomes(tmp_path, lambda jobs: [*answers(jobs[:1]), Event(jobs[1].task)])
    assert isinstance(ended["a"], FoldResult)
    assert ended["b"] == Failure("the executor 'theirs' ended without an answer for it")


def test_an_executor_that_raises_is_one_sentence(tmp_path: Path) -> None:
    def run(jobs: list[Job]) -> Iterator[Event]:
        yield from answers(jobs[:1])
        raise OSError("the queue is\nclosed")

    with pytest.raises(
        MebenchError, match=r"executor 'theirs' failed: OSError: the queue is closed; folds .* stay"
    ):
        outcomes(tmp_path, run)


def test_an_executor_that_exits_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match="executor 'theirs' failed: SystemExit: no queue"):
        outcomes(tmp_path, lambda jobs: sys.exit("no queue"))


def test_closing_the_events_ends_the_executor(tmp_path: Path) -> None:
    ended: list[bool] = []

    def run(jobs: list[Job]) -> Iterator[Event]:
        try:
            yield from answers(jobs)
        finally:
            ended.append(True)

    events = believed(executor(run), "theirs", [odd_job(tmp_path, "a")], workers=1, preload=[])
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert ended == [True]


class Wide(ExecutorSettings):
    width: int = Field(1, ge=1, description="how wide")
    place: str | None = None


class Set(Executor):
    Settings = Wide

    def run(self, jobs: Iterable[Job | None], **_: Any) -> Iterator[Event]:
        yield from ()


def test_settings_stand_behind_an_executors_name() -> None:
    registry = plugins_with("executor", "set", f"{__name__}:Set").registry
    assert make_executor(registry, "set").settings == Wide()
    assert make_executor(registry, "set[width=3,place='a,b=c']").settings == Wide(width=3, place="a,b=c")
    assert make_executor(registry, "set[place=none]").settings == Wide(place=None)
    assert isinstance(make_executor(registry, "local"), LocalExecutor)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("set[wdth=3]", "no setting of executor set named 'wdth': did you mean 'width'"),
        ("set[width=0]", "setting 'width' of executor set cannot be '0': input should be greater"),
        ("set[width=3", "close the bracket behind the settings"),
        ("set[width]", "write settings as"),
        ("local[width=3]", "executor local has no settings, and 'local.width=3.' sets width: leave it out"),
        ("sett", "no executor named 'sett': did you mean 'set'"),
    ],
)
def test_settings_that_are_none_are_one_sentence(name: str, sentence: str) -> None:
    registry = plugins_with("executor", "set", f"{__name__}:Set").registry
    with pytest.raises(MebenchError, match=sentence):
        executor_class(registry, name)
