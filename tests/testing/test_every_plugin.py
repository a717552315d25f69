"""Every registered model, dataset and protocol, and every input of a plugin, passes the checks that an author is given.

Which checks may not be asked is written down: one that silently stopped applying would check nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mebench.features.dynamic_image import DynamicImage
from mebench.features.flow import FlowStack, OpticalFlow
from mebench.features.flow_picture import FlowPicture
from mebench.features.inputs import ApexFrame, ClipFrames, Input, MiddleFrame, OnsetAndApex
from mebench.features.magnification import MagnifiedFrames
from mebench.features.spotting import SpottedApexFrame
from mebench.features.strain import FlowStrain, OpticalStrain
from mebench.features.temporal import TimFrames
from mebench.plugin.loading import load_plugins
from mebench.testing.checks import ask
from mebench.testing.kits import Checked, asked
from mebench.testing.report import every_name, reports
from mebench.torchvision_shim import ensure_torchvision

PLUGINS = load_plugins()
NAMES = every_name(PLUGINS)

# Of a kind: what may not apply to one of it.
MAY_NOT_APPLY = {
    "model": {
        "every preset makes a model",
        "it detects action units where there are no classes",
        "another seed trains another network",
        "it keeps its epochs if it says so",
        "every parameter of the network learns",
        "the network trains in training mode and predicts in evaluation mode",
        "it leaves the process as it found it",
        "it trains on a GPU",
        "it trains on a GPU in bfloat16",
    },
    "dataset": {
        "repairs name a cell, what it holds, and who found it",
        "editions have names of their own",
        "its action units are understood",
    },
    "protocol": {
        "every word of an owner is labelled or left out with a reason",
        "action units are numbers of FACS in order",
        "every class is among invented clips",
    },
    "input": {"a mirror twice gives the same"},
}
# The core's own, as small as makes sense; a plugin's are found by its models.
CORE = (
    ApexFrame(size=32),
    MiddleFrame(size=32),
    OnsetAndApex(size=32),
    ClipFrames(n=5, size=32),
    TimFrames(n=5, size=32),
    DynamicImage(size=32),
    SpottedApexFrame(size=32),
)
OF_FLOW = (
    OpticalFlow(method="farneback", size=16, resolution=64),
    FlowStack(method="farneback", size=16, resolution=64, n=3),
    OpticalStrain(method="farneback", size=16, resolution=64),
    FlowStrain(method="farneback", size=16, resolution=64),
    FlowPicture(method="farneback", size=16, resolution=64),
    MagnifiedFrames(n=3, size=32),
)


@pytest.mark.parametrize(("kind", "name"), NAMES, ids=lambda value: value)
def test_it_passes_every_check(kind: Checked, name: str) -> None:
    ensure_torchvision()
    if name == "command":
        pytest.skip("it is what a user's command makes of it: tests/bridges")
    found = list(reports(PLUGINS, kind, name))
    if found[0].missing:
        pytest.skip(found[0].missing)
    for report in found:
        assert [(each.check, each.said) for each in report.failed] == []
        left = {each.check for each in report.outcomes if each.state == "not asked"}
        assert left <= MAY_NOT_APPLY[report.kind]


@pytest.mark.parametrize("wanted", [*CORE, *OF_FLOW], ids=lambda wanted: type(wanted).__name__)
def test_an_input_of_the_core_passes_every_check(wanted: Input) -> None:
    if wanted in OF_FLOW:
        pytest.importorskip("cv2")
    with asked(PLUGINS, "input", wanted) as kit:
        found = [ask(check, kit.subject) for check in kit.checks]
    assert [(each.check, each.said) for each in found if each.state == "failed"] == []
    assert {each.check for each in found if each.state == "not asked"} <= MAY_NOT_APPLY["input"]


def test_the_counts_of_every_protocol_are_published_with_a_source() -> None:
    for entry in PLUGINS.registry.entries("protocol"):
        assert entry.load().expected is not None, entry.name


def test_the_catalogue_lists_all_that_comes_along() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs/catalogue.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| (\w+) \| `(.+?)` \| .* \| passed \(\d+\) \|$", text, re.MULTILINE))
    assert listed >= set(NAMES), "mebench check --all --markdown docs/catalogue.md --force"
    unchecked = {
        f"| {kind} | `{entry.name}` | {entry.title} |"
        for kind in ("executor", "tracker")
        for entry in PLUGINS.registry.entries(kind)
        if entry.plugin
    }
    assert unchecked
    assert [row for row in unchecked if row not in text] == []
    assert "failed" not in text.partition("##")[2]
