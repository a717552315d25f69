"""Starting is fast because nothing heavy is imported before it is used; these tests keep it so."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import click
import pytest

import mebench.api
from mebench.cli import cli

HEAVY = (
    *("torch", "torchvision", "timm", "pandas", "sklearn", "scipy", "numpy", "PIL", "openpyxl", "pydantic"),
    *("cv2", "skimage", "matplotlib", "xlrd", "captum", "av", "onnxruntime", "pytorchvideo", "safetensors"),
)
FIRST_PARTY = sorted(
    point.value
    for point in entry_points(group="mebench")
    if point.dist is not None and point.dist.name == "mebench"
)


# What a light command needs of what is slow to start, and no more: written as in a shell; {run} is a finished run.
CHECKED = {"numpy", "pydantic"}
DATASETS = {*CHECKED, "PIL"}
TABLES = {*CHECKED, "pandas"}
LIGHT: dict[str, set[str]] = {
    "--help": set(),
    "--version": set(),
    "list": set(),
    "list --json": set(),
    "list models": set(),
    "list datasets": set(),
    "list protocols": set(),
    "list plugins": set(),
    "list runs": CHECKED,
    "runs watch --once": CHECKED,
    "info famnet": set(),
    "info famnet[attention=none] --json": set(),
    "info flow-svm": set(),
    "info megc2019": DATASETS,
    "info casme3": DATASETS,
    "info megc2019-flow": DATASETS,
    "show {run}": CHECKED,
    "show {run} --json": CHECKED,
    "run majority casme3-4c --data {twin}": CHECKED,
    "score {predictions} --protocol casme3-4c --list {clips}": {*TABLES, "PIL"},
    "leaderboard build": DATASETS,  # protocols are checked, whose class counts print is held against
    "leaderboard verify leaderboards": {*TABLES, "PIL"},
    "leaderboard rescore --file {predictions} --protocol casme3-4c --list {clips}": {*TABLES, "PIL"},
    "leaderboard doubt": DATASETS,
    "doubt --classes 70,51,43 --uf1 .2000 --uar .5280": {"numpy"},
    "data list": set(),
    "data check casme3 --data {twin}": {*TABLES, "openpyxl", "PIL"},
    "protocol export casme3-4c --data {twin} --out {new}": {*TABLES, "openpyxl", "PIL"},
    "cache": DATASETS,
    "cache clear nothing": DATASETS,
}
# What trains, draws or computes, and so may take what it likes.
NOT_LIGHT = {
    *("sweep", "ablate", "fit", "audit", "check", "predict", "features export", "data synth", "data prepare"),
    # Of tables of several runs, or of files elsewhere.
    *(
        "compare",
        "power",
        "report",
        "view",
        "optimism",
        "merge",
        "protocol diff",
        "new",
        "data add",
        "data remove",
    ),
    "leaderboard submit",
}


def imported_by(code: str, cwd: Path | None = None, *, fails: bool = False) -> set[str]:
    """Return the top-level modules that a fresh Python has after running ``code``."""
    end = "pass" if fails else "assert not end.code, end"
    program = f"import sys\ntry:\n    {code}\nexcept SystemExit as end:\n    {end}\n"
    report = "print('MODULES', *{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program + report],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        # Of each test another: all that is around a command counts, and what is remembered would be of another one.
        env={name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


def commands(group: click.Command, names: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield every command that there is, with the group it is in before it."""
    if not isinstance(group, click.Group):
        yield " ".join(names)
        return
    if group.invoke_without_command:
        yield " ".join(names)
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, (*names, name))


COMMANDS = sorted(commands(cli))


def test_every_command_is_either_light_or_said_not_to_be() -> None:
    """Whoever adds a command says here what it may import."""
    light = {name for name in COMMANDS for line in LIGHT if f"{line} ".startswith(f"{name} ")}
    assert {*COMMANDS} - light == NOT_LIGHT
    words = [line.split()[0] for line in LIGHT if not line.startswith("--")]
    assert {*words} <= {name.split()[0] for name in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_imports_nothing_heavy(command: str) -> None:
    found = imported_by(f"from mebench.cli import main; main({[*command.split(), '--help']!r})")
    assert "click" in found, "it ran"
    assert not found & set(HEAVY)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, twin: Path) -> Iterator[dict[str, str]]:
    """A folder in which there is what light commands are asked of; each was asked before, so answers are remembered."""
    folder = tmp_path_factory.mktemp("light") / "work"
    (folder / "leaderboards").mkdir(parents=True)  # a new folder where Python imports from may be a package
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CACHE", "CONFIG", "STATE"):
            patch.setenv(f"MEBENCH_{name}", str(folder.parent / name.lower()))
        clips, predictions = folder / "clips.csv", folder / "predictions.csv"
        names = [f"casme3,s{number % 4},clip{number}" for number in range(12)]
        words = ("negative", "positive", "surprise", "others")
        rows = [f"{name},{words[number % 4]}" for number, name in enumerate(names)]
        clips.write_text("\n".join(["dataset,subject,filename,label", *rows]) + "\n", encoding="utf-8")
        predictions.write_text("\n".join(["dataset,subject,clip,prediction", *rows]) + "\n", encoding="utf-8")
        given = {
            "folder": str(folder),
            "twin": str(twin),
            "clips": str(clips),
            "predictions": str(predictions),
        }
        run = f"from mebench.cli import main; main({f'run majority casme3-4c --data {twin}'.split()!r})"
        for _ in range(2):
            found = imported_by(run, folder)
            assert "pandas" in found, "it has to be found out once"
            assert not found & {"torch", "sklearn", "scipy"}, "a model without them starts without them"
            time.sleep(2.5)  # what was written just now might be written again without a trace
        for line in LIGHT:
            if line.startswith(("info", "leaderboard build")):
                imported_by(f"from mebench.cli import main; main({line.split()!r})", folder)
        yield {
            **given,
            "run": str(next(folder.glob("runs/*/*/run.json")).parent),
            "new": str(folder / "new.csv"),
        }


@pytest.mark.parametrize("line", LIGHT)
def test_a_light_command_imports_what_it_needs_alone(
    line: str, place: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(place["folder"])
    for name in ("CACHE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"MEBENCH_{name}", str(folder.parent / name.lower()))
    arguments = [word.format(**place) for word in line.split()]
    found = imported_by(
        f"from mebench.cli import main; main({arguments!r})", folder, fails=line == "cache clear nothing"
    )
    assert "click" in found, "it ran"
    assert found & set(HEAVY) <= LIGHT[line]


@pytest.mark.parametrize("module", FIRST_PARTY)
def test_a_plugin_module_is_light(module: str) -> None:
    found = imported_by(f"import {module}")
    assert module in found
    assert not found & set(HEAVY)


def test_all_first_party_plugins_are_looked_at() -> None:
    assert {"mebench_baselines", "mebench_datasets", "mebench_famnet", "mebench_protocols"} <= set(
        FIRST_PARTY
    )


def test_importing_mebench_imports_nothing_else() -> None:
    bare = imported_by("pass")
    assert imported_by("import mebench") - bare == {"mebench", "__future__"}
    assert not imported_by("import mebench; mebench.api; mebench.MebenchError; dir(mebench)") & set(HEAVY)


def test_the_api_itself_is_light_and_fetches_a_name_on_first_use() -> None:
    assert not imported_by("import mebench.api") & set(HEAVY)
    assert "torch" not in imported_by(
        "from mebench.api import ApexFrame, Model, Predictions, SklearnModel, Dataset"
    )


def typed_names(module: ModuleType) -> set[tuple[str | None, str]]:
    """Return module and name of what a module imports for type checkers alone."""
    blocks = [
        node
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        (statement.module, alias.name)
        for block in blocks
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }


@pytest.mark.parametrize(
    ("module", "own"),
    [(mebench.api, {"hookimpl"}), (mebench, {"__version__", "api"})],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_public_module_says_the_same_at_run_time_to_type_checkers_and_in_all(
    module: ModuleType, own: set[str]
) -> None:
    homes = {(home, name) for home, names in module._HOMES.items() for name in names}
    assert homes == typed_names(module) - {("typing", "Any"), ("mebench", "api")}
    assert [*sorted(module.__all__)] == sorted({name for _, name in homes} | own)
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("name", mebench.api.__all__)
def test_every_name_of_the_api_is_there_and_documented(name: str) -> None:
    if name in mebench.api._HOMES["mebench.models.torch"]:
        pytest.importorskip("torch")
    found = getattr(mebench.api, name)
    if name != "hookimpl":  # pluggy's
        home = next(module for module, names in mebench.api._HOMES.items() if name in names)
        assert getattr(importlib.import_module(home), name) is found
        assert inspect.getdoc(found)


@pytest.mark.parametrize("name", sorted(set(mebench.__all__) - {"__version__"}))
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(mebench, name))


def test_an_unknown_name_of_the_api_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"mebench\.api.*'Modle'"):
        mebench.api.Modle  # noqa: B018
    with pytest.raises(ImportError):
        exec("from mebench.api import Modle")
    with pytest.raises(AttributeError, match=r"'mebench' has no attribute 'open_cohrot'"):
        mebench.open_cohrot  # noqa: B018
