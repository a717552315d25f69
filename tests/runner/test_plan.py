"""What makes a run another run, and how one goes on."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from invented import invented_cohort, invented_features

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, MebenchWarning, UnknownNameError
from mebench.evidence.digests import sealed
from mebench.plugin.registry import Registry
from mebench.records import Task
from mebench.runner import provenance
from mebench.runner.plan import RunPlan, choose_folds, plan_run

Plan = Callable[..., RunPlan]


@pytest.fixture
def plan(tmp_path: Path, registry: Registry) -> Plan:
    """Plan a run of difference-svm and let go of it."""
    entry = registry.get("model", "difference-svm")
    kind = entry.load()

    def make(settings: dict[str, Any] | None = None, cohort: Cohort | None = None, **change: Any) -> RunPlan:
        model = kind(kind.Settings(**(settings or {})))
        arguments: dict[str, Any] = {
            "runs": tmp_path / "runs",
            "entry": entry,
            "model": model,
            "inputs": model.inputs(),
            "cohort": (cohort := cohort or invented_cohort()),
            "features": invented_features(cohort, ("onset", "apex")),
            "seeds": (0,),
            "device": "cpu",
            "precision": "float32",
            "threads": 1,
            "shuffle_labels": False,
        }
        with plan_run(**{**arguments, **change}) as planned:
            return planned

    return make


def test_a_directory_is_named_safely_and_its_run_by_the_whole_name(plan: Plan, registry: Registry) -> None:
    entry = replace(registry.get("model", "difference-svm"), name="lib:net.a1/x")
    planned = plan(entry=entry)
    assert planned.directory.path.name == f"lib-net.a1-x-{planned.identity.digest[:8]}"
    assert planned.run["model"] == planned.directory.read_run()["model"] == "lib:net.a1/x"


def _other_annotation() -> Cohort:
    cohort = invented_cohort()
    return replace(cohort, data=(replace(cohort.data[0], sha256="1" * 64),))


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"c": 0.5}},
        {"settings": {"size": 16}},
        {"cohort": invented_cohort(subjects=4)},
        {"cohort": invented_cohort(twin=True)},
        {"cohort": invented_cohort(aus=(1, 4))},
        {"cohort": invented_cohort(classes=("surprise", "happy", "disgust", "others"))},
        {"cohort": _other_annotation()},
        {"precision": "bfloat16"},
        {"device": "cuda"},
        {"threads": 2},
        {"shuffle_labels": True},
    ],
    ids=[
        "c",
        "size",
        "subjects",
        "twin",
        "units",
        "classes",
        "annotation",
        "precision",
        "device",
        "threads",
        "shuffled",
    ],
)
@pytest.mark.filterwarnings("ignore:.*is a new run")
def test_what_decides_results_makes_another_run(plan: Plan, change: dict[str, Any]) -> None:
    first, other = plan(), plan(**change)
    assert first.directory.path != other.directory.path
    assert first.run["identity"] != other.run["identity"]


@pytest.mark.parametrize("change", [{"seeds": (5, 6)}, {"settings": {"c": 0.01}}], ids=str)
def test_what_does_not_decide_results_goes_on_with_the_run(plan: Plan, change: dict[str, Any]) -> None:
    assert plan().directory.path == plan(**change).directory.path


def test_a_plan_names_every_fold_of_every_seed(plan: Plan) -> None:
    planned = plan(seeds=(1, 0))
    folds = [f"casme3/spNO.{n}" for n in (1, 2, 3)]
    assert planned.tasks == tuple(Task(seed, fold) for seed in (0, 1) for fold in folds)


def test_going_on_merges_seeds_and_keeps_the_beginning(plan: Plan) -> None:
    first = plan(seeds=(3,))
    again = plan(seeds=(2, 1))
    assert again.run == sealed({**first.run, "seeds": [1, 2, 3]})
    assert json.loads(again.directory.run_file.read_text()) == again.run
    assert {task.seed for task in again.tasks} == {1, 2, 3}


def test_going_on_under_the_same_conditions_warns_of_nothing(plan: Plan) -> None:
    plan()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"versions": {"numpy": "0.1"}}, "numpy 0.1 -> "),
        ({"versions": {"numpy": None}}, "numpy none -> "),
        ({"hardware": {"cores": 999}}, "the hardware"),
    ],
    ids=["version", "new package", "hardware"],
)
def test_changed_conditions_are_named_in_a_warning(plan: Plan, change: dict[str, Any], named: str) -> None:
    first = plan()
    stored = {**first.run}
    for name, value in change.items():
        stored[name] = {**(stored[name] or {}), **value}
    stored["versions"] = {name: version for name, version in stored["versions"].items() if version}
    stored = first.directory.write_run(stored)
    with pytest.warns(MebenchWarning) as caught:
        again = plan()
    (message,) = (str(warning.message) for warning in caught)
    assert named in message
    assert str(first.directory.path) in message
    assert "\n" not in message
    assert again.run == stored


@pytest.mark.parametrize("text", ["", "{}"])
def test_a_damaged_description_is_not_gone_on_with(plan: Plan, text: str) -> None:
    first = plan()
    first.directory.run_file.write_text(text)
    with pytest.raises(MebenchError, match=r"run\.json"):
        plan()
    assert first.directory.run_file.read_text() == text


def test_processes_that_add_seeds_to_one_run_at_once_lose_none(plan: Plan) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda seed: plan(seeds=(seed,)), range(8)))
    assert plan().run["seeds"] == list(range(8))


def test_what_a_killed_process_left_of_a_description_is_removed(plan: Plan) -> None:
    directory = plan().directory
    left = [directory.path / f".{name}.0123456789abcdef.tmp" for name in ("run.json", "cohort.csv")]
    for file in left:
        file.write_text("{")
    plan()
    assert not any(file.exists() for file in left)


def test_the_description_holds_what_a_reader_must_know(plan: Plan) -> None:
    run = plan(settings={"c": 0.5}, cohort=invented_cohort(twin=True)).run
    assert run["changed_settings"] == {"c": 0.5}
    assert run["synthetic"] is True
    assert run["cohort"]["clips"] == 12
    assert run["cohort"]["class_counts"] == dict.fromkeys(("happy", "surprise", "disgust", "others"), 3)
    assert set(run["inputs"]) == {"onset", "apex"}
    assert run["versions"]["numpy"]


def test_the_truth_lies_beside_the_records(plan: Plan) -> None:
    directory = plan().directory
    lines = directory.cohort_file.read_text().splitlines()
    assert lines[0] == "key,dataset,subject,fold,label,class,au1,au4,au12"
    assert lines[1] == "casme3/spNO.1/a/10,casme3,casme3/spNO.1,casme3/spNO.1,0,happy,0,0,1"
    assert len(lines) == 13


COHORT = invented_cohort(subjects=12, clips=1, datasets=("casme3", "samm"))


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("2", {"casme3/spNO.1", "casme3/spNO.10"}),
        ("spNO.3", {"casme3/spNO.3", "samm/spNO.3"}),
        ("samm/spNO.3", {"samm/spNO.3"}),
        (" spNO.3 , casme3/spNO.4", {"casme3/spNO.3", "samm/spNO.3", "casme3/spNO.4"}),
    ],
)
def test_folds_are_chosen_by_count_or_name(wanted: str, chosen: set[str]) -> None:
    assert choose_folds(COHORT, wanted) == chosen


@pytest.mark.parametrize("wanted", [None, "24", "999"])
def test_all_folds_are_chosen(wanted: str | None) -> None:
    assert choose_folds(COHORT, wanted) == {fold.name for fold in COHORT.folds}


@pytest.mark.parametrize("wanted", ["0", "-1"])
def test_a_count_below_one_is_refused(wanted: str) -> None:
    with pytest.raises(MebenchError, match="positive count"):
        choose_folds(COHORT, wanted)


@pytest.mark.parametrize("wanted", ["spNO.13", "spNO.1,spno3x", "", "casme3/spNO.99"])
def test_an_unknown_fold_is_answered_with_what_there_is(wanted: str) -> None:
    with pytest.raises(UnknownNameError, match=r"there is no fold named .*spNO\."):
        choose_folds(COHORT, wanted)


def test_a_run_on_a_gpu_names_it_and_one_on_a_cpu_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = SimpleNamespace(is_available=lambda: True, get_device_name=lambda device: f"a GPU, {device}")
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert provenance.gpu("cuda") == {"gpu": "a GPU, cuda"}
    assert provenance.gpu("cpu") == {}
