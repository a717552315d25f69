"""Nothing of the core may be changed while it runs: what was is named, with what stands in its place."""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
import sys
import types
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

import mebench
import mebench.data.dataset
import mebench.parallel
import mebench.plugin.written_code
import mebench.records
import mebench.runner.begun
import mebench.scoring.metrics
import mebench.scoring.scores
from mebench.models.base import Predictions
from mebench.plugin import integrity
from mebench.plugin.integrity import PatchedError, refuse_patched
from mebench.records import RunDirectory
from mebench.scoring import metrics

if TYPE_CHECKING:
    from conftest import Cli


@pytest.fixture(autouse=True)
def _patches_allowed() -> None:
    """Allow none here, unlike everywhere else in the tests."""


def _better(*arguments: Any, **named: Any) -> float:
    return 1.0


@functools.wraps(metrics.uf1)
def _disguised(*arguments: Any, **named: Any) -> float:
    return 1.0


class _Directory(RunDirectory):
    pass


class _Callable:
    def __call__(self) -> float:
        return 1.0


def test_the_whole_core_is_what_its_files_say() -> None:
    for module in pkgutil.walk_packages(mebench.__path__, "mebench."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    refuse_patched()


PATCHES: dict[str, tuple[Any, str, Any]] = {
    "function": (metrics, "uf1", _better),
    "function in disguise": (metrics, "uf1", _disguised),
    "lambda": (metrics, "uf1", lambda *arguments: 1.0),
    "partial": (metrics, "uf1", functools.partial(_better)),
    "cached": (metrics, "uf1", functools.lru_cache(_better)),
    "object": (metrics, "uf1", _Callable()),
    "library's function": (metrics, "uf1", functools.reduce),
    "nothing": (metrics, "uf1", None),
    "another of its own": (metrics, "uf1", metrics.uar),
    "imported function": (mebench.runner.begun, "settle", _better),
    "decorated": (mebench.parallel, "starting_processes", _better),
    "class": (mebench.records, "RunDirectory", _Directory),
    "method": (RunDirectory, "read_run", _better),
    "property": (RunDirectory, "run_file", property(_better)),
    "added method": (RunDirectory, "__getattribute__", _better),
    "generated method": (Predictions, "__init__", _better),
    "static method": (mebench.data.dataset.Dataset, "find_annotation", staticmethod(_better)),
}


@pytest.mark.parametrize(("place", "name", "instead"), PATCHES.values(), ids=PATCHES)
def test_what_was_changed_is_named(
    monkeypatch: pytest.MonkeyPatch, place: Any, name: str, instead: Any
) -> None:
    refuse_patched()
    monkeypatch.setattr(place, name, instead)
    with pytest.raises(PatchedError) as raised:
        refuse_patched()
    message = str(raised.value)
    assert f"{place.__name__}.{name} is not what mebench's own file says, but " in message
    assert "\n" not in message
    monkeypatch.undo()
    refuse_patched()


def test_the_file_of_what_stands_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "uf1", _better)
    line = _better.__code__.co_firstlineno
    with pytest.raises(PatchedError, match=rf"test_integrity\._better \(.*test_integrity\.py, line {line}\)"):
        refuse_patched()


def test_other_code_in_the_same_function_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.uf1, "__code__", _better.__code__)
    with pytest.raises(PatchedError, match=r"mebench\.scoring\.metrics\.uf1"):
        refuse_patched()


def test_other_code_inside_a_decorator_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = mebench.parallel.starting_processes.__wrapped__  # type: ignore[attr-defined]
    monkeypatch.setattr(inner, "__code__", _better.__code__)
    with pytest.raises(PatchedError, match=r"mebench\.parallel\.starting_processes"):
        refuse_patched()


@pytest.mark.parametrize("place", ["/somewhere/else.py", None])
def test_a_foreign_module_under_a_name_of_the_core_is_noticed(
    monkeypatch: pytest.MonkeyPatch, place: str | None
) -> None:
    module = types.ModuleType("mebench.scoring.metrics")
    module.__file__ = place
    monkeypatch.setitem(sys.modules, "mebench.scoring.metrics", module)
    with pytest.raises(PatchedError, match=r"the module mebench\.scoring\.metrics"):
        refuse_patched()


def test_a_value_that_a_plugin_may_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RunDirectory, "of_no_plugin", 3, raising=False)
    monkeypatch.setattr(mebench.parallel, "SOMETHING", {"a": 1}, raising=False)
    refuse_patched()


def test_assertions_that_pytest_has_rewritten_are_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(mebench.plugin.written_code.__file__)
    plain, tree = ast.parse(file.read_bytes()), ast.parse(file.read_bytes())
    rewrite_asserts(tree, file.read_bytes(), str(file))
    as_written, rewritten = (_code_of_written_code(each, file) for each in (plain, tree))
    assert rewritten != as_written
    function = mebench.plugin.written_code.written_code
    for code in (
        as_written,
        rewritten,
    ):  # in an installed package pytest does the same, as its plugin is from there
        monkeypatch.setattr(function, "__code__", code)
        refuse_patched()


def _code_of_written_code(tree: ast.Module, file: Path) -> CodeType:
    found: dict[str, Any] = {"__name__": "mebench.plugin.written_code"}
    exec(compile(tree, str(file), "exec", dont_inherit=True), found)
    code: CodeType = found["written_code"].__code__
    return code


def test_a_model_whose_module_patches_the_core_is_not_run(cli: Cli, twin: Path, tmp_path: Path) -> None:
    (tmp_path / "cheat.py").write_text(
        "import mebench.scoring.rebuild as rebuild\n"
        "from mebench.api import ApexFrame, Model, Predictions\n"
        "import numpy as np\n\n"
        "class Cheat(Model):\n"
        "    def inputs(self):\n        return {'x': ApexFrame(size=8)}\n"
        "    def fit(self, train, context):\n        self.n = len(context.classes)\n"
        "    def predict(self, test):\n        return Predictions(np.full((len(test), self.n), 1 / self.n))\n\n"
        "def better(**found):\n    raise AssertionError\n\n"
        "rebuild.score = better\n"
    )
    said = cli("run", "cheat.py:Cheat", "casme3-4c", "--data", twin)
    assert said.returncode == 2
    assert "mebench.scoring.rebuild.score is not what mebench's own file says, but" in said.stderr
    assert "cheat.py, line 13" in said.stderr
    assert "Traceback" not in said.stderr
    assert not list((tmp_path / "runs").rglob("records/*.json"))


def test_nothing_is_looked_through_again_that_was_not_touched() -> None:
    """A table of a hundred runs checks as often."""
    refuse_patched()
    (seen,) = integrity._SEEN
    refuse_patched()
    assert [seen] == integrity._SEEN
    metrics.__dict__["of_no_plugin"] = 3
    refuse_patched()
    assert [seen] != integrity._SEEN
    del metrics.__dict__["of_no_plugin"]
