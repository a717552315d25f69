"""Which folds begin first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from invented import invented_cohort

from mebench.cohort.building import Cohort
from mebench.records import Task
from mebench.runner.longest_first import longest_first


def cohort_of(**train: int) -> Cohort:
    """Return a cohort whose folds have so many training clips."""
    cohort = invented_cohort(3, 4)
    fold = cohort.folds[0]
    folds: Any = tuple(replace(fold, name=name, train=fold.train[:count]) for name, count in train.items())
    return replace(cohort, folds=folds)


def begun(cohort: Cohort, seconds: dict[Task, float], *, seeds: int = 1) -> list[tuple[int, str]]:
    tasks = [Task(seed, fold.name) for seed in range(seeds) for fold in cohort.folds]
    return [(task.seed, task.fold) for _, task in longest_first([(tasks, seconds)], cohort)]


def test_folds_with_more_training_clips_come_first_and_equal_ones_keep_their_order() -> None:
    cohort = cohort_of(a=2, b=8, c=2)
    assert begun(cohort, {}, seeds=2) == [(0, "b"), (1, "b"), (0, "a"), (0, "c"), (1, "a"), (1, "c")]


def test_what_a_fold_took_with_another_seed_counts_more_than_its_clips() -> None:
    cohort = cohort_of(a=2, b=8, c=4)
    took = {Task(7, "a"): 90.0, Task(8, "a"): 100.0, Task(7, "b"): 5.0}
    # 100 seconds of 10 clips: c is taken to last 40.
    assert begun(cohort, took) == [(0, "a"), (0, "c"), (0, "b")]


def test_records_of_folds_that_are_no_more_count_for_nothing() -> None:
    assert begun(cohort_of(a=2, b=8), {Task(0, "gone"): 1e6}) == [(0, "b"), (0, "a")]


def test_folds_of_several_runs_are_one_order_and_what_is_not_measured_is_taken_at_the_others_rate() -> None:
    cohort = cohort_of(a=2, b=8)
    tasks = [Task(0, "a"), Task(0, "b")]
    slow, quick = {Task(7, "a"): 100.0}, {Task(7, "b"): 8.0}  # 50 and 1 seconds a clip
    runs = [(tasks, quick), (tasks, slow), (tasks, {})]
    # Of the last: 108 seconds of 10 clips, 10.8 a clip.
    assert [(place, task.fold) for place, task in longest_first(runs, cohort)] == [
        (1, "b"),
        (1, "a"),
        (2, "b"),
        (2, "a"),
        (0, "b"),
        (0, "a"),
    ]


def test_runs_of_which_nothing_is_recorded_take_turns_fold_by_fold() -> None:
    cohort = cohort_of(a=2, b=8)
    tasks = [Task(0, "a"), Task(0, "b")]
    order = longest_first([(tasks, {}), (tasks, {})], cohort)
    assert [(place, task.fold) for place, task in order] == [(0, "b"), (1, "b"), (0, "a"), (1, "a")]
