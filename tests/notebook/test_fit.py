"""A kept model in a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

import mebench


def test_a_whole_cohort_is_fitted_kept_and_ready_to_predict(
    cohort: mebench.OpenCohort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted = mebench.fit("majority", cohort, out="kept", seed=3, progress=False)
    assert fitted.folder == Path("kept")
    assert fitted.about["trained_on"] == 12
    assert fitted.about["seed"] == 3
    assert fitted.model.predict(mebench.api.TestSet({}, 1)).probabilities.sum() == pytest.approx(1)
    assert capsys.readouterr() == ("", "")
    with pytest.raises(mebench.MebenchError, match="holds a kept model already"):
        mebench.fit("majority", cohort, out="kept")
    with pytest.raises(mebench.MebenchError, match="the cohort is open already"):
        mebench.fit("majority", cohort, out="other", synthetic=True)


def test_what_cannot_be_kept_is_said_before_a_cohort_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the data was looked for")

    monkeypatch.setattr("mebench.notebook.cohort.cohort_to_run", opened)
    with pytest.raises(mebench.MebenchError, match="'majority' keeps no epochs"):
        mebench.fit("majority", "casme3", out="kept", synthetic=True, selection="inner")
    with pytest.raises(mebench.MebenchError, match="a fitted command cannot be kept"):
        mebench.run(
            "command",
            "casme3",
            set={"run": "cp {test} {out}"},
            synthetic=True,
            save_models=True,
            progress=False,
        )


def test_a_run_keeps_its_models_when_asked(cohort: mebench.OpenCohort) -> None:
    run = mebench.run("majority", cohort, save_models=True, folds=2, progress=False)
    assert len(list((run.path / "models").iterdir())) == 2
