"""One run from a cohort to its scores.

    outcome = execute(entry, model, cohort, options, store, observer)
    outcome.scores       # None while folds are missing

The observer is told what happens as it happens; the command line's live view is one.
"""

from __future__ import annotations

from mebench.cohort.building import Cohort
from mebench.features.store import FeatureStore
from mebench.models.asking import Asked
from mebench.models.base import Model
from mebench.plugin.entry import Entry
from mebench.runner.begun import Notify, begin
from mebench.runner.executor import Executor, LocalExecutor
from mebench.runner.fold_queue import work_through
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.together.executor import TogetherExecutor


def execute(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    observer: Observer,
    notify: Notify = lambda hook, **arguments: None,
    executor: Executor | None = None,
    asked: Asked | None = None,
) -> Outcome:
    """Run the missing folds of a run, record each, and score it once none is missing.

    ``notify`` is called with a hook's name and arguments; ``executor`` is that of ``options.executor``;
    ``asked`` is what the model said before the cohort was read.

    Raises:
        MebenchError: nothing can be run, too little of a clip can be read, a file cannot be reached, or the
            disk refuses a record. Folds recorded before stay.
        KeyboardInterrupt: after the workers were ended; folds recorded before stay.
    """
    executor = TogetherExecutor() if options.folds_together else executor or LocalExecutor()
    with begin(entry, model, cohort, options, store, observer, notify, executor, asked) as run:
        if run.left:
            work_through([run], executor)
        return run.finish()
