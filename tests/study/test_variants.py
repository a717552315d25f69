"""Which variants a study has, what they are called, and what is left out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_studies import net_file, plugins

from mebench.errors import MebenchError, UnknownNameError
from mebench.models.base import settings_values
from mebench.study.variants import Study, ablation_of, sweep_of


def names(study: Study) -> list[str]:
    return [variant.name for variant in study.variants]


def test_a_sweep_has_every_combination_named_by_what_differs(tmp_path: Path) -> None:
    study = sweep_of(plugins(), net_file(tmp_path), ["kind=two,both", "share=0.5,0.1"])
    assert names(study) == ["kind=two", "kind=two, share=0.1", "reference", "share=0.1"]
    assert study.factors == ("kind", "share")
    assert study.variants[1].factors == {"kind": "two", "share": 0.1}
    assert not study.notes


def test_the_only_factor_stands_beside_the_reference(tmp_path: Path) -> None:
    study = sweep_of(plugins(), net_file(tmp_path), ["share=0.1,0.5"])
    assert names(study) == ["share=0.1", "share=0.5 (reference)"]


def test_without_the_models_own_point_the_first_is_the_reference_and_that_is_said(tmp_path: Path) -> None:
    study = sweep_of(plugins(), net_file(tmp_path), ["share=0.1,0.2"])
    assert study.reference.factors == {"share": 0.1}
    (note,) = study.notes
    assert "lacks share=0.5" in note
    assert "the reference is share=0.1" in note


def test_the_users_settings_hold_in_every_variant(tmp_path: Path) -> None:
    model = net_file(tmp_path)
    for study in (
        sweep_of(plugins(), model, ["kind=two,both"], settings=["share=0.2"]),
        sweep_of(plugins(), f"{model}[share=0.2]", ["kind=two,both"]),
        ablation_of(plugins(), f"{model}[share=0.2]", ["axes"]),
    ):
        assert {settings_values(each.named.model.settings)["share"] for each in study.variants} == {0.2}


def test_an_ablation_may_change_what_the_user_set(tmp_path: Path) -> None:
    study = ablation_of(plugins(), f"{net_file(tmp_path)}[kind=two]", ["kind"])
    assert names(study) == ["reference", "kind=one"]
    assert study.notes == ("left out kind=two: the reference is that already",)


def test_a_combination_that_cannot_be_is_left_out_and_named(tmp_path: Path) -> None:
    study = sweep_of(plugins(), net_file(tmp_path), ["kind=one,both", "share=0.5,0.1"])
    assert names(study) == ["kind=one", "reference", "share=0.1"]
    (note,) = study.notes
    assert note.startswith("left out kind=one, share=0.1: ")
    assert "share concerns two kinds" in note


def test_a_value_that_can_be_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match=r"'kind' of Net cannot be 'tow'; choose|did you mean 'two'"):
        sweep_of(plugins(), net_file(tmp_path), ["kind=both,tow", "share=0.5,0.1"])
    with pytest.raises(MebenchError, match="share concerns two kinds"):
        sweep_of(plugins(), net_file(tmp_path), ["share=0.5,0.1"], settings=["kind=one"])


def test_equal_variants_are_run_once(tmp_path: Path) -> None:
    study = sweep_of(plugins(), net_file(tmp_path), ["share=0.5,0.1,0.10"])
    assert names(study) == ["share=0.5 (reference)", "share=0.1"]
    assert study.notes == ("share=0.1 is run once: it stands there twice",)
    with pytest.raises(MebenchError, match="one variant only"):
        sweep_of(plugins(), net_file(tmp_path), ["share=0.5,0.50"])


def test_varied_and_set_at_once_is_refused(tmp_path: Path) -> None:
    model = net_file(tmp_path)
    for named, settings in ((model, ["kind=two"]), (f"{model}[kind=two]", [])):
        with pytest.raises(MebenchError, match="kind is varied by the grid and set"):
            sweep_of(plugins(), named, ["kind=one,both"], settings=settings)


def test_an_ablation_is_what_the_plugin_declares(tmp_path: Path) -> None:
    study = ablation_of(plugins(), net_file(tmp_path))
    assert names(study) == ["reference", "kind=one", "kind=two", "share=0.1", "share=0.9", "axes=x"]
    assert [each.axis for each in study.variants] == ["", "kind", "kind", "share", "share", "axes"]
    assert names(ablation_of(plugins(), net_file(tmp_path), ["axes", "axes"])) == ["reference", "axes=x"]


def test_what_the_named_model_does_not_allow_is_left_out(tmp_path: Path) -> None:
    study = ablation_of(plugins(), net_file(tmp_path), ["share", "axes"], settings=["kind=one"])
    assert names(study) == ["reference", "axes=x"]
    assert [note.partition(":")[0] for note in study.notes] == ["left out share=0.1", "left out share=0.9"]
    with pytest.raises(MebenchError, match=r"nothing of share can be varied in .*share concerns two kinds"):
        ablation_of(plugins(), net_file(tmp_path), ["share"], settings=["kind=one"])


def test_a_wrong_axis_and_a_model_without_any_are_told() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'attention'"):
        ablation_of(plugins(), "famnet", ["atention"])
    with pytest.raises(
        MebenchError, match=r"majority declares no ablations: .*mebench sweep majority PROTOCOL"
    ):
        ablation_of(plugins(), "majority")


def test_famnets_ablations_are_variants_of_what_is_named() -> None:
    pytest.importorskip("torch")
    study = ablation_of(plugins(), "famnet", preset="small")
    assert {"branches=2d", "attention=none", "faud=false", "apex=middle"} <= set(names(study))
    assert all(each.named.model.settings.width == 16 for each in study.variants)  # type: ignore[attr-defined]
    of_branch = ablation_of(plugins(), "amnet2d", ["branches", "attention"])
    assert names(of_branch) == ["reference", "attention=last", "attention=none"]
    assert of_branch.notes[0].startswith("left out branches=2d: ")
