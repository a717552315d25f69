from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from moved_regions import moved_regions
from sklearn.svm import SVC

from mebench.models.settings import make_settings
from mebench_baselines.flow_svm import FlowSvm


def test_a_clip_is_a_row_of_values_from_0_to_1(tmp_path: Path) -> None:
    features = moved_regions(tmp_path, [0, 1, 2])
    rows = FlowSvm().vectors(features)
    assert rows.shape == (3, 28 * 28 * 3)
    np.testing.assert_allclose(rows[1] * 255, features["flow"][1].reshape(-1), rtol=1e-5)


def test_by_default_it_is_linear_balanced_and_standardised() -> None:
    scaler, svm = (step for _, step in FlowSvm().estimator(0).steps)
    assert type(scaler).__name__ == "StandardScaler"
    assert (svm.kernel, svm.C, svm.class_weight) == ("linear", 0.01, "balanced")


def test_the_preset_meb_is_that_librarys() -> None:
    model = FlowSvm(make_settings(FlowSvm, {}, "meb"))
    svm = model.estimator(0)
    assert isinstance(svm, SVC)
    assert (svm.kernel, svm.C, svm.class_weight) == ("rbf", 28.0, None)
    assert model.inputs()["flow"].shape == (32, 32, 3)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_a_setting_reaches_the_svm(kernel: str) -> None:
    svm = FlowSvm(make_settings(FlowSvm, {}, None, [f"kernel={kernel}", "c=3"])).estimator(0)[-1]
    assert (svm.kernel, svm.C) == (kernel, 3)
