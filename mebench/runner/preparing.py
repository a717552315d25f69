"""What is found out before anything is trained: whether it can be, on which device, and the features of every clip.

ready = prepare(entry, model, cohort, options, store, observer.features)
ready.factory(logs).job(task)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.features.of_cohort import features_of
from mebench.features.ready import inputs_for
from mebench.features.store import Features, FeatureStore
from mebench.features.substitutions import count_substitutions, refuse_unreadable
from mebench.models.asking import Asked, ask
from mebench.models.base import Model, assigned_in, reads_of, settings_values
from mebench.models.outside import Outside
from mebench.models.together.refusal import refuse_together
from mebench.parallel import cores
from mebench.plugin.entry import Entry
from mebench.plugin.target import module_of
from mebench.runner.device import choose_device, choose_precision
from mebench.runner.jobs import JobFactory
from mebench.runner.keeping import Trained, refuse_keeping
from mebench.runner.options import RunOptions
from mebench.runner.plan import RunPlan, choose_folds, plan_run
from mebench.runner.sealing import refuse_isolation
from mebench.runner.selection import refuse_few_subjects, refuse_rule


@dataclass(frozen=True)
class Prepared:
    """A model and a cohort that are ready to go: ``chosen`` are the names of the folds that the user wants."""

    entry: Entry
    model: Model
    cohort: Cohort
    options: RunOptions
    chosen: set[str]
    inputs: Mapping[str, Input]
    contents: Mapping[str, str]
    outside: Outside
    device: str
    precision: str
    features: Mapping[str, Mapping[str, Features]]
    substitutions: Mapping[str, Any]

    @property
    def workers(self) -> int:
        """Return how many folds are worked through at a time: as many as the user said, else one a core or GPU."""
        return self.options.workers or (1 if self.device == "cuda" else cores())

    def plan(self) -> AbstractContextManager[RunPlan]:
        """Return the run's plan, which holds its directory (:func:`mebench.runner.plan.plan_run`)."""
        options = self.options
        return plan_run(
            runs=options.runs,
            entry=self.entry,
            model=self.model,
            cohort=self.cohort,
            seeds=options.seeds,
            device=self.device,
            precision=self.precision,
            threads=options.threads,
            shuffle_labels=options.shuffle_labels,
            selection=options.selection,
            folds_together=options.folds_together,
            inputs=self.inputs,
            features=self.features,
            substitutions=self.substitutions,
            contents=self.contents,
            fresh=options.fresh,
        )

    def factory(self, logs: Path, probed: str | None = None) -> JobFactory:
        """Return the maker of jobs; what their models print goes to files in ``logs``.

        The model of the fold ``probed`` is asked in several ways (:mod:`mebench.runner.probes`).
        """
        settings = self.model.settings
        return JobFactory(
            cohort=self.cohort,
            features=self.features,
            target=self.entry.imported,
            file=self.entry.file,
            settings=settings_values(settings),
            assigned=tuple(sorted(assigned_in(settings) - reads_of(settings))),
            inputs=self.inputs,
            device=self.device,
            precision=self.precision,
            threads=self.options.threads,
            shuffle_labels=self.options.shuffle_labels,
            logs=logs,
            selection=self.options.selection,
            keep_state=self.options.save_models,
            probed=probed,
            outside=self.outside,
            protected=self._protected(logs),
            timeout=self.options.fold_timeout,
            require_isolation=self.options.require_isolation,
        )

    def _protected(self, logs: Path) -> tuple[Path, ...]:
        """Return where the run's data and records lie: whatever else a fold's process may read, never these."""
        of_data = (place for data in self.cohort.data for place in (data.root, data.annotation))
        return tuple({place.absolute() for place in (*of_data, self.options.runs, logs.parent)})

    def trained(self) -> Trained:
        """Return what a kept model says of its training."""
        options = self.options
        return Trained(
            self.entry,
            self.model,
            self.cohort,
            self.inputs,
            self.device,
            self.precision,
            options.threads,
            options.selection,
            options.shuffle_labels,
        )

    def preload(self) -> list[str]:
        """Return what workers find imported: a plugin's own module, or what a file leans on, which is read anew."""
        if self.entry.file is None:
            return [module_of(self.entry.target)]
        bases = [
            each.__module__ for each in type(self.model).__mro__ if each.__module__.startswith("mebench.")
        ]
        return [*dict.fromkeys(bases), *self.entry.file.imports()]


def prepare(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    report: Callable[[str, int, int], None],
    asked: Asked | None = None,
    *,
    elsewhere: bool = False,
) -> Prepared:
    """See that a model can be trained on a cohort, and compute the features that it needs.

    ``elsewhere`` says that its folds are computed on other machines (:class:`mebench.runner.executor.Executor`).

    Raises:
        MebenchError: nothing can be run, too little of a clip can be read, or a file cannot be reached.
    """
    if not cohort.protocol.classes and not model.detects_aus:
        raise MebenchError(
            f"protocol {cohort.protocol.name!r} asks for action units alone, and {entry.name!r} predicts none: "
            "choose another model, or a protocol with classes"
        )
    refuse_rule(entry.name, model, options.selection)
    if options.folds_together:
        refuse_together(entry.name, model, options.selection)
    asked = asked or ask(entry, model)
    if options.require_isolation:
        refuse_isolation(asked.outside)
    if options.save_models:
        refuse_keeping(entry, model, cohort.protocol, options.selection)
    inputs = inputs_for(cohort, asked.inputs)
    chosen = choose_folds(cohort, options.folds)
    refuse_few_subjects(options.selection, cohort, chosen)
    device = choose_device(model, options.device, elsewhere=elsewhere)
    precision = choose_precision(model, options.precision, device, fast=options.fast)
    # They name the run: a picture that changed makes it another.
    features = features_of(cohort, inputs, store, report)
    substitutions = count_substitutions(cohort, features)
    refuse_unreadable(substitutions, allow_dropped=options.allow_dropped)
    return Prepared(
        entry,
        model,
        cohort,
        options,
        chosen,
        inputs,
        asked.contents,
        asked.outside,
        device,
        precision,
        features,
        substitutions,
    )
