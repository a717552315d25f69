"""`mebench view`: the page of a folder of runs, whatever state they are in."""

from __future__ import annotations

import re
import shutil
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.report.viewing import write_view

Call = Callable[..., Any]
COHORT = invented_cohort(3, 4)
TRUTH = COHORT.clips["label"].to_numpy()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A complete run, one that lacks a fold, and one whose description is damaged."""
    record_run(tmp_path / "runs", COHORT, lambda _: TRUTH)
    part = record_run(
        tmp_path / "runs", COHORT, lambda _: (TRUTH + 1) % len(EMOTIONS), model="difference-svm"
    )
    min(part.path.glob("folds/*.json")).unlink()
    broken = tmp_path / "runs" / "four" / "broken-12345678"
    broken.mkdir()
    (broken / "run.json").write_text("{<b>")
    return tmp_path / "runs"


def test_each_run_is_there_with_its_state_and_a_way_to_its_report(
    runs: Path, tmp_path: Path, call: Call
) -> None:
    said = call("view", "--no-browser", "--out", "pages")
    assert (said.code, said.out.strip()) == (0, str(tmp_path / "pages" / "index.html"))
    page = (tmp_path / "pages" / "index.html").read_text()
    assert "3 runs: 1 complete, 1 incomplete, 1 broken" in page
    assert "incomplete, 2 of 3 folds" in page
    assert "broken-12345678" in page
    assert "not readable JSON" in page
    assert ">100.00<" in page
    links = [each.get("href") for each in html5lib.parse(page, namespaceHTMLElements=False).iter("a")]
    reports = [link for link in links if not link.startswith("#")]
    assert len(reports) == 2
    assert all((tmp_path / "pages" / link).exists() for link in reports)


def test_without_out_it_lies_in_the_cache_and_is_opened(
    runs: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(opened.append(address)) or True)
    said = call("view", runs)
    assert opened == [Path(said.out.strip()).as_uri()]
    assert "cache" in said.out
    assert not [*runs.rglob("*.html")]
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert "no browser opened" in call("view", runs).err


def test_a_report_is_made_again_only_where_its_run_changed(runs: Path, tmp_path: Path) -> None:
    index = write_view(runs, tmp_path / "pages")
    before = {file: file.stat().st_ino for file in index.parent.rglob("report.html")}
    assert len(before) == 2
    write_view(runs, tmp_path / "pages")
    assert {file: file.stat().st_ino for file in before} == before
    changed = next(runs.glob("four/majority-*"))
    min(changed.glob("folds/*.json")).unlink()
    write_view(runs, tmp_path / "pages")
    new = [file for file in before if file.stat().st_ino != before[file]]
    assert [file.parent.name for file in new] == [changed.name]
    assert "INCOMPLETE" in new[0].read_text()
    shutil.rmtree(changed)
    write_view(runs, tmp_path / "pages")
    assert new[0] not in [*index.parent.rglob("report.html")], "its page goes with the run"


def test_the_folder_of_one_run_and_one_without_any(runs: Path, tmp_path: Path, call: Call) -> None:
    one = next(runs.glob("four/majority-*"))
    assert call("view", one, "--no-browser", "--out", "one").code == 0
    assert "1 run: 1 complete" in (tmp_path / "one" / "index.html").read_text()
    (tmp_path / "empty").mkdir()
    assert call("view", "empty", "--no-browser", "--out", "none").code == 0
    assert "There is no run yet" in (tmp_path / "none" / "index.html").read_text()
    said = call("view", "nowhere", "--no-browser")
    assert (said.code, "there is no folder nowhere" in said.err) == (2, True)


def test_a_run_that_is_stored_without_its_labels_shows_what_was_stored(runs: Path, tmp_path: Path) -> None:
    from mebench.records import RunDirectory
    from mebench.scoring.rebuild import score_run
    from mebench.scoring.stored import write_scores

    directory = RunDirectory(next(runs.glob("four/majority-*")))
    write_scores(directory, score_run(directory))
    directory.cohort_file.unlink()
    page = write_view(runs, tmp_path / "pages").read_text()
    assert re.search(r">100\.00<", page)
    assert "1 stored" in page


def test_the_same_runs_give_the_same_bytes(runs: Path, tmp_path: Path) -> None:
    one, two = (write_view(runs, tmp_path / name).read_bytes() for name in ("one", "two"))
    assert one == two
    assert np.char.count(one, b"<table") == 1
