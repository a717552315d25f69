"""Every cheat ends as it must: at the honest score, refused, or marked; docs/audit.md says what was found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mebench.locks import locked
from mebench.sealed.landlock import version

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs" / "audit.md"

sys.path.insert(0, str(HERE))
from catalogue import ANIMALS, HONEST, Animal  # noqa: E402 - it lies beside this file
from ends import told  # noqa: E402

Ends = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory, worker_id: str, twin: Path) -> Ends:
    """How each cheat ended, all run by one main process that a user could have started."""
    base = tmp_path_factory.getbasetemp()
    # Processes of pytest share it.
    folder = (base if worker_id == "master" else base.parent) / "zoo"
    folder.mkdir(exist_ok=True)
    with locked(folder.with_suffix(".lock"), "the zoo, which another test runs"):
        file = folder / "ends.json"
        if not file.exists():
            _run_all(folder, twin, file)
    found: Ends = json.loads(file.read_text())
    return found


def _run_all(folder: Path, twin: Path, file: Path) -> None:
    (folder / "home").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, str(HERE / "keeper.py"), "--data", str(twin), "--out", str(file)],
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
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


# Asked of the kernel and not of the seal: where a defence is lost or switched off, cheats must be seen to succeed.
needs_landlock = pytest.mark.skipif(
    not version(), reason="this kernel has no Landlock, which stops most of them"
)


@needs_landlock
@pytest.mark.parametrize("animal", ANIMALS, ids=lambda animal: animal.name)
def test_a_cheat_ends_as_it_must(ends: Ends, animal: Animal) -> None:
    if version() < animal.landlock:
        pytest.skip(f"it takes Landlock {animal.landlock}, and this kernel has {version()}")
    end = ends[animal.name]
    assert end["end"] == animal.end, end["evidence"]
    assert animal.sign in end["evidence"]
    if animal.end == HONEST:
        assert re.fullmatch(r"the honest model's predictions of \d+ clips", end["evidence"])


@needs_landlock
def test_the_table_of_the_docs_is_what_was_found(ends: Ends) -> None:
    if version() < max(animal.landlock for animal in ANIMALS):
        pytest.skip(f"this kernel has Landlock {version()}, which lets some of them go on")
    text = DOCS.read_text(encoding="utf-8")
    assert told(ends) in text, f"put this into {DOCS.name}:\n\n{told(ends)}"
