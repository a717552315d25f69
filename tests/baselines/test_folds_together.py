"""Baselines on one flow picture whose folds train as one network: each learns what it learns alone."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mebench.models.base import Context, TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.models.together.fitting import fit_together
from mebench_baselines.dual_atme import DualATMEModel
from mebench_baselines.dual_inception import DualInceptionModel
from mebench_baselines.flow_network import FlowNetwork
from mebench_baselines.off_apexnet import OffApexNetModel
from mebench_baselines.rcn import RCNModel
from mebench_baselines.sfamnet import SFAMNetModel
from mebench_baselines.sssnet import SSSNetModel
from mebench_baselines.ststnet import STSTNetModel

CLIPS = 20


def trained(
    kind: type[FlowNetwork], **settings: int
) -> tuple[list[FlowNetwork], list[Exception | None], float]:
    """Train two folds together and alone; return those that trained together, and how far they predict from alone."""
    made = [kind(kind.Settings(batch_size=8, **settings)) for _ in range(4)]  # type: ignore[arg-type]
    rng = np.random.default_rng(0)
    inputs = made[0].inputs()
    side = kind.side
    flow = rng.integers(0, 255, (CLIPS, side, side, 3)).astype(np.float32)
    features = {name: FeatureView.of_array(flow) for name in inputs}
    labels = rng.integers(0, 3, CLIPS)
    places = [np.arange(3, CLIPS), np.arange(CLIPS - 1)]
    trains = [
        TrainSet(
            {name: view.take(own) for name, view in features.items()},
            labels[own],
            np.zeros((len(own), 0), np.uint8),
            own,
            inputs,
        )
        for own in places
    ]
    contexts = [Context(fold, ("a", "b", "c"), ()) for fold in range(2)]
    faults = fit_together(made[:2], trains, contexts, features, places)
    gap = 0.0
    for one, other, train, context in zip(made[:2], made[2:], trains, contexts, strict=True):
        if not any(faults):
            other.fit(train, context)
            said = [each.predict(TestSet(features, CLIPS, inputs)).probabilities for each in (one, other)]
            gap = max(gap, float(np.abs(said[0] - said[1]).max()))
    return made[:2], faults, gap


@pytest.mark.parametrize("kind", [STSTNetModel, OffApexNetModel, SSSNetModel, DualInceptionModel, RCNModel])
def test_folds_that_train_together_predict_what_they_predict_alone(kind: type[FlowNetwork]) -> None:
    _, faults, gap = trained(kind, epochs=1)
    assert faults == [None, None]
    assert gap < 1e-4


def test_a_model_that_cannot_train_so_says_why() -> None:
    (said, _) = trained(DualATMEModel, epochs=1)[1]
    assert "its loss reports numbers with self.log()" in str(said)
    (said, _) = trained(SFAMNetModel, steps=2)[1]
    assert "it draws numbers in training that no dropout layer" in str(said)
