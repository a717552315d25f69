"""``mebench predict``: what it says, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kept_models import keep
from own_clips import moving, write_folder, write_video
from PIL import Image
from small_fits import made

from mebench.api import FlowFiles
from mebench.data.clips.table import clip_rows
from mebench.data.reading import read_clips
from mebench.files import read_json, to_json
from mebench.models.loading import find_model
from mebench.plugin.registry import Registry
from mebench.records import find_runs
from mebench_datasets.casme3 import Casme3

Call = Callable[..., Any]


@pytest.fixture
def kept(tmp_path: Path, registry: Registry) -> Callable[..., Path]:
    """Fit a registered model on noise, and keep it."""

    def keep_one(name: str = "ststnet", **assigned: object) -> Path:
        model = made(registry, name, epochs=1, **assigned)
        (tmp_path / "scratch").mkdir()
        keep(registry.get("model", name), model, tmp_path / "kept" / name, tmp_path / "scratch")
        return tmp_path / "kept" / name

    return keep_one


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "clip", moving())


def about_edited(folder: Path, **change: Any) -> None:
    about = read_json(folder / "model.json")
    (folder / "model.json").write_text(to_json({**about, **change}), encoding="utf-8")


def test_classes_are_listed_by_probability_with_what_was_assumed(
    kept: Callable[..., Path], clip: Path, call: Call
) -> None:
    said = call("predict", kept(), "--clip", clip)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == "ststnet on clip, frames 1 to 9"
    assert lines[1].split() == ["class", "probability"]
    listed = [line.split() for line in lines[2:5]]
    assert {name for name, _ in listed} == {"negative", "positive", "surprise"}
    values = [float(value) for _, value in listed]
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(1, abs=2e-3)
    assert "onset 1 (first frame), apex 5 (spotted), offset 9 (last frame)" in said.out
    assert "the face is not cropped: mebench did not crop those of the training clips" in said.out
    assert "ststnet, trained on 9 clips of casme3-4c: the whole cohort" in said.out
    assert "trained on drawn faces" in said.out


def test_json_says_the_same(kept: Callable[..., Path], clip: Path, call: Call) -> None:
    found = json.loads(call("predict", kept(), "--clip", clip, "--apex", "6", "--json").out)
    assert found["window"] == {
        "onset": 1,
        "apex": 6,
        "offset": 9,
        "from": {"onset": "first frame", "apex": "given", "offset": "last frame"},
    }
    assert found["predicted"] == max(found["probabilities"], key=found["probabilities"].get)
    assert sum(found["probabilities"].values()) == pytest.approx(1)
    assert found["synthetic"] is True
    assert found["prepared"] is False
    assert "explanation" not in found


def test_what_a_model_was_trained_on_is_said(kept: Callable[..., Path], clip: Path, call: Call) -> None:
    folder = kept()
    about_edited(folder, synthetic=False, shuffled_labels=True, fold="spNO.3")
    said = call("predict", folder, "--clip", clip).out
    assert "drawn" not in said
    assert "SHUFFLED LABELS" in said
    assert "all but the clips of fold spNO.3" in said


def test_action_units_are_listed_where_the_model_detects_them(
    kept: Callable[..., Path], clip: Path, call: Call
) -> None:
    folder = kept("famnet", width=4, frames=2, clip_size=32, apex_size=32)
    found = json.loads(call("predict", folder, "--clip", clip, "--json").out)
    assert set(found["aus"]) == {"AU1", "AU4", "AU12"}
    printed = call("predict", folder, "--clip", clip).out
    above = {name for name, value in found["aus"].items() if value > 0.5}
    assert ("Action units above 0.5" in printed) == bool(above)
    assert all(f"\n{name} " in printed for name in above)
    if not above:
        assert "none (the likeliest: AU" in printed


def test_a_video_is_as_good_as_a_folder(
    kept: Callable[..., Path], clip: Path, call: Call, tmp_path: Path
) -> None:
    folder = kept()
    video = write_video(tmp_path / "talk.mkv", moving())
    one, other = (json.loads(call("predict", folder, "--clip", each, "--json").out) for each in (clip, video))
    assert one["probabilities"] == other["probabilities"]
    assert (one["clip"], other["clip"]) == ("clip", "talk")


def test_an_explanation_is_drawn_where_it_is_asked_for(
    kept: Callable[..., Path], clip: Path, call: Call, tmp_path: Path
) -> None:
    pytest.importorskip("captum", reason="captum is not installed: pip install 'mebench[explain]'")
    folder = kept()
    said = call("predict", folder, "--clip", clip, "--explain", "--class", "surprise")
    assert said.code == 0, said.err
    picture = tmp_path / "clip-ststnet-surprise.png"
    assert f"picture: {picture.name}" in said.out
    assert Image.open(picture).format == "PNG"
    again = call("predict", folder, "--clip", clip, "--explain", "--class", "surprise")
    assert again.code == 2
    assert "is there already" in again.err
    before = picture.read_bytes()
    found = json.loads(
        call(
            "predict",
            folder,
            "--clip",
            clip,
            "--explain",
            "--class",
            "negative",
            "--out",
            picture,
            "--force",
            "--json",
        ).out
    )["explanation"]
    assert found["file"] == str(picture)
    assert found["method"] == "integrated gradients"
    assert sum(found["added"].values()) == pytest.approx(
        found["log_odds"]["clip"] - found["log_odds"]["reference"], abs=0.05
    )
    assert picture.read_bytes() != before  # of another class


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--onset", "7", "--offset", "3"], "--onset 7 does not lie before --offset 3"),
        (["--onset", "70"], "--onset 70: the frames of"),
        (["--class", "positive"], "--class is about the picture of an explanation: add --explain"),
        (["--out", "a.png"], "--out is about the picture"),
        (["--explain", "--out", "a.jpg"], "end its name in .png"),
        (["--explain", "--class", "positve"], "did you mean 'positive'?"),
        (["--detector-model", "x.task"], "add --prepare"),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_in_one_sentence(
    kept: Callable[..., Path], clip: Path, call: Call, options: list[str], sentence: str
) -> None:
    said = call("predict", kept(), "--clip", clip, *options)
    assert said.code == 2
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not said.out


def test_a_model_of_published_flow_pictures_says_what_is_not_known_of_them(
    kept: Callable[..., Path], clip: Path, call: Call
) -> None:
    folder = kept()
    about_edited(folder, inputs={"flow": FlowFiles(28).describe()})
    said = call("predict", folder, "--clip", clip).out
    assert "flow is computed from the frames, by FlowPicture, and was FlowFiles in training" in said
    assert "how they cropped faces is not known" in said


def test_a_model_in_a_file_that_was_moved_is_named_anew(
    clip: Path, call: Call, tmp_path: Path, registry: Registry
) -> None:
    (tmp_path / "tiny.py").write_text(
        "from mebench.api import ApexFrame, TorchModel\nfrom torch import nn\n\n\n"
        "class Tiny(TorchModel):\n"
        "    def inputs(self):\n        return {'apex': ApexFrame(8)}\n\n"
        "    def network(self, train, context):\n"
        "        return nn.Sequential(nn.Flatten(), nn.Linear(192, len(context.classes)))\n"
    )
    entry, kind = find_model(registry, "tiny.py:Tiny")
    (tmp_path / "scratch").mkdir()
    keep(entry, kind(), tmp_path / "kept", tmp_path / "scratch")
    (tmp_path / "code").mkdir()
    (tmp_path / "tiny.py").rename(tmp_path / "code" / "tiny.py")
    assert "whose code is not here" in call("predict", "kept", "--clip", clip).err
    said = call("predict", "kept", "--clip", clip, "--model", "code/tiny.py:Tiny")
    assert said.code == 0, said.err


def test_a_model_that_is_no_network_predicts_and_is_not_explained(
    clip: Path, call: Call, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "scratch").mkdir()
    keep(
        registry.get("model", "majority"),
        find_model(registry, "majority")[1](),
        tmp_path / "kept",
        tmp_path / "scratch",
    )
    assert call("predict", tmp_path / "kept", "--clip", clip).code == 0
    said = call("predict", tmp_path / "kept", "--clip", clip, "--explain")
    assert said.code == 2
    assert "majority is no torch network" in said.err


def test_a_folder_without_a_model_is_refused_with_the_models_below_it(
    kept: Callable[..., Path], clip: Path, call: Call, tmp_path: Path
) -> None:
    assert "there is no folder" in call("predict", "nowhere", "--clip", clip).err
    assert "holds no fitted model" in call("predict", clip, "--clip", clip).err
    folder = kept()
    assert f"one level down: name {folder}" in call("predict", folder.parent, "--clip", clip).err
    (folder.parent / "second").mkdir()
    (folder.parent / "second" / "model.json").write_text("{}")
    assert "holds 2 fitted models: name one of them" in call("predict", folder.parent, "--clip", clip).err


def test_a_clip_of_the_test_fold_gets_the_probabilities_of_its_record(
    call: Call, twin: Path, tmp_path: Path
) -> None:
    done = call("run", "difference-svm", "casme3", "--data", twin, "--folds", "1", "--save-models")
    assert done.code == 0, done.err
    (directory,) = find_runs(tmp_path / "runs")
    (model,) = directory.path.glob("models/*")
    moved = model.rename(tmp_path / "moved")
    (record,) = map(read_json, directory.path.glob("folds/*.json"))
    table = read_clips(Casme3(), twin)
    asked = 0
    for clip in clip_rows(table.table):
        due = next((p for p in record["predictions"] if p["clip"] == clip.key), None)
        if due is None:
            continue
        asked += 1
        window = ("--onset", str(clip.onset), "--apex", str(clip.apex), "--offset", str(clip.offset))
        folder = table.frames[clip.key].paths[0].parent
        found = json.loads(call("predict", moved, "--clip", folder, *window, "--json").out)
        assert list(found["probabilities"].values()) == pytest.approx(due["probabilities"], abs=1e-9)
        assert found["trained_on"].endswith("all but the clips of fold " + record["fold"])
    assert asked == 4
