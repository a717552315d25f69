"""A model with ablations in a file of its own, and studies of recorded runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from recorded_runs import record_run

from mebench.cohort.building import Cohort
from mebench.plugin.loading import Plugins, load_plugins
from mebench.records import RunDirectory
from mebench.runner.outcome import Outcome
from mebench.study.variants import Study, Variant, ablation_of
from mebench.study.work import Done

MODEL = """\
from typing import Literal
import numpy as np
from pydantic import model_validator
from mebench.api import Model, ModelSettings, Predictions

class Settings(ModelSettings):
    kind: Literal["one", "two", "both"] = "both"
    share: float = 0.5
    act: str = ""
    axes: tuple[str, ...] = ("x", "y")

    @model_validator(mode="after")
    def _fits(self):
        if self.kind == "one" and self.share != 0.5:
            raise ValueError("share concerns two kinds")
        return self

class Net(Model):
    Settings = Settings
    ablations = {
        "kind": ({"kind": "one"}, {"kind": "two"}),
        "share": ({"share": 0.1}, {"share": 0.9}),
        "axes": ({"axes": ("x",)},),
    }

    def inputs(self):
        return {}

    def fit(self, train, context):
        s = self.settings
        if s.act == "fail":
            raise ValueError("on purpose")
        self.classes_ = len(context.classes)
        self.rng_ = np.random.default_rng([context.seed, len(s.kind), round(100 * s.share), len(s.axes)])

    def predict(self, test):
        return Predictions(self.rng_.dirichlet(np.ones(self.classes_), len(test)))
"""


def net_file(folder: Path) -> str:
    """Write the model to a folder and return its name."""
    path = folder / "net.py"
    path.write_text(MODEL, encoding="utf-8")
    return f"{path}:Net"


def small_study(folder: Path, axes: Sequence[str] = ("kind", "axes")) -> Study:
    """Return a study of the model in a file."""
    return ablation_of(plugins(), net_file(folder), axes)


def plugins() -> Plugins:
    """Return the first-party plugins."""
    return load_plugins()


def recorded(
    folder: Path,
    cohort: Cohort,
    variant: Variant,
    wrong: Sequence[int],
    seeds: Sequence[int] = (0,),
    asked: Sequence[int] | None = None,
) -> Done:
    """Return a variant that was run and told all clips rightly, but for so many of the first with each seed.

    ``asked`` are the seeds that its study wants; all unless given.
    """
    truth = cohort.clips["label"].to_numpy()
    count = len(cohort.protocol.classes)
    number = dict(zip(seeds, wrong, strict=True))

    def told(task: object) -> np.ndarray:
        bad = np.arange(len(truth)) < number[task.seed]  # type: ignore[attr-defined]
        return np.where(bad, (truth + 1) % count, truth)

    directory = record_run(folder / variant.name.replace("/", "-"), cohort, told, seeds=seeds)
    return Done.of(variant, outcome_of(directory), seeds if asked is None else asked)


def outcome_of(directory: RunDirectory) -> Outcome:
    """Return what came of a recorded run."""
    return Outcome(directory, {**directory.read_run()})
