"""The code in README and docs/plugins.md is a plugin that works; the commands that pages show are there."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from invented import invented_cohort

from mebench.cli import cli as program
from mebench.errors import MebenchError

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]


def block(document: str, part: str) -> str:
    """Return the one Python block of a document that contains some words."""
    found = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    (code,) = [code for code in found if part in code]
    return code


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the documented package, by its files alone."""
    site = tmp_path / "site"
    site.mkdir()
    register = block("README.md", "# tiny_plugin.py")
    register += '    registry.model("mean-picture", "mean:MeanPicture", title="Mean picture")\n'
    (site / "tiny_plugin.py").write_text(register)
    (site / "tiny.py").write_text(block("README.md", "class Tiny(TorchModel)"))
    (site / "mean.py").write_text(block("docs/plugins.md", "class MeanPicture(Model)"))
    about = site / "tiny-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[mebench]\ntiny = tiny_plugin\n")
    monkeypatch.setenv("PYTHONPATH", str(site))


def test_the_readmes_file_has_twelve_lines_and_is_that_of_the_plugins_document() -> None:
    tiny = block("README.md", "class Tiny(TorchModel)")
    assert len(tiny.splitlines()) <= 12
    assert ast.dump(ast.parse(tiny)) == ast.dump(
        ast.parse(block("docs/plugins.md", "class Tiny(TorchModel)"))
    )


def test_the_readmes_file_runs_to_scores_above_chance(cli: Cli, tmp_path: Path, twin: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "tiny.py").write_text(block("README.md", "class Tiny(TorchModel)"))
    done = cli("run", "tiny.py:Tiny", "casme3", "--data", twin, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["uf1"]["mean"] > 0.2, "one class always: .10"


def test_the_documented_split_makes_folds_that_count() -> None:
    given: dict[str, Any] = {}
    exec(block("docs/plugins.md", "class Halves(Split)"), given)
    folds = invented_cohort(4, 3, split=given["Halves"]()).folds
    assert [(fold.name, fold.test.tolist()) for fold in folds] == [
        ("first", [*range(6)]),
        ("second", [*range(6, 12)]),
    ]


@pytest.mark.usefixtures("documented")
def test_the_documented_model_without_torch_runs_to_its_scores(cli: Cli, twin: Path) -> None:
    done = cli("run", "mean-picture", "casme3", "--data", twin)
    assert done.returncode == 0, done.stderr
    assert "UF1" in done.stdout


@pytest.mark.usefixtures("documented")
def test_the_readmes_package_trains_a_fold(cli: Cli, twin: Path) -> None:
    pytest.importorskip("torch")
    done = cli("run", "tiny", "casme3", "--data", twin, "--folds", "1", "--set", "epochs=1")
    assert done.returncode == 0, done.stderr
    assert "1 of 3 folds are recorded" in done.stdout


def test_a_plugin_that_imports_timm_first_trains_a_fold(cli: Cli, twin: Path, tmp_path: Path) -> None:
    pytest.importorskip("timm")
    (tmp_path / "of_timm.py").write_text(
        "import timm\n"
        "from mebench.api import ApexFrame, TorchModel\n"
        "class Net(TorchModel):\n"
        "    def inputs(self): return {'apex': ApexFrame(size=32)}\n"
        "    def network(self, train, context):\n"
        "        return timm.create_model('resnet18', num_classes=len(context.classes))\n"
        "    def outputs(self, network, inputs): return network(inputs['apex']), None\n"
    )
    done = cli("run", "of_timm.py", "casme3", "--data", twin, "--folds", "1", "--set", "epochs=1")
    assert done.returncode == 0, done.stderr
    assert "1 of 3 folds are recorded" in done.stdout


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Yield where it stands, and the words of every `mebench` line in a block of commands."""
    for file in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for shown in re.findall(r"```console\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL):
            for line in shown.replace("\\\n", " ").splitlines():
                if found := re.match(r"(?:\$ )?(?:[A-Z_]+=\S+ )*mebench (.*)", line):
                    yield f"{file.name}: {line}", shlex.split(found[1], comments=True)


def _fault(words: list[str]) -> str:
    """Return why the command line would not take some words, or nothing."""
    command: click.Command = program
    # As click makes them: a command keeps the help option that its first context has.
    context = click.Context(command, **command.context_settings)
    try:
        while words and isinstance(command, click.Group) and not words[0].startswith("-"):
            found = command.get_command(context, words[0])
            if found is None:
                return "no such command"
            command, words = found, words[1:]
            context = click.Context(command, parent=context, **command.context_settings)
        command.make_parser(context).parse_args(words)
    except (click.UsageError, MebenchError) as error:
        return str(error)
    return ""


def test_every_command_that_a_page_shows_is_one_with_these_options() -> None:
    shown = [*_commands()]
    assert len(shown) > 100
    assert [f"{where}: {fault}" for where, words in shown if (fault := _fault(words))] == []
    assert "--fodls" in _fault(["run", "a", "b", "--fodls", "2"])
    assert _fault(["runn"])
    assert _fault(["data", "chek"])
