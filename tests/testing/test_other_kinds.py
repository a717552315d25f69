"""Each check of a dataset, a protocol or an input finds its fault, and none in a sound one."""

from __future__ import annotations

import re
from pathlib import Path

import faulty_datasets
import faulty_inputs
import faulty_protocols
import pytest
from own_plugins import plugins_with

from mebench.features.inputs import Input
from mebench.plugin.loading import Plugins
from mebench.testing.checks import Outcome, ask
from mebench.testing.kits import Checked, asked
from mebench.testing.report import reports


def outcome(plugins: Plugins, kind: Checked, name: str | Input, check: str) -> Outcome:
    with asked(plugins, kind, name) as kit:
        (chosen,) = [each for each in kit.checks if each.name == check]
        return ask(chosen, kit.subject)


def assert_found(found: Outcome, said: str) -> None:
    assert found.state == "failed"
    assert re.search(said, found.said), found.said


@pytest.mark.parametrize("kind", faulty_inputs.FAULTS, ids=lambda kind: kind.__name__)
def test_a_faulty_input_is_found(kind: type[Input], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTY_PLACE", str(tmp_path))
    check, said = faulty_inputs.FAULTS[kind]
    if "mirror" in check:
        pytest.importorskip("torch")
    assert_found(outcome(plugins_with("model", "odd", "faulty_models:Sound"), "input", kind(), check), said)


@pytest.mark.parametrize("target", faulty_protocols.FAULTS)
def test_a_faulty_protocol_is_found(target: str) -> None:
    check, said = faulty_protocols.FAULTS[target]
    plugins = plugins_with("protocol", "odd", f"faulty_protocols:{target}")
    assert_found(outcome(plugins, "protocol", "odd", check), said)


@pytest.mark.parametrize("kind", faulty_datasets.FAULTS, ids=lambda kind: kind.__name__)
def test_a_faulty_dataset_is_found(kind: type) -> None:
    check, said = faulty_datasets.FAULTS[kind]
    plugins = plugins_with("dataset", "odd", f"faulty_datasets:{kind.__name__}")
    assert_found(outcome(plugins, "dataset", "odd", check), said)


@pytest.mark.parametrize(
    ("kind", "target"),
    [("protocol", "faulty_protocols:SOUND"), ("dataset", "faulty_datasets:Sound")],
)
def test_a_sound_one_has_no_fault(kind: Checked, target: str) -> None:
    (report,) = reports(plugins_with(kind, "odd", target), kind, "odd")
    assert report.failed == []


def test_what_a_plugin_says_of_a_name_is_looked_at() -> None:
    plugins = plugins_with("model", "odd", "faulty_models:Sound", title="", needs=" ", requires=("numpy",))
    (report,) = reports(plugins, "model", "odd")
    assert [each.check for each in report.failed] == [
        "it has a title of one line",
        "it says what it needs",
        "what it requires can be installed by name",
    ]


def test_a_library_that_is_not_here_is_named_and_nothing_is_asked() -> None:
    plugins = plugins_with("model", "odd", "faulty_models:Sound", requires=("no_such_lib",), extra="odd[lib]")
    (report,) = reports(plugins, "model", "odd")
    assert report.counts() == "not checked: needs no_such_lib, not installed here: pip install 'odd[lib]'"
