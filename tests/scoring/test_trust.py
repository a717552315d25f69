"""What a run's records say of isolation and checks, and which marks stand beside its scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from invented import invented_cohort, store_run

from mebench.plugin.registry import Registry
from mebench.records import Task
from mebench.runner.completion import settle
from mebench.scoring.listing import run_rows, runs_table
from mebench.scoring.rebuild import score_run
from mebench.scoring.tables import title_of
from mebench.scoring.trust import trust_marks, trust_of

FULL = "landlock-7, netns"


@pytest.mark.parametrize(
    ("isolations", "weakest"),
    [
        ([FULL, FULL], FULL),
        ([FULL, "landlock-7"], "landlock-7"),
        (["landlock-7", "audit hook"], "audit hook"),
        (["audit hook", "netns", "none", FULL], "none"),
        ([FULL, None], "none"),
        ([], "none"),
    ],
)
def test_the_weakest_isolation_of_the_records_is_that_of_the_run(isolations: Any, weakest: str) -> None:
    records: Any = [{} if each is None else {"isolation": each} for each in isolations]
    found = trust_of(records)
    assert found == {"isolation": weakest, "checks": {}}
    assert trust_marks(found) == ([] if weakest == FULL else [f"isolation {weakest}"])


def test_the_largest_difference_of_each_check_counts_and_marks_above_the_tolerance() -> None:
    records: Any = [
        {"isolation": FULL, "checks": {"again": 0.0, "alone": 6e-8}},
        {"isolation": FULL, "checks": {"again": 1e-4, "alone": 0.5}},
        {"isolation": FULL},
    ]
    found = trust_of(records)
    assert found["checks"] == {"again": 1e-4, "alone": 0.5}
    assert trust_marks(found) == ["PREDICTIONS CHANGE when asked clip by clip"]
    assert trust_marks({}) == [], "nothing is known of predictions that no run recorded"


def test_scores_lists_and_titles_say_it(tmp_path: Path, registry: Registry) -> None:
    entry = registry.get("model", "majority")
    directory = store_run(tmp_path, invented_cohort(), entry, entry.load()())
    scores = score_run(directory)
    assert (scores["isolation"], scores["checks"]) == ("none", {})
    assert title_of(directory.read_run(), scores).endswith("(isolation none)")
    for fold in (1, 2, 3):
        one = Task(0, f"casme3/spNO.{fold}")
        told: Any = directory.read_record(one)
        content = {
            n: v for n, v in told.items() if n not in ("format", "identity", "checksum", "seed", "fold")
        }
        directory.write_record(one, content | {"isolation": FULL, "checks": {"reversed": 0.25}})
    scores = score_run(directory)
    assert scores["isolation"] == FULL
    mark = "PREDICTIONS CHANGE when asked in reverse order"
    assert title_of(directory.read_run(), scores).endswith(f"({mark})")
    settle(directory)
    (row,) = run_rows(tmp_path)
    assert (row["isolation"], row["checks"]) == (FULL, {"reversed": 0.25})
    assert mark in runs_table("runs", [row]).cells()[0][-1]
