"""``mebench fit`` and ``mebench run --save-models`` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mebench.cli.fit import fit
from mebench.cli.run import run
from mebench.models.fitted import load_fitted
from mebench.plugin.registry import Registry


def said(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments)], catch_exceptions=True)  # type: ignore[arg-type]


def test_a_model_is_fitted_to_a_whole_cohort_and_said_to_be(
    twin: Path, registry: Registry, tmp_path: Path
) -> None:
    out = tmp_path / "kept"
    result = said(fit, "majority", "casme3", "--data", twin, "--out", out, "--seed", 2)
    assert result.exit_code == 0, result.output
    assert (
        f"{out}: majority, trained on 12 synthetic clips of 3 subjects (casme3-4c), 0.00 MiB of weights"
        in result.output
    )
    assert load_fitted(out, registry).about["seed"] == 2
    again = said(fit, "majority", "casme3", "--data", twin, "--out", out)
    assert (
        str(again.exception)
        == f"{out} holds a kept model already: name another folder, or replace it with --force"
    )
    forced = said(fit, "majority", "casme3", "--data", twin, "--out", out, "--force", "--json")
    assert json.loads(forced.stdout)["seed"] == 0


def test_wrong_words_are_answered_before_anything_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "kept"
    assert "did you mean 'majority'?" in str(
        said(fit, "majorty", "casme3", "--synthetic", "--out", out).exception
    )
    assert "there is no protocol" in str(
        said(fit, "majority", "casme33", "--synthetic", "--out", out).exception
    )
    assert "Missing option '--out'" in said(fit, "majority", "casme3", "--synthetic").output
    (tmp_path / "notes.txt").write_text("mine")
    assert "holds other things than a kept model (notes.txt)" in str(
        said(fit, "majority", "casme3", "--synthetic", "--out", tmp_path, "--force").exception
    )
    both = said(fit, "majority", "casme3", "--synthetic", "--data", tmp_path, "--out", out)
    assert "--synthetic makes its own data" in str(both.exception)
    assert not out.exists()


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            ("command", "--set", "run=cp {test} {out}"),
            "a fitted command cannot be kept: its command trains and predicts in one go",
        ),
        (("majority", "--selection", "inner"), "model 'majority' keeps no epochs"),
        (("ststnet", "--selection", "oracle"), "the rule 'oracle' takes the epoch that is best on the test"),
    ],
)
def test_what_cannot_be_kept_is_said_before_anything_is_drawn(
    model: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_: object, **__: object) -> None:
        raise AssertionError("the data was looked for")

    monkeypatch.setattr("mebench.cohort.ready.cohort_to_run", drawn)
    name, *options = model
    out = tmp_path / "kept"
    for command, where in ((fit, ("--out", out)), (run, ("--save-models", "--runs", tmp_path / "runs"))):
        refused = said(command, name, "casme3", "--synthetic", *options, *where)
        assert sentence in str(refused.exception)
    assert not [*tmp_path.iterdir()]


def test_a_run_keeps_its_models_when_asked(twin: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    result = said(
        run,
        "majority",
        "casme3",
        "--data",
        twin,
        "--runs",
        runs,
        "--folds",
        1,
        "--save-models",
        "--workers",
        1,
    )
    assert result.exit_code == 0, result.output
    (kept,) = runs.glob("*/*/models/*")
    assert sorted(each.name for each in kept.iterdir()) == ["model.json", "weights.safetensors"]
