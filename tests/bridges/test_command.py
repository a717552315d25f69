"""``command``: an old repository in an environment of its own runs under the benchmark and lands on its boards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

import mebench
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError, MebenchWarning
from mebench.leaderboard.build import build_leaderboards
from mebench.models.loading import load_model
from mebench.models.settings import make_settings
from mebench.notebook.runs import Run
from mebench.plugin.loading import load_plugins
from mebench.scoring.tables import title_of
from mebench.sealed.in_force import is_full
from mebench.sealed.seal import available
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench_bridges import mebench_register
from mebench_bridges.command import PLACEHOLDERS, Command, InputName
from mebench_bridges.fold_files import Format

OLD = Path(__file__).parent / "old_repository"
UNIFORM = 'awk -F, \'NR==1{print "clip,class"} NR>1{print $1",0"}\' {test}/clips.csv > {out}'


@pytest.fixture(autouse=True)
def _registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    registry = load_plugins().registry
    # A checkout whose entry points were read before this plugin was written has to be told.
    if not any(entry.name == "command" for entry in registry.entries("model")):
        with registry.owned_by("bridges"):
            mebench_register(registry)


@pytest.fixture(scope="module")
def old_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing in it."""
    folder = tmp_path_factory.mktemp("old") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def larger_twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough clips to learn from."""
    folder = tmp_path_factory.mktemp("larger") / "casme3"
    dataset = load_dataset(load_plugins().registry, "casme3")
    make_twin(dataset, folder, TwinOptions(subjects=4, clips=8, size=48))
    return folder


def run(line: str, twin: Path, **options: Any) -> Run:
    settings = {"run": line, "size": 24, "frames": 2, **options.pop("settings", {})}
    if "clip" not in settings.get("inputs", ("clip",)):
        del settings["frames"]
    return mebench.run("command", "casme3", data=twin, set=settings, workers=2, progress=False, **options)


def test_an_old_repository_runs_in_its_own_environment_and_lands_on_the_board(
    larger_twin: Path, old_python: Path
) -> None:
    assert subprocess.run([old_python, "-c", "import numpy"], capture_output=True, check=False).returncode
    line = f"{old_python} train.py {{train}} {{test}} {{out}}"
    settings = {"code": shutil.copytree(OLD, "repository"), "name": "oldnet"}
    settings |= {"inputs": ("apex", "onset"), "formats": "npy", "size": 16}
    made = run(line, larger_twin, settings=settings)
    assert not made.failed
    assert "trained on 24 clips" in next(made.path.glob("logs/*.log")).read_text()
    info = json.loads((made.path / "run.json").read_text())
    assert info["decided_by"]["settings"]["code"] == "a file"
    assert len(info["decided_by"]["files"]["code"]) == 64
    assert title_of(info).startswith("command (oldnet) under casme3-4c")
    build_leaderboards(Path("runs"), Path("boards"))
    assert "| command (oldnet) |" in Path("boards/synthetic/casme3-4c.md").read_text()

    shuffled = run(line, larger_twin, settings=settings, shuffle_labels=True)
    assert shuffled.scores["uar"]["mean"] < 0.4 < made.scores["uar"]["mean"]  # chance is 0.25


def test_the_code_s_content_counts_and_not_its_place_nor_what_tools_leave_there(twin: Path) -> None:
    repository = shutil.copytree(OLD, "repository")
    first = run(UNIFORM, twin, settings={"code": repository}, folds=1)
    shutil.copytree("repository", "elsewhere")
    (Path("elsewhere") / ".git").mkdir()
    Path("elsewhere/.git/index").touch()
    assert run(UNIFORM, twin, settings={"code": "elsewhere"}, folds=1).path == first.path
    with Path("elsewhere/train.py").open("a") as file:
        file.write("# edited\n")
    with pytest.warns(MebenchWarning, match="the file of setting 'code'"):
        assert run(UNIFORM, twin, settings={"code": "elsewhere"}, folds=1).path != first.path


def test_without_its_code_a_run_says_what_nobody_can_notice(twin: Path) -> None:
    with pytest.warns(
        MebenchWarning, match="the command's code is not named, so that the command can read none"
    ):
        made = run(UNIFORM, twin, folds=1)
    assert not made.failed


def test_a_fold_that_fails_is_told_with_the_command_s_last_words(twin: Path) -> None:
    with pytest.warns(MebenchWarning, match=r"exit code 2; its last words: .*no train\.py"):
        made = run("echo there is no train.py >&2; exit 2 {out}", twin, settings={"code": OLD}, folds=1)
    (reason,) = made.failed.values()
    assert "ended with exit code 2" in reason


def test_the_fold_is_described_and_kept_on_demand(twin: Path) -> None:
    line = (
        "ls {train} > {fold}/ls.txt; echo {seed} {threads} $OMP_NUM_THREADS > {fold}/values.txt; " + UNIFORM
    )
    Path("kept").mkdir()
    made = run(line, twin, settings={"code": OLD, "keep": "kept"}, folds=1)
    (folder,) = Path("kept").iterdir()
    about = json.loads((folder / "fold.json").read_text())
    assert about["fold"] == str(folder.absolute())
    assert about["classes"] == ["negative", "positive", "surprise", "others"]
    assert (folder / "classes.txt").read_text().split() == about["classes"]
    assert about["inputs"] == {"clip": {"shape": [2, 24, 24, 3], "dtype": "uint8"}}
    assert (folder / "values.txt").read_text().split() == [str(about["seed"]), "1", "1"]
    assert (folder / "ls.txt").read_text().split() == [*(f"clip-{n:05d}" for n in range(1, 9)), "labels.csv"]
    assert f"kept in {folder.absolute()}" in next(made.path.glob("logs/*.log")).read_text()
    assert (folder / "out.csv").exists()
    record = json.loads(next(made.path.glob("folds/*.json")).read_text())
    assert record["isolation"].endswith(", writes") or not is_full(available())


@pytest.mark.skipif(not is_full(available()), reason="this machine cannot seal")
def test_a_command_has_what_its_settings_name_and_nothing_else(twin: Path, tmp_path: Path) -> None:
    Path("weights").mkdir()
    for name in ("weights/w.bin", "labels.csv"):
        Path(name).write_text("word\n")
    line = f"cat {tmp_path}/weights/w.bin; cat {tmp_path}/labels.csv; touch {OLD}/x {tmp_path}/x; ls {twin}; "
    line += "touch {fold}/x && echo wrote; echo $HOME; " + UNIFORM
    made = run(line, twin, settings={"code": OLD, "reads": "weights"}, folds=1)
    log = next(made.path.glob("logs/*.log")).read_text()
    assert log.startswith("word\n")
    for denied in (f"{tmp_path}/labels.csv", f"{OLD}/x", f"{tmp_path}/x", f"{twin}"):
        assert re.search(f"{denied}'?: (Permission denied|Read-only file system)", log)
    assert "wrote\n" in log
    assert str(Path.home()) not in log.splitlines()
    info = json.loads((made.path / "run.json").read_text())
    assert len(info["decided_by"]["files"]["reads.0"]) == 64


SETTINGS = {
    "an unknown placeholder": (
        {"run": "train {trian} {out}"},
        r"there is no \{trian\}: did you mean 'train'",
    ),
    "nowhere to write": ({"run": "train {train} {test}"}, r"it names no \{out\}"),
    "no such code": ({"run": "a {out}", "code": "nowhere"}, "there is no nowhere"),
    "nothing to read": ({"run": "a {out}", "reads": "nowhere"}, "there is no nowhere"),
    "no such input": ({"run": "a {out}", "inputs": "clap"}, "'clip'"),
    "no such format": ({"run": "a {out}", "formats": "pgn"}, "'png'"),
}


@pytest.mark.parametrize("what", SETTINGS)
def test_wrong_settings_are_refused_before_anything_runs(what: str) -> None:
    values, sentence = SETTINGS[what]
    kind = load_model(load_plugins().registry, "command")
    with pytest.raises(MebenchError, match=sentence):
        make_settings(kind, {}, None, values)


def test_each_input_has_the_shape_that_is_set() -> None:
    chosen = {"run": "a {out}", "inputs": get_args(InputName), "size": 40, "frames": 5, "flow_size": 20}
    shapes = {n: each.shape for n, each in Command(make_settings(Command, {}, None, chosen)).inputs().items()}
    assert shapes == {
        "clip": (5, 40, 40, 3),
        "places": (3,),
        "onset": (40, 40, 3),
        "apex": (40, 40, 3),
        "flow": (20, 20, 2),
        "flow_picture": (20, 20, 3),
    }


def test_a_command_line_and_a_folder_are_due() -> None:
    with pytest.raises(MebenchError, match=r"Command needs --set run=\.\.\.: the command line, with {train}"):
        make_settings(Command, {})
    with pytest.raises(MebenchError, match=r"it names no \{out\}"):
        make_settings(Command, {}, None, {"run": ""})
    for name in ("workdir", "keep"):
        with pytest.raises(MebenchError, match=f"--set {name}=/.*/nowhere: there is no such folder"):
            Command(make_settings(Command, {}, None, {"run": "a {out}", name: "nowhere"})).prepare()


def test_the_documentation_names_every_setting_placeholder_and_form() -> None:
    text = (Path(__file__).parents[2] / "docs/command.md").read_text(encoding="utf-8")
    names = [f"`{{{name}}}`" for name in PLACEHOLDERS]
    names += [f"`{name}`" for name in Command.Settings.model_fields]
    names += [f"`{name}`" for form in (InputName, Format) for name in get_args(form)]
    assert not [name for name in names if name not in text]
