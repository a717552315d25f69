"""Calling the command line in the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mebench.cli import main


class Said(NamedTuple):
    """What a call said; ``code`` is the exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Call the command line with some arguments, in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, said.out, said.err)

    return run
