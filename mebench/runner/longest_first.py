"""The order in which folds begin: the longest first, so that no worker is left with one when all else ends.

    longest_first([(tasks, {Task(0, "casme3/spNO.1"): 41.2})], cohort)      # [(0, Task(1, "casme3/spNO.7")), ...]

Folds of several runs on one cohort are put into one order. How long a fold takes is what it took with other training
seeds of its run, where such are recorded. Otherwise it is taken to be proportional to its training clips, at the
rate of its run's other folds, or of the other runs. Folds that are alike stay in their order.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from mebench.cohort.building import Cohort
from mebench.records import Task

Seconds = Mapping[Task, float]


def longest_first(runs: Sequence[tuple[Iterable[Task], Seconds]], cohort: Cohort) -> list[tuple[int, Task]]:
    """Return the tasks of runs in the order in which to begin them, each with the place of its run.

    Args:
        runs: of each the tasks to begin, and the seconds of training that its recorded folds took.
        cohort: theirs.
    """
    clips = {fold.name: len(fold.train) for fold in cohort.folds}
    recorded = [_recorded(seconds, clips) for _, seconds in runs]
    of_all = _rate([pair for known in recorded for pair in known.items()], clips) or 1.0
    expected = []
    for known in recorded:
        rate = _rate(known.items(), clips) or of_all
        expected.append({fold: known.get(fold, count * rate) for fold, count in clips.items()})
    waiting = [(place, task) for place, (tasks, _) in enumerate(runs) for task in tasks]
    return sorted(waiting, key=lambda each: -expected[each[0]][each[1].fold])


def _recorded(seconds: Seconds, clips: Mapping[str, int]) -> dict[str, float]:
    """Return what each recorded fold of a run took, the median over its training seeds."""
    took: dict[str, list[float]] = defaultdict(list)
    for task, each in seconds.items():
        took[task.fold].append(each)
    return {fold: statistics.median(each) for fold, each in took.items() if fold in clips}


def _rate(took: Iterable[tuple[str, float]], clips: Mapping[str, int]) -> float | None:
    """Return the seconds that a training clip takes; None where nothing is recorded."""
    pairs = list(took)
    measured = sum(clips[fold] for fold, _ in pairs)
    return sum(seconds for _, seconds in pairs) / measured if measured else None
