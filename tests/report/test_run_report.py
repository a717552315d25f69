"""`mebench report`: a page that says what the records say, and nothing that it was not given."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.records import RunDirectory
from mebench.report.contents import RunContents, read_contents
from mebench.report.figures import run_figures
from mebench.report.run_page import run_page
from mebench.report.writing import write_report
from mebench.runner.command import commands_of

Call = Callable[..., Any]
COHORT = invented_cohort(5, 4)
TRUTH = COHORT.clips["label"].to_numpy()
POOR = np.where(np.arange(len(TRUTH)) % 3, TRUTH, (TRUTH + 1) % len(EMOTIONS))
UNITS = COHORT.aus
EVIL = '</title></style></svg><script>alert(1)</script><img src="//x.example/a.png" onerror=alert(1)>\u202e'


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A run of classes and units with two seeds, of which the first is wrong now and then. Read it."""
    runs = tmp_path_factory.mktemp("report") / "runs"
    told = {0: POOR, 1: TRUTH}
    return record_run(runs, COHORT, lambda task: told[task.seed], aus=lambda _: UNITS, seeds=(0, 1))


@pytest.fixture(scope="module")
def contents(directory: RunDirectory) -> RunContents:
    return read_contents(directory)


def parsed(page: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def texts(page: str) -> list[str]:
    """Return the texts of a page's cells."""
    return ["".join(cell.itertext()).strip() for cell in parsed(page).iter() if cell.tag in ("td", "th")]


def outward(page: str) -> list[str]:
    """Return all by which a page would ask for something: nothing but its own places, and data, is due."""
    tree = parsed(page)
    names = ("src", "href", "srcset", "action", "data", "poster", "xlink:href", "formaction", "ping")
    found = [
        each.get(name)
        for each in tree.iter()
        if isinstance(each.tag, str)
        for name in names
        if each.get(name)
    ]
    found += re.findall(r"url\(([^)]*)\)|@import\s+(\S+)", page)
    return [each for each in found if not (isinstance(each, str) and each.startswith(("#", "data:")))]


def test_the_figures_are_those_of_show(directory: RunDirectory, call: Call) -> None:
    shown = json.loads(call("show", directory.path, "--json").out)
    page = run_page(read_contents(directory))
    cells = texts(page)
    for name in ("uf1", "uar", "accuracy"):
        assert f"{100 * shown[name]['mean']:.2f}" in cells
        assert f"{100 * shown[name]['low']:.2f} to {100 * shown[name]['high']:.2f}" in cells
    for name, row in shown["per_class"].items():
        place = cells.index(name)
        due = [row["support"], *(f"{100 * row[each]['mean']:.2f}" for each in ("f1", "recall", "precision"))]
        assert cells[place + 1 : place + 5] == [*map(str, due)]
    assert f"{100 * shown['au']['f1']['mean']:.2f}" in cells
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    for row, name in zip(shown["confusion"]["sum"], shown["classes"], strict=True):
        for count, taken in zip(row, shown["classes"], strict=True):
            assert f"{name} taken for {taken}: {count} of {sum(row)}" in drawn


def test_a_page_is_valid_html_and_asks_for_nothing(contents: RunContents) -> None:
    assert not outward(run_page(contents))
    assert outward('<!DOCTYPE html><html><head><title>a</title></head><body><img src="x.png"></body></html>')


def test_the_hardest_clips_come_first_with_what_they_were_taken_for(contents: RunContents) -> None:
    cells = texts(run_page(contents))
    wrong = [row for row in contents.clips if row["wrong"]]
    place = cells.index(wrong[0]["clip"])
    (taken,) = wrong[0]["told"]
    assert cells[place + 1 : place + 4] == [wrong[0]["truth"], taken, "1 of 2"]
    assert not any(row["clip"] in cells for row in contents.clips if not row["wrong"])


def test_nothing_that_a_record_holds_becomes_part_of_the_page(contents: RunContents) -> None:
    run = {
        **contents.run,
        "label": EVIL,
        "settings": {EVIL: EVIL},
        "changed_settings": {EVIL: EVIL},
        "versions": {EVIL: EVIL},
        "hardware": {EVIL: EVIL},
        "protocol_source": EVIL,
    }
    scores: Any = contents.scores
    names = [EVIL, *scores["classes"][1:]]
    scores = {
        **scores,
        "classes": names,
        "per_class": {EVIL if n == EMOTIONS[0] else n: row for n, row in scores["per_class"].items()},
    }
    clips = tuple({**row, "clip": EVIL, "told": {EVIL: 2}} for row in contents.clips)
    subjects = tuple({**row, "subject": EVIL, "dataset": EVIL} for row in contents.subjects)
    curves = {
        EVIL: {"median": [1.0, 0.5], "lower": [1.0, 0.5], "upper": [1.0, 0.5], "folds": [1, 1], "each": {}}
    }
    evil: Any = replace(
        contents,
        name=EVIL,
        run=run,
        scores=scores,
        clips=clips,
        subjects=subjects,
        curves=curves,
        problems=(EVIL,),
    )
    page = run_page(evil)
    tree = parsed(page)
    scripts = [each for each in tree.iter() if each.tag == "script"]
    assert len(scripts) == 1, "its own, which sorts"
    assert not any(
        each.tag == "img" or each.get("onerror") for each in tree.iter() if isinstance(each.tag, str)
    )
    assert not outward(page)
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;alert(1)") > 10
    for figure in run_figures(evil):
        assert "<script" not in figure.drawing.file()
        assert re.fullmatch(r"[a-z0-9-]+", figure.name)


def test_files_lie_together_and_are_the_same_bytes_each_time(
    directory: RunDirectory, call: Call, tmp_path: Path
) -> None:
    pytest.importorskip("resvg_py")
    said = call("report", directory.path, "--out", tmp_path / "one")
    assert (said.code, said.out.strip()) == (0, str(tmp_path / "one" / "report.html"))
    assert call("report", directory.path, "--out", tmp_path / "two").code == 0
    files = {
        file.relative_to(tmp_path / "one"): file.read_bytes() for file in (tmp_path / "one").rglob("*.*")
    }
    assert files == {f.relative_to(tmp_path / "two"): f.read_bytes() for f in (tmp_path / "two").rglob("*.*")}
    names = {str(name) for name in files}
    for name in (
        "scores",
        "confusion",
        "subjects",
        "action-units",
        "units-coded",
        "units-detected",
        "calibration",
    ):
        assert {f"figures/{name}.svg", f"figures/{name}.png"} <= names
    assert files[Path("figures/confusion.png")].startswith(b"\x89PNG")


def test_figures_of_a_former_report_go_and_other_files_stay(contents: RunContents, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    figures.mkdir()
    for name in ("confusion-casme2.svg", "curve-1-loss.png", "mine.svg"):
        (figures / name).write_text("before")
    write_report(tmp_path, "page", run_figures(contents)[:1], of="a run")
    assert {file.name for file in figures.iterdir()} - {"scores.png"} == {"scores.svg", "mine.svg"}


def test_what_must_not_be_overlooked_is_on_the_page_and_in_each_figure(tmp_path: Path, call: Call) -> None:
    cohort = invented_cohort(3, 4, twin=True)
    truth = cohort.clips["label"].to_numpy()
    directory = record_run(tmp_path / "runs", cohort, lambda _: truth, shuffle_labels=True)
    assert call("report", directory.path, "--out", tmp_path / "out").code == 0
    page = (tmp_path / "out" / "report.html").read_text()
    for word in ("SYNTHETIC", "LABELS SHUFFLED"):
        assert f"<strong>{word}</strong>" in page
        assert word in page.partition("</title>")[0]
        assert word in (tmp_path / "out" / "figures" / "scores.svg").read_text()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"selection": "oracle"}, "ORACLE"),
        ({"subject_dependent": True}, "SUBJECT-DEPENDENT"),
        ({"local_code": {"file": "tiny.py", "sha256": "ab" * 32}}, "LOCAL CODE abababababab"),
        ({"precision": "bfloat16-fast"}, "FAST KERNELS"),
    ],
)
def test_each_mark_is_said_where_it_holds(contents: RunContents, change: dict[str, Any], word: str) -> None:
    run: Any = {**contents.run, **change}
    assert f"<strong>{word}</strong>" not in run_page(contents)
    assert f"<strong>{word}</strong>" in run_page(replace(contents, run=run))


def test_a_run_whose_folds_are_missing_has_a_report_without_scores(tmp_path: Path, call: Call) -> None:
    directory = record_run(tmp_path / "runs", COHORT, lambda _: TRUTH)
    records = sorted(directory.path.glob("folds/*.json"))
    records[0].unlink()
    damaged = records[1].read_text().replace('"seed": 0', '"seed": 1')
    records[1].write_text(damaged)
    said = call("report", directory.path.name)
    assert said.code == 0
    page = (tmp_path / said.out.strip()).read_text()
    assert said.out.strip() == f"reports/four/{directory.path.name}/report.html"
    assert "<strong>INCOMPLETE</strong> 2 fold(s) have no record" in page
    assert "does not agree with its content" in page
    assert "Pooled scores" not in page


def test_a_wrong_name_is_one_sentence(tmp_path: Path, call: Call, directory: RunDirectory) -> None:
    said = call("report", "majorty", "--runs", directory.path.parents[1])
    assert said.code == 2
    assert "there is no run named 'majorty'" in said.err
    (tmp_path / "file").write_text("")
    said = call("report", directory.path, "--out", tmp_path / "file")
    assert said.code == 2
    assert "is a file, and a report is a folder" in said.err
    assert "add --compare" in call("report", directory.path, directory.path).err
    assert "two with --compare" in call("report", "--compare", directory.path).err


def test_a_damaged_run_is_named(tmp_path: Path, call: Call) -> None:
    directory = record_run(tmp_path / "runs", COHORT, lambda _: TRUTH)
    directory.cohort_file.write_text("key\n")
    said = call("report", directory.path.name)
    assert said.code == 2
    assert "cohort.csv" in said.err
    assert not (tmp_path / "reports").exists()


def test_the_command_names_all_that_decides(contents: RunContents) -> None:
    run: Any = {
        **contents.run,
        "changed_settings": {"b": None, "a": [1, 2], "c": "x y"},
        "selection": "in its own words",
        "decided_by": {**contents.run["decided_by"], "selection": "oracle", "folds_together": True},
        "threads": 2,
        "precision": "bfloat16-fast",
        "device": "cuda",
        "shuffled_labels": True,
        "synthetic": True,
    }
    assert commands_of(run) == [
        "mebench run majority four --seeds 0,1 --set a=1,2 --set b=none --set 'c=x y' --selection oracle "
        "--shuffle-labels --synthetic --preset none --device cuda --precision bfloat16 --fast --threads 2 "
        "--folds-together"
    ]


def test_the_commands_of_a_report_find_the_very_same_run(call: Call, twin: Path) -> None:
    assert call("run", "majority", "casme3", "--seeds", "3", "--folds", "1", "--data", twin).code == 0
    (run_file,) = Path("runs").glob("*/*/run.json")
    drawn, again = (shlex.split(line)[1:] for line in commands_of(RunDirectory(run_file.parent).read_run()))
    assert call(*drawn).code == 0
    said = call(*again, "--folds", "1", "--json")
    assert (json.loads(said.out)["run"], json.loads(said.out)["folds_done"]) == (str(run_file.parent), 1)
    assert len([*Path("runs").glob("*/*/run.json")]) == 1


def test_what_training_seeds_say_of_a_difference_stands_beside_it(tmp_path: Path, call: Call) -> None:
    poor = record_run(tmp_path / "runs", COHORT, lambda _: POOR, seeds=(0, 1))
    good = record_run(tmp_path / "runs", COHORT, lambda _: TRUTH, model="difference-svm", seeds=(0, 1))
    names = (poor.path.name, good.path.name)
    told = json.loads(call("compare", *names, "--json").out)["pairs"][0]["over_seeds"]["uf1"]
    cells = texts((tmp_path / call("report", "--compare", *names).out.strip()).read_text())
    place = cells.index("B better")
    assert cells[place + 2 : place + 4] == ["UF1", "100 %"]
    assert cells[place + 4] == f"{100 * told['low']:+.2f} to {100 * told['high']:+.2f}"


def test_two_runs_stand_side_by_side_with_their_difference(tmp_path: Path, call: Call) -> None:
    poor = record_run(tmp_path / "runs", COHORT, lambda _: POOR)
    good = record_run(tmp_path / "runs", COHORT, lambda _: TRUTH, model="difference-svm")
    shown = json.loads(call("compare", poor.path.name, good.path.name, "--json").out)
    said = call("report", "--compare", poor.path.name, good.path.name)
    assert said.code == 0
    page = (tmp_path / said.out.strip()).read_text()
    score = shown["pairs"][0]["scores"]["uf1"]
    cells = texts(page)
    place = cells.index("UF1")
    assert cells[place + 1] == f"{100 * score['difference']:+.2f}"
    assert cells[place + 2] == f"{100 * score['low']:+.2f} to {100 * score['high']:+.2f}"
    assert float(cells[place + 3]) == pytest.approx(score["p"], abs=5e-4)
    changed = shown["pairs"][0]["changed"]
    assert cells[cells.index("all") + 1 : cells.index("all") + 4] == [
        *map(str, (changed["answers"], changed["gained"], changed["lost"]))
    ]
    assert all(clip["clip"] in cells for clip in changed["clips"])
    assert not outward(page)
    twice = call("report", "--compare", poor.path.name, poor.path.name)
    assert (twice.code, "named twice" in twice.err) == (2, True)
