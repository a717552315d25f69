"""The tracker ``tensorboard``: what its event files hold is read back by TensorBoard itself."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from tracked_runs import tell, tracked

from mebench.api import Progress
from mebench.plugin.loading import Plugins, load_plugins

pytest.importorskip("tensorboard", reason="tensorboard is not installed: pip install 'mebench[tensorboard]'")


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins()


def _read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder))
    found.Reload()
    return found


def _scalars(folder: Path, name: str) -> list[tuple[int, float]]:
    return [(each.step, pytest.approx(each.value)) for each in _read(folder).Scalars(name)]


def test_curves_times_and_scores_are_there_to_be_read(tmp_path: Path, plugins: Plugins) -> None:
    directory = tracked(tmp_path / "runs", plugins)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = tell(plugins, "tensorboard", directory)
    place = directory.path / "trackers" / "tensorboard"
    assert len([each for each in place.iterdir() if each.is_dir()]) == 6
    assert _scalars(place / "seed0-casme3_spNO.1", "loss") == [(1, 2.0), (3, 0.5)]
    assert len(_scalars(place / "seed0-casme3_spNO.1", "fold/fit_seconds")) == 1
    assert _scalars(place, "scores/uf1") == [(0, scores["uf1"]["mean"])]
    high = scores["per_dataset"]["samm"]["uf1"]["high"]
    assert (high is None) or _scalars(place, "scores/samm/uf1_high") == [(0, high)]
    assert _scalars(place, "scores/samm/uar") == [(0, scores["per_dataset"]["samm"]["uar"]["mean"])]
    (about,) = _read(place).Tensors("about")
    table = about.tensor_proto.string_val[0].decode()
    assert f"| identity | {directory.read_run()['identity']} |" in table
    assert "| oracle | false |" in table
    content = _read(place).summary_metadata["_hparams_/session_start_info"].plugin_data.content
    assert directory.read_run()["manifest"].encode() in content


def test_a_fold_that_begins_again_takes_the_place_of_its_first_try(tmp_path: Path, plugins: Plugins) -> None:
    from mebench_trackers.in_tensorboard import TensorBoardTracker

    directory = tracked(tmp_path / "runs", plugins)
    run = directory.read_run()
    for loss, steps in ((9.0, 5), (1.0, 2)):  # the first is killed after five epochs, the second is at work
        tracker = TensorBoardTracker()
        for step in range(1, steps + 1):
            tracker.fold_progress(run, directory.path, "casme3/spNO.1", 0, Progress(step, 8, loss))
        tracker.run_finished(run, directory.path, None)
    place = directory.path / "trackers" / "tensorboard" / "seed0-casme3_spNO.1"
    assert _scalars(place, "loss") == [(1, 1.0), (2, 1.0)]
