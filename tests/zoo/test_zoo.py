"""Every cheat ends as it must: at the honest score, refused, or marked; docs/audit.md says what was found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mebench.sealed.in_force import is_full
from mebench.sealed.seal import available

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs" / "audit.md"

sys.path.insert(0, str(HERE))
from catalogue import ANIMALS, HONEST, Animal  # noqa: E402 - it lies beside this file
from ends import told  # noqa: E402

Ends = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory, twin: Path) -> Ends:
    """How each cheat ended, all run by one main process that a user could have started."""
    folder = tmp_path_factory.mktemp("zoo")
    (folder / "home").mkdir()
    done = subprocess.run(
        [sys.executable, str(HERE / "keeper.py"), "--data", str(twin), "--out", str(folder / "ends.json")],
        cwd=folder,
        env={
            **os.environ,
            "HOME": str(folder / "home"),
            "MEBENCH_CACHE": str(folder / "cache"),
            "MEBENCH_CONFIG": str(folder / "config"),
            "MEBENCH_STATE": str(folder / "state"),
            "MEBENCH_DATA_CASME3": str(twin),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: Ends = json.loads((folder / "ends.json").read_text())
    return found


needs_full_isolation = pytest.mark.skipif(
    not is_full(available()), reason=f"this machine gives a fold no full isolation, but: {available()}"
)


@needs_full_isolation
@pytest.mark.parametrize("animal", ANIMALS, ids=lambda animal: animal.name)
def test_a_cheat_ends_as_it_must(ends: Ends, animal: Animal) -> None:
    end = ends[animal.name]
    assert end["end"] == animal.end, end["evidence"]
    assert animal.sign in end["evidence"]
    if animal.end == HONEST:
        assert re.fullmatch(r"the honest model's predictions of \d+ clips", end["evidence"])


@needs_full_isolation
def test_the_table_of_the_docs_is_what_was_found(ends: Ends) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert told(ends) in text, f"put this into {DOCS.name}:\n\n{told(ends)}"
