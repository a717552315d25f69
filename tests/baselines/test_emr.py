from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mebench.torchvision_shim import ensure_torchvision  # noqa: E402

ensure_torchvision()
pytest.importorskip("timm")

from small_fits import count, made, training  # noqa: E402

from mebench.models.base import Context  # noqa: E402
from mebench.models.batches import Batch  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.emr import EmrNetwork  # noqa: E402


def test_it_is_resnet18_and_three_small_heads() -> None:
    with torch.device("meta"):
        network = EmrNetwork(classes=3)
        scores = network(torch.empty(2, 3, 224, 224))
    assert count(network.backbone) == 11_176_512
    assert count(network) - count(network.backbone) == 2 * (512 * 64 + 64) + (128 * 3 + 3) + 2 * (64 * 3 + 3)
    assert [each.shape for each in scores] == [(2, 3)] * 3


def test_three_of_seven_rows_are_the_upper_face() -> None:
    network = EmrNetwork(classes=2, width=8).eval()

    class Rows(torch.nn.Module):
        """A map of seven rows, each of the number of its row."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.arange(7.0).view(1, 1, 7, 1).expand(1, 64, 7, 7)

    network.backbone.stem = Rows()
    network.backbone.stages = torch.nn.ModuleList()
    scores = network(torch.zeros(1))
    with torch.no_grad():
        upper, lower = network.upper(torch.full((1, 64), 1.0)), network.lower(torch.full((1, 64), 4.5))
        torch.testing.assert_close(scores.upper, network.upper_scores(upper))
        torch.testing.assert_close(scores.lower, network.lower_scores(lower))
        torch.testing.assert_close(scores.face, network.face_scores(torch.cat([upper, lower], dim=1)))


def test_the_heads_and_the_trunk_have_rates_of_their_own(registry: Registry, tmp_path: Path) -> None:
    model = made(registry, "emr", preset=None, pretrained=None, width=8, size=64)
    train = training(model, tmp_path, [0, 1, 2, 0])
    model.network_ = model.network(train, Context(0, ("a", "b", "c"), ()))
    heads, trunk = model.optimizer(list(model.network_.parameters())).param_groups
    assert (heads["lr"], trunk["lr"]) == (1e-4, 1e-5)
    assert heads["weight_decay"] == trunk["weight_decay"] == 1e-6
    assert len(heads["params"]) + len(trunk["params"]) == len(list(model.network_.parameters()))
    assert sum(p.numel() for p in trunk["params"]) == count(model.network_.backbone)


def test_every_parameter_gets_a_gradient(registry: Registry) -> None:
    model = made(registry, "emr", width=8)
    network = EmrNetwork(classes=3, width=8)
    for module in network.backbone.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # timm's residual branches begin at 0
            torch.nn.init.ones_(module.weight)
    flow = {"flow": 255 * torch.rand(4, 64, 64, 3)}
    model.loss(network, Batch(flow, torch.tensor([0, 1, 2, 0]), torch.empty(4, 0))).backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())
