"""One run from a cohort to its scores.

    outcome = execute(entry, model, cohort, options, store, observer)
    outcome.scores       # None while folds are missing

The observer is told what happens as it happens; the command line's live view is one.
"""

from __future__ import annotations

from functools import partial

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.features.of_cohort import features_of
from mebench.features.ready import inputs_for
from mebench.features.store import FeatureStore
from mebench.features.substitutions import count_substitutions, refuse_unreadable
from mebench.models.base import Model, assigned_in, reads_of, settings_values
from mebench.models.loading import answering, check_inputs
from mebench.parallel import cores
from mebench.plugin.entry import Entry
from mebench.runner.chosen_executor import believed
from mebench.runner.completion import forget_scores, settle
from mebench.runner.device import choose_device, choose_precision
from mebench.runner.executor import Executor, LocalExecutor
from mebench.runner.jobs import JobFactory
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.plan import choose_folds, plan_run
from mebench.runner.recording import Notify, work_through
from mebench.runner.selection import refuse_few_subjects, refuse_rule


def execute(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    observer: Observer,
    notify: Notify = lambda hook, **arguments: None,
    executor: Executor | None = None,
) -> Outcome:
    """Run the missing folds of a run, record each, and score it once none is missing.

    ``notify`` is called with a hook's name and arguments; ``executor`` is that of ``options.executor``.

    Raises:
        MebenchError: nothing can be run, too little of a clip can be read, a file cannot be reached, or the
            disk refuses a record. Folds recorded before stay.
        KeyboardInterrupt: after the workers were ended; folds recorded before stay.
    """
    if not cohort.protocol.classes and not model.detects_aus:
        raise MebenchError(
            f"protocol {cohort.protocol.name!r} asks for action units alone, and {entry.name!r} predicts none: "
            "choose another model, or a protocol with classes"
        )
    refuse_rule(entry.name, model, options.selection)
    check_inputs(entry, model)
    inputs = inputs_for(cohort, model.inputs())
    chosen = choose_folds(cohort, options.folds)
    due = [fold for fold in cohort.folds if fold.name in chosen]
    refuse_few_subjects(options.selection, due, cohort.clips["group"].to_numpy())
    device = choose_device(model, options.device)
    precision = choose_precision(model, options.precision, device)
    with answering(entry, "prepare()"):
        model.prepare()
    # They name the run: a picture that changed makes it another.
    features = features_of(cohort, inputs, store, observer.features)
    substitutions = count_substitutions(cohort, features)
    refuse_unreadable(substitutions, allow_dropped=options.allow_dropped)
    with plan_run(
        runs=options.runs,
        entry=entry,
        model=model,
        cohort=cohort,
        seeds=options.seeds,
        device=device,
        precision=precision,
        threads=options.threads,
        shuffle_labels=options.shuffle_labels,
        selection=options.selection,
        inputs=inputs,
        features=features,
        substitutions=substitutions,
        fresh=options.fresh,
    ) as plan:
        recorded = {task for task in plan.tasks if plan.directory.read_record(task) is not None}
        waiting = [
            t for t in plan.tasks if t not in recorded and t.seed in options.seeds and t.fold in chosen
        ]
        for task in recorded:
            # A process that is killed at the wrong moment leaves a failure of before beside the record.
            plan.directory.failure_file(task).unlink(missing_ok=True)
        outcome = Outcome(
            plan.directory, plan.run, done_before=len(recorded), missing=len(plan.tasks) - len(recorded)
        )
        if outcome.missing:
            forget_scores(plan.directory, plan.tasks)
        if waiting:
            observer.planned(outcome, len(waiting))
            notify("mebench_run_started", run=plan.run, directory=plan.directory.path)
            factory = JobFactory(
                cohort=cohort,
                features=features,
                target=entry.imported,
                file=entry.file,
                settings=settings_values(model.settings),
                assigned=tuple(sorted(assigned_in(model.settings) - reads_of(model.settings))),
                inputs=inputs,
                device=device,
                precision=precision,
                threads=options.threads,
                shuffle_labels=options.shuffle_labels,
                logs=plan.directory.path / "logs",
                selection=options.selection,
            )
            workers = options.workers or (1 if device == "cuda" else cores())
            events = partial(
                believed,
                executor or LocalExecutor(),
                options.executor,
                workers=min(workers, len(waiting)),
                preload=_preload(entry, model),
            )
            work_through(waiting, factory, events, plan, outcome, observer, notify)
        standing = settle(plan.directory)
        outcome.run, outcome.scores, outcome.missing = (
            {**standing.run},
            standing.scores,
            len(standing.missing),
        )
        outcome.done_elsewhere = (
            len(standing.tasks) - outcome.missing - outcome.done_before - outcome.done_now
        )
        for task in set(outcome.failed) - set(standing.missing):
            del outcome.failed[task]
    notify("mebench_run_finished", run=outcome.run, directory=outcome.directory.path, scores=outcome.scores)
    return outcome


def _preload(entry: Entry, model: Model) -> list[str]:
    """Return the modules that workers find imported: a plugin's own, or what a file leans on, which is read anew."""
    if entry.file is None:
        return [entry.target.partition(":")[0]]
    bases = [each.__module__ for each in type(model).__mro__ if each.__module__.startswith("mebench.")]
    return [*dict.fromkeys(bases), *entry.file.imports()]
