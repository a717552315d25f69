from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from small_fits import count, made, share_right  # noqa: E402

from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.dual_atme import DualATME, focal_loss  # noqa: E402
from mebench_baselines.mosaic import EYES_AND_MOUTH, mosaic  # noqa: E402


def test_it_has_the_published_number_of_parameters() -> None:
    assert count(DualATME(3)) == count(DualATME(3, attended="both")) == 4_833_193


def test_it_scores_each_class_from_two_pictures() -> None:
    scores, face, regions = DualATME(5)(torch.randn(2, 3, 28, 28), torch.randn(2, 3, 28, 28))
    assert scores.shape == (2, 5)
    assert face.shape == regions.shape == (2, 48 * 7 * 7)


def test_the_paper_gates_the_face_alone_and_the_code_both() -> None:
    picture = torch.randn(2, 3, 28, 28)
    network = DualATME(3).eval()
    _, face, regions = network(picture, picture)
    assert torch.equal(regions, network.regions(picture).flatten(1))
    assert not torch.equal(face, network.face(picture).flatten(1))
    network._attended = "both"
    assert torch.equal(network(picture, picture)[2], network.gates(network.regions(picture)).flatten(1))


def test_focal_loss_without_focus_is_cross_entropy() -> None:
    scores, labels = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    torch.testing.assert_close(
        focal_loss(scores, labels, gamma=0), torch.nn.functional.cross_entropy(scores, labels)
    )
    p = scores.softmax(dim=1)[torch.arange(6), labels]
    torch.testing.assert_close(focal_loss(scores, labels), (-((1 - p) ** 2) * p.log()).mean())


def test_the_branches_are_drawn_together_by_the_set_weight(registry: Registry) -> None:
    losses = {}
    flow, labels = torch.rand(4, 28, 28, 3) * 255, torch.tensor([0, 1, 2, 0])
    network = DualATME(3).eval()
    for weight in (0.0, 1.0):
        model = made(registry, "dual-atme", similarity=weight)
        model._logged = {}
        losses[weight] = model.loss(network, _Batch({"flow": flow}, labels))  # type: ignore[arg-type]
    picture = flow.movedim(-1, 1) / 127.5 - 1
    _, face, regions = network(picture, mosaic(picture, EYES_AND_MOUTH))
    apart = 1 - torch.nn.functional.cosine_similarity(face, regions).mean()
    torch.testing.assert_close(losses[1.0] - losses[0.0], apart)


class _Batch:
    def __init__(self, inputs: dict[str, torch.Tensor], labels: torch.Tensor) -> None:
        self.inputs, self.labels = inputs, labels


def test_dual_atme_learns(registry: Registry, tmp_path: Path) -> None:
    assert share_right(made(registry, "dual-atme", epochs=10), tmp_path) > 0.8
