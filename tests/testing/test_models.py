"""Each check of a model finds the fault that it is there for, and none in a sound model."""

from __future__ import annotations

import re
from pathlib import Path

import faulty_models
import pytest
from own_plugins import plugins_with

from mebench.testing import ModelConformance
from mebench.testing.checks import Outcome, ask
from mebench.testing.kits import asked, checks_of
from mebench.testing.report import reports


def outcome(target: str, check: str) -> Outcome:
    plugins = plugins_with("model", "odd", f"faulty_models:{target}")
    with asked(plugins, "model", "odd") as kit:
        (chosen,) = [each for each in kit.checks if each.name == check]
        return ask(chosen, kit.subject)


@pytest.mark.parametrize("kind", faulty_models.FAULTS, ids=lambda kind: kind.__name__)
def test_the_check_finds_the_fault(kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTY_PLACE", str(tmp_path))
    check, said = faulty_models.FAULTS[kind]
    found = outcome(kind.__name__, check)
    assert found.state == "failed"
    assert re.search(said, found.said), found.said


def test_a_sound_model_has_no_fault_and_what_does_not_apply_says_why() -> None:
    (report,) = reports(plugins_with("model", "odd", "faulty_models:Sound"), "model", "odd")
    assert report.failed == []
    assert all(each.said for each in report.outcomes if each.state == "not asked")
    assert re.fullmatch(r"\d+ passed, \d+ not asked", report.counts())


def test_where_the_first_training_fails_the_rest_is_not_asked_and_told_once() -> None:
    (report,) = reports(plugins_with("model", "odd", "faulty_models:NoPredictions"), "model", "odd")
    assert [each.check for each in report.failed] == ["it can be fitted on six clips and predicts five"]
    assert sum(each.said == "it cannot be fitted on six clips, see above" for each in report.outcomes) > 15


def test_every_check_says_why_it_is_there() -> None:
    for kind in ("model", "dataset", "protocol", "input"):
        checks = checks_of(kind)  # type: ignore[arg-type]
        assert all(check.why for check in checks)
        assert len({check.name for check in checks}) == len(checks)


def test_a_seed_that_is_fixed_in_the_code_and_a_layer_that_never_learns_are_found() -> None:
    pytest.importorskip("torch")
    plugins = plugins_with("model", "odd", "faulty_networks:FixedSeed")
    (report,) = reports(plugins, "model", "odd")
    assert [each.check for each in report.failed] == [
        "another seed trains another network",
        "every parameter of the network learns",
    ]


class TestMajority(ModelConformance):
    model = "majority"


class _Faulty(ModelConformance):
    model = "no-such-model"


class _Known(ModelConformance):
    model = "majority"
    expected = {"it has a title of one line": "it never failed"}


class _Misspelt(ModelConformance):
    model = "majority"
    expected = {"it has a titel of one line": "no such check"}


def test_a_name_that_is_not_there_fails_once_and_says_what_to_install() -> None:
    first, second, *_ = checks_of("model")
    with pytest.raises(pytest.fail.Exception, match="no model named 'no-such-model'.*pip install -e"):
        _Faulty().test_conformance(first)
    with pytest.raises(pytest.skip.Exception):
        _Faulty().test_conformance(second)
    _Faulty.teardown_class()


def test_a_check_that_was_expected_to_fail_and_passes_is_told() -> None:
    with pytest.raises(pytest.fail.Exception, match="take it out of `expected`"):
        _Known().test_conformance(checks_of("model")[0])
    _Known.teardown_class()


def test_an_expected_check_that_there_is_not_is_named_with_near_matches() -> None:
    class Metafunc:
        fixturenames = ("check",)

    with pytest.raises(Exception, match="did you mean 'it has a title of one line'"):
        _Misspelt().pytest_generate_tests(Metafunc())  # type: ignore[arg-type]
