"""The order in which folds begin: the longest first, so that no worker is left with one when all else ends.

    longest_first(tasks, cohort, seconds={Task(0, "casme3/spNO.1"): 41.2})

How long a fold takes is what it took with other training seeds of the run, where such are recorded; otherwise it is
taken to be proportional to its training clips. Folds that are alike stay in their order.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping

from mebench.cohort.building import Cohort
from mebench.records import Task


def longest_first(tasks: Iterable[Task], cohort: Cohort, seconds: Mapping[Task, float]) -> list[Task]:
    """Return tasks in the order in which to begin them; ``seconds`` are those of training, of recorded folds."""
    clips = {fold.name: len(fold.train) for fold in cohort.folds}
    took: dict[str, list[float]] = defaultdict(list)
    for task, each in seconds.items():
        took[task.fold].append(each)
    known = {fold: statistics.median(each) for fold, each in took.items() if fold in clips}
    measured = sum(clips[fold] for fold in known)
    a_clip = sum(known.values()) / measured if measured else 1.0
    expected = {fold: known.get(fold, count * a_clip) for fold, count in clips.items()}
    return sorted(tasks, key=lambda task: -expected[task.fold])
