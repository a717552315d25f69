"""A model and a cohort under audit: the jobs of its folds, and what comes of them when they are worked through.

    case = Case(prepared, folder, LocalExecutor(), seed=0, workers=2)
    (result,) = case.ask([case.job(case.first)])      # a FoldResult, its predictions checked, or a Failure

Jobs are those of ``mebench run``, worked through by the same executor. Nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.splits import Fold
from mebench.errors import MebenchError
from mebench.models.base import Predictions, Progress
from mebench.models.epoch_rules import LAST
from mebench.plugin.target import module_of
from mebench.records import Task
from mebench.runner.answers import checked
from mebench.runner.executor import Executor
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.preparing import Prepared

Outcome = FoldResult | Failure


@dataclass(frozen=True)
class Case:
    """What is audited: ``prepared`` of a model and a cohort; ``most`` folds at the most are trained on shuffled labels.

    ``folder`` is empty and for what a run would write; ``told`` is called each time that a fold was worked through.
    """

    prepared: Prepared
    folder: Path
    executor: Executor
    seed: int = 0
    workers: int = 1
    most: int = 8
    told: Callable[[], None] = lambda: None

    @property
    def cohort(self) -> Cohort:
        """Return the cohort as it is, with the true labels."""
        return self.prepared.cohort

    @cached_property
    def first(self) -> Fold:
        """Return the fold that most checks ask: the first in the protocol's order with two test clips or more."""
        return next((fold for fold in self.cohort.folds if len(fold.test) > 1), self.cohort.folds[0])

    @cached_property
    def second(self) -> Fold | None:
        """Return another fold; None where there is one alone."""
        others = [fold for fold in self.cohort.folds if fold.name != self.first.name]
        return next((fold for fold in others if len(fold.test) > 1), others[0] if others else None)

    @cached_property
    def plain(self) -> FoldResult:
        """Return what the model says of the first fold, asked as a run asks it, and what it says asked otherwise.

        Raises:
            MebenchError: the fold fails, so that there is nothing to compare with.
        """
        found = self.asked_in_run(self.cohort, "runs", probes=True)
        if isinstance(found, Failure):
            raise MebenchError(f"there is nothing to audit: fold {self.first.name} fails ({found.reason})")
        return found

    def asked_in_run(self, cohort: Cohort, name: str, *, probes: bool = False) -> Outcome:
        """Return what comes of the first fold of a cohort while all lies there that a run would write before it.

        It lies below a folder of a name, so that no other run lies beside it.
        """
        with self._laid_out(cohort, name) as folder:
            job = self.job(self.first, cohort)
            (found,) = self.ask([replace(job, probes=probes, log=folder / "logs" / "fold.log")])
        return found

    def job(self, fold: Fold, cohort: Cohort | None = None, *, shuffled: bool = False) -> Job:
        """Return a fold's job, of the cohort or of another one in its place; or one trained on shuffled labels."""
        factory = self.prepared.factory(self.folder / "logs")
        if shuffled or cohort is not None:
            factory = replace(factory, cohort=cohort or self.cohort, shuffle_labels=shuffled)
        return factory.job(Task(self.seed, fold.name))

    def through(self, target: str, settings: Mapping[str, Any]) -> Outcome:
        """Return what comes of the first fold where another model stands around the one that is audited.

        ``target`` is told by its own setting ``target`` which one that is, and by ``values`` its settings.
        """
        job = self.job(self.first)
        around = replace(
            job,
            target=target,
            settings={"target": job.target, "values": dict(job.settings), **settings},
            code=(module_of(job.target),),
            assigned=(),
            selection=LAST,
            keep_state=False,
        )
        (outcome,) = self.ask([around])
        return outcome

    def in_order(self, fold: Fold, result: FoldResult) -> Predictions:
        """Return a fold's predictions in the cohort's order of its test clips, as a run records them."""
        factory = self.prepared.factory(self.folder / "logs")
        rows = factory.record(Task(self.seed, fold.name), result)["predictions"]
        units = [row["aus"] for row in rows if "aus" in row]
        return Predictions(
            np.array([row["probabilities"] for row in rows], np.float64), np.array(units) if units else None
        )

    @contextmanager
    def _laid_out(self, cohort: Cohort, name: str) -> Iterator[Path]:
        options = replace(
            self.prepared.options,
            runs=self.folder / name,
            seeds=(self.seed,),
            shuffle_labels=False,
            fresh=False,
            folds_together=False,
        )
        with replace(self.prepared, cohort=cohort, options=options).plan() as plan:
            yield plan.directory.path

    def ask(self, jobs: Sequence[Job], *, workers: int = 0) -> list[Outcome]:
        """Work through jobs, each in a process of its own, and return what came of each, in their order.

        Raises:
            MebenchError: the executor ended without having worked through all of them.
        """
        numbered = {Task(number, job.task.fold): job for number, job in enumerate(jobs)}
        sent = (
            replace(job, task=task, log=job.log.with_name(f"{task.stem}.log"))
            for task, job in numbered.items()
        )
        found: dict[Task, Outcome] = {}
        for event in self.executor.run(
            sent, workers=min(workers or self.workers, len(jobs)), preload=self.prepared.preload()
        ):
            if event.outcome is not None and not isinstance(event.outcome, Progress):
                found[event.task] = self._sound(numbered[event.task], event.outcome)
                self.told()
        if missing := [task for task in numbered if task not in found]:
            raise MebenchError(f"the executor ended before it took fold {missing[0].fold}")
        return [found[task] for task in numbered]

    def _sound(self, job: Job, outcome: Outcome) -> Outcome:
        """Return an outcome with its predictions as checked arrays, or why they are none."""
        if isinstance(outcome, Failure):
            return outcome
        try:
            found = checked(outcome.predictions, len(job.test), len(job.classes), len(job.au_numbers))
        except MebenchError as error:
            return Failure(str(error))
        return replace(outcome, predictions=found)
