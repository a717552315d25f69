"""A small cohort, opened as a notebook would, in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

import mebench


@pytest.fixture
def cohort(twin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mebench.OpenCohort:
    """The twin's 12 clips of 3 subjects under casme3-4c; the working directory is ``tmp_path``."""
    monkeypatch.chdir(tmp_path)
    return mebench.open_cohort("casme3-4c", data=twin, progress=False)
