"""Sweeps and ablations in a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_studies import net_file

import mebench


def test_an_ablation_is_a_frame_that_shows_and_writes_itself_and_the_same_call_runs_nothing(
    cohort: mebench.OpenCohort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net_file(tmp_path)
    found = mebench.ablate("net.py:Net", cohort, axes=["axes"], seeds=[0, 1], progress=False)
    assert capsys.readouterr() == ("", "")
    frame = found.frame.set_index("variant")
    assert list(frame.index) == ["reference", "axes=x"]
    assert frame["synthetic"].all()
    assert frame["uf1"].between(0, 1).all()
    assert frame["uf1_p_holm"].notna().tolist() == [False, True]
    run = mebench.run("net.py:Net[axes=x]", cohort, seeds=[0, 1], progress=False)
    assert frame.loc["axes=x", "run"] == str(run.path)
    assert frame.loc["axes=x", "uf1"] == run.scores["uf1"]["mean"] == found.rows[1].uf1["mean"]  # type: ignore[index]
    records = {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/*/folds/*.json")}
    again = mebench.ablate("net.py:Net", cohort, axes="axes", seeds=[0, 1])
    assert again.result == found.result
    assert "variant 2 of 2: axes=x: UF1" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in records} == records
    assert "Ablations of net.py:Net" in repr(found)
    assert "p decides whether" in found._repr_html_()
    assert {file.name for file in found.write("out")} >= {"table.md", "table.csv", "table.tex"}


def test_a_variant_that_fails_is_a_warning_and_the_others_are_there(
    cohort: mebench.OpenCohort, tmp_path: Path
) -> None:
    net_file(tmp_path)
    with pytest.warns(mebench.MebenchWarning, match=r"1 of 2 variants failed \(act=fail\).*on purpose"):
        found = mebench.sweep("net.py:Net", cohort, {"act": ["no", "fail"]}, progress=False)
    assert [bool(row.problem) for row in found.rows] == [False, True]


def test_what_is_wrong_is_told_before_anything_is_computed(
    tmp_path: Path, cohort: mebench.OpenCohort
) -> None:
    net_file(tmp_path)
    with pytest.raises(mebench.MebenchError, match="did you mean 'kind'"):
        mebench.sweep("net.py:Net", cohort, {"knd": ["one"]})
    with pytest.raises(mebench.MebenchError, match="did you mean 'kind'"):
        mebench.ablate("net.py:Net", cohort, axes=["knd"])
    with pytest.raises(mebench.MebenchError, match="the cohort is open already"):
        mebench.ablate("net.py:Net", cohort, synthetic=True)
    with pytest.raises(TypeError, match="'save_models' is no keyword of a study"):
        mebench.ablate("net.py:Net", cohort, save_models=True)  # type: ignore[call-arg]
    assert not Path("runs").exists()
