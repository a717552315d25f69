"""The command line as a user meets it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from invented import invented_cohort, store_run

import mebench
from mebench.cli import cli as command_line
from mebench.plugin.loading import load_plugins
from mebench.plugin.metadata import KINDS
from mebench.plugin.registry import Registry

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


Call = Callable[..., Any]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the words of every command and subcommand."""
    found = [path]
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


# Help


@pytest.mark.parametrize("words", commands(command_line), ids=lambda words: " ".join(words) or "mebench")
def test_every_command_explains_itself(words: tuple[str, ...], call: Call) -> None:
    said = call(*words, "--help")
    assert said.code == 0
    assert said.out.startswith(" ".join(["Usage: mebench", *words]))
    assert said.out == call(*words, "-h").out
    assert not any(line.endswith("...") for line in said.out.splitlines()[1:]), "no line is cut short"
    assert max(map(len, said.out.splitlines())) <= 110


def test_help_names_every_command_and_a_first_thing_to_try(call: Call) -> None:
    text = call("--help").out
    for name in command_line.list_commands(click.Context(command_line)):
        assert re.search(rf"^  {name}  +\S", text, re.MULTILINE)
    assert "mebench run famnet casme3 --synthetic" in text


def test_without_a_command_help_is_shown(call: Call) -> None:
    said = call()
    assert said.code == 2
    assert "Usage: mebench" in said.err


def test_the_version_is_the_packages(call: Call) -> None:
    assert call("--version") == (0, f"mebench, version {mebench.__version__}\n", "")


# Wrong names and values

WRONG = {
    "command": (["lst"], "there is no command 'lst': did you mean 'list'?"),
    "list": (["list", "model"], "there is no list named 'model': did you mean 'models'?"),
    "name": (
        ["info", "fammet"],
        "there is no model, dataset, protocol, command, metric, executor or tracker named 'fammet': "
        "did you mean 'famnet'",
    ),
    "model": (["run", "majorty", "casme3"], "there is no model named 'majorty': did you mean 'majority'?"),
    "protocol": (
        ["run", "majority", "casme3-4"],
        "there is no protocol named 'casme3-4': did you mean 'casme3-4c'",
    ),
    "preset": (
        ["run", "famnet", "casme3", "--preset", "smal"],
        "there is no preset of FAMNet named 'smal': did you mean 'small'?",
    ),
    "setting": (
        ["run", "difference-svm", "casme3", "--set", "sise=3"],
        "there is no setting of DifferenceSvm named 'sise': did you mean 'size'?",
    ),
    "value": (
        ["run", "difference-svm", "casme3", "--set", "size=big"],
        "setting 'size' of DifferenceSvm cannot be",
    ),
    "assignment": (
        ["run", "difference-svm", "casme3", "--set", "size"],
        "--set 'size': write it as NAME=VALUE",
    ),
    "seeds": (
        ["run", "majority", "casme3", "--seeds", "0,x"],
        "--seeds '0,x': give whole numbers with commas",
    ),
    "no seeds": (["run", "majority", "casme3", "--seeds", ""], "--seeds '': give whole numbers"),
    "negative seed": (
        ["run", "majority", "casme3", "--seeds", "-1"],
        "the seed -1 is negative: give seeds from 0 on",
    ),
    "dataset": (["data", "check", "casmee3"], "there is no dataset named 'casmee3': did you mean 'casme3'"),
    "dataset to add": (
        ["data", "add", "casmee3", "."],
        "there is no dataset named 'casmee3': did you mean 'casme3'",
    ),
    "dataset to draw": (["data", "synth", "casmee3", "--out", "x"], "there is no dataset named 'casmee3'"),
    "place": (["run", "majority", "casme3", "--data", "nowhere"], "nowhere"),
    "no place": (
        ["run", "majority", "casme3"],
        "does not know where casme3 lies: run `mebench data add casme3 DIR`",
    ),
    "two sources": (["run", "majority", "casme3", "--synthetic", "--data", "x"], "leave out --data"),
    "annotation": (
        ["data", "synth", "casme3", "--out", "x", "--annotations", "no.xlsx"],
        "there is no annotation file no.xlsx",
    ),
    "run": (["show", "nothing"], "there is no run named 'nothing' in runs"),
    "cache entry": (["cache", "clear", "nothing"], "there is no cache entry named 'nothing'"),
}


@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_gets_one_line_and_exit_code_2(arguments: list[str], sentence: str, call: Call) -> None:
    if "famnet" in arguments:
        pytest.importorskip("torch")
    said = call(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1, said.err
    assert said.err.startswith("error: ")
    assert sentence in said.err
    assert not any(Path.cwd().iterdir()), "nothing was begun"


@pytest.mark.parametrize("folds", ["0", "-2", "--1", "spNO.99", "", "1.5"])
def test_wrong_folds_are_refused(folds: str, call: Call, twin: Path) -> None:
    said = call("run", "majority", "casme3", "--data", twin, f"--folds={folds}")
    assert said.code == 2
    assert len(said.err.splitlines()) == 1, said.err
    assert "give a positive count" in said.err or f"there is no fold named '{folds}'" in said.err
    assert not (Path.cwd() / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "majority"], "Missing argument 'PROTOCOL'"),
        (["run", "majority", "casme3", "--device", "gpu"], "'gpu' is not one of"),
        (["run", "majority", "casme3", "--workers", "0"], "0 is not in the range"),
        (["list", "--jsn"], "No such option"),
        (["data", "chek"], "No such command 'chek'"),
    ],
)
def test_wrong_options_show_the_usage_and_exit_with_2(
    arguments: list[str], sentence: str, call: Call
) -> None:
    said = call(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: mebench")
    assert sentence in said.err.splitlines()[-1]


def test_a_traceback_is_shown_with_debug_only(cli: Cli) -> None:
    plain = cli("run", "majorty", "casme3")
    debug = cli("--debug", "run", "majorty", "casme3")
    assert plain.returncode == 2
    assert "Traceback" not in plain.stderr
    assert debug.returncode != 0
    assert "Traceback" in debug.stderr
    assert "did you mean 'majority'?" in debug.stderr.splitlines()[-1]


# list and info

NAMES = [(kind, entry.name) for kind in KINDS for entry in load_plugins().registry.entries(kind)]


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_info_says_the_same_in_words_and_in_json(kind: str, name: str, call: Call) -> None:
    entry = next(e for e in load_plugins().registry.find(name) if e.kind == kind)
    for library in {"torch", "mlflow"} & set(entry.requires):
        pytest.importorskip(library)
    text, machine = call("info", name), call("info", name, "--json")
    assert (text.code, machine.code, text.err, machine.err) == (0, 0, "", "")
    content = next(each for each in json.loads(machine.out) if each["kind"] == kind)
    assert f"{entry.name} ({kind} of plugin {entry.plugin})" in text.out
    for fact in (content["title"], content["needs"], content["reference"]):
        assert fact in text.out
    assert "problem" not in content
    for line in (*content.get("known", ()), *content.get("assumed", ()), *content.get("repairs", ())):
        assert line in text.out
    for row in content.get("settings", ()):
        assert re.search(rf"^{row['setting']}( \*)? +{re.escape(row['default'])} ", text.out, re.MULTILINE)
    for word in (*content.get("classes", ()), *content.get("presets", ()), *content.get("layouts", ())):
        assert word in text.out


def test_an_alias_is_as_good_as_a_name(call: Call) -> None:
    kinds = [(each["kind"], each["name"]) for each in json.loads(call("info", "casme3", "--json").out)]
    assert kinds == [("dataset", "casme3"), ("protocol", "casme3-4c")]
    assert "casme3-4c = casme3" in call("list", "protocols").out


def test_a_list_in_a_pipe_is_plain_aligned_columns(call: Call) -> None:
    said = call("list")
    assert said.err == ""
    assert said.out.isascii(), "no lines, no colours"
    assert "\x1b" not in said.out
    for kind, name in NAMES:
        assert re.search(rf"^{re.escape(name)} ", said.out, re.MULTILINE), kind
    blocks = {block.splitlines()[0]: block.splitlines()[1:] for block in said.out.strip().split("\n\n")}
    assert list(blocks) == ["Models", "Datasets", "Protocols", "Executors", "Trackers", "Plugins"]
    head, *rows = blocks["Models"]
    for row in rows:
        assert row[head.index("title") - 2 : head.index("title")] == "  "
        assert row[head.index("title")] != " "


def test_a_list_for_machines_is_json(call: Call) -> None:
    content = json.loads(call("list", "--json").out)
    assert list(content) == [*(f"{kind}s" for kind in KINDS), "plugins"], "also where there are none"
    families = {("model", f"{family.name}NAME") for family in load_plugins().registry.families("model")}
    assert {(kind, each["name"]) for kind in KINDS for each in content[f"{kind}s"]} == set(NAMES) | families
    assert all(plugin["problem"] == "" for plugin in content["plugins"])
    assert json.loads(call("list", "runs", "--json").out) == {"runs": []}
    assert call("list", "runs").out == "Runs in runs: none\n\n"


# Runs, cache, datasets


def test_a_run_that_waits_for_more_seeds_has_no_score_in_the_list(call: Call, cli: Cli, twin: Path) -> None:
    assert cli("run", "majority", "casme3", "--data", twin, "--workers", "1").returncode == 0
    (run,) = json.loads(call("list", "runs", "--json").out)["runs"]
    assert (run["done"], run["folds"], run["synthetic"]) == (3, 3, True)
    assert isinstance(run["uf1"], float)
    name = "/".join(Path(run["run"]).parts[-2:])
    assert json.loads(call("show", name, "--json").out)["uf1"]["mean"] == run["uf1"]
    assert "SYNTHETIC" in call("show", name).out

    part = cli("run", "majority", "casme3", "--data", twin, "--seeds", "1", "--folds", "1")
    assert part.returncode == 0
    assert "4 of 6 folds are recorded" in part.stdout
    (run,) = json.loads(call("list", "runs", "--json").out)["runs"]
    assert (run["done"], run["folds"], run["uf1"]) == (4, 6, None)
    assert call("show", name).code == 2


def test_the_cache_is_shown_and_cleared_by_name_or_as_a_whole(call: Call, cli: Cli, twin: Path) -> None:
    cache = Path(os.environ["MEBENCH_CACHE"])
    assert call("cache").out == f"Cache in {cache}: none\n\n"
    done = cli("run", "difference-svm", "casme3", "--data", twin, "--folds", "1", "--set", "size=8")
    assert done.returncode == 0, done.stderr
    (cache / "twins" / "half-made.part").mkdir(parents=True)
    shown = call("cache").out
    apex, onset = (
        re.search(rf"^casme3-{kind}-[\w-]+", shown, re.MULTILINE) for kind in ("ApexFrame", "OnsetFrame")
    )
    assert apex is not None
    assert onset is not None

    assert call("cache", "clear", apex[0], "nothing").code == 2
    assert apex[0] in call("cache").out, "a wrong name deletes nothing"
    wrong = call("cache", "clear", apex[0][:-1])
    assert f"did you mean '{apex[0]}'" in wrong.err

    assert call("cache", "clear", apex[0]).out.startswith("deleted 1 ent")
    shown = call("cache").out
    assert apex[0] not in shown
    assert onset[0] in shown
    assert call("cache", "clear").out.startswith("deleted 2 entries")
    assert call("cache").out == f"Cache in {cache}: none\n\n"
    assert twin.exists()
    assert (Path.cwd() / "runs").exists(), "records are never touched"


def test_a_place_is_remembered_and_overridden_by_variable_and_option(
    call: Call, twin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place_of(*arguments: str | Path) -> str:
        return str(json.loads(call("data", "check", "casme3", "--json", *arguments).out)["folder"])

    variable, option = tmp_path / "variable", tmp_path / "option"
    for link in (variable, option):
        link.symlink_to(twin)

    assert call("data", "add", "casme3", tmp_path / "nowhere").code == 2
    assert "casme3" not in (
        row.split()[0] for row in call("data", "list").out.splitlines()[2:] if "add" in row
    )

    added = call("data", "add", "casme3", twin)
    assert (added.code, added.err) == (0, "")
    assert added.out.startswith(f"casme3: 12 clips in {twin}")
    assert place_of() == str(twin)
    assert re.search(rf"^casme3 +{re.escape(str(twin))} +data add$", call("data", "list").out, re.MULTILINE)

    monkeypatch.setenv("MEBENCH_DATA_CASME3", str(variable))
    assert place_of() == str(variable)
    assert re.search(r"MEBENCH_DATA_CASME3$", call("data", "list").out, re.MULTILINE)
    assert place_of("--data", option) == str(option)


# Terminals and pipes


def on_a_terminal(*arguments: str | Path, columns: int, folder: Path) -> tuple[int, str]:
    """Run on a pseudo-terminal of a width; return exit code and text, without its escapes."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mebench", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "COLUMNS": str(columns), "LINES": "40", "TERM": "xterm"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    said = b""
    while True:
        try:
            read = os.read(master, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not read:
            break
        said += read
    os.close(master)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
    return process.wait(), text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("columns", "arguments"),
    [(40, ["list"]), (100, ["list"]), (40, ["info", "casme3"]), (40, ["info", "difference-svm"])],
)
def test_tables_fit_the_terminal_and_keep_names_whole(
    columns: int, arguments: list[str], tmp_path: Path
) -> None:
    code, text = on_a_terminal(*arguments, columns=columns, folder=tmp_path)
    assert code == 0, text
    assert max(map(len, text.splitlines())) <= columns
    if arguments == ["list"]:
        for _, name in NAMES:
            assert name in text


SEVEN = ("happiness", "surprise", "sadness", "disgust", "fear", "anger", "others")


@pytest.fixture
def stored(tmp_path: Path, registry: Registry) -> str:
    """A run of seven classes, two seeds and two datasets, as ``show`` names it."""
    labels = {"happy": SEVEN[0], "surprise": SEVEN[1], "disgust": SEVEN[3], "others": SEVEN[6]}
    cohort = invented_cohort(
        9, 12, datasets=("casme3", "samm"), classes=SEVEN, labels={"casme3": labels, "samm": labels}
    )
    entry = registry.get("model", "majority")
    return store_run(tmp_path / "runs", cohort, entry, entry.load()(), wrong=50, seeds=(0, 1)).path.name


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_tables_on_a_terminal_lose_no_digit_and_headings_end_where_their_numbers_do(
    columns: int, stored: str, call: Call, tmp_path: Path
) -> None:
    plain = call("show", stored).out
    code, text = on_a_terminal("show", stored, columns=columns, folder=tmp_path)
    assert code == 0, text
    lines = text.splitlines()
    assert max(map(len, lines)) <= columns
    scores = r"\d+\.\d\d(?: ± \d+\.\d\d)?|\d+\.\d\d to \d+\.\d\d"
    assert sorted(re.findall(scores, text)) == sorted(re.findall(scores, plain))
    assert sum(int(n) for n in re.findall(r"\b\d+\b", " ".join(confusion_of(lines)))) == 2 * 216
    rules = [place for place, line in enumerate(lines) if line.startswith("───")]
    assert len(rules) >= 5
    for rule in rules:
        heading = lines[rule - 1]
        for row in lines[rule + 1 :]:
            if not row.strip():
                break
            numbers = {m.end() for m in re.finditer(r"(?<!UF)\d(?= {3}|$)", row.rstrip())}
            assert numbers <= {m.end() for m in re.finditer(r"\S(?= {3}|$)", heading.rstrip())}, (
                heading,
                row,
            )


def confusion_of(lines: list[str]) -> list[str]:
    """Return the rows of the confusion matrix, whatever tables it is cut into."""
    first = next(place for place, line in enumerate(lines) if line.startswith("Confusion"))
    last = next(place for place, line in enumerate(lines) if line.startswith("casme3") and place > first)
    return [line for line in lines[first:last] if line.split(" ")[0] in SEVEN]


def test_headings_in_a_pipe_end_where_their_numbers_do(stored: str, call: Call) -> None:
    for block in call("show", stored).out.split("\n\n")[:-1]:
        _, heading, *rows = block.splitlines()
        for row in rows:
            numbers = {m.end() for m in re.finditer(r"(?<!UF)\d(?= {2}|$)", row)}
            assert numbers <= {m.end() for m in re.finditer(r"\S(?= {2}|$)", heading)}, block


def test_a_path_with_brackets_is_printed_as_it_is(call: Call, twin: Path, tmp_path: Path) -> None:
    folder = tmp_path / "[bold]data"
    shutil.copytree(twin, folder)
    assert f"casme3: 12 clips in {folder}, " in call("data", "add", "casme3", folder).out


def test_a_run_on_a_narrow_terminal_shows_bars_and_ends_with_its_scores(twin: Path, tmp_path: Path) -> None:
    code, text = on_a_terminal(
        *("run", "difference-svm", "casme3", "--data", twin, "--set", "size=8", "--workers", "1"),
        columns=40,
        folder=tmp_path,
    )
    assert code == 0, text
    assert "Traceback" not in text
    assert "12/12" in text, "the features' bar"
    assert "3/3" in text, "the folds' bar"
    assert "UF1" in text.rpartition("3/3")[2]


def test_a_wrong_name_on_a_terminal_is_said_in_words(tmp_path: Path) -> None:
    code, text = on_a_terminal("info", "fammet", columns=40, folder=tmp_path)
    assert code == 2
    assert "did you mean 'famnet'" in " ".join(text.split())


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["--help"]], ids=" ".join)
def test_a_reader_who_leaves_early_sees_no_traceback(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [sys.executable, "-m", "mebench", *arguments], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    _, errors = process.communicate(timeout=60)
    assert errors == ""


def test_windows_is_told_which_systems_are_supported(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    code, said, errors = call("list")
    assert (code, said) == (2, "")
    assert errors == "error: mebench runs on Linux and macOS; on Windows, run it in WSL (`wsl --install`)\n"


def test_synthetic_says_which_preset_applies(call: Call) -> None:
    quick = ("--folds", "nobody")  # stops before anything is trained
    said = call("run", "famnet", "casme3", "--synthetic", *quick).err
    assert re.match(r"--synthetic: the preset 'small' applies \(.*width=.*\); --preset none for none\n", said)
    assert "preset" not in call("run", "famnet", "casme3", "--synthetic", "--preset", "small", *quick).err
    assert "preset" not in call("run", "majority", "casme3", "--synthetic", *quick).err
