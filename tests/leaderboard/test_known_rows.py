"""Rows that are known from an earlier build: the same bytes, and nothing that was touched since goes unnoticed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from invented import invented_cohort, store_run

from mebench.leaderboard import local_runs as building
from mebench.leaderboard.build import build_leaderboards
from mebench.leaderboard.known_rows import rows_folder
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the runs that were scored, as they come; every file counts as settled."""
    monkeypatch.setattr("mebench.leaderboard.known_rows.settled", lambda found: True)
    names: list[str] = []
    whole = building.reproduced

    def told(directory: RunDirectory):  # type: ignore[no-untyped-def]
        names.append(directory.path.name)
        return whole(directory)

    monkeypatch.setattr(building, "reproduced", told)
    return names


@pytest.fixture
def runs(tmp_path: Path, registry: Registry) -> list[RunDirectory]:
    made = []
    for wrong, name in enumerate(("majority", "difference-svm"), start=1):
        entry = registry.get("model", name)
        kind = entry.load()
        made.append(
            store_run(tmp_path / "runs", invented_cohort(), entry, kind(kind.Settings()), wrong=wrong)
        )
    return made


def tables(tmp_path: Path) -> dict[str, bytes]:
    built = build_leaderboards(tmp_path / "runs", tmp_path / "tables")
    return {path.name: path.read_bytes() for path in built.written}


def test_unchanged_runs_are_not_scored_again_and_give_the_same_bytes(
    runs: list[RunDirectory], tmp_path: Path, scored: list[str]
) -> None:
    first = tables(tmp_path)
    assert len(scored) == 2
    assert tables(tmp_path) == first
    assert len(scored) == 2


def test_a_touched_run_is_scored_again_and_the_others_are_not(
    runs: list[RunDirectory], tmp_path: Path, scored: list[str]
) -> None:
    first = tables(tmp_path)
    runs[0].run_file.write_bytes(runs[0].run_file.read_bytes())
    assert tables(tmp_path) == first
    assert scored[2:] == [runs[0].path.name]


@pytest.mark.parametrize("what", ["record", "truth", "description", "a record less"])
def test_altered_evidence_is_refused_by_name_although_its_row_was_known(
    runs: list[RunDirectory], tmp_path: Path, scored: list[str], what: str
) -> None:
    tables(tmp_path)
    record = next(runs[0].path.glob("folds/*.json"))
    file = {"truth": runs[0].cohort_file, "description": runs[0].run_file}.get(what, record)
    if what == "a record less":
        file.unlink()
    else:
        state, content = file.stat(), file.read_bytes()
        file.write_bytes(content.replace(b"0", b"1", 1))
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))  # as who alters it would
    built = build_leaderboards(tmp_path / "runs", tmp_path / "tables")
    assert [path for path, _ in built.left_out] == [runs[0].path]


@pytest.mark.parametrize("damage", ["cut short", "another score", "no rows"])
def test_damaged_rows_are_made_again(
    runs: list[RunDirectory], tmp_path: Path, scored: list[str], damage: str
) -> None:
    first = tables(tmp_path)
    (file,) = rows_folder().iterdir()
    text = file.read_text(encoding="utf-8")
    damaged = {
        "cut short": text[:-9],
        "another score": text.replace('"mean":0', '"mean":1'),
        "no rows": "[]",
    }
    assert damaged[damage] != text
    file.write_text(damaged[damage], encoding="utf-8")
    assert tables(tmp_path) == first
    assert len(scored) == 4


def test_rows_of_other_code_are_made_again(
    runs: list[RunDirectory], tmp_path: Path, scored: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tables(tmp_path)
    monkeypatch.setattr("mebench.leaderboard.known_rows.source_of", lambda name: "other")
    assert tables(tmp_path) == first
    assert len(scored) == 4


def test_runs_scored_by_several_processes_give_the_same_tables(
    runs: list[RunDirectory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = tables(tmp_path)
    shutil.rmtree(rows_folder(), ignore_errors=True)
    monkeypatch.setattr(building, "_MANY", 1)
    monkeypatch.setattr(building, "cores", lambda: 2)
    assert tables(tmp_path) == alone
