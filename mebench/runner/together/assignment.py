"""Several folds as their one process gets them: an assignment of each, and the clips of all of them once.

    assigned, features = assignment_of_all(jobs)      # in the main process
    assigned.train_set(0, features)                   # there: the first fold's clips, of arrays that all share

The process of a fold alone holds no label of a test clip. This one holds, as one fold's training labels, those that
another fold is tested on: what is not a fold's own is kept from it by the code here alone, and by no seal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mebench.models.base import TrainSet
from mebench.models.features import FeatureView
from mebench.runner.assignment import Assignment, assignment_of
from mebench.runner.jobs import Job
from mebench.runner.messages import Arrays


@dataclass(frozen=True)
class Assignments:
    """What a process of several folds is told before any clip comes: ``places[i]`` are fold i's clips among all."""

    folds: tuple[Assignment, ...]
    places: tuple[np.ndarray, ...]

    def views(self, features: Arrays) -> dict[str, FeatureView]:
        """Return the clips of all folds, each once, as they were gathered."""
        return {name: FeatureView.of_array(array) for name, array in features.items()}

    def train_set(self, fold: int, views: Mapping[str, FeatureView]) -> TrainSet:
        """Return one fold's training clips, which are none of its own in memory."""
        own = self.folds[fold]
        taken = {name: view.take(self.places[fold]) for name, view in views.items()}
        return TrainSet(taken, own.labels, own.aus, own.subjects, own.inputs)


def assignment_of_all(jobs: Sequence[Job]) -> tuple[Assignments, dict[str, FeatureView]]:
    """Return what of some jobs their process may see, and a view of all clips that any of them trains on.

    The jobs are of one run: they differ in their fold and seed alone.
    """
    views = [job.train.features for job in jobs]
    sizes = [len(job.train) for job in jobs]
    if not views[0]:
        places = tuple(map(np.arange, sizes))
        return Assignments(tuple(map(assignment_of, jobs)), places), {}
    # A clip is known by where its first input lies.
    first = next(iter(views[0]))
    lying = np.concatenate([np.stack([each[first].parts, each[first].rows], axis=1) for each in views])
    _, chosen, inverse = np.unique(lying, axis=0, return_index=True, return_inverse=True)
    places = tuple(np.split(inverse.reshape(-1), np.cumsum(sizes)[:-1]))
    return Assignments(tuple(map(assignment_of, jobs)), places), {
        name: _together([each[name] for each in views], chosen) for name in views[0]
    }


def _together(views: Sequence[FeatureView], chosen: np.ndarray) -> FeatureView:
    """Return the view of some clips of several views of the same files, one behind the other."""
    one = views[0]
    parts, rows = (np.concatenate([getattr(view, name) for view in views]) for name in ("parts", "rows"))
    return FeatureView(one.paths, parts, rows, one.hashes).take(chosen)
