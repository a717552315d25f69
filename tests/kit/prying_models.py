"""A model that tries, in its fold's process, what a fold's process may not; ``act`` says what."""

from __future__ import annotations

import importlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from odd_models import odd_job

from mebench.api import Context, Model, ModelSettings, Predictions, TestSet, TrainSet
from mebench.runner.jobs import Job


class PryingSettings(ModelSettings):
    act: str = ""
    path: Path | str = ""


class Prying(Model):
    Settings = PryingSettings
    settings: PryingSettings

    def inputs(self) -> dict[str, Any]:
        return {}

    def fit(self, train: TrainSet, context: Context) -> None:
        getattr(self, f"_{self.settings.act}")(str(self.settings.path).removeprefix("at "))

    def predict(self, test: TestSet) -> Predictions:
        if self.settings.act == "late":
            os._exit(7)
        return Predictions(np.full((len(test), 2), 0.5))

    def _read(self, path: str) -> None:
        print(Path(path).read_text())

    def _wrapped(self, path: str) -> None:
        try:
            Path(path).read_text()
        except OSError as error:
            raise ValueError("the labels are not there") from error

    def _write(self, path: str) -> None:
        Path("own").write_text("in its private folder")
        Path(path).write_text("elsewhere")

    def _connect(self, path: str) -> None:
        socket.create_connection(("192.0.2.1", 80), timeout=5)

    def _surroundings(self, path: str) -> None:
        print(*sorted(os.environ), sep="\n")
        held = sorted(each.name for each in Path("/proc/self/fd").iterdir())
        print("argv", sys.argv, "open", held, Path.cwd(), sep="\n")

    def _flood(self, path: str) -> None:
        for _ in range(int(path)):
            print("x" * 1023)

    def _orphan(self, path: str) -> None:
        code = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(60)"
        subprocess.Popen([sys.executable, "-c", code])
        time.sleep(1)

    def _garbage(self, path: str) -> None:
        for descriptor in range(3, 10):
            try:
                os.write(descriptor, b"\x80\x04\x95 a pickle" * 100)
            except OSError:
                continue
        time.sleep(30)

    def _import(self, path: str) -> None:
        importlib.import_module(path)

    def _die(self, path: str) -> None:
        os.kill(os.getpid(), int(path))
        time.sleep(60)

    def _late(self, path: str) -> None:
        pass

    def _sleep(self, path: str) -> None:
        print("it waits", flush=True)
        time.sleep(60)


def prying_job(folder: Path, act: str, path: Path | str = "", **change: Any) -> Job:
    """Return a job in which the model does something, with a path; ``"at ..."`` hides that it is a file's."""
    made = odd_job(folder, act)
    return replace(made, target="prying_models:Prying", settings={"act": act, "path": path}, **change)
