"""pytorchvideo's video networks by name: the clips they take, what they give, and their weights."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mebench.torchvision_shim import watch_torchvision

torch = pytest.importorskip("torch")
watch_torchvision()
pytest.importorskip("pytorchvideo")

from invented import invented_sets  # noqa: E402

from mebench.errors import MebenchError, UnknownNameError  # noqa: E402
from mebench.models.base import Context, TestSet, TrainSet  # noqa: E402
from mebench.models.conformance import training_faults  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.settings import make_settings  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_bridges.video_model import VideoModel  # noqa: E402
from mebench_bridges.video_networks import (  # noqa: E402
    ARCHITECTURES,
    both_pathways,
    head_of,
    video_network,
    weights_of,
)

CLASSES = ("happy", "surprise", "disgust")
SMALLEST = "x3d_xs"
# One of each builder of the library; the others differ in depth or kernels alone.
FAMILIES = (
    "x3d_s",
    "slow_r50",
    "c2d_r50",
    "i3d_r50",
    "slowfast_r50",
    "csn_r101",
    "r2plus1d_r50",
    "mvit_base_16x4",
)


def made(name: str = SMALLEST, **settings: Any) -> VideoModel:
    values = {"frames": 4, "size": 32, "pretrained": "none", "epochs": 1, **settings}
    return VideoModel(make_settings(VideoModel, {"name": name}, None, values))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FAMILIES)
def test_each_network_takes_a_small_clip_and_gives_scores_of_our_classes(name: str) -> None:
    network = video_network(name, classes=3, frames=4, size=32)
    with torch.no_grad():
        training = network(torch.rand(2, 3, 4, 32, 32))
        network.eval()
        found = network(torch.rand(2, 3, 4, 32, 32))
    assert training.shape == found.shape == (2, 3)
    for scores in (training, found):
        assert not torch.allclose(scores.sum(dim=1), torch.ones(2), atol=1e-3), "no softmax"


def test_all_names_are_the_librarys_and_have_weights(bridges: Registry) -> None:
    from pytorchvideo.models import hub

    family = bridges.families("model")[0]
    assert family.name == "pytorchvideo:"
    assert dict(family.known()) == {name: family.known()[name] for name in ARCHITECTURES}
    assert f"any of {len(ARCHITECTURES)} video models" in family.title
    assert family.example in ARCHITECTURES
    for name, architecture in ARCHITECTURES.items():
        assert callable(getattr(hub, name))
        module = sys.modules[f"pytorchvideo.models.hub.{architecture.module}"]
        assert module.checkpoint_paths[name].startswith("https://")
    with pytest.raises(UnknownNameError, match="did you mean 'pytorchvideo:slow_r50'"):
        bridges.get("model", "pytorchvideo:slow50")


def test_the_head_for_any_clip_is_the_published_head_for_the_published_clip() -> None:
    from pytorchvideo.models import hub

    torch.manual_seed(0)
    published = hub.x3d_xs(model_num_class=3, head_activation=None).eval()
    ours = video_network("x3d_xs", classes=3)
    ours.network.load_state_dict(published.state_dict())
    clip = torch.rand(1, 3, 4, 160, 160)
    with torch.no_grad():
        assert torch.allclose(ours.eval()(clip), published(clip), atol=1e-5)


def test_slowfast_sees_a_quarter_of_the_frames_slowly() -> None:
    clip = torch.arange(8.0).view(1, 1, 8, 1, 1)
    slow, fast = both_pathways(clip)
    assert slow.flatten().tolist() == [0, 7]
    assert fast is clip


def test_a_model_reads_the_clip_that_its_network_was_published_for() -> None:
    model = made("x3d_s", frames=None, size=None)
    assert model.inputs()["clip"].shape == (13, 160, 160, 3)
    assert made("slowfast_r50", frames=8).inputs()["clip"].shape == (8, 32, 32, 3)
    assert torch.allclose(model.normalise("clip", torch.full((1, 3, 2, 4, 4), 0.675)), torch.ones(()))


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("slowfast_r50", {"frames": 6}, "frames=6 is no multiple of 4, which slowfast_r50 needs"),
        ("mvit_base_16x4", {"size": 33}, "size=33 is no multiple of 4"),
        ("c2d_r50", {"frames": 1}, "frames=1 is no multiple of 2"),
        ("x3d_s", {"size": 31}, "'size'"),
    ],
)
def test_a_clip_that_a_network_cannot_take_is_one_sentence(
    name: str, wrong: dict[str, int], sentence: str
) -> None:
    with pytest.raises(MebenchError, match=sentence):
        made(name, **wrong)


def test_dropout_stands_before_the_classifier() -> None:
    for name in (SMALLEST, "mvit_base_16x4"):
        network = video_network(name, classes=3, frames=4, size=32, dropout=0.25)
        head: Any = head_of(network.network)[1]
        assert head.dropout.p == 0.25


def test_a_short_fit_learns_and_pickles(tmp_path: Path) -> None:
    count, labels = 9, np.arange(9) % 3
    model = made(epochs=5, batch_size=9, lr=3e-3, warmup=0.0, augmentation=False, dropout=0.0)
    wanted = model.inputs()["clip"]
    noise = np.random.default_rng(0).integers(0, 40, (count, *wanted.shape))
    np.save(tmp_path / "clips.npy", (noise + 100 * labels[:, None, None, None, None]).astype(np.uint8))
    view = {"clip": FeatureView((tmp_path / "clips.npy",), np.zeros(count, int), np.arange(count))}
    losses: list[float] = []
    model.fit(
        TrainSet(view, labels, np.zeros((count, 0), np.uint8), np.arange(count), inputs=model.inputs()),
        Context(0, CLASSES, (), report=lambda progress: losses.append(progress.loss or 0.0)),
    )
    assert losses[-1] < losses[0]
    test = TestSet(view, count, inputs=model.inputs())
    found = model.predict(test).probabilities
    assert found.shape == (count, 3)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(test).probabilities, found)


def test_every_parameter_of_a_video_transformer_learns_and_modes_are_right(tmp_path: Path) -> None:
    name = "mvit_base_16x4"
    train, test = invented_sets(made(name).inputs(), tmp_path, classes=3, clips=4)
    # Residual branches end in a zero at first, so that what lies in them learns from the second step on.
    assert not training_faults(
        lambda: made(name, epochs=2, batch_size=4), train, test, Context(1, CLASSES, ())
    )


# Weights


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the model zoo stores them: under "model_state", with its 400 classes."""
    from pytorchvideo.models import hub

    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "x3d.pyth"
    torch.save({"model_state": hub.x3d_xs().state_dict()}, path)
    return path


def test_weights_of_a_file_fill_all_but_the_classifier(weights_file: Path) -> None:
    network: Any = made(pretrained=str(weights_file))._made(classes=3)
    stored = torch.load(weights_file, weights_only=True)["model_state"]
    own = network.network.state_dict()
    assert set(own) == set(stored)
    different = [
        name
        for name, value in stored.items()
        if not (own[name].shape == value.shape and torch.equal(own[name], value))
    ]
    assert different == ["blocks.5.proj.weight", "blocks.5.proj.bias"]


def test_weights_of_another_network_are_refused(weights_file: Path) -> None:
    with pytest.raises(MebenchError, match=r"these are not the weights of pytorchvideo's slow_r50 \("):
        made("slow_r50", pretrained=str(weights_file)).prepare()


def test_the_model_zoos_weights_count_by_content_or_are_one_sentence(
    weights_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = torch.load(weights_file, weights_only=True)

    def from_zoo(url: str, **options: Any) -> Any:
        assert url.endswith("X3D_XS.pyth")
        assert options["weights_only"], "no code that was pickled there is run"
        return stored

    weights_of.cache_clear()
    monkeypatch.setattr("torch.hub.load_state_dict_from_url", from_zoo)
    model = made(pretrained="true")
    model.prepare()
    assert len(model.contents()["pretrained"]) == 64
    assert made().contents() == {}

    def unreachable(url: str, **options: Any) -> Any:
        raise ConnectionError("no network")

    weights_of.cache_clear()
    monkeypatch.setattr("torch.hub.load_state_dict_from_url", unreachable)
    with pytest.raises(MebenchError, match=r"weights 'x3d_xs' could not be fetched \(ConnectionError"):
        made(pretrained="true").prepare()
    weights_of.cache_clear()


def test_weights_of_a_transformer_are_for_one_clip() -> None:
    source = video_network("mvit_base_16x4", classes=3, frames=4, size=32).network
    with pytest.raises(MebenchError, match="are for 16 frames of 224 pixels, not 4 of 32"):
        video_network("mvit_base_16x4", classes=3, frames=4, size=32, weights=source)


def test_the_library_imports_beside_a_cpu_torch_in_a_fresh_process() -> None:
    code = (
        "from mebench.torchvision_shim import watch_torchvision; watch_torchvision()\n"
        "import pytorchvideo.models.hub as hub; print(hub.x3d_xs.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "x3d_xs", done.stderr
