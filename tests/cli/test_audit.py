"""``mebench audit`` as a user meets it: a page, JSON, an exit code, sentences for what cannot be audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mebench.sealed.in_force import is_full
from mebench.sealed.seal import available

Call = Callable[..., "tuple[int, str, str]"]

HONEST = """\
import numpy as np
from mebench.api import ApexFrame, Model, Predictions

class Honest(Model):
    def inputs(self):
        return {"apex": ApexFrame(size=8)}

    def fit(self, train, context):
        self.shares_ = np.bincount(train.labels, minlength=len(context.classes)) + 1.0
        self.mean_ = train.features["apex"][:].mean()

    def predict(self, test):
        light = test.features["apex"][:].mean(axis=(1, 2, 3)) / self.mean_
        weights = self.shares_ ** light[:, None]
        return Predictions(weights / weights.sum(axis=1, keepdims=True))
"""
TRANSDUCTIVE = HONEST.replace("/ self.mean_", '/ test.features["apex"][:].mean()')
FAILING = HONEST.replace("light = ", "light = undefined + ")


def _model(folder: Path, text: str) -> str:
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_honest_model_passes_on_one_page(call: Call, tmp_path: Path, twin: Path) -> None:
    said = call("audit", _model(tmp_path, HONEST), "casme3-4c", "--data", twin, "--folds", "1")
    lines = said.out.splitlines()
    assert lines[0].startswith("Audit of mine.py:Honest under casme3-4c (LOCAL CODE ")
    assert "(SYNTHETIC data)" in lines[0]
    verdicts = {line[8]: line[:6] for line in lines[2:12]}
    assert list(verdicts) == list("abcdefghij")
    passed = {check for check, verdict in verdicts.items() if verdict == "passed"}
    assert passed | {"j"} == set("abcdefghj"), said.out
    assert verdicts["i"] == "  --  "
    assert said.code == (0 if is_full(available()) else 1)
    assert not list(tmp_path.glob("runs*")), "nothing is recorded"


def test_statistics_of_the_test_batch_fail_by_name(call: Call, tmp_path: Path, twin: Path) -> None:
    said = call(
        "audit", _model(tmp_path, TRANSDUCTIVE), "casme3-4c", "--data", twin, "--folds", "1", "--json"
    )
    told = json.loads(said.out)
    failed = {check["check"] for check in told["checks"] if check["passed"] is False}
    assert {"c", "e"} <= failed <= {"c", "e", "j"}
    assert told["passed"] is False
    assert told["summary"].endswith("FAILED: " + ", ".join(sorted(failed)))
    assert said.code == 1


def test_a_fold_that_fails_is_named_before_anything_is_said(call: Call, tmp_path: Path, twin: Path) -> None:
    said = call("audit", _model(tmp_path, FAILING), "casme3-4c", "--data", twin)
    assert said.code == 2
    assert said.out == ""
    assert "there is nothing to audit: fold casme3/spNO.1 fails (NameError" in said.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("majorty", "casme3-4c"), "majority"),
        (("majority", "casme3-4"), "casme3-4c"),
        (("majority", "casme3-4c", "--data", "nowhere"), "nowhere"),
        (("majority", "casme3-4c", "--synthetic", "--data", "nowhere"), "--synthetic makes its own data"),
        (("majority", "casme3-4c", "--synthetic", "--set", "size=3"), "setting"),
        (("majority", "casme3-4c", "--folds", "0"), "--folds"),
    ],
)
def test_wrong_input_is_one_sentence(call: Call, arguments: tuple[str, ...], reason: str) -> None:
    said = call("audit", *arguments)
    assert said.code == 2
    assert reason in said.err
    assert said.err.startswith(("error: ", "Usage: ")), "nothing is promised before"
