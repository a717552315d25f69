"""A finished run that is asked for again: the same command, the same code and data, so the same run.

    known = FinishedRun(plugins, {"model": "famnet", ...})
    if (outcome := known.outcome()) is None:
        with known.reading():
            ...                          # the model is asked, the cohort is opened
        with known.running(cohort):
            outcome = run_named(plugins, named, cohort, options, view)
        known.keep(outcome, cohort, options.runs)       # where can_be_remembered(named)

To say which run a command is, a model's libraries are imported, annotations read and features looked up: seconds, for
what was found out before. What is remembered is only that: the run's folder and its identity, as long as nothing that
they were found out from has changed (:mod:`mebench.plugin.remembered`): the source of all code, libraries, environment
and machine; annotations, folders and every frame; cache entries; where data lies. The run itself is read, checked and
scored anew each time, from ``run.json``, ``cohort.csv`` and its records. Where anything is otherwise, all is found out
again.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.errors import MebenchError, MebenchNotice, MebenchWarning, WaitingNotice
from mebench.paths import config_folder
from mebench.plugin.loading import Plugins
from mebench.plugin.remembered import Remembered
from mebench.records import RunDirectory, Task
from mebench.runner.completion import settle
from mebench.runner.outcome import Outcome
from mebench.runner.provenance import hardware
from mebench.runner.tracking import Notifier

if TYPE_CHECKING:
    from mebench.cohort.building import Cohort
    from mebench.runner.named import NamedModel

_KINDS: Mapping[str, type[Warning]] = {each.__name__: each for each in (MebenchWarning, MebenchNotice)}


class FinishedRun:
    """Which finished run a command means, if that is known; ``command`` is all that it says, as plain values."""

    def __init__(self, plugins: Plugins, command: Mapping[str, Any]) -> None:
        self._plugins = plugins
        self._remembered = Remembered("finished run", {"command": command, "hardware": hardware()})
        self._said: list[tuple[str, str]] = []
        self._told: list[str] = []
        self._keeps = True

    def outcome(self, tell: Callable[[str], None] = lambda sentence: None) -> Outcome | None:
        """Return what came of the run; None where it is not known, has changed, or lacks a fold.

        What was told and warned of when it was found out is said again.
        """
        known = self._remembered.known()
        if known is None:
            return None
        directory = RunDirectory(Path(known["directory"]))
        try:
            run = directory.read_run()
            folds = directory.read_truth().folds
            tasks = [Task(seed, fold) for seed in run["seeds"] for fold in folds]
            if run["identity"] != known["identity"] or not all(map(directory.has_record, tasks)):
                return None
        except MebenchError:
            return None
        for sentence in known["told"]:
            tell(sentence)
        for kind, sentence in known["said"]:
            warnings.warn(sentence, _KINDS[kind], stacklevel=2)
        for task in tasks:
            directory.failure_file(task).unlink(missing_ok=True)
        standing = settle(directory)
        outcome = Outcome(
            directory,
            {**standing.run},
            done_before=len(tasks),
            missing=len(standing.missing),
            scores=standing.scores,
        )
        Notifier(self._plugins, {})(
            "mebench_run_finished", run=outcome.run, directory=directory.path, scores=outcome.scores
        )
        return outcome

    def telling(self, tell: Callable[[str], None]) -> Callable[[str], None]:
        """Return what tells something that belongs to the command."""

        def told(sentence: str) -> None:
            self._told.append(sentence)
            tell(sentence)

        return told

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See what is read and warned of until it is known which clips are used: this is told again each time."""
        with self._remembered.watching(), _heard(self._said):
            yield
        self._keeps &= all(kind in _KINDS for kind, _ in self._said)

    @contextmanager
    def running(self, cohort: Cohort) -> Iterator[None]:
        """See what is read until the run is done; what is warned of here is of this time, and nothing is kept."""
        files = (path for data in cohort.data for frames in data.frames.values() for path in frames.paths)
        self._remembered.note(dict.fromkeys(files))
        self._remembered.note([config_folder(), config_folder() / "datasets.json"])
        said: list[tuple[str, str]] = []
        with self._remembered.watching(), _heard(said):
            yield
        self._keeps &= not said

    def keep(self, outcome: Outcome, cohort: Cohort, runs: Path) -> None:
        """Remember which run this was, if it is finished and all that decided it can be told again."""
        if not self._keeps or outcome.scores is None:
            return
        code = {*outcome.run["decided_by"]["code"]} - {"mebench"}
        self._remembered.keep(
            {
                "directory": str(outcome.directory.path.absolute()),
                "identity": outcome.run["identity"],
                "told": self._told,
                "said": self._said,
            },
            code=code,
            roots=[place for data in cohort.data for place in (data.root, data.annotation.parent)],
            without=[runs],
        )


def can_be_remembered(named: NamedModel) -> bool:
    """Tell whether all that decides a model's runs can be seen to be the same."""
    from mebench.models.base import Model
    from mebench.models.outside import Outside

    # A preparation may look anywhere, and what lies outside may change; a user's own file is being worked at.
    kind = type(named.model)
    asks = kind.prepare is not Model.prepare or kind.contents is not Model.contents
    return not asks and named.entry.file is None and named.asked.outside == Outside()


@contextmanager
def _heard(said: list[tuple[str, str]]) -> Iterator[None]:
    """Take down what mebench warns of meanwhile; it is shown as ever."""
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *rest: Any) -> None:
        if issubclass(category, MebenchWarning):
            kind = category.__name__ if category.__name__ in _KINDS else ""
            said.append(("" if issubclass(category, WaitingNotice) else kind, str(message)))
        before(message, category, *rest)

    warnings.showwarning = show  # type: ignore[assignment]
    try:
        yield
    finally:
        warnings.showwarning = before
