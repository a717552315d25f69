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
    return [(task.seed, task.fold) for task in longest_first(tasks, cohort, seconds)]


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
