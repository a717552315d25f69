"""FAMNet as a model of mebench: settings, inputs, pretrained weights, card."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.features.inputs import ApexFrame, ClipFrames, MiddleFrame  # noqa: E402
from mebench.models.base import Context, TestSet, TrainSet  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.settings import make_settings  # noqa: E402
from mebench.models.weights import dump_without_places, files_of  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench.torchvision_shim import ensure_torchvision  # noqa: E402
from mebench_famnet.backbone import resnet18  # noqa: E402
from mebench_famnet.frame_conv import FrameConv  # noqa: E402
from mebench_famnet.inflate import EXTENT, shrink_kernel  # noqa: E402
from mebench_famnet.model import FAMNet, FAMNetSettings  # noqa: E402
from mebench_famnet.weights import content_of, pretrained_resnet18  # noqa: E402

ensure_torchvision()
pytest.importorskip("timm")

Cli = Callable[..., "CompletedProcess[str]"]

VARIANTS = {"famnet": "both", "amnet2d": "2d", "amnet3d": "3d"}
TINY = {"width": 8, "apex_size": 32, "clip_size": 32, "frames": 4, "pretrained": None}
CONTEXT = Context(3, ("negative", "positive", "surprise", "others"), (1, 4, 12))


def tiny(**settings: Any) -> FAMNet:
    return FAMNet(FAMNetSettings(**{**TINY, "epochs": 1, "batch_size": 4, **settings}))


def train_set(folder: Path, model: FAMNet, count: int = 6) -> TrainSet:
    """Noise of the shapes that the model asks for."""
    rng = np.random.default_rng(0)
    features = {}
    for name, wanted in model.inputs().items():
        path = folder / f"{name}.npy"
        np.save(path, rng.integers(0, 256, (count, *wanted.shape), dtype=np.uint8))
        features[name] = FeatureView((path,), np.zeros(count, np.int64), np.arange(count))
    labels = np.arange(count, dtype=np.int64) % 4
    return TrainSet(
        features, labels, rng.integers(0, 2, (count, 3), dtype=np.uint8), np.zeros(count, np.int64)
    )


@pytest.fixture
def weights_file(tmp_path: Path) -> Path:
    """Weights of a narrow ResNet18, with a classifier as published files have one."""
    torch.manual_seed(0)
    state = dict(resnet18(8).state_dict())
    save_file(
        {**state, "fc.weight": torch.zeros(5, 64), "fc.bias": torch.zeros(5)}, tmp_path / "mine.safetensors"
    )
    return tmp_path / "mine.safetensors"


# Settings and inputs


def test_each_variant_asks_for_what_its_branches_read() -> None:
    apex, clip = ApexFrame(224), ClipFrames(16, 112)
    wanted = {"both": {"apex": apex, "clip": clip}, "2d": {"apex": apex}, "3d": {"clip": clip}}
    for branches, inputs in wanted.items():
        assert dict(FAMNet(FAMNetSettings(branches=branches)).inputs()) == inputs  # type: ignore[arg-type]


def test_the_middle_frame_may_stand_in_for_the_apex() -> None:
    assert tiny(apex="middle").inputs()["apex"] == MiddleFrame(32)
    assert tiny(apex="owner").inputs()["apex"] == ApexFrame(32)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_preset_suits_every_variant(variant: str, registry: Registry) -> None:
    entry = registry.get("model", variant)
    model = entry.load()
    assert model is FAMNet
    for preset in (None, *model.presets):
        settings = make_settings(model, entry.settings, preset)
        assert settings.branches == VARIANTS[variant]  # type: ignore[attr-defined]
    if variant != "famnet":
        with pytest.raises(MebenchError, match="stands for branches="):
            make_settings(model, entry.settings, "small", ["branches=both"])


def test_every_ablation_can_be_made_on_the_small_preset() -> None:
    for change in (each for changes in FAMNet.ablations.values() for each in changes):
        FAMNet(make_settings(FAMNet, {}, "small", change))  # type: ignore[arg-type]


def test_settings_that_do_not_fit_together_are_refused() -> None:
    for wrong, sentence in (
        (["attention_axes="], "attention_axes is empty: name at least one axis, or set attention=none"),
        (["batch_size=1"], "setting 'batch_size' of FAMNet cannot be '1'"),
        (["apex_size=16"], "greater than or equal to 32"),
        (["attention=lst"], "did you mean 'last'"),
        (["dropout=1"], "less than 1"),
    ):
        with pytest.raises(MebenchError) as caught:
            make_settings(FAMNet, {}, None, wrong)
        assert sentence in str(caught.value)
    assert make_settings(FAMNet, {}, None, ["attention_axes=", "attention=none"])


@pytest.mark.parametrize("branches", ["both", "2d", "3d"])
def test_a_fit_gives_probabilities_of_classes_and_action_units(branches: str, tmp_path: Path) -> None:
    model = tiny(branches=branches)
    train = train_set(tmp_path, model)
    model.fit(train, CONTEXT)
    found = model.predict(TestSet(train.features, len(train)))
    assert found.probabilities.shape == (6, 4)
    assert found.probabilities.sum(1) == pytest.approx(1, abs=1e-5)
    assert found.aus is not None
    assert found.aus.shape == (6, 3)
    assert ((found.aus >= 0) & (found.aus <= 1)).all()


def test_without_faud_no_action_units_are_detected(tmp_path: Path) -> None:
    model = tiny(branches="2d", faud=False)
    train = train_set(tmp_path, model)
    model.fit(train, CONTEXT)
    assert model.predict(TestSet(train.features, len(train))).aus is None


# Pretrained weights


def test_a_weights_file_is_what_both_branches_start_from(weights_file: Path, tmp_path: Path) -> None:
    model = tiny(pretrained=str(weights_file))
    model.prepare()
    network: Any = model.network(train_set(tmp_path, model), CONTEXT)
    source: Any = pretrained_resnet18(str(weights_file))
    flat, clips = network.branches["2d"], network.branches["3d"]
    convolutions: dict[type, list[Any]] = {torch.nn.Conv2d: [], FrameConv: []}
    for branch in (flat, clips):
        for name, module in branch.named_modules():
            if (
                type(module) in convolutions
                and ("stem" in name or "stages" in name)
                and "attention" not in name
            ):
                convolutions[type(module)].append(module.weight)
    originals = [m.weight for m in source.modules() if isinstance(m, torch.nn.Conv2d)]
    assert len(convolutions[torch.nn.Conv2d]) == len(convolutions[FrameConv]) == len(originals) == 20
    for mine, original in zip(convolutions[torch.nn.Conv2d], originals, strict=True):
        assert torch.equal(mine, original)
    originals[0] = shrink_kernel(source.conv1, 3).weight
    for mine, original in zip(convolutions[FrameConv], originals, strict=True):
        extent = 1 if original.shape[-1] == 1 else EXTENT
        assert mine.shape[2] == extent
        torch.testing.assert_close(mine, original[:, :, None].expand_as(mine) / extent)


def test_training_leaves_the_weights_of_the_next_fold_alone(weights_file: Path, tmp_path: Path) -> None:
    model = tiny(pretrained=str(weights_file), branches="2d")
    before = {
        name: value.clone() for name, value in pretrained_resnet18(str(weights_file)).state_dict().items()
    }
    model.fit(train_set(tmp_path, model), CONTEXT)
    after = pretrained_resnet18(str(weights_file)).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not weights at all", "the file is not readable as safetensors"),
        ({"conv1.weight": torch.zeros(8, 3, 7, 7)}, "these are not the weights of timm's resnet18"),
        ({"other": torch.zeros(3)}, "these are not the weights of timm's resnet18"),
    ],
    ids=["garbage", "incomplete", "another network"],
)
def test_a_file_that_does_not_serve_gets_one_sentence(content: Any, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        save_file(content, path)
    with pytest.raises(MebenchError) as caught:
        tiny(pretrained=str(path)).prepare()
    assert str(caught.value).startswith(f"pretrained={path}: ")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_are_known_by_their_content_not_by_their_place(weights_file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "copy.safetensors"
    elsewhere.write_bytes(weights_file.read_bytes())
    here, there = tiny(pretrained=str(weights_file)), tiny(pretrained=str(elsewhere))
    assert files_of(here.settings) == files_of(there.settings) != {}
    assert dump_without_places(here.settings) == dump_without_places(there.settings)
    save_file({"conv1.weight": torch.zeros(8, 3, 7, 7)}, elsewhere)
    assert files_of(here.settings) != files_of(there.settings)
    assert here.contents() == {}


def test_weights_of_the_hub_are_known_by_their_parameters(weights_file: Path) -> None:
    network: Any = copy.deepcopy(pretrained_resnet18(str(weights_file)))
    before = content_of(network)
    assert content_of(pretrained_resnet18(str(weights_file))) == before
    with torch.no_grad():
        network.bn1.running_mean[0] += 1
    assert content_of(network) != before


def test_a_file_that_is_not_there_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        MebenchError, match=r"setting 'pretrained' of FAMNet .*there is no file .*none\.safetensors"
    ):
        make_settings(FAMNet, {}, None, [f"pretrained={tmp_path / 'none.safetensors'}"])


def test_a_file_of_another_width_says_which_width_to_set(weights_file: Path, tmp_path: Path) -> None:
    model = tiny(pretrained=str(weights_file), width=16)
    with pytest.raises(MebenchError, match="width 8 but the network has width 16; set width=8"):
        model.network(train_set(tmp_path, model), CONTEXT)


def test_a_wrong_tag_gets_a_near_match() -> None:
    with pytest.raises(
        MebenchError, match=r"pretrained='resnet18.a1_in1' is neither .*did you mean 'resnet18.a1_in1k'"
    ):
        tiny(pretrained="resnet18.a1_in1").prepare()


def test_a_hub_out_of_reach_stops_the_run_before_its_first_fold_with_three_ways_on(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    done = cli(
        *("run", "amnet2d", "casme3", "--data", twin),
        HF_HUB_OFFLINE="1",
        HF_HOME=str(tmp_path / "empty"),
        HF_HUB_CACHE=str(tmp_path / "empty"),
    )
    assert done.returncode == 2
    assert done.stdout == ""
    # On a busy machine it takes long enough to be told of.
    error = [line for line in done.stderr.splitlines() if "is preparing itself" not in line]
    assert len(error) == 1, done.stderr
    assert error[0].startswith("error: the weights 'resnet18.a1_in1k' could not be fetched")
    assert "--set pretrained=none" in error[0]
    assert "--set pretrained=FILE.safetensors" in error[0]
    assert not (tmp_path / "runs").exists()


# The model card


def test_the_card_marks_what_the_paper_does_not_say(cli: Cli) -> None:
    card = json.loads(cli("info", "famnet", "--json").stdout)[0]
    source = {row["setting"]: row["source"] for row in card["settings"]}
    assert {"attention", "fusion", "task_weighting", "stem", "apex_size", "epochs", "lr", "pretrained"} <= {
        name for name, said in source.items() if said == "assumed"
    }
    assert {source["faud"], source["sharing"], source["width"]} == {""}
    branch = json.loads(cli("info", "amnet2d", "--json").stdout)[0]
    assert [row["source"] for row in branch["settings"] if row["setting"] == "branches"] == ["by its name"]
    assert card["known"]
    assert card["assumed"]
    assert all(row["what it is"] for row in card["settings"])
