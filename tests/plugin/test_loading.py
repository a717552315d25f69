"""Plugins as outsiders write them: packages of their own, installed beside mebench."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from odd_runs import odd_environment

from mebench.plugin import hookspecs

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

TINY_REGISTER = """
from mebench.api import hookimpl

@hookimpl
def mebench_register(registry):
    registry.model("tinynet", "tinynet.model:TinyNet", title="Colours of the apex frame")
"""

TINY_MODEL = """
from sklearn.linear_model import LogisticRegression
from mebench.api import ApexFrame, SklearnModel

class TinyNet(SklearnModel):
    def inputs(self):
        return {"apex": ApexFrame(size=16)}

    def vectors(self, features):
        return features["apex"][:].reshape(len(features["apex"]), -1) / 255

    def estimator(self, seed):
        return LogisticRegression(random_state=seed)
"""

RIVAL = """
from mebench.api import hookimpl

@hookimpl
def mebench_register(registry):
    registry.model("majority", "rival:Majority", title="Another majority")
    registry.model("rival-only", "rival:Majority", title="A name of its own")
"""

RECORDER = """
import json, os, pathlib
from mebench.api import hookimpl

def note(hook, **arguments):
    with open(os.environ["RECORDER_FILE"], "a") as file:
        file.write(json.dumps({"hook": hook, **arguments}) + "\\n")

@hookimpl
def mebench_register(registry):
    note("register", kind=type(registry).__name__)

@hookimpl
def mebench_run_started(run, directory):
    assert isinstance(directory, pathlib.Path)
    note("run_started", run=run, directory=str(directory), there=(directory / "run.json").exists())

@hookimpl
def mebench_fold_done(run, record):
    note("fold_done", run=run, record=record)

@hookimpl
def mebench_fold_progress(directory, fold, seed, progress):
    told = [progress.step, progress.steps, progress.loss]
    note("fold_progress", directory=str(directory), fold=fold, seed=seed, progress=told)

@hookimpl
def mebench_fold_failed(run, directory, fold, seed, reason):
    files = [file.name for file in (directory / "folds").glob("*.error.txt")]
    note("fold_failed", run=run, fold=fold, seed=seed, reason=reason, files=files)

@hookimpl
def mebench_run_finished(run, scores):
    note("run_finished", run=run, scores=scores)
"""

RAISER = """
from mebench.api import hookimpl

@hookimpl
def mebench_run_started(run, directory):
    raise ValueError("no room at start")

@hookimpl
def mebench_fold_done(record):
    raise KeyError(record["fold"])

@hookimpl
def mebench_run_finished():
    raise OSError("no room at the end")
"""


def install(
    site: Path, name: str, *, version: str = "1.2", point: str = "", **modules: str
) -> dict[str, str]:
    """Install a package as pip would: modules and metadata; return the environment that finds it.

    ``modules`` maps ``init`` or a module's name to its text; ``point`` is the entry point's name.
    """
    package = site / name
    package.mkdir(parents=True)
    for module, text in modules.items():
        (package / ("__init__.py" if module == "init" else f"{module}.py")).write_text(text, encoding="utf-8")
    metadata = site / f"{name}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (metadata / "entry_points.txt").write_text(f"[mebench]\n{point or name} = {name}\n")
    (metadata / "RECORD").write_text("".join(f"{name}/{file.name},,\n" for file in package.iterdir()))
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    return {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def states(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return plugin -> problem from ``list plugins --json``."""
    return {plugin["name"]: plugin["problem"] for plugin in json.loads(done.stdout)["plugins"]}


def names(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return model names from ``list models --json``."""
    return [model["name"] for model in json.loads(done.stdout)["models"]]


# A model of one's own


def test_a_model_of_less_than_twenty_lines_runs_from_a_package_of_its_own(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    lines = [line for line in (TINY_REGISTER + TINY_MODEL).splitlines() if line.strip()]
    entry_point = ["[project.entry-points.mebench]", 'tinynet = "tinynet"']
    assert len(lines + entry_point) < 20
    there = install(tmp_path / "site", "tinynet", init=TINY_REGISTER, model=TINY_MODEL)

    listed = cli("list", **there)
    assert "tinynet 1.2" in listed.stdout
    assert "Colours of the apex frame" in listed.stdout
    assert listed.stderr == ""

    done = cli("run", "tinynet", "casme3", "--data", twin, "--workers", "1", "--json", **there)
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    assert (scores["folds"], scores["clips"]) == (3, 12)
    run = json.loads(next((tmp_path / "runs").glob("*/tinynet-*/run.json")).read_text())
    assert run["target"] == "tinynet.model:TinyNet"
    assert run["versions"]["tinynet"] == "1.2"


# A package that is broken

BROKEN = {
    "at import": ("raise RuntimeError('libcuda is\\n  missing')", "RuntimeError: libcuda is missing"),
    "by leaving": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "by a missing library": ("import no_such_library", "No module named 'no_such_library'"),
    "by a bad name": (TINY_REGISTER.replace('"tinynet"', '"Tiny Net"'), "registers the model 'Tiny Net'"),
    "half-way": (TINY_REGISTER + "    registry.model('second')\n", "TypeError: "),
    "by misspelt metadata": (
        TINY_REGISTER.replace("title=", "refernce='Me 2026', title="),
        "refernce=, which it does not take: did you mean 'reference'?",
    ),
    "by one alias as text": (
        TINY_REGISTER.replace("title=", "aliases='tiny', title="),
        "aliases='tiny' (str)",
    ),
    "by a name of mebench's own": (TINY_REGISTER.replace('model("tinynet"', 'command("run"'), "of its own"),
    "by a forgotten marker": (
        TINY_REGISTER.replace("@hookimpl", ""),
        "mark its mebench_register with @hookimpl",
    ),
    "by a misspelt hook": (TINY_REGISTER.replace("mebench_register", "mebench_registr"), "unknown hook"),
    "by a wrong argument": (TINY_REGISTER.replace("(registry)", "(registr)"), "registr"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_plugin_that_breaks_is_named_with_its_reason_and_costs_only_itself(
    how: str, cli: Cli, tmp_path: Path
) -> None:
    text, reason = BROKEN[how]
    there = install(tmp_path / "site", "tinynet", init=text, model=TINY_MODEL)
    listed = cli("list", "--json", **there)
    assert listed.returncode == 0
    assert reason in states(listed)["tinynet"]
    assert "majority" in names(listed)
    assert "tinynet" not in names(listed)
    warning = listed.stderr.splitlines()
    assert len(warning) == 1, "one line, no traceback"
    assert warning[0].startswith("warning: plugin 'tinynet' (tinynet 1.2) is skipped: ")
    assert reason in warning[0]


def test_runs_go_on_beside_a_broken_plugin_unless_plugins_are_strict(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    there = install(tmp_path / "site", "tinynet", init="raise RuntimeError('libcuda is missing')")
    sentence = "plugin 'tinynet' (tinynet 1.2) is skipped: RuntimeError: libcuda is missing"

    done = cli("run", "majority", "casme3", "--data", twin, "--workers", "1", **there)
    assert done.returncode == 0, done.stderr
    assert f"warning: {sentence}" in done.stderr
    assert "UF1" in done.stdout

    for arguments in (["list"], ["run", "majority", "casme3", "--data", twin]):
        strict = cli("--strict-plugins", *arguments, **there)
        assert (strict.returncode, strict.stdout, strict.stderr) == (2, "", f"error: {sentence}\n")


# Two packages that want one name


def test_a_name_claimed_twice_names_both_and_blocking_one_mends_it(cli: Cli, tmp_path: Path) -> None:
    there = install(tmp_path / "site", "rival", init=RIVAL)

    listed = cli("list", "--json", **there)
    assert listed.returncode == 0
    assert "majority" not in names(listed)
    assert {"rival-only", "difference-svm", "famnet"} <= set(names(listed))
    assert "'majority' is claimed by the plugins 'baselines'" in listed.stderr
    assert "'rival'" in listed.stderr

    run = cli("run", "majority", "casme3", **there)
    assert run.returncode == 2
    error = run.stderr.splitlines()[-1]
    assert error.startswith("error: ")
    assert "'baselines' (mebench_baselines.majority:Majority) and 'rival' (rival:Majority)" in error
    assert cli("info", "difference-svm", **there).returncode == 0
    assert cli("--strict-plugins", "list", **there).returncode == 2

    mended = {**there, "MEBENCH_BLOCK_PLUGINS": "rival, "}
    listed = cli("--strict-plugins", "list", "models", "--json", **mended)
    assert "majority" in names(listed)
    assert "rival-only" not in names(listed)
    assert listed.stderr == "", "what the user blocked is no problem"
    assert "blocked by MEBENCH_BLOCK_PLUGINS" in cli("list", "plugins", **mended).stdout


def test_two_packages_with_one_entry_point_name_are_told_apart(cli: Cli, tmp_path: Path) -> None:
    install(tmp_path / "site", "tinynet", init=TINY_REGISTER, model=TINY_MODEL)
    there = install(tmp_path / "site", "zebra", init=RIVAL, point="tinynet")
    listed = cli("list", "--json", **there)
    assert "tinynet" in names(listed)
    assert "rival-only" not in names(listed)
    assert "plugin 'tinynet' (zebra 1.2) is skipped: another installed package" in listed.stderr


# Hooks


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory, twin: Path) -> dict[str, Any]:
    """One fold, then the rest, beside a plugin that notes every hook and one that fails in every hook."""
    folder = tmp_path_factory.mktemp("hooked")
    notes = folder / "notes.jsonl"
    install(folder / "site", "araiser", init=RAISER)  # called before the recorder, by name
    there = install(folder / "site", "recorder", init=RECORDER)
    environment = {
        **os.environ,
        **there,
        "RECORDER_FILE": str(notes),
        "MEBENCH_CACHE": str(folder / "cache"),
        "MEBENCH_CONFIG": str(folder / "config"),
    }
    command = [
        sys.executable,
        "-m",
        "mebench",
        "run",
        "majority",
        "casme3",
        "--data",
        str(twin),
        "--workers",
        "1",
    ]
    found: dict[str, Any] = {"folder": folder}
    for part, more in (("first", ["--folds", "1"]), ("rest", []), ("again", [])):
        notes.write_text("")
        done = subprocess.run(
            [*command, *more],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found[part] = [json.loads(line) for line in notes.read_text().splitlines()]
        found[f"{part} errors"] = done.stderr
    found["directory"] = next((folder / "runs").glob("*/majority-*"))
    return found


def calls(hooked: dict[str, Any], part: str, hook: str) -> list[dict[str, Any]]:
    return [call for call in hooked[part] if call["hook"] == hook]


def test_hook_register_is_called_once_with_the_registry(hooked: dict[str, Any]) -> None:
    assert [call["kind"] for call in calls(hooked, "first", "register")] == ["Registry"]


def test_hook_run_started_gets_the_run_and_the_directory_that_holds_it(hooked: dict[str, Any]) -> None:
    started = calls(hooked, "first", "run_started")
    assert len(started) == 1
    assert (hooked["folder"] / started[0]["directory"]).samefile(hooked["directory"])
    assert started[0]["there"], "run.json is written by then"
    assert started[0]["run"] == json.loads((hooked["directory"] / "run.json").read_text())
    assert calls(hooked, "again", "run_started") == [], "nothing was missing"


def test_hook_fold_done_gets_each_record_as_it_is_stored(hooked: dict[str, Any]) -> None:
    assert [len(calls(hooked, part, "fold_done")) for part in ("first", "rest", "again")] == [1, 2, 0]
    stored = {
        record["fold"]: record
        for record in (json.loads(file.read_text()) for file in hooked["directory"].glob("folds/*.json"))
    }
    told = [call["record"] for part in ("first", "rest") for call in calls(hooked, part, "fold_done")]
    assert {record["fold"]: record for record in told} == stored
    for record in told:
        assert all(
            set(prediction) <= {"clip", "probabilities", "aus"} for prediction in record["predictions"]
        )


def test_hook_run_finished_gets_scores_only_once_no_fold_is_missing(hooked: dict[str, Any]) -> None:
    stored = json.loads((hooked["directory"] / "scores.json").read_text())
    scores = {name: value for name, value in stored.items() if name not in ("identity", "checksum")}
    finished = [calls(hooked, part, "run_finished") for part in ("first", "rest", "again")]
    assert [[call["scores"] for call in each] for each in finished] == [[None], [scores], [scores]]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory, twin: Path) -> list[dict[str, Any]]:
    """What is noted of a run of three folds in which every model reports progress and one fails."""
    folder = tmp_path_factory.mktemp("failing")
    odd = odd_environment(folder)
    there = install(folder / "site", "recorder", init=RECORDER)
    steered = ("--workers", "1", "--executor", "steered")
    done = subprocess.run(
        [sys.executable, "-m", "mebench", "run", "odd", "casme3-4c", "--data", str(twin), *steered],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([odd["PYTHONPATH"], there["PYTHONPATH"]]),
            "RECORDER_FILE": str(folder / "notes.jsonl"),
            "MEBENCH_CACHE": str(folder / "cache"),
            "MEBENCH_CONFIG": str(folder / "config"),
            "ODD_FAIL": str(folder / "first"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    return [json.loads(line) for line in (folder / "notes.jsonl").read_text().splitlines()]


def test_hook_fold_progress_gets_fold_seed_and_where_it_stands(failing: list[dict[str, Any]]) -> None:
    told = [call for call in failing if call["hook"] == "fold_progress"]
    folds = [f"casme3/spNO.{n}" for n in (1, 2, 3)]
    assert [(call["fold"], call["seed"], call["progress"]) for call in told] == [
        (f, 0, [1, 2, 0.5]) for f in folds
    ]
    assert all("odd-" in call["directory"] for call in told)


def test_hook_fold_failed_gets_the_reason_and_the_traceback_s_folder(failing: list[dict[str, Any]]) -> None:
    (told,) = [call for call in failing if call["hook"] == "fold_failed"]
    assert (told["fold"], told["seed"], told["reason"]) == ("casme3/spNO.1", 0, "ValueError: odd on purpose")
    assert told["run"]["model"] == "odd"
    assert len(told["files"]) == 1
    assert len([call for call in failing if call["hook"] == "fold_done"]) == 2


def test_hooks_come_in_order(hooked: dict[str, Any]) -> None:
    order = [call["hook"] for call in hooked["rest"]]
    assert order == ["register", "run_started", "fold_done", "fold_done", "run_finished"]


def test_a_hook_that_raises_is_named_and_disturbs_nobody(hooked: dict[str, Any]) -> None:
    errors = hooked["first errors"]
    for hook, reason in (
        ("mebench_run_started", "ValueError: no room at start"),
        ("mebench_fold_done", "KeyError: 'casme3/spNO.1'"),
        ("mebench_run_finished", "OSError: no room at the end"),
    ):
        assert f"warning: plugin 'araiser' failed in {hook}: {reason}" in errors
    assert "Traceback" not in errors
    assert len(hooked["rest"]) == 5, "the other plugin was told all the same"


HOOKS = [
    (name, hook)
    for name, hook in inspect.getmembers(hookspecs, inspect.isfunction)
    if name.startswith("mebench_")
]


@pytest.mark.parametrize(("name", "hook"), HOOKS, ids=[name for name, _ in HOOKS])
def test_every_hook_is_documented_and_has_a_test_of_its_name(name: str, hook: Callable[..., None]) -> None:
    assert hasattr(hook, "mebench_spec"), "marked as a hook"
    assert inspect.getdoc(hook)
    assert all(
        p.annotation is not inspect.Parameter.empty for p in inspect.signature(hook).parameters.values()
    )
    assert any(test.startswith(f"test_hook_{name.removeprefix('mebench_')}_") for test in globals())
