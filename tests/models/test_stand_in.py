from __future__ import annotations

import pickle

import numpy as np
import pytest

from mebench.features.flow import OpticalFlow
from mebench.features.inputs import ApexFrame, ClipFrames
from mebench.models.base import Context
from mebench.models.stand_in import stand_in

CONTEXT = Context(1, ("a", "b", "c"), (1, 4))
INPUTS = {"apex": ApexFrame(size=8), "clip": ClipFrames(n=3, size=4), "flow": OpticalFlow(size=6)}


def test_every_class_is_there_twice_and_every_action_unit_active_and_not() -> None:
    train = stand_in(INPUTS, CONTEXT)
    assert np.bincount(train.labels).tolist() == [2, 2, 2]
    assert train.aus.min(axis=0).tolist() == [0, 0]
    assert train.aus.max(axis=0).tolist() == [1, 1]
    assert train.labels.dtype == np.int64
    assert train.aus.dtype == np.uint8
    assert np.unique(train.subjects).tolist() == [0, 1]


def test_a_protocol_of_action_units_alone_has_clips_without_a_class() -> None:
    train = stand_in(INPUTS, Context(1, (), (1, 4, 12)))
    assert set(train.labels.tolist()) == {-1}
    assert train.aus.max(axis=0).tolist() == [1, 1, 1]


@pytest.mark.parametrize("name", INPUTS)
def test_the_views_have_the_shapes_of_the_inputs_and_are_indexed_as_others(name: str) -> None:
    wanted = INPUTS[name]
    view = stand_in(INPUTS, CONTEXT, clips=40).features[name]
    assert (view.shape, view.dtype, len(view)) == ((40, *wanted.shape), wanted.dtype, 40)
    assert view[3].shape == wanted.shape
    assert view[np.array([5, 0])].shape == (2, *wanted.shape)
    assert view[:].max() == 0
    assert view.take(np.array([1, 2, 3])).shape == (3, *wanted.shape)
    assert pickle.loads(pickle.dumps(view)).shape == view.shape


def test_many_clips_take_the_memory_of_one() -> None:
    view = stand_in({"apex": ApexFrame(size=512)}, CONTEXT, clips=100_000).features["apex"]
    assert view.shape[0] == 100_000
