"""The documented Python, as users run it: a notebook in a kernel, scripts from a file and from standard input."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "tests/kit"
NOTEBOOK = ROOT / "docs/notebook.ipynb"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all, so that the twin is drawn once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def environment(cache: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has the plugin of :mod:`odd_models` installed."""
    info = tmp_path / "site/odd_models-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-models\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mebench]\nodd = odd_models\n")
    path = os.pathsep.join([str(info.parent), str(KIT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "MEBENCH_CACHE": str(cache), "PYTHONPATH": path, "PYTHONWARNINGS": "default"}


def run_script(
    code: str, environment: dict[str, str], folder: Path, *, by_file: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run code without any guard, from standard input or from a file."""
    if by_file:
        (folder / "script.py").write_text(code)
    return subprocess.run(
        [sys.executable, "script.py" if by_file else "-"],
        input=None if by_file else code,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def blocks(document: str, part: str) -> str:
    """Return the Python blocks of a document from the first that contains some words to the last of its section."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```", text[text.index(part) :], re.DOTALL)
    return "\n".join(found if document.startswith("docs") else found[:1])


def test_the_notebook_runs_from_top_to_bottom_and_shows_tables(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    for name in ("cohort", "clips", "loop", "run", "confusion", "predictions", "runs"):
        (html,) = [each.data["text/html"] for each in shown[name] if each.output_type == "execute_result"]
        assert "<table" in html
    assert "not a recorded run" in str(shown["loop"])
    (record,) = {path.parent for path in tmp_path.glob("runs/*/*/folds/*.json")}
    assert len(list(record.iterdir())) == 8


def test_the_stored_notebook_holds_no_output_and_no_path() -> None:
    stored: Any = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)
    assert not re.search(r"/(home|Users|root|tmp)/", NOTEBOOK.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("document", "part", "by_file"),
    [("README.md", "## From Python", True), ("docs/python.md", "import mebench", False)],
)
def test_the_documented_lines_run_in_order_from_a_script_without_a_guard(
    environment: dict[str, str], tmp_path: Path, document: str, part: str, by_file: bool
) -> None:
    code = blocks(document, part)
    made = code.count("mebench.run(")
    ends = f"\nassert run.scores['uf1']['mean'] and len(mebench.runs('runs')) == {made}\nprint('once')"
    done = run_script(code + ends, environment, tmp_path, by_file=by_file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["once"], "no worker ran the script again"
    assert "Traceback" not in done.stderr


def test_a_script_may_change_its_folder_and_a_failed_fold_is_named_in_a_warning(
    environment: dict[str, str], tmp_path: Path, twin: Path
) -> None:
    code = f"""
import os, mebench
cohort = mebench.open_cohort("casme3-4c", data={str(twin)!r}, progress=False)
os.mkdir("elsewhere"); os.chdir("elsewhere")
run = mebench.run("odd", cohort, set={{"act": "print"}}, executor="steered", progress=False)
print(len(run.missing), run.failed)
"""
    done = run_script(code, {**environment, "ODD_FAIL": str(tmp_path / "first")}, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 {'casme3/spNO." in done.stdout
    assert "MebenchWarning: 1 fold(s) failed (ValueError: odd on purpose)" in done.stderr
    assert "the same call tries them again" in done.stderr
    logs = [path for path in tmp_path.rglob("*.log") if "odd words on standard output" in path.read_text()]
    assert len(logs) == 2
    assert all(path.is_relative_to(tmp_path / "elsewhere/runs") for path in logs)
    assert not (tmp_path / "runs").exists()


def test_ctrl_c_ends_a_script_with_its_finished_folds_kept(
    environment: dict[str, str], tmp_path: Path, twin: Path
) -> None:
    code = f'import mebench; mebench.run("odd", "casme3-4c", data={str(twin)!r}, executor="steered", progress=False)'
    script = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**environment, "ODD_HOLD": str(tmp_path / "first")},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (kept := list(tmp_path.glob("runs/*/*/folds/*.json"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    script.send_signal(signal.SIGINT)
    _, errors = script.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert kept[0].exists()
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*/folds/*.json")}
    code += "; print(len(mebench.runs()[0]['seeds']), mebench.runs()[0]['done'])"
    done = run_script(code, environment, tmp_path)
    assert done.stdout == "1 3\n", done.stderr
    assert all(path.stat().st_mtime_ns == before for path, before in times.items())
