from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mebench.errors import MebenchError, UnknownNameError  # noqa: E402
from mebench_famnet.losses import (  # noqa: E402
    DynamicWeightAverage,
    UncertaintyWeighting,
    au_loss,
    au_positive_weights,
    class_weights,
    task_weighting,
)

TASKS = ("emotion", "aus")
NAN = math.nan


def test_class_weights_follow_the_effective_number() -> None:
    labels = torch.tensor([0] * 30 + [1] * 10 + [2] * 2)
    raw = [0.1 / (1 - 0.9**count) for count in (30, 10, 2)]
    expected = torch.tensor(raw) * 3 / sum(raw)
    assert torch.allclose(class_weights(labels, 3, beta=0.9), expected)
    assert torch.allclose(class_weights(labels, 3, beta=0.0), torch.ones(3))


def test_with_the_default_a_small_dataset_is_weighted_almost_by_inverse_frequency() -> None:
    weights = class_weights(torch.tensor([0] * 60 + [1] * 20), 2)
    assert weights[1] / weights[0] == pytest.approx(3, rel=0.03)


def test_a_class_without_clips_weighs_nothing_and_disturbs_nothing() -> None:
    labels = torch.tensor([0, 0, 2])
    weights = class_weights(labels, 3)
    assert weights[1] == 0
    assert torch.allclose(weights[[0, 2]], class_weights(labels // 2, 2))


def test_positive_weights_are_negatives_over_positives_within_bounds() -> None:
    aus = torch.tensor([[1.0, 0, 1, NAN], [0, 0, 1, NAN], [0, 0, 1, 1], [NAN, 0, 1, 0]])
    assert au_positive_weights(aus).tolist() == pytest.approx([2, 4, 0.1, 1])
    assert au_positive_weights(aus, ceiling=3).tolist() == pytest.approx([2, 3, 1 / 3, 1])


def test_unknown_aus_cost_nothing() -> None:
    logits = torch.tensor([[0.5, -1.0], [2.0, 0.0]], requires_grad=True)
    loss = au_loss(logits, torch.tensor([[1.0, NAN], [NAN, NAN]]))
    assert loss.item() == pytest.approx(math.log1p(math.exp(-0.5)))
    loss.backward()
    assert (logits.grad != 0).tolist() == [[True, False], [False, False]]
    assert au_loss(logits, torch.full((2, 2), NAN)).item() == 0


def test_uncertainty_finds_its_analytic_minimum() -> None:
    balance = UncertaintyWeighting(TASKS)
    losses = {"emotion": torch.tensor(2.0), "aus": torch.tensor(0.3)}
    optimiser = torch.optim.SGD(balance.parameters(), lr=0.5)
    for _ in range(200):
        optimiser.zero_grad()
        balance(losses).backward()
        optimiser.step()
    assert balance.log_variances.tolist() == pytest.approx([math.log(4), math.log(0.6)], abs=1e-4)
    assert balance(losses).item() == pytest.approx(1 + (math.log(4) + math.log(0.6)) / 2, abs=1e-4)


def test_dwa_favours_the_task_that_falls_slowest() -> None:
    balance = DynamicWeightAverage(TASKS)
    balance.end_epoch({"emotion": 1.0, "aus": 1.0})
    assert balance.weights.tolist() == [1, 1]
    balance.end_epoch({"emotion": 1.0, "aus": 0.5})
    shares = [math.exp(1.0 / 2), math.exp(0.5 / 2)]
    expected = [2 * share / sum(shares) for share in shares]
    assert balance.weights.tolist() == pytest.approx(expected)
    total = balance({"emotion": torch.tensor(3.0), "aus": torch.tensor(5.0)})
    assert total.item() == pytest.approx(3 * expected[0] + 5 * expected[1])


def test_dwa_survives_a_loss_of_zero_and_a_checkpoint() -> None:
    balance = DynamicWeightAverage(TASKS)
    balance.end_epoch({"emotion": 0.0, "aus": 1.0})
    copy = DynamicWeightAverage(TASKS)
    copy.load_state_dict(balance.state_dict())
    for one in (balance, copy):
        one.end_epoch({"emotion": 0.1, "aus": 0.5})
        assert one.weights.isfinite().all()
    assert torch.equal(balance.weights, copy.weights)


def test_fixed_weights_are_kept() -> None:
    balance = task_weighting("fixed", TASKS, (1.0, 0.25))
    balance.end_epoch({"emotion": 1.0, "aus": 1.0})
    assert balance({"emotion": torch.tensor(2.0), "aus": torch.tensor(4.0)}).item() == 3
    assert not list(balance.parameters())


def test_wrong_weightings_are_refused() -> None:
    with pytest.raises(MebenchError, match="3 task weights were given for 2 tasks"):
        task_weighting("fixed", TASKS, (1.0, 2.0, 3.0))
    with pytest.raises(UnknownNameError, match="did you mean 'uncertainty'"):
        task_weighting("uncertainity", TASKS)
