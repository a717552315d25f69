"""The code in README and docs/plugins.md is a plugin that works."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invented import invented_cohort

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]


def block(document: str, part: str) -> str:
    """Return the one Python block of a document that contains some words."""
    found = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    (code,) = [code for code in found if part in code]
    return code


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the documented package, by its files alone."""
    site = tmp_path / "site"
    (site / "mynet").mkdir(parents=True)
    register = block("README.md", "# mynet/__init__.py")
    register += '    registry.model("mean-picture", "mynet.mean:MeanPicture", title="Mean picture")\n'
    (site / "mynet/__init__.py").write_text(register)
    (site / "mynet/model.py").write_text(block("README.md", "# mynet/model.py"))
    (site / "mynet/mean.py").write_text(block("docs/plugins.md", "class MeanPicture(Model)"))
    about = site / "mynet-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mynet\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[mebench]\nmynet = mynet\n")
    monkeypatch.setenv("PYTHONPATH", str(site))


def test_the_documented_split_makes_folds_that_count() -> None:
    given: dict[str, Any] = {}
    exec(block("docs/plugins.md", "class Halves(Split)"), given)
    folds = invented_cohort(4, 3, split=given["Halves"]()).folds
    assert [(fold.name, fold.test.tolist()) for fold in folds] == [
        ("first", [*range(6)]),
        ("second", [*range(6, 12)]),
    ]


@pytest.mark.usefixtures("documented")
def test_the_documented_model_without_torch_runs_to_its_scores(cli: Cli, twin: Path) -> None:
    done = cli("run", "mean-picture", "casme3", "--data", twin)
    assert done.returncode == 0, done.stderr
    assert "UF1" in done.stdout


@pytest.mark.usefixtures("documented")
def test_the_readmes_network_trains_a_fold_although_it_imports_timm_first(cli: Cli, twin: Path) -> None:
    pytest.importorskip("timm")
    done = cli("run", "mynet", "casme3", "--data", twin, "--folds", "1", "--set", "epochs=1")
    assert done.returncode == 0, done.stderr
    assert "1 of 3 folds are recorded" in done.stdout
