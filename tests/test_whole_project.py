"""The checks of the project as a whole that take long, as tests: so they run beside the others, on the same cores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def passes(*command: str | Path) -> None:
    """Run a Python program of the project; what it prints is shown where it fails."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_types_hold() -> None:
    pytest.importorskip("mypy", reason="static types take mypy: pip install --group types")
    passes("-m", "mypy")


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="the documentation takes Sphinx: pip install --group docs")
    passes("docs/site/build.py", "--out", tmp_path / "docs")
