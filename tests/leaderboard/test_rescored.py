"""Published predictions of others: their rows follow from their matrices, and a file repeats its own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_results import CLIPS, flow_list

from mebench.errors import MebenchError
from mebench.leaderboard.reported import read_reported
from mebench.leaderboard.rescored import HEADER, read_rescored, rescored_csv, write_rescored
from mebench.leaderboard.rescoring import part_names, rescored_figures
from mebench.scoring import metrics

STORED = Path(__file__).resolve().parents[2] / "leaderboards"
WORDS = ("--method", "Own", "--year", "2024", "--place", "example.org own.csv", "--caveat", "made up")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A list of clips, and predictions of all of them but one, as a table; every third is wrong."""
    predictions = tmp_path / "own.csv"
    with predictions.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("dataset", "subject", "clip", "prediction"))
        for place, (*names, label) in enumerate(CLIPS[1:]):
            writer.writerow((*names, (label + (place % 3 == 0)) % 3))
    return flow_list(tmp_path / "list.csv"), predictions


def test_every_stored_figure_follows_from_its_matrix() -> None:
    rows = read_rescored(STORED / "rescored.csv")
    for row in rows:
        matrix = np.array(row.confusion)
        for name, metric in (("uf1", metrics.uf1), ("uar", metrics.uar), ("accuracy", metrics.accuracy)):
            assert getattr(row, name) == pytest.approx(float(metric(matrix)), abs=1e-6)
        assert row.precision == pytest.approx(float(metrics.precision(matrix).mean()), abs=1e-6)
        for name in ("uf1", "uar"):
            assert getattr(row, f"{name}_low") < getattr(row, name) < getattr(row, f"{name}_high")
    for digest in {row.sha256 for row in rows}:
        whole, *parts = (row for row in rows if row.sha256 == digest)
        assert (whole.part, {part.part for part in parts}) == ("all", {"smic", "casme2", "samm"})
        assert np.array_equal(sum(np.array(part.confusion) for part in parts), whole.confusion)
        assert whole.clips + whole.missing == 442
        assert whole.missing == sum(part.missing for part in parts)
    assert (STORED / "rescored.csv").read_text() == rescored_csv(rows)


def test_what_ststnets_paper_prints_as_uar_is_the_precision_of_its_own_log() -> None:
    logged = {row.part: row for row in read_rescored(STORED / "rescored.csv") if row.method == "STSTNet"}
    printed = [row for row in read_reported(STORED / "reported.csv") if row.method == "STSTNet"]
    of_megc2019 = [row for row in printed if row.protocol == "megc2019" and row.kind == "reported"]
    assert {row.part for row in of_megc2019} == set(logged)
    for row in of_megc2019:
        assert row.uf1 == pytest.approx(logged[row.part].uf1, abs=6e-5)
        assert row.uar == pytest.approx(logged[row.part].precision, abs=6e-5)
        assert row.uar != pytest.approx(logged[row.part].uar, abs=6e-5)


def test_a_file_is_added_and_repeats_its_rows_and_another_file_does_not(
    files: tuple[Path, Path], call: Callable[..., Any], tmp_path: Path
) -> None:
    clips, predictions = files
    command = ("leaderboard", "rescore", "--file", predictions, "--list", clips, "--out", tmp_path)
    assert "give --protocol" in call(*command).err
    shown = call(*command, "--protocol", "megc2019")
    assert "rescored.csv has no rows of this file" in shown.out
    assert not (tmp_path / "rescored.csv").exists()
    assert "--add needs --method" in call(*command, "--protocol", "megc2019", "--add").err
    assert call(*command, "--protocol", "megc2019", "--add", *WORDS).code == 0
    rows = read_rescored(tmp_path / "rescored.csv")
    assert [(row.part, row.clips, row.missing, row.caveat) for row in rows] == [
        ("all", 26, 1, "made up"),
        ("smic", 9, 0, "made up"),
        ("casme2", 8, 1, "made up"),
        ("samm", 9, 0, "made up"),
    ]
    said = call(*command)
    assert (said.code, "the same as rescored.csv holds" in said.out) == (0, True)
    first = (tmp_path / "rescored.csv").read_bytes()
    assert call(*command, "--add").code == 0
    assert (tmp_path / "rescored.csv").read_bytes() == first
    write_rescored(tmp_path / "rescored.csv", [replace(rows[0], uf1=0.9, missing=2), *rows[1:3]])
    said = call(*command)
    assert said.code == 1
    assert "all: missing is 2, and the file gives 1" in said.out
    assert "all: uf1 is 0.9, and the file gives" in said.out
    assert "the part samm of the file is not stored" in said.out
    predictions.write_text(predictions.read_text() + "\n")
    assert "no row in rescored.csv" in call(*command).err


def test_a_damaged_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rescored.csv"
    whole = (STORED / "rescored.csv").read_text()
    for old, new, said in (
        ("219 22 9;", "219 22;", r"row 2: confusion is '219 22;40 62 7;21 3 59', not a square of counts"),
        ("6fd7141e", "6fd7141", "row 2: sha256 is"),
        ("0.735301", "73.5", "row 2: uf1 is '73.5', not a share between 0 and 1"),
        ("2019,github", "then,github", "row 2: year is 'then', not a whole number"),
        ("sha256,", "sha,", "lacks the column 'sha256'"),
    ):
        path.write_text(whole.replace(old, new, 1))
        with pytest.raises(MebenchError, match=said):
            read_rescored(path)


def test_a_folder_without_rows_of_its_own_has_those_that_come_with_mebench(tmp_path: Path) -> None:
    (tmp_path / "rescored.csv").write_text(",".join(HEADER) + "\n")
    assert rescored_figures(tmp_path) == []


def test_parts_are_called_as_papers_call_them_where_that_is_clear() -> None:
    assert part_names(("smic-hs", "casme2")) == {"smic-hs": "smic", "casme2": "casme2"}
    assert part_names(("smic-hs", "smic-vis")) == {"smic-hs": "smic-hs", "smic-vis": "smic-vis"}
