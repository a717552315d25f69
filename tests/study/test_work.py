"""The variants of a study are asked before any clip is read; one that cannot be run costs only itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from preparing_models import Preparing, PreparingSettings

from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.display.study_view import SilentStudyView
from mebench.errors import MebenchError
from mebench.models import asking
from mebench.plugin.entry import Entry
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.runner.named import NamedModel
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Observer
from mebench.study.variants import Study, Variant, sweep_of
from mebench.study.work import Done, check_study, run_study

ENTRY = Entry("model", "preparing", "preparing_models:Preparing", "kit", "a model that prepares itself")


def _study(*ways: str) -> Study:
    made = [NamedModel(ENTRY, Preparing(PreparingSettings(how=how))) for how in ways]
    return Study(
        "preparing", tuple(Variant(each, {"how": how}) for each, how in zip(made, ways, strict=True))
    )


def test_a_variant_whose_preparation_fails_is_left_to_its_turn_and_prepares_itself_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = _study("refuse", "nothing")
    check_study(load_plugins(), study, RunOptions())
    monkeypatch.setattr(asking, "SealedProcess", None)
    refused, other = study.variants
    with pytest.raises(MebenchError, match="there are no weights: fetch them"):
        refused.named.asked  # noqa: B018
    assert other.named.asked.inputs


def test_a_study_of_which_nothing_can_be_run_is_refused_at_once() -> None:
    with pytest.raises(MebenchError, match="there are no weights: fetch them"):
        check_study(load_plugins(), _study("refuse", "refuse"), RunOptions())
    with pytest.raises(MebenchError, match="nowhere"):
        check_study(load_plugins(), _study("nothing"), RunOptions(executor="nowhere"))


class Turns(SilentStudyView):
    """Which variant began and ended when."""

    def __init__(self) -> None:
        self.turns: list[Any] = []

    def variant(self, number: int, name: str) -> Observer:
        self.turns.append(number)
        return self

    def variant_ended(self, number: int, done: Done) -> None:
        assert not done.problem
        self.turns.append(f"{number} ended")


@pytest.mark.parametrize(
    ("together", "turns"), [(True, [1, "1 ended", 2, "2 ended"]), (False, [1, 2, "1 ended", "2 ended"])]
)
def test_variants_begin_together_but_where_the_folds_of_each_are_one_network(
    together: bool, turns: list[Any], registry: Registry, twin: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    file = Path(__file__).parents[1] / "kit" / "joined_models.py"
    study = sweep_of(load_plugins(), f"{file}:Joined", {"epochs": [1, 2]})
    cohort = open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})
    workers = 3 if together else 1
    options = RunOptions(runs=tmp_path / "runs", folds_together=together, device="cpu", workers=workers)
    view = Turns()
    done = run_study(load_plugins(), study, cohort, options, view)
    assert view.turns == turns
    assert [each.missing for each in done] == [0, 0]
    records = [json.loads(path.read_text()) for path in tmp_path.glob("runs/*/*/folds/*.json")]
    assert [len(each.get("together", ())) for each in records] == [3 * together] * 6
