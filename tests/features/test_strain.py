"""Optical strain: analytic fields, the two formulas, and that measurements reach a cache and a model whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from moving_clips import clip_of, shifted, texture
from odd_inputs import clips_on_disk
from scipy.ndimage import map_coordinates

from mebench.errors import MebenchError
from mebench.features.store import FeatureStore
from mebench.features.strain import FlowStrain, OpticalStrain, optical_strain

y, x = np.mgrid[-10:11, -10:11].astype(np.float64)


def _field(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.stack([u, v], axis=-1)


@pytest.mark.parametrize("formula", ["full", "no-cross"])
@pytest.mark.parametrize(
    ("field", "due"),
    [
        (_field(0 * x + 3, 0 * x - 2), 0.0),
        (_field(0.1 * x, 0 * x), 0.1),
        (_field(0 * x, -0.1 * y), 0.1),
        (_field(0.1 * x, 0.1 * y), 0.1 * np.sqrt(2)),
        (_field(0.2 * y, 0 * x), 0.2 / np.sqrt(2)),
    ],
    ids=["shift", "stretch", "squeeze", "zoom", "shear"],
)
def test_linear_fields_have_the_strain_of_the_formula(formula: str, field: np.ndarray, due: float) -> None:
    strain = optical_strain(field, formula)
    assert strain.dtype == np.float32
    assert np.abs(strain - due).max() < 1e-6


def test_a_turn_strains_by_the_formula_without_the_cross_term_only() -> None:
    turn = _field(-0.1 * y, 0.1 * x)
    assert optical_strain(turn, "full").max() < 1e-6
    assert np.abs(optical_strain(turn, "no-cross") - 0.1).max() < 1e-6


def test_a_curved_field_has_the_strain_of_its_derivatives() -> None:
    # Central differences are exact on squares, away from the border.
    field = _field(0.01 * x**2 + 0.02 * x * y, 0.03 * y**2)
    ux, uy, vy = 0.02 * x + 0.02 * y, 0.02 * x, 0.06 * y
    due = np.sqrt(ux**2 + vy**2 + uy**2 / 2)
    assert np.abs(optical_strain(field) - due)[1:-1, 1:-1].max() < 1e-6


def test_strain_does_not_change_in_a_mirror() -> None:
    field = np.random.default_rng(0).normal(size=(9, 9, 2))
    mirrored = field[:, ::-1] * (-1, 1)
    assert np.allclose(optical_strain(mirrored), optical_strain(field)[:, ::-1])


def test_an_unknown_formula_is_refused() -> None:
    for make in (OpticalStrain, FlowStrain):
        with pytest.raises(MebenchError, match="no-cross"):
            make(formula="nocross")


@pytest.mark.parametrize("method", ["tvl1", "dis"])
def test_a_stretched_picture_is_strained_and_a_shifted_one_is_not(method: str, tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    pytest.importorskip("skimage")
    picture = texture(96, grain=2)
    rows, columns = np.mgrid[0:96, 0:96].astype(float)
    # Backward map of a stretch by 4 % along x about the middle.
    stretched = map_coordinates(picture, [rows, 48 + (columns - 48) / 1.04], order=3, mode="nearest")
    wanted = OpticalStrain(method=method, size=24, resolution=96)
    strains = {}
    for name, apex in {"stretch": np.clip(stretched, 0, 255), "shift": shifted(picture, 1, 0)}.items():
        strain = wanted.compute(clip_of(tmp_path / name, [picture, apex], apex=1))
        assert strain.shape == wanted.shape == (24, 24, 1)
        strains[name] = np.median(strain[4:-4, 4:-4])
    assert 0.03 < strains["stretch"] < 0.06
    assert strains["shift"] < strains["stretch"] / 3


def test_flow_and_strain_come_as_three_channels(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    picture = texture(64)
    clip = clip_of(tmp_path, [picture, shifted(picture, 1, 0)], apex=1)
    shared = {"method": "dis", "size": 16, "resolution": 64}
    both = FlowStrain(**shared).compute(clip)
    assert both.shape == FlowStrain(**shared).shape == (16, 16, 3)
    assert both.dtype == np.float32
    assert (both[..., 2:] == OpticalStrain(**shared).compute(clip)).all()
    assert np.abs(np.median(both[..., 0]) - 0.25) < 0.03


def test_measurements_are_cached_as_floats(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    data = clips_on_disk(tmp_path / "pictures")
    pair = clip_of(tmp_path / "moved", [texture(64), shifted(texture(64), 1, 0)], apex=1).frames.paths
    for listed in data.frames.values():
        for path, source in zip(listed.paths, (pair[0], pair[1], pair[1]), strict=True):
            path.write_bytes(source.read_bytes())
    wanted = FlowStrain(method="dis", size=16, resolution=64)
    store = FeatureStore(tmp_path / "cache")
    array = store.get(data, wanted).open()
    assert array.shape == (6, 16, 16, 3)
    assert array.dtype == np.float32
    assert np.abs(np.median(array[..., 0], axis=(1, 2)) - 0.25).max() < 0.03
    assert (store.get(data, wanted).open() == array).all()
