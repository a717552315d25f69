"""A run by names: the model's settings made, then the run carried out.

    named = named_model(plugins, "famnet", preset="small", settings={"fusion": "mean"})
    outcome = run_named(plugins, named, cohort, RunOptions(), observer)

The command line and the Python API both come here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from mebench.cohort.building import Cohort
from mebench.cohort.protocol import Protocol
from mebench.errors import MebenchError
from mebench.features.store import FeatureStore, user_store
from mebench.models.asking import Asked, ask
from mebench.models.base import Model, ModelSettings, settings_values
from mebench.models.loading import answering, find_model
from mebench.models.setting_text import assigned_pairs, in_words, setting_text
from mebench.models.settings import make_settings
from mebench.models.together.refusal import refuse_together
from mebench.plugin.entry import Entry
from mebench.plugin.loading import Plugins
from mebench.plugin.registry import Registry
from mebench.runner.begun import BegunRun, begin
from mebench.runner.chosen_executor import executor_class, make_executor
from mebench.runner.executor import Executor
from mebench.runner.keeping import refuse_keeping
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer, Outcome
from mebench.runner.run import execute
from mebench.runner.sealing import refuse_isolation
from mebench.runner.selection import refuse_rule
from mebench.runner.tracking import Notifier, make_trackers, tracker_class

SMALL = "small"
NO_PRESET = "none"


@dataclass(frozen=True)
class NamedModel:
    """A model with its settings, and what it is registered as (or the file that it is in)."""

    entry: Entry
    model: Model

    @property
    def asked(self) -> Asked:
        """What it says before any clip is read: it is asked when this is first wanted, and never again.

        Raises:
            MebenchError: as :func:`mebench.models.asking.ask` does.
        """
        if isinstance(self._answer, MebenchError):
            raise self._answer
        return self._answer

    @cached_property
    def _answer(self) -> Asked | MebenchError:
        # A failure is kept, too: asked later, its plugin's code would run beside labels.
        try:
            return ask(self.entry, self.model)
        except MebenchError as error:
            return error


def named_model(
    plugins: Plugins,
    name: str,
    *,
    preset: str | None = None,
    settings: Sequence[str] | Mapping[str, Any] = (),
    trial: bool = False,
    tell: Callable[[str], None] = lambda applied: None,
) -> NamedModel:
    """Return the model of a name with its settings.

    Args:
        plugins: give the model.
        name: the registered one, or a file's, ``PATH.py:CLASS``; either with settings, ``NAME[SETTING=VALUE,...]``,
            which are set as if they were among ``settings``.
        preset: a named group of settings; ``"none"`` for none.
        settings: what the user sets, as :func:`mebench.models.settings.make_settings` takes it.
        trial: take the preset ``small``, where the model has one and no other is named.
        tell: called with what that preset sets, in words.

    Raises:
        MebenchError: there is no such model, preset or setting, or a value is not allowed.
    """
    entry, kind = find_model(plugins.registry, name)
    if preset is None and trial and SMALL in kind.presets:
        preset = SMALL
        tell(f"the preset {SMALL!r} applies ({in_words(kind.presets[SMALL])})")
    assigned = dict(assigned_pairs(entry.assigned))
    given = dict(assigned_pairs(settings))
    for setting in assigned.keys() & given:
        raise MebenchError(
            f"setting {setting!r} of {name} is given by --set, too ({setting_text(given[setting])}): set it once"
        )
    chosen = make_settings(kind, entry.settings, None if preset == NO_PRESET else preset, assigned | given)
    # From here on it does not matter where a setting was written, or under which of its names the model was asked for.
    entry = _called(plugins.registry, replace(entry, assigned=()), kind, chosen)
    with answering(entry, "__init__()"):
        return NamedModel(entry, kind(chosen))


def _called(registry: Registry, entry: Entry, kind: type[Model], settings: ModelSettings) -> Entry:
    """Return the entry of the registered variant that these settings are, of the one that says most; else the entry."""
    values = settings_values(settings)
    root = entry
    while root.extends:
        root = registry.get("model", root.extends)
    fitting = [root]
    for base in fitting:  # it grows: variants have variants
        for variant in registry.entries("model"):
            if variant.extends == base.name:
                # One that cannot be beside these settings, or is broken, is not what they are.
                with suppress(ValidationError):
                    if settings_values(kind.Settings(**{**values, **variant.settings})) == values:
                        fitting.append(variant)
    return max(fitting, key=lambda each: len(each.settings))


def check_chosen(
    plugins: Plugins,
    options: RunOptions,
    named: NamedModel | None = None,
    protocol: Protocol | None = None,
) -> None:
    """Raise for an executor, tracker or isolation that is not there, before a cohort is opened for nothing.

    The model is asked for its inputs and prepares itself here: its plugin's code runs before any label is read.

    Raises:
        MebenchError: nothing has that name, or it is something else; or the model cannot follow the epoch rule, or
            cannot be kept as it is fitted under the protocol.
    """
    if options.require_isolation:
        refuse_isolation()
    if named is not None:
        refuse_rule(named.entry.name, named.model, options.selection)
        if options.folds_together:
            refuse_together(named.entry.name, named.model, options.selection)
        if options.save_models and protocol is not None:
            refuse_keeping(named.entry, named.model, protocol, options.selection)
        # Its plugin's code runs now, when there is no label in this process yet.
        outside = named.asked.outside
        if options.require_isolation:
            refuse_isolation(outside)
    executor_class(plugins.registry, options.executor)
    for tracker in options.trackers:
        tracker_class(plugins.registry, tracker)


def run_named(
    plugins: Plugins,
    named: NamedModel,
    cohort: Cohort,
    options: RunOptions,
    observer: Observer,
) -> Outcome:
    """Run a model that :func:`named_model` made, with the user's feature cache, the plugins' hooks and what is chosen.

    Raises:
        MebenchError: as :func:`mebench.runner.run.execute` does.
        KeyboardInterrupt: after the workers were ended; folds recorded before stay.
    """
    executor = make_executor(plugins.registry, options.executor)
    notify = _notifier(plugins, options)
    return execute(
        named.entry, named.model, cohort, options, user_store(), observer, notify, executor, named.asked
    )


def begin_named(
    plugins: Plugins,
    named: NamedModel,
    cohort: Cohort,
    options: RunOptions,
    store: FeatureStore,
    observer: Observer,
    executor: Executor,
) -> AbstractContextManager[BegunRun]:
    """Return a begun run of a model that :func:`named_model` made, for whoever works at several at a time.

    Raises:
        MebenchError: as :func:`mebench.runner.begun.begin` does, when it is entered; or there is no such tracker.
    """
    notify = _notifier(plugins, options)
    return begin(named.entry, named.model, cohort, options, store, observer, notify, executor, named.asked)


def _notifier(plugins: Plugins, options: RunOptions) -> Notifier:
    return Notifier(plugins, make_trackers(plugins.registry, options.trackers))
