"""A score belongs to what produced it, as a user meets it: other crops, an edited plugin, replaced pixels, --fresh."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from odd_runs import wait_for
from PIL import Image

from mebench.data.clips.marker import save_marked
from mebench.data.sources import load_dataset
from mebench.files import to_json
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, find_runs
from mebench.synthetic.twin import TwinOptions, make_twin

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

MODEL = """
import numpy as np

from mebench.api import ApexFrame, Model, Predictions

SHARE = 0.9


class Edited(Model):
    def inputs(self):
        return {"apex": ApexFrame(8)}

    def fit(self, train, context):
        self.classes_ = len(context.classes)

    def predict(self, test):
        rest = (1 - SHARE) / (self.classes_ - 1)
        return Predictions(np.tile([SHARE] + [rest] * (self.classes_ - 1), (len(test), 1)))
"""

PLUGIN = """
from mebench.api import hookimpl


@hookimpl
def mebench_register(registry):
    registry.model("edited", "editednet.model:Edited", title="Edited")
"""


@pytest.fixture
def plugin(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """The file of a plugin's model, and the environment in which the plugin is installed."""
    info = tmp_path / "site" / "editednet-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: editednet\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mebench]\neditednet = editednet\n")
    package = tmp_path / "site" / "editednet"
    package.mkdir()
    (package / "__init__.py").write_text(PLUGIN)
    (package / "model.py").write_text(MODEL)
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
    return package / "model.py", {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": ""}


def _runs(folder: Path) -> list[RunDirectory]:
    return sorted(find_runs(folder), key=lambda run: run.path.stat().st_mtime_ns)


def _shares(directory: RunDirectory) -> set[float]:
    records = [json.loads(path.read_text()) for path in directory.path.glob("folds/*.json")]
    return {prediction["probabilities"][0] for record in records for prediction in record["predictions"]}


def _repaint(folder: Path, change: Callable[[Any], Any]) -> None:
    """Replace every picture below a folder by another one."""
    for path in folder.rglob("*.jpg"):
        with Image.open(path) as picture:
            pixels = np.asarray(change(picture.convert("RGB")))
        save_marked(pixels, path)


def test_other_crops_under_the_same_sheet_have_their_own_score(cli: Cli, tmp_path: Path, twin: Path) -> None:
    for name in ("cropA", "cropB"):
        shutil.copytree(twin, tmp_path / name)
    _repaint(
        tmp_path / "cropB", lambda picture: picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).rotate(35)
    )
    command = ("run", "difference-svm", "casme3-4c", "--json", "--data")
    first = cli(*command, "cropA")
    second = cli(*command, "cropB")
    alone = cli(*command, "cropB", "--runs", "alone", MEBENCH_CACHE=str(tmp_path / "another cache"))
    assert first.returncode == second.returncode == 0, second.stderr
    assert second.stdout.replace('"runs/', '"alone/') == alone.stdout
    assert json.loads(second.stdout)["uf1"] != json.loads(first.stdout)["uf1"]
    a, b = _runs(tmp_path / "runs")
    assert b.path.name == _runs(tmp_path / "alone")[0].path.name
    (said,) = [line for line in second.stderr.splitlines() if line.startswith("warning: ")]
    assert "the pictures of casme3 (as apex, onset) changed" in said
    assert str(a.path.relative_to(tmp_path)) in said
    assert "warning" not in cli(*command, "cropA").stderr

    # A folder under another name is the same run.
    (tmp_path / "cropB").rename(tmp_path / "crop C")
    again = cli(*command, "crop C")
    assert again.stdout == second.stdout
    assert "to run" not in again.stderr
    assert len(_runs(tmp_path / "runs")) == 2


def test_a_plugin_edited_between_two_calls_is_a_new_run_that_names_the_former_one(
    cli: Cli, tmp_path: Path, twin: Path, plugin: tuple[Path, dict[str, str]]
) -> None:
    model, environment = plugin
    command = ("run", "edited", "casme3-4c", "--data", twin)
    assert cli(*command, "--folds", "2", **environment).returncode == 0
    (former,) = _runs(tmp_path / "runs")
    before = model.stat()
    # As long as before and under the old time: Python alone would take the bytecode of the old version.
    model.write_text(MODEL.replace("0.9", "0.8"))
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))
    edited = cli(*command, **environment)
    assert edited.returncode == 0, edited.stderr
    assert "0 of 3 folds done, 3 to run" in edited.stderr
    (said,) = [line for line in edited.stderr.splitlines() if line.startswith("warning: ")]
    assert (
        f"since the code of editednet changed; the former one stays in {former.path.relative_to(tmp_path)}"
        in said
    )
    (new,) = [run for run in _runs(tmp_path / "runs") if run.path != former.path]
    assert _shares(former) == {0.9}
    assert _shares(new) == {0.8}

    # A record of the former version is not counted, by no command.
    for path in former.path.glob("folds/*.json"):
        shutil.copy(path, new.path / "folds" / path.name)
    shown = cli("show", new.path.name)
    assert shown.returncode == 2
    assert "made under the identity" in shown.stderr
    assert "made under the identity" in cli("leaderboard", "build").stderr
    assert "1 of 3 folds done, 2 to run" in cli(*command, **environment).stderr
    assert _shares(new) == {0.8}


def test_a_plugin_edited_while_its_run_goes_on_stops_it_and_keeps_what_was_recorded(
    cli: Cli, tmp_path: Path, twin: Path, plugin: tuple[Path, dict[str, str]]
) -> None:
    model, environment = plugin
    # A fold's process may not write it: it is edited from outside, once one of some folds says that it waits for that.
    waits = MODEL.replace(
        "        self.classes_",
        "        if context.seed % 2:\n"
        "            print('waiting for an edit')\n"
        "            before = os.stat(__file__).st_size\n"
        "            while os.stat(__file__).st_size == before:\n"
        "                time.sleep(0.01)\n"
        "        self.classes_",
    )
    model.write_text(f"import os\nimport time\n{waits}")

    def edit() -> None:
        if wait_for(
            lambda: any("waiting" in log.read_text() for log in tmp_path.glob("runs/*/*/logs/*.log"))
        ):
            model.write_text(f"import os\nimport time\n{waits}# edited\n")

    editing = threading.Thread(target=edit)
    editing.start()
    stopped = cli(
        "run", "edited", "casme3-4c", "--data", twin, "--workers", "1", "--seeds", "0,1,2", **environment
    )
    editing.join()
    assert stopped.returncode == 2
    assert "the code of editednet changed while this process was running" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    (run,) = _runs(tmp_path / "runs")
    recorded = [json.loads(path.read_text()) for path in run.path.glob("folds/*.json")]
    assert all(record["derived_seed"] % 2 == 0 for record in recorded)
    assert all(record["identity"] == run.identity for record in recorded)


def test_fresh_starts_over_and_keeps_what_was(cli: Cli, tmp_path: Path, twin: Path) -> None:
    command = ("run", "majority", "casme3-4c", "--data", twin)
    assert cli(*command).returncode == 0
    (run,) = _runs(tmp_path / "runs")
    before = {path.name: path.read_bytes() for path in run.path.glob("folds/*.json")}
    fresh = cli(*command, "--fresh")
    assert fresh.returncode == 0
    assert "0 of 3 folds done, 3 to run" in fresh.stderr
    (again,) = _runs(tmp_path / "runs")
    assert again.path == run.path
    aside = run.path / "set-aside" / "1"
    assert {path.name: path.read_bytes() for path in aside.glob("folds/*.json")} == before
    assert (aside / "scores.json").read_bytes() == (run.path / "scores.json").read_bytes()
    assert len(list(run.path.glob("folds/*.json"))) == 3


def test_a_renamed_folder_that_is_its_own_annotation_is_the_same_run(
    cli: Cli, tmp_path: Path, registry: Registry
) -> None:
    folder = tmp_path / "SMIC"
    make_twin(load_dataset(registry, "smic-hs"), folder, TwinOptions(subjects=2, clips=3, size=32))
    command = ("run", "majority", "smic-hs-3c", "--folds", "1", "--data")
    assert cli(*command, folder).returncode == 0
    folder.rename(tmp_path / "SMIC of ours")
    again = cli(*command, tmp_path / "SMIC of ours")
    assert again.returncode == 0
    (run,) = _runs(tmp_path / "runs")
    assert "SMIC" not in to_json(run.read_run()["decided_by"])
    assert "to run" not in again.stderr
