from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mebench.errors import UnknownNameError  # noqa: E402
from mebench_famnet.fusion import RULES, Fusion  # noqa: E402


def scores() -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [torch.randn(5, 4), torch.randn(5, 4)]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_treats_the_branches_alike_at_first(rule: str) -> None:
    first, second = scores()
    fuse = Fusion(rule, branches=2, classes=4)
    assert fuse([first, second]).shape == (5, 4)
    assert torch.allclose(fuse([first, second]), fuse([second, first]))


def test_the_product_is_that_of_probabilities() -> None:
    first, second = scores()
    product = first.softmax(1) * second.softmax(1)
    fused = Fusion("product", branches=2, classes=4)([first, second]).softmax(1)
    assert torch.allclose(fused, product / product.sum(1, keepdim=True), atol=1e-6)


def test_learned_weights_stay_convex_while_one_branch_is_learned_to_be_right() -> None:
    truth = torch.arange(4).repeat(8)
    right, wrong = 4 * torch.eye(4)[truth], 4 * torch.eye(4)[(truth + 1) % 4]
    fuse = Fusion("weighted", branches=2, classes=4)
    assert torch.allclose(fuse.weights, torch.full((2, 4), 0.5))
    optimiser = torch.optim.SGD(fuse.parameters(), lr=10.0)
    for _ in range(50):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(fuse([right, wrong]), truth).backward()
        optimiser.step()
        assert (fuse.weights >= 0).all()
        assert torch.allclose(fuse.weights.sum(0), torch.ones(4))
    assert (fuse.weights[0] > 0.9).all()


def test_max_takes_the_higher_score_of_each_class() -> None:
    fused = Fusion("max", branches=2, classes=2)([torch.tensor([[1.0, -1.0]]), torch.tensor([[0.0, 2.0]])])
    assert fused.tolist() == [[1.0, 2.0]]


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="fusion rule named 'sum'"):
        Fusion("sum", branches=2, classes=4)
