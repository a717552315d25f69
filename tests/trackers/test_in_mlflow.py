"""The tracker ``mlflow``: what it wrote is read back by MLflow's own client, from a folder."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tracked_runs import tell, tracked

from mebench.errors import MebenchWarning
from mebench.plugin.loading import Plugins, load_plugins

pytest.importorskip("mlflow", reason="mlflow is not installed: pip install 'mebench[mlflow]'")


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins()


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from mlflow import MlflowClient

    import mebench_trackers.in_mlflow  # noqa: F401  which lets a folder be used

    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(tmp_path / "mlflow"))
    return MlflowClient(tracking_uri=str(tmp_path / "mlflow"))


def _only(client: Any) -> Any:
    experiment = client.get_experiment_by_name("mebench")
    (run,) = client.search_runs([experiment.experiment_id])
    return run


def test_parameters_tags_curves_and_scores_are_there_to_be_read(
    tmp_path: Path, plugins: Plugins, client: Any
) -> None:
    directory = tracked(tmp_path / "runs", plugins)
    with warnings.catch_warnings():
        warnings.simplefilter("error", MebenchWarning)
        scores = tell(plugins, "mlflow", directory)
    run, about = _only(client), directory.read_run()
    assert run.info.status == "FINISHED"
    assert run.info.run_name == f"{about['protocol']}/{directory.path.name}"
    for name in ("identity", "manifest", "selection"):
        assert run.data.tags[f"mebench.{name}"] == about[name]  # type: ignore[literal-required]
    assert (run.data.tags["mebench.synthetic"], run.data.tags["mebench.oracle"]) == ("false", "false")
    assert run.data.params == {name: str(value) for name, value in about["settings"].items()}
    curve = client.get_metric_history(run.info.run_id, "loss/seed0-casme3_spNO.1")
    assert [(each.step, each.value) for each in curve] == [(1, 2.0), (3, 0.5)]
    assert "fold/fit_seconds/seed0-samm_spNO.1" in run.data.metrics
    assert run.data.metrics["scores/uf1"] == pytest.approx(scores["uf1"]["mean"])
    assert run.data.metrics["scores/samm/uar_low"] == pytest.approx(
        scores["per_dataset"]["samm"]["uar"]["low"]
    )


def test_a_run_that_goes_on_is_one_run_of_mlflow(tmp_path: Path, plugins: Plugins, client: Any) -> None:
    directory = tracked(tmp_path / "runs", plugins)
    tell(plugins, "mlflow", directory, folds=2)
    assert _only(client).info.status == "RUNNING"
    tell(plugins, "mlflow", directory)
    assert _only(client).info.status == "FINISHED"


def test_a_server_that_is_away_is_one_warning(
    tmp_path: Path, plugins: Plugins, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.warns(MebenchWarning, match="tracker 'mlflow' failed in run_started") as caught:
        tell(plugins, "mlflow", tracked(tmp_path / "runs", plugins))
    assert len([each for each in caught if issubclass(each.category, MebenchWarning)]) == 1
