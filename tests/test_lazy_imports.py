"""Starting is fast because nothing heavy is imported before it is used; these tests keep it so."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from importlib.metadata import entry_points
from types import ModuleType

import pytest

import mebench.api

HEAVY = ("torch", "torchvision", "timm", "pandas", "sklearn", "scipy", "numpy", "PIL", "openpyxl", "pydantic")
FIRST_PARTY = sorted(
    point.value
    for point in entry_points(group="mebench")
    if point.dist is not None and point.dist.name == "mebench"
)


def imported_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh Python has after running ``code``."""
    program = f"import sys\ntry:\n    {code}\nexcept SystemExit as end:\n    assert not end.code, end\n"
    report = "print('MODULES', *{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program + report], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["list"],
        ["list", "--json"],
        ["run", "--help"],
        ["predict", "--help"],
        ["data", "check", "--help"],
    ],
    ids=" ".join,
)
def test_commands_that_compute_nothing_import_nothing_heavy(arguments: list[str]) -> None:
    found = imported_by(f"from mebench.cli import main; main({arguments!r})")
    assert "click" in found, "it ran"
    assert not found & set(HEAVY)


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
