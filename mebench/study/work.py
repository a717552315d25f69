"""A study carried out: variant after variant, on one cohort, each as ``mebench run`` would run it.

    for done in run_study(plugins, study, cohort, options, observer):
        print(done.variant.name, done.problem or done.outcome.scores)

Each variant is an ordinary run in the folder of runs, found again by whoever names it. So a study that was killed
goes on where it stopped, shares features with every other run, and folds with whoever runs them meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, first_few
from mebench.plugin.loading import Plugins
from mebench.runner.named import check_chosen, run_named
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.plan import choose_folds
from mebench.scoring.rebuild import Pooled, read_predictions, score_pooled
from mebench.scoring.recorded import tasks_of
from mebench.scoring.schema import Scores
from mebench.study.variants import Study, Variant


@dataclass(frozen=True)
class Done:
    """What came of a variant: ``problem`` says in a sentence why it, or a fold of it, failed; mostly it is empty.

    ``missing`` of ``due`` folds are not recorded; where all are, ``predictions`` and ``scores`` are theirs. Only the
    training seeds that were asked for count, whatever else the run has.
    """

    variant: Variant
    outcome: Outcome | None
    problem: str = ""
    missing: int = 0
    due: int = 0
    predictions: Pooled | None = None
    scores: Scores | None = None

    @classmethod
    def of(cls, variant: Variant, outcome: Outcome, seeds: Sequence[int], problem: str = "") -> Done:
        """Return what came of a variant that was run with some training seeds.

        Raises:
            MebenchError: its records are damaged.
        """
        directory = outcome.directory
        tasks = [task for task in tasks_of(directory) if task.seed in seeds]
        missing = sum(not directory.has_record(task) for task in tasks)
        pooled = None if missing else read_predictions(directory, seeds)
        scores = score_pooled(pooled) if pooled else None
        return cls(variant, outcome, problem, missing, len(tasks), pooled, scores)


class StudyObserver(Observer, Protocol):
    """Who watches a study: besides what an observer of a run is told."""

    def study(self, variants: int, folds: int) -> None:
        """Be told how many variants there are, of how many folds (and seeds) each."""

    def variant(self, number: int, name: str) -> None:
        """Be told that a variant's turn has come; numbers begin with 1."""

    def variant_ended(self, done: Done) -> None:
        """Be told what came of it."""


def check_study(plugins: Plugins, study: Study, options: RunOptions) -> None:
    """Check every variant before a cohort is opened; one that fails is told of when its turn comes.

    Raises:
        MebenchError: no variant can be run; what is wrong with the first.
    """
    failed = []
    for variant in study.variants:
        try:
            check_chosen(plugins, options, variant.named)
        except MebenchError as error:
            failed.append(error)
    if len(failed) == len(study.variants):
        raise failed[0]


def run_study(
    plugins: Plugins,
    study: Study,
    cohort: Cohort,
    options: RunOptions,
    observer: StudyObserver,
    again: str = "the same call",
) -> Sequence[Done]:
    """Run every variant; one that fails does not cost the others. ``again`` is what tries it anew, in words.

    Raises:
        MebenchError: no variant could be run; what was wrong with the first.
        KeyboardInterrupt: after the workers were ended; folds recorded before stay.
    """
    folds = choose_folds(cohort, options.folds)
    observer.study(len(study.variants), len(folds) * len(options.seeds))
    ended = []
    for number, variant in enumerate(study.variants, start=1):
        observer.variant(number, variant.name)
        done = _run(plugins, variant, cohort, options, observer, again)
        observer.variant_ended(done)
        ended.append(done)
    if all(done.outcome is None for done in ended):
        raise MebenchError(ended[0].problem)
    return ended


def failed_variants(ended: Sequence[Done]) -> str:
    """Return in one sentence which variants failed, and why; nothing where none did."""
    broken = [done for done in ended if done.problem]
    if not broken:
        return ""
    reasons = "; ".join(f"{done.variant.name}: {done.problem}" for done in broken[:3])
    return (
        f"{len(broken)} of {len(ended)} variants failed ({first_few(done.variant.name for done in broken)}), and "
        f"the table has the others: {reasons}"
    )


def _run(
    plugins: Plugins,
    variant: Variant,
    cohort: Cohort,
    options: RunOptions,
    observer: Observer,
    again: str,
) -> Done:
    try:
        outcome = run_named(plugins, variant.named, cohort, options, observer)
        return Done.of(variant, outcome, options.seeds, outcome.problem(again) or "")
    except MebenchError as error:
        return Done(variant, None, str(error))
