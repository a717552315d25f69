from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mebench.torchvision_shim import ensure_torchvision  # noqa: E402

ensure_torchvision()
pytest.importorskip("timm")

from small_fits import count, made, training  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.capsulenet import CapsuleNet, CapsuleNetSettings, CapsuleNetwork  # noqa: E402
from mebench_baselines.capsules import DigitCapsules, PrimaryCapsules, margin_loss, route, squash  # noqa: E402


def test_the_published_network_has_the_published_number_of_parameters() -> None:
    with torch.device("meta"):
        network = CapsuleNetwork(classes=3)
        lengths = network(torch.empty(2, 3, 224, 224))
    assert (count(network), count(network.backbone), count(network.digits)) == (
        13_842_496,
        2_782_784,
        442_368,
    )
    assert lengths.shape == (2, 3)


@pytest.mark.parametrize("size", [136, 150, 160, 224])
def test_any_size_that_two_convolutions_of_nine_fit_in_will_do(size: int) -> None:
    with torch.device("meta"):
        assert CapsuleNetwork(3, size, width=8)(torch.empty(1, 3, size, size)).shape == (1, 3)


def test_a_smaller_frame_is_refused_with_the_size_that_is_needed() -> None:
    with pytest.raises(MebenchError, match=r"size is 120.* 136 pixels"):
        CapsuleNetwork(3, size=120, width=8)


def test_a_vector_is_squashed_to_its_direction_and_a_length_below_one() -> None:
    squashed = squash(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    torch.testing.assert_close(squashed[0], torch.tensor([0.6, 0.8]) * 25 / 26)
    assert not squashed[1].any()


def test_a_vector_of_nothing_gives_a_gradient_that_is_a_number() -> None:
    vector = torch.zeros(1, 4, requires_grad=True)
    squash(vector).norm(dim=-1).sum().backward()
    assert vector.grad is not None
    assert vector.grad.isfinite().all()


def test_the_margin_loss_is_that_of_hand() -> None:
    # Class 0 is there and short of .99 by .19; class 1 is not, and .29 over .01; class 2 is within its margin.
    lengths = torch.tensor([[0.8, 0.3, 0.005]])
    assert margin_loss(lengths, torch.tensor([0])).item() == pytest.approx(0.19**2 + 0.5 * 0.29**2)
    both = margin_loss(lengths.repeat(2, 1), torch.tensor([0, 1])).item()
    second = 0.69**2 + 0.5 * 0.79**2
    assert both == pytest.approx((0.19**2 + 0.5 * 0.29**2 + second) / 2, rel=1e-5)


def test_one_round_of_routing_shares_evenly() -> None:
    votes = torch.randn(2, 3, 5, 4)
    torch.testing.assert_close(route(votes, 1), squash(votes.sum(dim=2) / 3))


def test_a_second_round_follows_agreement() -> None:
    # Two capsules, two classes, one number each: both vote 1 for class 0 and disagree, 1 and -1, on class 1.
    votes = torch.tensor([[[[1.0], [1.0]], [[1.0], [-1.0]]]])
    outcome = route(votes, 2)
    # Round 1: class 0 gets squash(1) = .5, class 1 gets 0; agreement .5 with class 0, 0 with class 1.
    share = math.exp(0.5) / (math.exp(0.5) + 1)
    total = 2 * share
    assert outcome[0, 0, 0].item() == pytest.approx(total**2 / (1 + total**2))
    assert outcome[0, 1, 0].item() == pytest.approx(0, abs=1e-7)


def test_routing_carries_the_gradient_of_its_last_round_alone() -> None:
    votes = torch.randn(1, 2, 3, 4, requires_grad=True)
    route(votes, 3).sum().backward()
    fixed = votes.detach()
    # The same shares, as constants.
    logits = torch.zeros(1, 2, 3)
    for _ in range(2):
        outcome = squash((logits.softmax(1)[..., None] * fixed).sum(2))
        logits = logits + (outcome[:, :, None] * fixed).sum(-1)
    again = fixed.clone().requires_grad_()
    squash((logits.softmax(1)[..., None] * again).sum(2)).sum().backward()
    torch.testing.assert_close(votes.grad, again.grad)


def test_a_capsule_is_eight_neighbouring_channels_of_one_place() -> None:
    primary = PrimaryCapsules(16, dimensions=8)
    maps = torch.randn(1, 16, 11, 11)
    convolved = primary.conv(maps)  # (1, 16, 2, 2)
    capsules = primary(maps)
    assert capsules.shape == (1, 2 * 2 * 2, 8)
    torch.testing.assert_close(capsules[0, 3], squash(convolved[0, 8:, 0, 1]))


def test_a_vote_is_the_class_s_matrix_times_the_capsule() -> None:
    digits = DigitCapsules(capsules=1, incoming=2, classes=2, outgoing=3, routings=1)
    capsule = torch.tensor([[[1.0, 2.0]]])
    expected = digits.weight[1, 0] @ capsule[0, 0] / 2
    torch.testing.assert_close(digits(capsule)[0, 1], squash(expected))


def test_the_probabilities_are_shares_of_the_lengths(registry: Registry) -> None:
    model = made(registry, "capsulenet")
    lengths = torch.tensor([[0.6, 0.3, 0.3]])
    scores, _ = model.outputs(lambda x: lengths, {"apex": torch.zeros(1)})  # type: ignore[arg-type]
    torch.testing.assert_close(scores.softmax(dim=1), torch.tensor([[0.5, 0.25, 0.25]]))


def test_rare_classes_are_shown_as_often_as_common_ones(registry: Registry, tmp_path: Path) -> None:
    model = CapsuleNet(CapsuleNetSettings(repeats=100, pretrained=None, size=136))
    train = training(model, tmp_path, [0] * 12 + [1] * 3)
    shown = np.array(list(model.sampler(train, torch.Generator().manual_seed(0))))
    assert len(shown) == 100 * 3 * 2
    assert np.mean(train.labels[shown] == 1) == pytest.approx(0.5, abs=0.06)


def test_the_rate_decays_before_the_first_epoch_and_after_each() -> None:
    model = CapsuleNet(CapsuleNetSettings(pretrained=None))
    model.epoch_steps = 2
    optimizer = model.optimizer([torch.nn.Parameter(torch.zeros(1))])
    schedule = model.schedule(optimizer, 6)
    assert schedule is not None
    rates = []
    for _ in range(4):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx([9e-5, 9e-5, 8.1e-5, 8.1e-5])


def test_its_frames_stay_in_0_to_1(registry: Registry) -> None:
    model = made(registry, "capsulenet")
    pictures = torch.rand(1, 3, 2, 2)
    assert model.normalise("apex", pictures) is pictures
