"""The device and precision of folds that are computed on other machines."""

from __future__ import annotations

import pytest

from mebench.errors import MebenchError
from mebench.models.base import Context, Model, Predictions, TestSet, TrainSet
from mebench.runner.device import choose_device, choose_precision


class Fast(Model):
    accelerated = True

    def inputs(self) -> dict[str, object]:
        return {}

    def fit(self, train: TrainSet, context: Context) -> None: ...

    def predict(self, test: TestSet) -> Predictions: ...


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return Fast()


def test_a_gpu_may_be_asked_for_where_only_the_nodes_have_one(model: Model) -> None:
    with pytest.raises(MebenchError, match="--device cuda"):
        choose_device(model, "cuda")
    assert choose_device(model, "cuda", elsewhere=True) == "cuda"
    assert choose_device(model, "auto", elsewhere=True) == "cpu"


def test_the_precision_of_a_gpu_that_is_not_here_has_to_be_said(model: Model) -> None:
    with pytest.raises(MebenchError, match="say --precision float32, tf32 or bfloat16"):
        choose_precision(model, "auto", "cuda")
    assert choose_precision(model, "bfloat16", "cuda") == "bfloat16"
