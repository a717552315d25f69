"""The variants of a study are asked before any clip is read; one that cannot be run costs only itself."""

from __future__ import annotations

import pytest
from preparing_models import Preparing, PreparingSettings

from mebench.errors import MebenchError
from mebench.models import asking
from mebench.plugin.entry import Entry
from mebench.plugin.loading import load_plugins
from mebench.runner.named import NamedModel
from mebench.runner.options import RunOptions
from mebench.study.variants import Study, Variant
from mebench.study.work import check_study

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
