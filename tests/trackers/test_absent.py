"""Trackers whose library is not installed are listed as such and refused before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(("name", "library"), [("tensorboard", "tensorboard"), ("mlflow", "mlflow")])
def test_a_tracker_without_its_library_says_how_to_install_it(
    name: str, library: str, call: Callable[..., Any], twin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mebench.plugin.entry._installed", lambda module: module != library)
    said = call("run", "majority", "casme3-4c", "--data", twin, "--tracker", name)
    assert said.code == 2
    assert f"tracker '{name}'" in said.err
    assert f"pip install 'mebench[{name}]'" in said.err
    assert not Path("runs").exists()
