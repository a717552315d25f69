"""``mebench check``: what it prints, its exit code, and the catalogue that it writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mebench.plugin.loading import PluginInfo, load_plugins
from mebench.testing.catalogue import catalogue
from mebench.testing.checks import Outcome
from mebench.testing.plugin import pytest_terminal_summary
from mebench.testing.report import Report

Call = Callable[..., Any]

FILE = """
from mebench.api import Model, Predictions
import numpy as np


class Mine(Model):
    def inputs(self):
        return {}

    def fit(self, train, context):
        self.classes_ = len(context.classes)

    def predict(self, test):
        return Predictions(np.full((len(test), self.classes_), 2 / self.classes_))
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(FILE)
    return file


def test_a_sound_model_ends_well_and_each_check_is_a_line(call: Call) -> None:
    code, said, _ = call("check", "majority")
    assert code == 0
    assert said.startswith("majority (model of plugin baselines)\n  ok      it has a title of one line\n")
    assert "  -       it trains on a GPU\n          it computes on the CPU alone\n" in said
    assert said.rstrip().endswith("not asked")


def test_a_fault_is_named_with_what_to_do_and_the_exit_code_is_1(call: Call, mine: Path) -> None:
    code, said, _ = call("check", f"{mine}:Mine")
    assert code == 1
    assert "  FAILED  it gives a probability for each class\n" in said
    assert said.rstrip().splitlines()[-1].startswith("6 failed, ")  # and each way of training on few clips


def test_json_holds_every_check(call: Call, mine: Path) -> None:
    code, said, _ = call("check", mine, "--json")
    assert code == 1
    (report,) = json.loads(said)
    assert (report["kind"], report["passed"]) == ("model", False)
    assert {each["state"] for each in report["outcomes"]} == {"passed", "failed", "not asked"}


def test_a_name_of_two_kinds_is_both_unless_one_is_said(call: Call) -> None:
    code, said, _ = call("check", "casme3", "--kind", "protocol")
    assert code == 0
    assert "casme3-4c (protocol of plugin protocols)" in said
    assert "dataset" not in said.splitlines()[0]


def test_an_input_is_named_by_its_class(call: Call, tmp_path: Path) -> None:
    code, said, _ = call("check", "mebench.features.inputs:ApexFrame")
    assert code == 0
    assert said.startswith("mebench.features.inputs:ApexFrame (input)\n")
    for wrong in ("mebench.features.inputs:ApexFrme", "mebench.features.inputs:positive", "nothing.at:All"):
        code, _, error = call("check", wrong)
        assert code == 2
        assert error.startswith("error: ")
        assert "package.module:CLASS" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to check: a name or several, --plugin NAME, or --all"),
        (("majority", "--all"), "say what to check"),
        (("majorty",), "did you mean 'majority'"),
        (("majority", "--set", "size=3"), "there is no setting of Majority named 'size'"),
        (("casme3", "--set", "size=3"), "--set and --preset are of a model"),
        (
            ("--plugin", "nobody"),
            "plugin 'nobody' registers no model, dataset or protocol: there are baselines",
        ),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(call: Call, arguments: tuple[str, ...], said: str) -> None:
    code, _, error = call("check", *arguments)
    assert code == 2
    assert said in error
    assert error.count("\n") == 1


def test_a_catalogue_is_written_once_and_over_only_where_that_is_said(call: Call, tmp_path: Path) -> None:
    page = tmp_path / "plugins.md"
    assert call("check", "majority", "--markdown", page)[0] == 0
    assert (
        "| model | `majority` | Always the most frequent class of the training clips | passed ("
        in page.read_text()
    )
    assert call("check", "majority", "--markdown", page)[0] == 2
    assert call("check", "majority", "--markdown", page, "--force")[0] == 0


def test_the_catalogue_says_what_failed_what_is_skipped_and_what_has_no_checks() -> None:
    plugins = load_plugins()
    broken = PluginInfo("broken", "odd|pack", "1.0", "odd", problem="ImportError: no <b>\x1b[31m")
    failed = Outcome("it is | sound", "failed", "it is\nnot")
    reports = [Report("model", "majority", "baselines", (failed, Outcome("it is there", "passed")))]
    reports.append(Report("model", "famnet", "famnet", missing="needs torch"))
    page = catalogue(plugins.__class__(plugins.registry, (*plugins.infos, broken), plugins.manager), reports)
    assert "| **1 of 2 failed** |" in page
    assert "- `majority` (model), it is \\| sound: it is not\n" in page
    assert "| not checked: needs torch |" in page
    assert "odd\\|pack 1.0, `odd`\n\n**Skipped:** ImportError: no &lt;b>\\x1b[31m" in page
    for kind in ("model", "dataset", "protocol"):
        for entry in plugins.registry.entries(kind):  # type: ignore[arg-type]
            assert f"| {kind} | `{entry.name}` |" in page


def test_a_run_of_pytest_ends_in_a_line_for_each_class() -> None:
    class Terminal:
        def __init__(self) -> None:
            one = type("R", (), {"nodeid": "t.py::TestMyNet::test_conformance[it is sound]"})()
            self.stats = {
                "passed": [one, one, type("R", (), {"nodeid": "t.py::test_other"})()],
                "skipped": [one],
            }
            self.lines: list[str] = []

        def section(self, text: str) -> None:
            self.lines.append(text)

        line = section

    terminal = Terminal()
    pytest_terminal_summary(terminal)  # type: ignore[arg-type]
    assert terminal.lines[1:] == ["t.py::TestMyNet: 2 passed, 1 not asked"]
