"""Models that misbehave in one way each, and the plugin that registers them: an outsider's package.

As a setting ``act`` names what a model does. The variables ``ODD_HOLD`` and ``ODD_FAIL`` make the first fold
that claims the file they name go through alone, or fail, without changing what the run is; ``ODD_GATE`` makes
every fold wait until the file it names is there. A fold's process sees no variable and writes no file, so they steer
what the main process sends: the executor ``steered`` gives folds other settings than the run has.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mebench.api import Context, Model, ModelSettings, Predictions, Progress, TestSet, TrainSet, hookimpl
from mebench.records import Task
from mebench.runner.executor import Event, LocalExecutor, run_jobs
from mebench.runner.jobs import Job

fits_of_this_process = 0


class OddSettings(ModelSettings):
    act: str = ""
    path: str = ""


class Odd(Model):
    Settings = OddSettings
    settings: OddSettings

    def inputs(self) -> dict[str, Any]:
        return {}

    def fit(self, train: TrainSet, context: Context) -> None:
        global fits_of_this_process  # noqa: PLW0603 - what must not survive a fold
        fits_of_this_process += 1
        self.rng_ = np.random.default_rng(context.seed)
        self.classes_ = len(context.classes)
        act = self.settings.act
        if act == "sleep":
            print(os.getpid(), flush=True)
        context.report(Progress(1, 2, 0.5))
        while self.settings.path and not Path(self.settings.path).exists():
            time.sleep(0.02)  # that it is there, who may not open it may see
        if act == "raise":
            raise ValueError("odd on\npurpose")
        if act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if act == "exit":
            sys.exit(0)
        if act == "abort":
            os.abort()
        if act == "print":
            print("odd words on standard output")
            os.write(2, b"odd words on standard error\n")
        if act == "sleep":
            time.sleep(60)

    def predict(self, test: TestSet) -> Predictions:
        if self.settings.act == "array":
            return np.ones((len(test), self.classes_))  # type: ignore[return-value]
        if self.settings.act == "count":
            return Predictions(
                np.tile([0.1 * fits_of_this_process, 1 - 0.1 * fits_of_this_process], (len(test), 1))
            )
        return Predictions(self.rng_.dirichlet(np.ones(self.classes_), len(test)))


def _claim(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


class Steered(LocalExecutor):
    """The local one, with a hand on what folds do."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        return super().run(map(_steered, jobs), workers=workers, preload=preload)


def _steered(job: Job | None) -> Job | None:
    if job is None:
        return None
    hold, fail, gate = (os.environ.get(name) for name in ("ODD_HOLD", "ODD_FAIL", "ODD_GATE"))
    act = "sleep" if hold and not _claim(hold) else "raise" if fail and _claim(fail) else ""
    change = ({"act": act} if act else {}) | ({"path": gate} if gate else {})
    return replace(job, settings={**job.settings, **change})


def odd_job(folder: Path, fold: str, act: str = "") -> Job:
    """Return a job of two training clips and one test clip."""
    labels, aus = np.array([0, 1]), np.zeros((2, 0), np.uint8)
    return Job(
        task=Task(0, fold),
        target="odd_models:Odd",
        settings={"act": act},
        train=TrainSet({}, labels, aus, np.array([0, 1])),
        test=TestSet({}, 1),
        seed=1,
        classes=("negative", "positive"),
        au_numbers=(),
        device="cpu",
        precision="float32",
        threads=1,
        log=folder / f"{fold}.log",
    )


def run_and_sleep(folder: str) -> None:
    """Run a fold that sleeps and prints its process number: for a process that is then killed."""
    for _ in run_jobs([odd_job(Path(folder), "sleeper", "sleep")], workers=1):
        pass


@hookimpl
def mebench_register(registry: Any) -> None:
    registry.model("odd", "odd_models:Odd", title="Odd on purpose")
    registry.executor("steered", "odd_models:Steered", title="The local one, steered")
