"""``mebench new``: each package is whole, typed and tidy, and passes the checks as it was written."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pluggy
import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = None

from mebench.plugin.loading import Plugins, load_plugins
from mebench.plugin.registry import Registry
from mebench.testing.new_package import NewKind, write_package
from mebench.testing.report import every_name, reports

Call = Callable[..., Any]

PACKAGES: dict[str, tuple[NewKind, dict[str, str]]] = {
    "own-torch": ("model", {}),
    "own-sklearn": ("model", {"base": "sklearn"}),
    "own-db": ("dataset", {}),
    "own-protocol": ("protocol", {"dataset": "samm"}),
    "own-input": ("input", {}),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for name, (kind, options) in PACKAGES.items():
        write_package(kind, name, folder / name, load_plugins().registry, **options)
    return folder


@pytest.fixture
def installed(written: Path) -> Iterator[Callable[[str], Plugins]]:
    """Register a package as its entry point would be, beside the first-party datasets."""
    paths = [str(written / name) for name in PACKAGES]
    sys.path[:0] = paths

    def plugins(name: str) -> Plugins:
        module = importlib.import_module("mebench_" + name.replace("-", "_"))
        registry = Registry()
        with registry.owned_by(name):
            module.mebench_register(registry)
        with registry.owned_by("datasets"):
            for entry in load_plugins().registry.entries("dataset"):
                if not entry.stands_in:
                    registry.dataset(entry.name, entry.target, title=entry.title)
        return Plugins(registry, (), pluggy.PluginManager("own"))

    yield plugins
    for path in paths:
        sys.path.remove(path)


@pytest.mark.parametrize("name", PACKAGES)
def test_it_passes_the_checks_as_it_was_written(name: str, installed: Callable[[str], Plugins]) -> None:
    if name == "own-torch":
        pytest.importorskip("torch")
    plugins = installed(name)
    for kind, each in every_name(plugins, name):
        for report in reports(plugins, kind, each):
            assert [(outcome.check, outcome.said) for outcome in report.failed] == []


@pytest.mark.parametrize("name", PACKAGES)
def test_it_is_whole(name: str, written: Path) -> None:
    folder, module = written / name, "mebench_" + name.replace("-", "_")
    assert (folder / module / "py.typed").exists()
    assert (folder / "README.md").read_text().startswith(f"# mebench-{name}\n")
    assert "${{ matrix.python }}" in (folder / ".github/workflows/tests.yml").read_text()
    if tomllib:
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        assert project["entry-points"] == {"mebench": {name: module}}
        assert project["name"] == f"mebench-{name}"
    test = (folder / "tests/test_conformance.py").read_text()
    body = [line for line in test.splitlines() if line and not line.startswith('"""')]
    assert len(body) < 10
    for file in folder.rglob("*.py"):
        ast.parse(file.read_text())
        assert "{{" not in file.read_text()


def test_all_are_tidy_and_typed(written: Path) -> None:
    if find_spec("ruff") is None:
        pytest.skip("ruff is not installed")
    for arguments in (("check", "--no-cache"), ("format", "--check", "--no-cache")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "."],
            cwd=written,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_command_says_what_it_wrote_and_what_comes_next(call: Call, tmp_path: Path) -> None:
    code, said, _ = call("new", "model", "my-net")
    assert code == 0
    assert said.startswith("mebench-my-net: 8 files\n  .github/workflows/tests.yml\n")
    assert said.endswith(
        "Next:\n  cd mebench-my-net\n  pip install -e '.[tests]'\n  pytest\n  mebench run my-net casme3 --synthetic\n"
    )
    code, _, error = call("new", "model", "my-net")
    assert (code, error) == (
        2,
        "error: mebench-my-net is there already: name a new folder with --out\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("modell", "x"), "did you mean 'model'"),
        (("model", "My Net"), "cannot be the name of a model"),
        (("model", "../escaped"), "cannot be the name of a model"),
        (("model", "famnet"), "the plugin 'famnet' registers a model 'famnet' already"),
        (("input", "famnet"), "the plugin 'famnet' registers a model 'famnet' already"),
        (("model", "datasets"), "a package mebench_datasets is installed already"),
        (("model", "mine", "--title", 'a "title"'), "leave out quotes and backslashes"),
        (("model", "mine", "--title", "a" * 81), "the title has 81 letters"),
        (("protocol", "mine", "--dataset", "casme9"), "no dataset named 'casme9'"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    call: Call, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, _, error = call("new", *arguments)
    assert code == 2
    assert said in error
    assert list(tmp_path.iterdir()) == []


def test_the_plugin_of_pytest_is_an_entry_point_and_light() -> None:
    for point in entry_points(group="pytest11", name="mebench"):  # none where the install is older
        assert point.value == "mebench.testing.plugin"
    program = (
        "import sys, mebench.testing.plugin; print(sorted({'numpy', 'torch', 'click'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
