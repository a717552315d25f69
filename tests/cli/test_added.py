"""What plugins add to the command line: commands, metrics, executors and trackers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import mebench
from mebench.cli import _COMMANDS
from mebench.plugin import loading
from mebench.plugin.loading import load_plugins
from mebench.plugin.metadata import RESERVED
from mebench.plugin.registry import Registry
from mebench.records import find_runs
from mebench.runner.chosen_executor import LOCAL
from mebench.scoring.tables import _AU_NAMES, _NAMES

KIT = Path(__file__).resolve().parents[1] / "kit"
Call = Callable[..., tuple[int, str, str]]

THEIRS = '''
import click, json, os
from pathlib import Path
from mebench.api import Metric, Tracker, predicted

@click.command()
@click.option("--times", default=1)
def greet(times):
    """Greet whoever reads this."""
    click.echo("hello " * times)

class Hits(Metric):
    """Share of clips that are right."""
    def __call__(self, labels, probabilities):
        return (predicted(probabilities) == labels).mean()

class Brier(Metric):
    share = False
    def __call__(self, labels, probabilities):
        return sum((1 - p[label]) ** 2 for label, p in zip(labels, probabilities)) / len(labels)

class Lines(Tracker):
    def run_started(self, run, directory):
        self.file = Path("lines.txt").open("w")
        print("started", run["model"], directory.name, file=self.file, flush=True)
    def fold_done(self, run, directory, record):
        print("done", record["fold"], file=self.file, flush=True)
    def run_finished(self, run, directory, scores):
        print("finished", sorted(scores or ())[:1], file=self.file, flush=True)
'''


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The command line's registry, with a plugin that adds one of each, and a broken command."""
    (tmp_path / "added_parts.py").write_text(THEIRS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "added_parts", raising=False)
    path = os.pathsep.join(filter(None, [str(KIT), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)  # for the executor's own processes
    known = load_plugins()
    registry = Registry()
    registry._claims = {key: list(claims) for key, claims in known.registry._claims.items()}
    with registry.owned_by("outsider"):
        registry.command("greet", "added_parts:greet", title="Greet someone", aliases=("hi",))
        registry.command("broken", "added_parts:Missing", title="Fail to load")
        registry.command("no-command", "added_parts:Lines", title="Be something else")
        registry.metric("hits", "added_parts:Hits", title="Share of hits", reference="Us 2026")
        registry.metric("brier", "added_parts:Brier", title="Brier score")
        registry.executor("fresh", "fresh_processes:FreshProcesses", title="A process a fold")
        registry.executor("forgetful", "fresh_processes:Forgetful", title="One fold is enough")
        registry.tracker("lines", "added_parts:Lines", title="Lines of text")
    plugins = replace(known, registry=registry)
    monkeypatch.setattr(loading, "_load", lambda: plugins)
    return registry


def test_reserved_names_are_those_that_mebench_has() -> None:
    assert RESERVED["command"] == set(_COMMANDS)
    assert RESERVED["metric"] == {*_NAMES, *_AU_NAMES}
    assert RESERVED["executor"] == {LOCAL}


@pytest.mark.usefixtures("theirs")
def test_a_command_is_in_the_help_unimported_and_runs(call: Call) -> None:
    code, out, _ = call("--help")
    assert code == 0
    assert "Commands of plugins:" in out
    assert "Greet someone (outsider)" in out
    assert "added_parts" not in sys.modules
    assert call("greet", "--times", "2")[:2] == (0, "hello hello \n")
    assert call("hi")[1] == "hello \n"
    assert "Greet whoever reads this." in call("greet", "--help")[1]


@pytest.mark.usefixtures("theirs")
def test_a_broken_command_costs_itself_alone_and_wrong_names_find_added_ones(call: Call) -> None:
    code, _, err = call("broken")
    assert code == 2
    assert err.startswith("error: command 'broken' of plugin 'outsider' could not be loaded from")
    assert "a click.Command is due" in call("no-command")[2]
    assert "there is no command 'gret': did you mean 'greet'" in call("gret")[2]
    assert "did you mean 'list'" in call("lst")[2]
    assert call("greet")[0] == 0


@pytest.mark.usefixtures("theirs")
def test_list_and_info_show_what_was_added(call: Call) -> None:
    out = call("list")[1]
    assert all(title in out for title in ("Commands\n", "Metrics\n", "Executors\n", "Trackers\n"))
    listed = json.loads(call("list", "metrics", "--json")[1])["metrics"]
    assert [each["name"] for each in listed] == ["brier", "hits"]
    out = call("info", "hits")[1]
    assert "hits (metric of plugin outsider)" in out
    assert "reference: Us 2026" in out
    assert "Share of clips that are right." in out
    assert "mebench show RUN --metric hits" in out
    (about,) = json.loads(call("info", "greet", "--json")[1])
    assert about["description"] == "Greet whoever reads this."
    assert about["use"] == "mebench greet --help"
    assert "could not be loaded" in call("info", "broken")[2]


def test_where_nothing_was_added_the_list_is_as_short_as_before(call: Call) -> None:
    out = call("list")[1]
    assert "Models" in out
    assert not any(title in out for title in ("Commands", "Metrics"))
    assert call("list", "metrics")[1] == "Metrics: none\n\n"
    assert "Commands of plugins" not in call("--help")[1]


@pytest.mark.usefixtures("theirs")
def test_a_run_by_another_executor_is_the_same_run_with_tracker_and_metrics(call: Call, twin: Path) -> None:
    command = ("run", "majority", "casme3-4c", "--data", twin)
    code, _, err = call(*command, "--executor", "forgetful")
    assert code == 2
    assert "2 fold(s) failed (the executor ended before it took this fold)" in err
    (directory,) = find_runs(Path("runs"))
    assert len(list(directory.path.glob("folds/*.json"))) == 1
    assert not list(directory.path.glob("folds/*.error.txt")), "others may run what was not begun"

    code, out, err = call(*command, "--executor", "fresh", "--tracker", "lines")
    assert code == 0, err
    assert "warning" not in err
    assert Path("lines.txt").read_text().splitlines() == [
        f"started majority {directory.path.name}",
        "done casme3/spNO.2",
        "done casme3/spNO.3",
        "finished ['accuracy']",
    ]

    before = directory.scores_file.read_bytes()
    scores = json.loads(
        call("show", directory.path.name, "--metric", "hits", "--metric", "brier", "--json")[1]
    )
    hits, brier = scores["metrics"]["hits"], scores["metrics"]["brier"]
    assert {name: hits[name] for name in scores["accuracy"]} == scores["accuracy"]
    assert brier["share"] is False
    assert brier["low"] <= brier["mean"] <= brier["high"]
    assert directory.scores_file.read_bytes() == before
    assert "metrics" not in json.loads(before)
    shown = call("show", directory.path.name, "--metric", "brier")[1]
    assert out.splitlines()[:3] == shown.splitlines()[:3], "the scores stand first"
    assert f"{brier['mean']:.4g}  {brier['low']:.4g} to {brier['high']:.4g}" in shown
    assert mebench.open_run(directory.path.name).score("hits") == hits


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--executor", "fres"], "there is no executor named 'fres': did you mean 'fresh'?"),
        (["--tracker", "line"], "there is no tracker named 'line': did you mean 'lines'?"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_opened(
    call: Call, arguments: list[str], sentence: str
) -> None:
    code, _, err = call("run", "majority", "casme3", "--synthetic", *arguments)
    assert code == 2
    assert sentence in err


def test_no_title_of_a_plugin_obeys_itself_on_the_terminal(call: Call, theirs: Registry) -> None:
    with theirs.owned_by("odd"):
        theirs.command("odd", "theirs:greet", title="sweeps\x1b]0;x\x07 all\u202e")
    code, said, _ = call("--help")
    assert code == 0
    assert "sweeps\\x1b]0;x\\x07 all\\u202e (odd)" in said
