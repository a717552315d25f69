"""`mebench features export`, and the command line with a dataset of ready inputs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flow_files import ROWS, picture_of, write_flow

from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location, remembered
from mebench.features.inputs import ApexFrame
from mebench.features.of_cohort import features_of
from mebench.features.store import user_store
from mebench.leaderboard.build import build_leaderboards
from mebench.models.features import cohort_view
from mebench.plugin.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Said

    Call = Callable[..., Said]

FLOW = "megc2019-flow"


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """A small folder of flow pictures with its list."""
    return write_flow(tmp_path / "flow")


def test_an_input_of_a_cohort_is_written_for_numpy_alone(
    call: Call, twin: Path, tmp_path: Path, registry: Registry
) -> None:
    said = call(
        *("features", "export", "casme3-4c", "--input", "ApexFrame", "--set", "size=24"),
        *("--data", twin, "--out", "x.npz"),
    )
    assert (said.code, "wrote 12 clips of casme3-4c to x.npz: ApexFrame uint8" in said.out) == (0, True), (
        said.err
    )
    cohort = open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})
    arrays = features_of(cohort, {"x": ApexFrame(24)}, user_store())["x"]
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        assert (file["ApexFrame"] == np.asarray(cohort_view(cohort, arrays))).all()
        assert file["keys"].tolist() == cohort.clips["key"].tolist()
        assert file["labels"].tolist() == cohort.clips["label"].tolist()
        assert file["folds"].tolist() == cohort.clips["fold"].tolist()
        assert file["subjects"].tolist() == cohort.clips["group"].tolist()
        assert (file["aus"] == cohort.aus).all()
        assert file["au_numbers"].tolist() == list(cohort.protocol.aus)
        assert [file["class_names"][label] for label in file["labels"]] == file["classes"].tolist()


def test_a_models_inputs_are_written_by_their_names(call: Call, twin: Path, tmp_path: Path) -> None:
    said = call(*("features", "export", "difference-svm", "casme3-4c", "--data", twin, "--out", "x.npz"))
    assert said.code == 0, said.err
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        assert file["onset"].shape == file["apex"].shape == (12, 32, 32, 3)
        assert (file["onset"] != file["apex"]).any()


def test_nothing_is_written_over_without_force(call: Call, twin: Path, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"precious")
    export = ("features", "export", "difference-svm", "casme3-4c", "--data", twin, "--out", "x.npz")
    said = call(*export)
    assert (said.code, "x.npz is there already" in said.err) == (2, True)
    assert (tmp_path / "x.npz").read_bytes() == b"precious"
    assert call(*export, "--force").code == 0
    assert np.load(tmp_path / "x.npz")["onset"].shape[0] == 12
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("casme3-4c",), "say which inputs: give MODEL and PROTOCOL, or PROTOCOL and --input NAME"),
        (("majority", "casme3-4c", "--input", "ApexFrame"), "takes the place of a model"),
        (("casme3-4c", "--input", "ApexFram"), "no input named 'ApexFram': did you mean 'ApexFrame'"),
        (("casme3-4c", "--input", "Model"), "no input named 'Model'"),
        (("casme3-4c", "--input", "ApexFrame", "--set", "siz=3"), "no field of ApexFrame named 'siz'"),
        (("casme3-4c", "--input", "ApexFrame", "--set", "size=big"), "--set size=big: input should be"),
        (("casme3-4c", "--input", "ApexFrame", "--set", "size=0"), "size is 0"),
        (("casme3-4c", "--input", "ApexFrame", "--set", "size"), "--set 'size': write it as NAME=VALUE"),
        (("casme3-4c", "--input", "ApexFrame", "--preset", "small"), "--preset is a model's"),
        (("majority", "casme3-4c"), "majority asks for no input"),
        (
            ("ststnet", "casme3-4c", "--set", "lr=0.1"),
            "--set lr=... changes nothing of the inputs of ststnet: leave it out",
        ),
    ],
)
def test_what_cannot_be_exported_is_said(
    arguments: tuple[str, ...], said: str, call: Call, twin: Path
) -> None:
    found = call("features", "export", *arguments, "--data", twin, "--out", "x.npz")
    assert (found.code, said in found.err) == (2, True), found.err
    assert not Path("x.npz").exists()


def test_ready_pictures_are_exported_as_they_are(call: Call, flow: Path, tmp_path: Path) -> None:
    said = call(
        *("features", "export", "megc2019", "--input", "FlowPicture"),
        *("--data", f"{FLOW}={flow}", "--out", "x.npz"),
    )
    assert said.code == 0, said.err
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        clips = [key.rpartition("/")[2] for key in file["keys"]]
        for number, (_, _, clip, _) in enumerate(ROWS):
            assert (file["FlowPicture"][clips.index(clip)] == picture_of(number)).all()
        assert (file["aus"] == 255).all()


def test_it_is_added_checked_and_removed(call: Call, flow: Path) -> None:
    listed = shutil.move(flow / "combined_3class_gt.csv", flow.parent / "list.csv")
    assert call("data", "add", FLOW, flow).code == 2
    added = call("data", "add", FLOW, flow, "--annotations", listed)
    assert (added.code, f"{FLOW}: 9 clips in {flow}" in added.out.replace("\n", "")) == (0, True), added.err
    assert remembered()[FLOW] == Location(flow, Path(listed))
    report = json.loads(call("data", "check", FLOW, "--json").out)
    assert (report["pictures"], report["doubts"], report["protocols"][0]["subjects"]) == (9, [], 6)
    checked = call("data", "check", FLOW)
    assert "pictures" in checked.out
    assert "expected 442 clips, found 9" in " ".join(checked.out.split())
    assert call("data", "remove", FLOW).code == 0
    assert FLOW not in remembered()


def test_swapped_channels_are_warned_of(call: Call, flow: Path) -> None:
    from PIL import Image

    for path in flow.glob("*.png"):
        Image.fromarray(np.array(Image.open(path))[..., ::-1]).save(path)
    said = call("data", "check", FLOW, "--data", flow)
    assert said.code == 0
    assert "red and blue may be swapped" in " ".join(said.err.split())


def test_what_it_is_not_is_said(call: Call, flow: Path) -> None:
    for arguments, said in (
        (("data", "synth", FLOW, "--out", "x"), "consists of ready inputs, without recordings"),
        (("run", "majority", "casme3-4c", "--data", f"{FLOW}={flow}"), "does not accept megc2019-flow"),
        (
            ("run", "difference-svm", "megc2019", "--data", f"{FLOW}={flow}"),
            "OnsetFrame(size=32) cannot be had",
        ),
        (("data", "check", FLOW, "--data", flow, "--protocol", "casme2-3c"), "does not accept"),
        (("data", "add", FLOW, flow, "--column", "emotion=Label"), "none: leave it out"),
    ):
        found = call(*arguments)
        assert (found.code, said in " ".join(found.err.split())) == (2, True), found.err


def test_info_tells_what_is_known_of_the_pictures(call: Call) -> None:
    told = " ".join(call("info", FLOW).out.split())
    assert "stand in for the datasets of megc2019" in told
    assert "the first channel is u" in told
    content = json.loads(call("info", FLOW, "--json").out)[0]
    assert (content["stands_in"], content["size"]) == (["megc2019"], [28, 28])
    assert FLOW in call("list", "datasets").out


def test_a_run_says_that_its_inputs_came_from_files(call: Call, flow: Path, tmp_path: Path) -> None:
    given = ("--data", f"{FLOW}={flow}")
    said = call("run", "majority", "megc2019", *given)
    assert said.code == 0, said.err
    (directory,) = (tmp_path / "runs" / "megc2019").iterdir()
    run = json.loads((directory / "run.json").read_text())
    ready = run["data"][0]["ready"]
    assert (ready["dataset"], ready["pictures"], len(ready["sha256"])) == (FLOW, 9, 64)
    told = f"inputs from files: {FLOW}, 9 ready pictures (sha256 {ready['sha256'][:12]})"
    assert told in said.out
    assert told in call("show", directory.name).out
    build_leaderboards(tmp_path / "runs", tmp_path / "boards")
    assert told in (tmp_path / "boards" / "megc2019.md").read_text()
    # Other pictures are another run, and it is said why.
    shutil.copy(flow / "sub01_EP19_05f .png", flow / "sub01_EP02_01f .png")
    again = call("run", "majority", "megc2019", *given, "--folds", "1")
    assert "the ready inputs of" in " ".join(again.err.split())
    assert len(list((tmp_path / "runs" / "megc2019").iterdir())) == 2
