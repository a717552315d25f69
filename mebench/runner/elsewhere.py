"""A job on its way to another machine, and what has to be the same there.

    sent = send(job)                    # here: what travels
    for said in run_sent(sent): ...     # there: any number of Progress, then a FoldResult or Failure

A record names the code that made it, which is this machine's. So a machine with other code is refused, and variables
that choose other arithmetic are there what they are here. Where the files of the features cannot be seen, their arrays
have to travel, too (:func:`files_out_of_sight`, :func:`features_in_memory`).
"""

from __future__ import annotations

import os
import pickle
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mebench.errors import MebenchError, reason_of
from mebench.models.base import Progress
from mebench.models.features import FeatureView
from mebench.plugin.source import code_name, code_of, source_of
from mebench.runner.executor import run_jobs
from mebench.runner.identity import ARITHMETIC
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.sealing import modules_of
from mebench.sealed.environment import COMPUTING
from mebench.sealed.starting import module_path

Said = Progress | FoldResult | Failure


@dataclass(frozen=True)
class Sent:
    """A job as bytes, and what has to be the same where it is run.

    ``path`` is where modules lie here, ``code`` the packages whose code it runs with their SHA-256, ``environment`` the
    variables that choose arithmetic.
    """

    job: bytes
    python: tuple[int, int]
    path: tuple[str, ...]
    code: Mapping[str, str]
    environment: Mapping[str, str]

    def opened(self) -> Job:
        """Return the job, once this machine is found to be like the one that sent it.

        Raises:
            MebenchError: it has other code, or lacks some.
        """
        if self.python != sys.version_info[:2]:
            raise MebenchError(
                f"{socket.gethostname()} runs Python {sys.version_info[0]}.{sys.version_info[1]} where "
                f"{self.python[0]}.{self.python[1]} is due: give it the environment of the machine that runs mebench"
            )
        sys.path.extend(each for each in self.path if each not in sys.path)
        try:
            job: Job = pickle.loads(self.job)
        except Exception as error:  # a module or a class that is not there
            raise MebenchError(
                f"{socket.gethostname()} cannot read a job: {reason_of(error)}; give it the environment of the machine "
                "that runs mebench"
            ) from error
        for name, due in self.code.items():
            if (found := _source_here(name)) != due:
                raise MebenchError(
                    f"{socket.gethostname()} has {'other' if found else 'no'} code of {code_name(name)}, where that of "
                    "the machine that runs mebench is due, under whose name its folds are recorded: install the same "
                    "there"
                )
        compute_as(self.environment, os.environ)
        return job


def send(job: Job) -> Sent:
    """Return what travels of a job.

    Raises:
        MebenchError: a setting or an input cannot be pickled.
    """
    try:
        content = pickle.dumps(job)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise MebenchError(
            f"the settings and inputs of a model cannot be sent to another machine: {reason_of(error)}"
        ) from error
    code = {name: source_of(name) for name in code_of("mebench", *modules_of(job))}
    return Sent(content, sys.version_info[:2], tuple(module_path()), code, _chosen_arithmetic(os.environ))


def run_sent(
    sent: Sent, arrays: Mapping[Path, np.ndarray] | None = None, log: Path | None = None
) -> Iterator[Said]:
    """Run a job that was sent here in a locked process of its own; the last that is yielded is its end.

    Args:
        sent: the job.
        arrays: stand in for the files of its features.
        log: the file of what its model prints, in place of the job's own.
    """
    try:
        job = sent.opened()
    except MebenchError as error:
        yield Failure(str(error))
        return
    if arrays:
        job = features_in_memory(job, arrays)
    if log is not None:
        job = replace(job, log=log)
    with closing(run_jobs([job], workers=1)) as events:  # type: ignore[type-var]
        for event in events:
            if event.outcome is not None:
                yield event.outcome


def files_out_of_sight(job: Job) -> set[Path]:
    """Return the files of a job's features that this machine does not see."""
    return {path for path in hashes_of(job) if not path.exists()}


def features_in_memory(job: Job, arrays: Mapping[Path, np.ndarray]) -> Job:
    """Return a job whose features are arrays (clips, ...), each in place of the file of its path."""
    train = {name: view.in_memory(arrays) for name, view in job.train.features.items()}
    test = {name: view.in_memory(arrays) for name, view in job.test.features.items()}
    return replace(job, train=replace(job.train, features=train), test=replace(job.test, features=test))


def hashes_of(job: Job) -> dict[Path, tuple[str, ...]]:
    """Return the files of a job's features, with the SHA-256 of the rows of each."""
    views: Iterable[FeatureView] = (*job.train.features.values(), *job.test.features.values())
    return {path: hashes for view in views for path, hashes in zip(view.paths, view.hashes, strict=True)}


def _source_here(name: str) -> str:
    try:
        return source_of(name)
    except MebenchError:
        return ""


def _chosen_arithmetic(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if _chooses_arithmetic(name)}


def _chooses_arithmetic(name: str) -> bool:
    # What engines set of them is not the user's choice.
    return name in ARITHMETIC or name.startswith(COMPUTING)


def compute_as(chosen: Mapping[str, str], environment: MutableMapping[str, str]) -> None:
    """Let an environment choose the arithmetic that another one chose, and no other."""
    for name in [name for name in environment if _chooses_arithmetic(name)]:
        del environment[name]
    environment.update(chosen)
