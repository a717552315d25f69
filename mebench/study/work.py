"""A study carried out on one cohort: every variant is a run as ``mebench run`` makes it, and one queue has their folds.

    for done in run_study(plugins, study, cohort, options, observer):
        print(done.variant.name, done.problem or done.outcome.scores)

Each variant is an ordinary run in the folder of runs, found again by whoever names it. So a study that was killed
goes on where it stopped, shares features with every other run, and folds with whoever runs them meanwhile. No worker
waits for a variant's last folds: it goes on with those of the others. A variant is scored when its own last fold is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Protocol

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, first_few
from mebench.features.looked_once import LookedOnce
from mebench.features.store import FeatureStore, user_store
from mebench.plugin.loading import Plugins
from mebench.runner.begun import BegunRun
from mebench.runner.chosen_executor import make_executor
from mebench.runner.executor import Executor
from mebench.runner.fold_queue import work_through
from mebench.runner.named import begin_named, check_chosen
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.plan import choose_folds
from mebench.runner.together.executor import TogetherExecutor
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


class StudyObserver(Protocol):
    """Who watches a study."""

    def features(self, what: str, done: int, total: int) -> None:
        """Be told that something of ``total`` clips or variants is there for ``done`` of them."""

    def study(self, variants: int, folds: int) -> None:
        """Be told how many variants there are, of how many folds (and seeds) each."""

    def variant(self, number: int, name: str) -> Observer:
        """Be told that a variant is prepared now, and return who watches its run; numbers begin with 1.

        Several runs go on at a time. Of one that broke off nothing more is told once it has ended.
        """

    def variant_ended(self, number: int, done: Done) -> None:
        """Be told what came of a variant, as soon as its own last fold has ended."""


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
    work = _Work(plugins, cohort, options, observer, again, LookedOnce(user_store().folder))
    numbered = list(enumerate(study.variants, start=1))
    # Folds that train as one network are those of one variant.
    for part in [[each] for each in numbered] if options.folds_together else [numbered]:
        work.carry_out(part)
    ended = [work.ended[number] for number, _ in numbered]
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


class _Work:
    """The variants that are done, by their numbers, and what the others need."""

    def __init__(
        self,
        plugins: Plugins,
        cohort: Cohort,
        options: RunOptions,
        observer: StudyObserver,
        again: str,
        store: FeatureStore,
    ) -> None:
        self.ended: dict[int, Done] = {}
        self._plugins, self._cohort, self._options = plugins, cohort, options
        self._observer, self._again, self._store = observer, again, store

    def carry_out(self, part: Iterable[tuple[int, Variant]]) -> None:
        """Begin all of these variants, work through their folds as one queue, and end each."""
        with ExitStack() as stack:
            begun: dict[BegunRun, tuple[int, Variant]] = {}
            executor = self._executor()

            def end(run: BegunRun) -> None:
                number, variant = begun[run]
                self._end(number, self._done(variant, run))

            for number, variant in part:
                view = self._observer.variant(number, variant.name)
                try:
                    run = stack.enter_context(self._begin(variant, view, executor))
                except MebenchError as error:
                    self._end(number, Done(variant, None, str(error)))
                    continue
                begun[run] = number, variant
                if not run.left:
                    end(run)
            for device in dict.fromkeys(run.ready.device for run in begun):
                runs = [run for run in begun if run.left and run.ready.device == device]
                if not runs:
                    continue
                try:
                    work_through(runs, executor, end)
                except MebenchError as error:
                    for run in runs:
                        if begun[run][0] not in self.ended:
                            run.give_up(error)
                            end(run)

    def _executor(self) -> Executor:
        if self._options.folds_together:
            return TogetherExecutor()
        return make_executor(self._plugins.registry, self._options.executor)

    def _begin(
        self, variant: Variant, view: Observer, executor: Executor
    ) -> AbstractContextManager[BegunRun]:
        return begin_named(
            self._plugins, variant.named, self._cohort, self._options, self._store, view, executor
        )

    def _done(self, variant: Variant, run: BegunRun) -> Done:
        try:
            outcome = run.finish()
            return Done.of(variant, outcome, self._options.seeds, outcome.problem(self._again) or "")
        except MebenchError as error:
            return Done(variant, None, str(error))

    def _end(self, number: int, done: Done) -> None:
        self.ended[number] = done
        self._observer.variant_ended(number, done)
