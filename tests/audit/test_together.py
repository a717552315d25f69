"""Folds that train together: an honest model knows nothing of the others', and one that does is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from mebench.audit.case import Case
from mebench.audit.finding import Finding
from mebench.audit.together import folds_together
from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.errors import MebenchError
from mebench.features.store import FeatureStore
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.runner.executor import LocalExecutor
from mebench.runner.named import named_model
from mebench.runner.options import RunOptions
from mebench.runner.preparing import prepare

pytest.importorskip("torch")

MODELS = Path(__file__).parents[1] / "kit" / "joined_models.py"


def found(registry: Registry, twin: Path, folder: Path, name: str) -> Finding:
    named = named_model(load_plugins(), name)
    cohort = open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})
    options = RunOptions(runs=folder, device="cpu", folds_together=True)
    store = FeatureStore(folder / "features")
    ready = prepare(named.entry, named.model, cohort, options, store, lambda *_: None)
    return folds_together(Case(ready, folder / "audit", LocalExecutor()))


def test_what_other_folds_learn_changes_no_bit_of_an_honest_models(
    registry: Registry, twin: Path, tmp_path: Path
) -> None:
    finding = found(registry, twin, tmp_path, f"{MODELS}:Joined")
    assert finding.passed, finding.evidence
    assert finding.figures["difference"] == 0
    assert finding.figures["alone"] < 1e-5
    assert finding.evidence.startswith("casme3/spNO.1 beside 2 fold(s): the same bytes; from the fold alone")


def test_a_model_that_remembers_what_other_folds_learn_from_is_found(
    registry: Registry, twin: Path, tmp_path: Path
) -> None:
    finding = found(registry, twin, tmp_path, f"{MODELS}:Peeking")
    assert finding.passed is False
    assert finding.figures["difference"] == 1
    assert "so that it knows what they learn from" in finding.evidence


def test_a_model_whose_folds_cannot_train_together_is_told_so(
    registry: Registry, twin: Path, tmp_path: Path
) -> None:
    with pytest.raises(MebenchError, match="--folds-together cannot train 'difference-svm'"):
        found(registry, twin, tmp_path, "difference-svm")
