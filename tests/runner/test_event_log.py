"""The log that every run keeps: whole lines, whatever happens to who writes it, and nothing that must not be there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from edited_runs import content_of, described
from invented import invented_cohort, store_run

from mebench.errors import MebenchWarning
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task
from mebench.runner.event_log import EventLog
from mebench.runner.merge import merge_runs
from mebench.scoring.rebuild import score_run

TASK = Task(0, "casme3/spNO.1")


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def finished(tmp_path: Path, registry: Registry) -> RunDirectory:
    entry = registry.get("model", "majority")
    return store_run(tmp_path / "runs", invented_cohort(), entry, entry.load()())


def test_a_line_says_what_happened_with_its_figures_and_no_prediction(finished: RunDirectory) -> None:
    run, scores = finished.read_run(), score_run(finished)
    record = {**finished.read_record(TASK), "curves": {"loss": [2.0, 0.5], "none": []}}  # type: ignore[dict-item]
    log = EventLog(finished.events_file, done=1, left=2)
    with log.whole():
        log("mebench_run_started", run=run)
        log("mebench_fold_progress", fold="a", seed=0, progress=None)
        log("mebench_fold_done", run=run, record=record)
        log("mebench_fold_failed", run=run, fold="b", seed=0, reason="no clip")
        log("mebench_run_finished", run=run, scores=scores)
    started, done, failed, ended = lines(finished.events_file)
    assert (started["identity"], started["done"], started["left"]) == (run["identity"], 1, 2)
    assert (done["fold"], done["tested_on"], done["at_the_end"]) == (TASK.fold, 4, {"loss": 0.5})
    assert done["fit_seconds"] == record["fit_seconds"]
    assert (failed["event"], failed["reason"]) == ("fold_failed", "no clip")
    assert ended["scores"]["uf1"] == {
        name: scores["uf1"][name]  # type: ignore[literal-required]
        for name in ("mean", "sd", "low", "high")
    }
    assert "probabilities" not in finished.events_file.read_text(encoding="utf-8")


def test_a_line_that_was_cut_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    log = EventLog(file)
    log("mebench_fold_failed", fold="a", seed=0, reason="x")
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])  # as a kill leaves it
    EventLog(file)("mebench_fold_failed", fold="b", seed=0, reason="y")
    first, cut, last = file.read_bytes().splitlines()
    assert (first + b"\n", cut) == (whole, whole[:40])
    assert json.loads(last)["fold"] == "b"


def test_processes_that_write_at_once_cut_no_line_of_each_other(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from mebench.runner.event_log import EventLog\n"
        "log = EventLog(Path('events.jsonl')); sys.stdin.read()\n"
        "for n in range(300): log('mebench_fold_failed', fold=str(n), seed=0, reason=sys.argv[1] * 3000)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, sign], cwd=tmp_path, stdin=subprocess.PIPE)
        for sign in "ab"
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()  # both begin
    assert [process.wait(60) for process in processes] == [0, 0]
    said = [(line["reason"][0], line["fold"]) for line in lines(tmp_path / "events.jsonl")]
    assert sorted(said) == sorted((sign, str(n)) for sign in "ab" for n in range(300))


def test_a_run_that_is_stopped_says_why_and_one_that_had_nothing_to_do_says_nothing(
    finished: RunDirectory,
) -> None:
    run, scores = finished.read_run(), score_run(finished)
    log = EventLog(finished.events_file, scored=True)
    with log.whole():
        log("mebench_run_finished", run=run, scores=scores)
    assert not finished.events_file.exists()
    log = EventLog(finished.events_file, left=1)
    with ExitStack() as stack:
        stack.enter_context(suppress(KeyboardInterrupt))
        stack.enter_context(log.whole())
        log("mebench_run_started", run=run)
        raise KeyboardInterrupt
    assert [(each["event"], each.get("reason")) for each in lines(finished.events_file)] == [
        ("run_started", None),
        ("run_stopped", "interrupted"),
    ]


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_a_log_that_cannot_be_written_is_one_warning_and_no_error(tmp_path: Path, what: str) -> None:
    file = tmp_path / "events.jsonl"
    file.mkdir() if what == "folder" else os.mkfifo(file)
    log = EventLog(file)
    with pytest.warns(MebenchWarning, match=r"events\.jsonl.*the log of this process ends here"):
        log("mebench_fold_failed", fold="a", seed=0, reason="x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log("mebench_fold_failed", fold="a", seed=0, reason="x")


def test_the_log_is_no_evidence_and_goes_aside_with_what_it_tells_of(
    finished: RunDirectory, tmp_path: Path
) -> None:
    before = finished.evidence(), finished.read_record(TASK)
    finished.events_file.write_text("not a line of ours\n")
    assert (finished.evidence(), finished.read_record(TASK)) == before
    (joined,) = merge_runs([tmp_path / "runs"], tmp_path / "merged")
    assert joined.recorded == 3
    assert not joined.directory.events_file.exists()
    place = finished.set_aside()
    assert place is not None
    assert (place / "events.jsonl").read_text() == "not a line of ours\n"
    assert not finished.events_file.exists()


def test_what_trackers_wrote_goes_aside_too(tmp_path: Path) -> None:
    directory = described(tmp_path / "runs")
    directory.write_record(TASK, content_of(directory, TASK))
    (directory.path / "trackers" / "mine").mkdir(parents=True)
    place = directory.set_aside()
    assert place is not None
    assert (place / "trackers" / "mine").is_dir()
