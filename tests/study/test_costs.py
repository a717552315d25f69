"""What a network costs: counted by hand, and by torch."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from small_studies import plugins

from mebench.errors import MebenchError
from mebench.runner.named import named_model
from mebench.study.costs import Cost, cost_of

CLASSES = ("negative", "positive", "surprise")

NETWORK = """\
from torch import nn
from mebench.api import ApexFrame, TorchModel

class Net(TorchModel):
    def inputs(self):
        return {"apex": ApexFrame(size=28)}

    def network(self, train, context):
        assert len(train) >= len(context.classes)
        return nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Flatten(), nn.LazyLinear(len(context.classes)))

class Broken(Net):
    def network(self, train, context):
        raise ValueError("on purpose")
"""


def cost(name: str) -> Cost:
    named = named_model(plugins(), name)
    return cost_of(named.entry, named.model, named.model.inputs(), CLASSES, ())


def test_parameters_and_operations_are_those_counted_by_hand(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "net.py").write_text(NETWORK)
    found = cost(f"{tmp_path / 'net.py'}:Net")
    inside = 5 * 26 * 26
    assert found.parameters == (3 * 9 + 1) * 5 + 10 + (inside + 1) * 3
    assert found.flops == 2 * (inside * 3 * 9 + inside * 3)


def test_a_network_that_was_counted_is_not_kept(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "net.py").write_text(NETWORK)
    named = named_model(plugins(), f"{tmp_path / 'net.py'}:Net")
    assert cost_of(named.entry, named.model, named.model.inputs(), CLASSES, ()).parameters
    assert not hasattr(named.model, "network_")


def test_a_model_without_torch_has_no_such_cost() -> None:
    assert cost("majority") == Cost(None, None)


def test_a_network_that_cannot_be_built_is_told_with_its_reason(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "net.py").write_text(NETWORK)
    with pytest.raises(MebenchError, match="ValueError: on purpose"):
        cost(f"{tmp_path / 'net.py'}:Broken")


def test_counting_draws_no_chance(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    (tmp_path / "net.py").write_text(NETWORK)
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    due = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    cost(f"{tmp_path / 'net.py'}:Net")
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == due
