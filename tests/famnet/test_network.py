from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from mebench.errors import MebenchError, UnknownNameError  # noqa: E402
from mebench_famnet.backbone import resnet18  # noqa: E402
from mebench_famnet.losses import WEIGHTINGS  # noqa: E402
from mebench_famnet.network import BRANCHES, FAMNetConfig, FAMNetwork, Output  # noqa: E402

SMALL = FAMNetConfig(classes=4, aus=5, width=8, dropout=0.0)

VARIANTS: dict[str, dict[str, Any]] = {
    "flagship": {},
    "amnet2d": {"branches": "2d"},
    "amnet3d": {"branches": "3d"},
    "no-attention": {"attention": "none"},
    "attention-last": {"attention": "last"},
    "channel-only": {"attention_axes": ("channel",)},
    "spatial-only": {"attention_axes": ("spatial",)},
    "temporal-only": {"attention_axes": ("temporal",)},
    "without-faud": {"aus": 0},
    "amnet2d-without-faud": {"branches": "2d", "aus": 0, "sharing": "none"},
    "without-sharing": {"sharing": "none"},
    "wide-stem": {"stem": "3x7x7"},
    "mean": {"fusion": "mean"},
    "max": {"fusion": "max"},
    "product": {"fusion": "product"},
    "fixed": {"task_weighting": "fixed", "task_weights": (1.0, 0.5)},
    "dwa": {"task_weighting": "dwa"},
    "no-branch-loss": {"branch_loss": 0.0},
}


def clips(count: int = 4, seed: int = 0) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
    """Random inputs, emotions and AUs of ``count`` clips."""
    made = torch.Generator().manual_seed(seed)
    batch = {
        "apex": torch.randn(count, 3, 48, 48, generator=made),
        "clip": torch.randn(count, 3, 4, 32, 32, generator=made),
    }
    labels = torch.randint(4, (count,), generator=made)
    return batch, labels, torch.randint(2, (count, 5), generator=made).float()


def total_loss(network: FAMNetwork, count: int = 4) -> torch.Tensor:
    batch, labels, aus = clips(count)
    losses = network.task_losses(network(batch), labels, aus)
    total: torch.Tensor = network.weighting(losses)
    return total


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_gives_scores_of_its_branches_and_their_fusion(variant: str) -> None:
    config = replace(SMALL, **VARIANTS[variant])
    network, (batch, _, _) = FAMNetwork(config), clips()
    output = network(batch)
    assert set(output.branch_scores) == set(BRANCHES[config.branches])
    assert all(scores.shape == (4, 4) for scores in [output.scores, *output.branch_scores.values()])
    assert torch.allclose(output.probabilities.sum(1), torch.ones(4))
    assert set(output.au_logits) == (set(output.branch_scores) if config.aus else set())
    probabilities = output.au_probabilities
    assert (probabilities is None) == (config.aus == 0)
    if probabilities is not None:
        assert probabilities.shape == (4, 5)
        assert ((probabilities > 0) & (probabilities < 1)).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_parameter_gets_a_gradient_in_every_variant(variant: str) -> None:
    torch.manual_seed(0)
    network = FAMNetwork(replace(SMALL, **VARIANTS[variant]))
    for module in network.modules():
        # ResNet starts with the last scale of a block at 0, which hides the block in the first step only.
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.BatchNorm3d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    total_loss(network).backward()
    still = [
        name
        for name, parameter in network.named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    ]
    assert still == []


@pytest.mark.parametrize("branches", ["2d", "3d"])
def test_one_branch_needs_its_own_input_only(branches: str) -> None:
    batch, _, _ = clips()
    needed = {"2d": "apex", "3d": "clip"}[branches]
    network = FAMNetwork(replace(SMALL, branches=branches))
    output = network({needed: batch[needed]})
    assert torch.equal(output.scores, output.branch_scores[branches])


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_it_overfits_eight_random_clips(weighting: str) -> None:
    torch.manual_seed(0)
    network = FAMNetwork(replace(SMALL, task_weighting=weighting))
    batch, labels, aus = clips(8)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(25):
        optimiser.zero_grad()
        losses = network.task_losses(network(batch), labels, aus)
        network.weighting(losses).backward()
        optimiser.step()
        network.weighting.end_epoch({task: loss.item() for task, loss in losses.items()})
    output = network(batch)
    assert (output.scores.argmax(1) == labels).all()
    assert ((output.au_probabilities > 0.5) == (aus == 1)).float().mean() > 0.95


def test_the_3d_branch_hears_the_order_of_frames_and_the_2d_branch_the_apex_alone() -> None:
    torch.manual_seed(0)
    network, (batch, _, _) = FAMNetwork(SMALL).eval(), clips()
    forward = network(batch)
    backward = network({"apex": batch["apex"], "clip": batch["clip"].flip(2)})
    assert torch.equal(forward.branch_scores["2d"], backward.branch_scores["2d"])
    assert not torch.allclose(forward.branch_scores["3d"], backward.branch_scores["3d"], atol=1e-4)


def test_without_sharing_the_tasks_do_not_touch_each_others_trunk() -> None:
    network = FAMNetwork(replace(SMALL, branches="2d", sharing="none"))
    batch, labels, aus = clips()
    network.task_losses(network(batch), labels, aus)["aus"].backward()
    branch = network.branches["2d"]
    assert all(parameter.grad is None for parameter in branch.trunk.parameters())
    assert any(parameter.grad is not None for parameter in branch.au_trunk.parameters())


def test_the_emotion_loss_is_the_fused_one_plus_the_weighted_branches() -> None:
    truth = torch.tensor([1])
    parts = {"2d": torch.tensor([[0.0, 2.0, 0.0, 0.0]]), "3d": torch.tensor([[3.0, 0.0, 0.0, 0.0]])}
    output = Output(torch.zeros(1, 4), parts, {})
    network = FAMNetwork(replace(SMALL, aus=0, branch_loss=0.25))
    entropy = torch.nn.functional.cross_entropy
    expected = entropy(output.scores, truth) + 0.25 * sum(entropy(part, truth) for part in parts.values())
    assert network.task_losses(output, truth)["emotion"].item() == pytest.approx(expected.item())


def test_au_probability_is_the_mean_of_the_branches() -> None:
    output = Output(torch.zeros(1, 4), {}, {"2d": torch.tensor([[0.0]]), "3d": torch.tensor([[100.0]])})
    assert output.au_probabilities.item() == pytest.approx(0.75)


@pytest.mark.parametrize("sharing", ["hard", "none"])
def test_under_bfloat16_autocast_losses_are_float32_and_nearly_the_same(sharing: str) -> None:
    torch.manual_seed(0)
    network, (batch, labels, aus) = FAMNetwork(replace(SMALL, sharing=sharing)), clips()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = network(batch)
        total = network.weighting(network.task_losses(output, labels, aus))
    tensors = [output.scores, total, *output.branch_scores.values(), *output.au_logits.values()]
    assert {tensor.dtype for tensor in tensors} == {torch.float32}
    assert total.item() == pytest.approx(total_loss(network).item(), rel=0.1)


def test_a_seed_fixes_weights_and_training() -> None:
    def run() -> list[torch.Tensor]:
        torch.manual_seed(7)
        network = FAMNetwork(replace(SMALL, dropout=0.5))
        optimiser = torch.optim.AdamW(network.parameters())
        for _ in range(2):
            optimiser.zero_grad()
            total_loss(network).backward()
            optimiser.step()
        return list(network.state_dict().values())

    assert all(torch.equal(first, second) for first, second in zip(run(), run(), strict=True))


def test_given_weights_start_every_backbone() -> None:
    weights = resnet18(width=8)
    network = FAMNetwork(replace(SMALL, sharing="none"), weights)
    assert not any(
        one is other for one, other in itertools.product(network.parameters(), weights.parameters())
    )
    expected = weights.layer2[0].conv1.weight
    for branch in network.branches.values():
        for trunk in (branch.trunk, branch.au_trunk):
            weight = trunk.backbone.stages[1][0].conv1.weight
            flat = weight.sum(2) if weight.ndim == 5 else weight
            assert torch.allclose(flat, expected, atol=1e-6)


def test_the_full_size_is_that_of_two_resnet18() -> None:
    network = FAMNetwork(FAMNetConfig(classes=4, aus=12))
    millions = {
        name: sum(parameter.numel() for parameter in branch.trunk.backbone.parameters()) / 1e6
        for name, branch in network.branches.items()
    }
    assert millions == pytest.approx({"2d": 11.2, "3d": 33.1}, rel=0.01)


@pytest.mark.parametrize("setting", ["branches", "stem", "attention", "sharing", "fusion", "task_weighting"])
def test_a_wrong_setting_is_named(setting: str) -> None:
    with pytest.raises(UnknownNameError, match="'sideways'"):
        FAMNetwork(replace(SMALL, **{setting: "sideways"}))


def test_a_batch_without_au_labels_is_refused() -> None:
    network, (batch, labels, _) = FAMNetwork(SMALL), clips()
    with pytest.raises(MebenchError, match="no AU labels"):
        network.task_losses(network(batch), labels)


def test_without_classes_it_learns_action_units_alone() -> None:
    network = FAMNetwork(FAMNetConfig(classes=0, aus=3, width=8))
    output = network({"apex": torch.rand(2, 3, 32, 32), "clip": torch.rand(2, 3, 4, 32, 32)})
    assert output.probabilities.shape == (2, 0)
    losses = network.task_losses(output, torch.tensor([-1, -1]), torch.tensor([[1.0, 0, 0], [0, 1, 1]]))
    assert set(losses) == {"aus"}
    network.weighting(losses).backward()
    assert all(p.grad is not None for p in network.parameters())


def test_a_network_with_nothing_to_learn_is_refused() -> None:
    with pytest.raises(MebenchError, match="neither classes nor AUs"):
        FAMNetwork(FAMNetConfig(classes=0, aus=0))
