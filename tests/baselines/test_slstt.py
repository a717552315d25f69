from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mebench.torchvision_shim import ensure_torchvision  # noqa: E402

ensure_torchvision()
pytest.importorskip("timm")

from safetensors.torch import save_file  # noqa: E402
from small_fits import count, made, without_gradient  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.slstt import Slstt, SlsttNetwork, SlsttSettings, vision_transformer  # noqa: E402


def small(aggregation: str = "lstm", frozen: bool = True) -> SlsttNetwork:
    encoder = vision_transformer(3, size=32, width=48, depth=1)
    return SlsttNetwork(3, encoder, 48, aggregation, frozen=frozen)  # type: ignore[arg-type]


def test_the_published_network_has_the_published_number_of_parameters() -> None:
    with torch.device("meta"):
        encoder = vision_transformer(classes=5)
        network = SlsttNetwork(5, encoder, 768, "lstm", frozen=True)
        scores = network(torch.empty(1, 2, 3, 384, 384))
    assert count(encoder) == 86_094_341
    assert count(network) == 93_054_986
    assert scores.shape == (1, 5)
    still = [name for name, p in network.named_parameters() if not p.requires_grad]
    cut_off = sum(
        p.numel() for name, p in encoder.named_parameters() if not name.startswith(("norm.", "head."))
    )
    assert cut_off == 86_088_960
    learning = {name for name, p in encoder.named_parameters() if f"encoder.{name}" not in still}
    assert learning == {"norm.weight", "norm.bias"}


@pytest.mark.parametrize("encoder", ["frozen", "trained"])
@pytest.mark.parametrize("aggregation", ["lstm", "mean"])
def test_what_is_not_frozen_gets_a_gradient(
    encoder: str, aggregation: str, registry: Registry, tmp_path: Path
) -> None:
    model = made(registry, "slstt", encoder=encoder, aggregation=aggregation, depth=1)
    without = {name.removeprefix("encoder.").split(".")[0] for name in without_gradient(model, tmp_path)}
    cut_off = {"cls_token", "pos_embed", "patch_embed", "blocks"} if encoder == "frozen" else set()
    unused = {"head"} if aggregation == "lstm" else set()
    assert without == cut_off | unused


def test_the_order_of_frames_counts_for_the_lstm_alone() -> None:
    clips = torch.rand(2, 3, 3, 32, 32)
    for aggregation in ("lstm", "mean"):
        network = small(aggregation).eval()
        with torch.no_grad():
            same = torch.allclose(network(clips), network(clips.flip(1)), atol=1e-6)
        assert same is (aggregation == "mean")


def test_the_mean_is_of_the_frames_scores() -> None:
    network = small("mean").eval()
    clips = torch.rand(2, 3, 3, 32, 32)
    with torch.no_grad():
        expected = torch.stack([network.encoder(clips[:, i]) for i in range(3)]).mean(dim=0)
        torch.testing.assert_close(network(clips), expected)


def test_the_rate_is_a_tenth_from_epoch_30_on() -> None:
    model = Slstt(SlsttSettings(pretrained=None))
    model.epoch_steps = 3
    optimizer = model.optimizer([torch.nn.Parameter(torch.zeros(1))])
    schedule = model.schedule(optimizer, 120)
    assert schedule is not None
    rates = []
    for _ in range(120):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx([0.01] * 29 * 3 + [0.001] * 11 * 3)


def test_weights_of_a_file_are_those_that_it_starts_from(tmp_path: Path) -> None:
    theirs = vision_transformer(1000, size=32, width=48, depth=1)
    path = tmp_path / "vit.safetensors"
    save_file(theirs.state_dict(), path)
    ours = vision_transformer(3, size=32, width=48, depth=1, pretrained=path)
    for name, value in theirs.state_dict().items():
        if not name.startswith("head."):
            assert torch.equal(ours.state_dict()[name], value), name
    with pytest.raises(MebenchError, match=r"vit\.safetensors: these are not the weights of timm's vit_base"):
        vision_transformer(3, size=32, width=96, depth=1, pretrained=path)


def test_a_file_needs_no_hash_of_the_hub(tmp_path: Path) -> None:
    path = tmp_path / "vit.safetensors"
    path.touch()
    assert not Slstt(SlsttSettings(pretrained=path)).contents()
    assert not Slstt(SlsttSettings(pretrained=None)).contents()
