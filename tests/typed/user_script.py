"""What a user's own script looks like to a type checker: mypy checks it, strictly, as a user would.

Nothing here is ignored and nothing is Any by accident: each `reveal` is what the API promises.
"""

from __future__ import annotations

from typing import assert_type

import numpy as np
import pandas as pd

import mebench
from mebench import Run, Runs


def own_loop() -> float:
    cohort = mebench.open_cohort("casme3-4c", synthetic=True, progress=False)
    x = cohort.features(mebench.api.ApexFrame(32))
    predictions: dict[str, np.ndarray] = {}
    for fold in cohort.folds:
        train, test = x.train(fold), x.test(fold.name)
        most = int(np.bincount(cohort.labels[fold.train]).argmax())
        predictions[fold.name] = np.full(len(test), most if len(train) else 0)
    result = mebench.score(predictions, cohort)
    assert_type(result.scores["classes"], list[str])
    assert_type(result.confusion, pd.DataFrame)
    assert_type(result.truth_differs[0]["given"], str)
    return result.scores["uf1"]["mean"] or 0.0


def recorded(cohort: mebench.OpenCohort) -> Run:
    run = mebench.run("famnet", cohort, preset="small", set={"fusion": "mean"}, seeds=[0, 1], folds=2)
    assert_type(run.scores["uf1"]["mean"], float | None)
    assert_type(run.scores["per_class"]["negative"]["support"], int)
    assert_type(run.scores["au"]["per_au"]["AU4"]["f1"]["per_seed"], list[float | None])
    assert_type(run.predictions, pd.DataFrame)
    assert_type(run.info["seeds"], list[int])
    assert_type(run.info["cohort"]["class_counts"], dict[str, int])
    return run


def listed(folder: str) -> Runs:
    runs = mebench.runs(folder)
    assert_type(runs[0]["uf1"], float | None)
    assert_type(runs[0]["seeds"], list[int])
    assert_type(runs.frame, pd.DataFrame)
    return runs
