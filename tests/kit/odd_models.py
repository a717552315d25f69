"""Models that misbehave in one way each, and the plugin that registers them: an outsider's package.

As a setting ``act`` names what a model does; the variables ``ODD_HOLD`` and ``ODD_FAIL`` make the first fold
that claims the file they name go through alone, or fail, without changing what the run is; ``ODD_GATE`` makes
every fold wait until the file it names is there. ``ODD_START``
makes the second process that imports this module slow: the server that workers are started from.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from mebench.api import Context, Model, ModelSettings, Predictions, Progress, TestSet, TrainSet, hookimpl
from mebench.records import Task
from mebench.runner.executor import run_jobs
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
        if self.settings.path:
            Path(self.settings.path).write_text(str(os.getpid()))
        context.report(Progress(1, 2, 0.5))
        hold, fail = os.environ.get("ODD_HOLD"), os.environ.get("ODD_FAIL")
        if hold and not _claim(hold):
            time.sleep(60)
        while (gate := os.environ.get("ODD_GATE")) and not Path(gate).exists():
            time.sleep(0.02)
        if fail and _claim(fail):
            raise ValueError("odd on\npurpose")
        act = self.settings.act
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
            return Predictions(np.full((len(test), 1), float(fits_of_this_process)))
        return Predictions(self.rng_.dirichlet(np.ones(self.classes_), len(test)))


def _claim(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def odd_job(folder: Path, fold: str, act: str = "", path: Path | None = None) -> Job:
    """Return a job of two training clips and one test clip."""
    labels, aus = np.array([0, 1]), np.zeros((2, 0), np.uint8)
    return Job(
        task=Task(0, fold),
        target="odd_models:Odd",
        settings={"act": act, "path": str(path or "")},
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
    """Run a fold that sleeps and writes its process number: for a process that is then killed."""
    place = Path(folder)
    for _ in run_jobs([odd_job(place, "sleeper", "sleep", place / "pid")], workers=1):
        pass


if (start := os.environ.get("ODD_START")) and not _claim(start):
    Path(f"{start} again").touch()
    time.sleep(2)


@hookimpl
def mebench_register(registry: Any) -> None:
    registry.model("odd", "odd_models:Odd", title="Odd on purpose")
