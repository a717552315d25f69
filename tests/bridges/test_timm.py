"""timm's image networks by name: what they see, what they give, and their weights."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mebench.torchvision_shim import watch_torchvision

torch = pytest.importorskip("torch")
watch_torchvision()
timm = pytest.importorskip("timm")

from invented import invented_sets  # noqa: E402

from mebench.errors import MebenchError, UnknownNameError  # noqa: E402
from mebench.features.inputs import Input, OnsetAndApex  # noqa: E402
from mebench.models.base import Context, TestSet, TrainSet  # noqa: E402
from mebench.models.conformance import training_faults  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.settings import make_settings  # noqa: E402
from mebench.models.weights import files_of  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_bridges.pooling import FrameByFrame, Pooling  # noqa: E402
from mebench_bridges.timm_model import TimmModel  # noqa: E402
from mebench_bridges.timm_network import image_network, look_of, weights_of  # noqa: E402

# timm's own smallest networks, one of each kind.
CONVOLUTIONS, PATCHES = "test_resnet", "test_vit"
CLASSES = ("happy", "surprise", "disgust")


def made(name: str = CONVOLUTIONS, **settings: Any) -> TimmModel:
    values = {"size": 32, "pretrained": "none", "epochs": 1, **settings}
    made_of = make_settings(TimmModel, {"name": name}, None, values)
    return TimmModel(made_of)  # type: ignore[arg-type]


def clips(folder: Path, wanted: Input, count: int = 8) -> tuple[TrainSet, TestSet]:
    """Clips whose brightness is their class."""
    labels = np.arange(count) % len(CLASSES)
    noise = np.random.default_rng(0).integers(0, 40, (count, *wanted.shape))
    pixels = noise + 100 * labels.reshape(-1, *(1,) * len(wanted.shape))
    np.save(folder / "pixels.npy", pixels.astype(np.uint8))
    view = {"x": FeatureView((folder / "pixels.npy",), np.zeros(count, int), np.arange(count))}
    train = TrainSet(view, labels, np.zeros((count, 0), np.uint8), np.arange(count), inputs={"x": wanted})
    return train, TestSet(view, count, inputs={"x": wanted})


def test_every_name_of_timm_is_a_model(bridges: Registry) -> None:
    known = bridges.families("model")[1].known()
    assert set(timm.list_models()) | set(timm.list_pretrained()) <= set(known)
    assert len(known) > 2500
    assert known["resnet18"].startswith("timm's resnet18: weights a1_in1k, ")
    assert bridges.get("model", "timm:resnet18.a1_in1k").settings == {"name": "resnet18.a1_in1k"}
    assert bridges.families("model")[1].example in known


@pytest.mark.parametrize(
    ("wrong", "near"), [("convnet_tiny", "convnext_tiny"), ("resnet18.a1_in1", "resnet18.a1_in1k")]
)
def test_a_wrong_name_gets_near_matches(bridges: Registry, wrong: str, near: str) -> None:
    with pytest.raises(
        UnknownNameError, match=rf"no model named 'timm:{wrong}': did you mean .*'timm:{near}'"
    ):
        bridges.get("model", f"timm:{wrong}")


@pytest.mark.parametrize("name", [CONVOLUTIONS, PATCHES, "test_efficientnet", "test_convnext"])
def test_a_network_takes_another_size_and_gives_our_classes(name: str) -> None:
    network = image_network(name, classes=3, size=48)
    assert network(torch.rand(2, 3, 48, 48)).shape == (2, 3)
    assert network.training


def test_a_model_sees_pictures_of_the_networks_own_size_and_statistics() -> None:
    model, look = made(PATCHES, size=None), look_of(PATCHES)
    assert model.inputs()["apex"].shape == (look.size, look.size, 3)
    assert made(size=48).inputs()["apex"].shape == (48, 48, 3)
    pictures = torch.tensor(look.mean).view(1, 3, 1, 1).expand(2, 3, 4, 4)
    assert torch.allclose(model.normalise("apex", pictures), torch.zeros(()))
    assert torch.allclose(
        model.normalise("apex", pictures + torch.tensor(look.std).view(1, 3, 1, 1)), torch.ones(())
    )
    clip = pictures.unsqueeze(2).expand(2, 3, 5, 4, 4)
    assert model.normalise("clip", clip).shape == (2, 3, 5, 4, 4)
    other = look_of("vit_base_patch16_224.augreg_in21k")
    assert other.mean == (0.5, 0.5, 0.5), "a network of other statistics"


KINDS = {
    "apex": (3, 32, 32),
    "onset-apex": (3, 2, 32, 32),
    "flow": (32, 32, 3),
    "clip": (3, 4, 32, 32),
}


@pytest.mark.parametrize("seen", KINDS)
def test_each_input_reaches_the_network_and_is_learnt_from(seen: str, tmp_path: Path) -> None:
    model = made(
        input=seen, epochs=12, lr=3e-3, augmentation=False, **({"frames": 4} if seen == "clip" else {})
    )
    ((name, wanted),) = model.inputs().items()
    assert name == seen
    train, test = clips(tmp_path, wanted)
    train, test = (
        type(each)(**{**vars(each), "features": {name: each.features["x"]}, "inputs": {name: wanted}})
        for each in (train, test)
    )
    losses: list[float] = []
    model.fit(train, Context(0, CLASSES, (), report=lambda progress: losses.append(progress.loss or 0.0)))
    assert losses[-1] < losses[0]
    found = model.predict(test).probabilities
    assert found.shape == (8, 3)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(test).probabilities, found)


def test_onset_and_apex_become_six_channels_in_that_order() -> None:
    seen = []

    class Listening(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            seen.append(x)
            return x.mean(dim=(2, 3))

    both = torch.stack([torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)], dim=2)
    made(input="onset-apex").outputs(Listening(), {"onset-apex": both})
    assert seen[0].mean(dim=(0, 2, 3)).tolist() == [0, 0, 0, 1, 1, 1]
    assert OnsetAndApex(16).shape == (2, 16, 16, 3)


def test_flow_pictures_are_brought_to_0_to_1_and_normalised() -> None:
    model, look = made(input="flow"), look_of(CONVOLUTIONS)
    flow = 255 * torch.tensor(look.mean).expand(1, 32, 32, 3)
    scores, _ = model.outputs(torch.nn.Identity(), {"flow": flow})
    assert scores.shape == (1, 3, 32, 32)
    assert torch.allclose(scores, torch.zeros(()), atol=1e-6)


@pytest.mark.parametrize(
    ("pooling", "expected"), [("mean", [3.0, 2.0]), ("max", [5.0, 4.0]), ("attention", [3.0, 2.0])]
)
def test_frames_become_one(pooling: Pooling, expected: list[float]) -> None:
    torch.manual_seed(0)
    network = FrameByFrame(torch.nn.Flatten(), 2, pooling, classes=2)
    network.classifier.weight.data, network.classifier.bias.data = torch.eye(2), torch.zeros(2)
    if pooling == "attention":
        torch.nn.init.zeros_(network.pool.score[2].weight)  # type: ignore[union-attr,index]
    frames = torch.tensor([[1.0, 4.0], [5.0, 0.0]])  # (T, C)
    clip = frames.T.reshape(1, 2, 2, 1, 1)
    assert network(clip)[0].tolist() == pytest.approx(expected)


def test_attention_looks_where_it_learns_to() -> None:
    torch.manual_seed(0)
    network = FrameByFrame(torch.nn.Flatten(), 2, "attention", classes=2)
    clip = torch.rand(1, 2, 3, 1, 1)
    assert not torch.allclose(
        network.pool(clip.flatten(2).movedim(2, 1)), clip.mean(dim=(2, 3, 4)), atol=1e-6
    )


def test_a_size_that_a_network_cannot_take_is_one_sentence_before_the_first_fold() -> None:
    with pytest.raises(
        MebenchError, match=r"timm cannot make test_vit for pictures of 3 channels with size=33 \("
    ):
        made(PATCHES, size=33).prepare()
    with pytest.raises(
        MebenchError, match=r"with size=32, drop_path_rate=0\.5 \(TypeError.*its own size is 224"
    ):
        made("vgg11", drop_path=0.5).prepare()


def test_a_network_that_classifies_nothing_is_refused() -> None:
    with pytest.raises(MebenchError, match="timm's qwen3_vit_88m_enc classifies no pictures"):
        image_network("qwen3_vit_88m_enc", classes=3, size=32)


@pytest.mark.parametrize("seen", ["onset-apex", "clip"])
def test_every_parameter_learns_and_modes_are_right(seen: str, tmp_path: Path) -> None:
    change = {"frames": 2, "pooling": "attention"} if seen == "clip" else {}
    train, test = invented_sets(made(input=seen, **change).inputs(), tmp_path, classes=3, clips=6)
    # Residual branches end in a zero at first, so that what lies in them learns from the second step on.
    assert not training_faults(
        lambda: made(input=seen, epochs=3, **change), train, test, Context(1, CLASSES, ())
    )


# Weights


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from safetensors.torch import save_file

    torch.manual_seed(7)
    network = timm.create_model(PATCHES, num_classes=11)
    path = tmp_path_factory.mktemp("weights") / "vit.safetensors"
    save_file(network.state_dict(), path)
    torch.save(
        {"state_dict": {f"module.{k}": v for k, v in network.state_dict().items()}}, path.with_suffix(".pth")
    )
    return path


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_of_a_file_fill_all_but_the_classifier(weights_file: Path, suffix: str) -> None:
    from safetensors.torch import load_file

    path = weights_file.with_suffix(suffix)
    model = made(PATCHES, size=None, pretrained=str(path))
    assert list(files_of(model.settings)) == ["pretrained"]
    assert model.contents() == {}, "the file's own hash counts"
    network = model._made(classes=3)
    for name, value in load_file(weights_file).items():
        same = torch.equal(network.state_dict()[name], value) if not name.startswith("head.") else None
        assert same in (True, None), name
    assert network.get_classifier().out_features == 3  # type: ignore[operator]
    assert "state_dict" not in network.pretrained_cfg  # type: ignore[operator]


def test_weights_fit_other_sizes_and_channels(weights_file: Path) -> None:
    model = made(PATCHES, size=48, input="onset-apex", pretrained=str(weights_file))
    network, source = model._made(classes=3), weights_of(PATCHES, weights_file)
    assert source is not None
    stem = network.state_dict()["patch_embed.proj.weight"]
    assert stem.shape[1] == 6
    assert torch.allclose(stem[:, :3], source.state_dict()["patch_embed.proj.weight"] / 2)
    key = "blocks.0.mlp.fc1.weight"
    assert torch.equal(network.state_dict()[key], source.state_dict()[key])


def test_frames_of_a_clip_are_seen_by_the_pretrained_network(weights_file: Path) -> None:
    network: Any = made(PATCHES, size=None, input="clip", frames=2, pretrained=str(weights_file))._made(
        classes=3
    )
    source = weights_of(PATCHES, weights_file)
    assert source is not None
    assert torch.equal(network.images.state_dict()["norm.weight"], source.state_dict()["norm.weight"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not weights at all", "not readable as safetensors"),
        ({"conv1.weight": torch.zeros(8, 3, 7, 7)}, r"these are not the weights of timm's test_resnet \("),
    ],
)
def test_a_file_of_other_weights_is_refused(tmp_path: Path, content: Any, sentence: str) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        save_file(content, path)
    with pytest.raises(MebenchError, match=sentence):
        made(pretrained=str(path)).prepare()


def test_pickled_code_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "evil.pth").write_bytes(pickle.dumps({"a": print}))
    with pytest.raises(MebenchError, match="not readable as weights alone"):
        made(pretrained=str(tmp_path / "evil.pth")).prepare()


def test_a_setting_that_is_neither_yes_nor_no_nor_a_file_says_so() -> None:
    with pytest.raises(
        MebenchError, match=r"write true, none, or the name of a file; there is no file nowhere\.pth"
    ):
        made(pretrained="nowhere.pth")
    assert (
        made(pretrained="none").settings.pretrained is made(pretrained="false").settings.pretrained is False
    )
    assert made(pretrained="true").settings.pretrained is True


def test_weights_out_of_reach_or_unknown_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(name: str, **_: Any) -> Any:
        raise ConnectionError("no network")

    with pytest.raises(MebenchError, match="timm has no pretrained weights of botnet50ts_256"):
        made("botnet50ts_256", pretrained="true").prepare()
    monkeypatch.setattr("mebench_bridges.timm_network.timm.create_model", unreachable)
    with pytest.raises(
        MebenchError, match=r"weights 'test_vit2' could not be fetched \(ConnectionError.*pretrained=none"
    ):
        made("test_vit2", pretrained="true").prepare()


def test_fetched_weights_count_by_their_content(monkeypatch: pytest.MonkeyPatch) -> None:
    made_by, fetched = timm.create_model, []

    def fetching(name: str, **options: Any) -> Any:
        if options.pop("pretrained", False) is True and "pretrained_cfg_overlay" not in options:
            fetched.append(name)
            torch.manual_seed(len(fetched))
            return made_by(name)
        return made_by(
            name, **({**options, "pretrained": True} if "pretrained_cfg_overlay" in options else options)
        )

    monkeypatch.setattr("mebench_bridges.timm_network.timm.create_model", fetching)
    hashes = []
    for _ in range(2):
        weights_of.cache_clear()
        model = made(
            "test_resnet2" if "test_resnet2" in timm.list_models() else CONVOLUTIONS, pretrained="true"
        )
        model.prepare()
        hashes.append(model.contents()["pretrained"])
        assert hashes[-1] == model.contents()["pretrained"]
    weights_of.cache_clear()
    assert hashes[0] != hashes[1]
    assert len(fetched) == 2, "once for a run"
