"""What objects show: the same cells in a notebook, by rich and on the command line; nothing of it is markup."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from rich.console import Console

import mebench
from mebench.cli.scores import print_run_scores
from mebench.display.bands import bands
from mebench.display.tables import Shown

CELL = re.compile(r"<t[dh] [^>]*>(.*?)</t[dh]>")


class Tags(HTMLParser):
    """Tags that are open; each is closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


@pytest.fixture
def run(cohort: mebench.OpenCohort) -> mebench.Run:
    return mebench.run("majority", cohort, progress=False)


@pytest.fixture
def shown(cohort: mebench.OpenCohort, run: mebench.Run) -> dict[str, Shown]:
    """One of each thing that shows itself."""
    return {
        "cohort": cohort,
        "features": cohort.features(mebench.api.ApexFrame(8), progress=False),
        "run": run,
        "part": mebench.run("difference-svm", cohort, folds=1, progress=False),
        "runs": mebench.runs(),
        "score": mebench.score(run.predictions, cohort),
    }


def by_rich(thing: object, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(thing)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_notebook_a_terminal_and_a_pipe_show_the_same_cells(
    shown: dict[str, Shown], run: mebench.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    for thing in shown.values():
        cells = [unescape(cell) for cell in CELL.findall(thing._repr_html_())]
        assert len(cells) > 2
        drawn = by_rich(thing)
        assert not [cell for cell in cells if cell not in drawn]
    print_run_scores(run.info, run.scores)
    printed = capsys.readouterr().out
    assert not [cell for cell in CELL.findall(run._repr_html_()) if unescape(cell) not in printed]


def test_html_is_well_formed_and_holds_no_script_of_a_name(shown: dict[str, Shown], run: mebench.Run) -> None:
    evil = "<script>alert('x')</script>"
    cohort = shown["cohort"]
    assert isinstance(cohort, mebench.OpenCohort)
    protocol = replace(cohort.protocol, name=evil, classes=(evil, *cohort.classes[1:]))
    renamed = mebench.OpenCohort(replace(cohort.definition, protocol=protocol))
    result = mebench.score(dict.fromkeys(cohort.clips["key"], 1), renamed, name=evil)
    for thing in (*shown.values(), renamed, result):
        html = thing._repr_html_()
        assert "<script" not in html
        tags = Tags()
        tags.feed(html)
        assert not tags.opened
    assert evil in unescape(result._repr_html_())
    assert evil in by_rich(result), "rich takes no name for markup"


def test_a_repr_is_one_short_line_that_says_what_it_is(shown: dict[str, Shown]) -> None:
    for thing in shown.values():
        assert "\n" not in repr(thing)
        assert len(repr(thing)) < 200
    assert repr(shown["cohort"]) == "<OpenCohort: casme3-4c: 12 SYNTHETIC clips of 3 subjects, 3 folds>"
    assert repr(shown["runs"]) == "<Runs: runs in runs: 2>"


def test_a_narrow_terminal_loses_no_digit(run: mebench.Run) -> None:
    drawn = by_rich(run, width=40)
    for value in (run.scores["uf1"]["mean"], run.scores["uar"]["mean"]):
        assert value is not None
        assert f"{100 * value:.2f}" in drawn


def test_each_part_of_a_table_that_is_cut_tells_its_rows_apart() -> None:
    columns, right = ("axis", "variant", "UF1", "difference"), ("UF1", "difference")
    cells = [
        ["", "reference", "24.72", ""],
        ["kind", "kind=one", "26.13", "+1.40"],
        ["kind", "kind=two", "1.00", "0"],
    ]
    assert [list(band) for band in bands(columns, cells, right, 30)] == [[0, 1, 2], [0, 1, 3]]
    assert [list(band) for band in bands(columns, cells, right, 20)] == [[0, 1], [0, 2], [0, 3]], (
        "no room for both"
    )
    alone = [["a", "x", "1", "2"], ["b", "x", "1", "2"]]
    assert [list(band) for band in bands(columns, alone, right, 16)] == [[0, 1], [0, 2], [0, 3]]
    assert [list(band) for band in bands(columns, [alone[0]] * 2, right, 16)] == [[0, 1], [0, 2], [0, 3]]
