"""A run of a model in a file: in worker processes, named by content, marked wherever its scores stand."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from odd_runs import wait_for

import mebench
from mebench.errors import MebenchError, MebenchWarning
from mebench.leaderboard.build import build_leaderboards
from mebench.notebook.runs import Run

MODEL = """
import enum
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shares_beside
from mebench.api import Input, Model, ModelSettings, Predictions


class Way(enum.Enum):
    MOST = "most"


@dataclass(frozen=True)
class Place(Input):
    kind = "measurement"
    dtype = np.dtype(np.float32)
    shape = (1,)

    def compute(self, clip):
        return np.float32([clip.apex])


class Settings(ModelSettings):
    way: Way = Way.MOST
    awaits_edit: bool = False


class Tiny(Model):
    Settings = Settings

    def inputs(self):
        return {"place": Place()}

    def fit(self, train, context):
        assert train.features["place"][:].shape == (len(train), 1)
        assert self.settings.way is Way.MOST
        assert isinstance(train.inputs["place"], Place)
        self.shares = shares_beside.shares(train.labels, len(context.classes))
        if self.settings.awaits_edit:
            before = Path(__file__).stat().st_size
            print("waiting for an edit")
            while Path(__file__).stat().st_size == before:
                time.sleep(0.01)

    def predict(self, test):
        return Predictions(np.tile(self.shares, (len(test), 1)))
"""
BESIDE = """
import numpy as np


def shares(labels, classes):
    return np.bincount(labels, minlength=classes) / len(labels)
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "tiny.py").write_text(MODEL)
    (folder / "shares_beside.py").write_text(BESIDE)
    return folder / "tiny.py"


def run(name: str | Path, twin: Path, **options: Any) -> Run:
    return mebench.run(str(name), "casme3", data=twin, progress=False, workers=2, **options)


def test_a_run_is_named_by_what_the_file_holds_and_marked_as_local_code(file: Path, twin: Path) -> None:
    first = run("models/tiny.py:Tiny", twin)
    assert not first.failed
    assert first.path.name.startswith("tiny.py-Tiny-")
    info = json.loads((first.path / "run.json").read_text())
    assert (info["model"], info["target"]) == ("tiny.py:Tiny", "tiny.py:Tiny")
    assert set(info["decided_by"]["code"]) == {"local_file_tiny", "mebench", "shares_beside"}
    assert info["local_code"]["file"] == "tiny.py"
    assert str(file.parent) not in json.dumps(info)
    mark = f"LOCAL CODE {info['local_code']['sha256'][:12]}"
    assert mark in repr(first)
    assert mark in mebench.runs()._repr_html_()
    build_leaderboards(Path("runs"), Path("boards"))
    assert mark in Path("boards/synthetic/casme3-4c.md").read_text()
    assert mark in Path("boards/synthetic/casme3-4c.csv").read_text()

    shutil.copytree(file.parent, "elsewhere")
    assert run("elsewhere/tiny.py", twin).path == first.path

    with (file.parent / "shares_beside.py").open("a") as beside:
        beside.write("# edited\n")
    with pytest.warns(MebenchWarning, match="a new run, since the code of shares_beside changed"):
        other = run("models/tiny.py:Tiny", twin)
    assert other.path != first.path


def test_a_file_that_changes_while_it_runs_is_noticed(file: Path, twin: Path) -> None:
    """A fold's process may not write it, so it is edited from outside once a fold says that it waits for that."""

    def edit() -> None:
        if wait_for(lambda: any("waiting" in log.read_text() for log in Path("runs").rglob("*.log"))):
            file.write_text(MODEL + "# edited\n")

    editing = threading.Thread(target=edit)
    editing.start()
    with pytest.raises(MebenchError, match=r"the code of tiny\.py changed while this process was running"):
        run(file, twin, set={"awaits_edit": True})
    editing.join()
