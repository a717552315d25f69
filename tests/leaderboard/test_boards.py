"""Boards of stored results and runs: twins by epoch rule, parts of composites, action units, ties, files of others."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chosen_epochs import record_epochs
from invented import factory_of, invented_cohort, planned
from stored_results import flow_cohort, oracle_run, whole_run

from mebench.cohort.building import Cohort
from mebench.leaderboard.board import Board, boards
from mebench.leaderboard.build import build_leaderboards
from mebench.leaderboard.cells import Notes, printed_percent
from mebench.leaderboard.columns import as_csv
from mebench.leaderboard.differences import between
from mebench.leaderboard.groups import tied, too_few
from mebench.leaderboard.render import MOST_ROWS_OF_A_PAGE, latex, markdown
from mebench.leaderboard.rescored import Rescored, rescored_csv
from mebench.leaderboard.results.submit import submit
from mebench.leaderboard.site.write import write_site
from mebench.models.base import Predictions
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory
from mebench.runner.jobs import FoldResult
from mebench.scoring.compared import compare_pooled
from mebench.scoring.optimism import inner_beside, optimism_of
from mebench.scoring.rebuild import read_predictions, score_run

HEADER = "protocol,part,model,method,year,uf1,uar,accuracy,samples,kind,source,caveat"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for tables, with a paper's figures of a method and of the parts of its protocol."""
    folder = tmp_path / "tables"
    folder.mkdir()
    lines = [
        HEADER,
        "megc2019,all,majority,Most frequent,2019,0.2500,0.34,,,reported,A paper,",
        "megc2019,smic,majority,Most frequent,2019,0.2,0.3333,,,reported,A paper,of SMIC HS",
    ]
    (folder / "reported.csv").write_text("\n".join(lines) + "\n")
    (folder / "rescored.csv").write_text(rescored_csv([]))
    return folder


def board_of(runs: Path, out: Path, registry: Registry, *, synthetic: bool = False) -> Board:
    (found,) = [each for each in boards(runs, out, registry) if each.synthetic == synthetic]
    return found


def cells_of(board: Board) -> list[dict[str, str]]:
    return list(csv.DictReader(as_csv(board).splitlines()))


def test_a_stored_result_gives_the_row_of_its_run_without_labels_at_hand(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    run = whole_run(registry, tmp_path / "runs", flow_cohort(registry, tmp_path / "flow"))
    (local,) = board_of(tmp_path / "runs", out, registry).reproduced
    submit(run, out, registry)
    (stored,) = board_of(tmp_path / "nothing", out, registry).reproduced
    assert (local.origin, stored.origin) == ("local run", "stored")
    assert stored.place.startswith("results/megc2019/majority-")
    assert stored.command.startswith("mebench run majority megc2019")
    told = ("origin", "place", "command", "title", "checksum")
    assert replace(stored, **{name: getattr(local, name) for name in told}) == local
    # The run that is stored too is one row.
    assert board_of(tmp_path / "runs", out, registry).reproduced == (stored,)


def test_a_damaged_result_is_left_out_by_name_and_the_others_stay(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    cohort = flow_cohort(registry, tmp_path / "flow")
    for model in ("majority", "flow-svm"):
        submit(whole_run(registry, tmp_path / "runs", cohort, model), out, registry)
    damaged = next((out / "results").glob("*/majority-*"))
    damaged.write_text(damaged.read_text().replace('"majority"', '"minority"', 1))
    built = build_leaderboards(tmp_path / "nothing", out, registry)
    ((path, why),) = built.left_out
    assert (path, "checksum does not agree" in why) == (damaged, True)
    assert "flow-svm" in (out / "megc2019.md").read_text()


def test_reported_figures_of_parts_stand_beside_those_of_the_datasets(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    run = whole_run(registry, tmp_path / "runs", flow_cohort(registry, tmp_path / "flow"), seeds=(0,))
    board = board_of(tmp_path / "runs", out, registry)
    assert board.datasets == ("smic-hs", "casme2", "samm")
    of_smic = score_run(run)["per_dataset"]["smic-hs"]
    here, paper = cells_of(board)
    assert float(here["smic-hs_uf1"]) == of_smic["uf1"]["mean"]
    assert (paper["smic-hs_uf1"], paper["smic-hs_uar"], paper["casme2_uf1"]) == ("0.2", "0.3333", "")
    text = markdown(board)
    assert "| majority | reproduced | " + f"{100 * of_smic['uf1']['mean']:.2f} |" in text
    assert "| Most frequent | reported | 20 | 33.33 |  |" in text
    assert "smic-hs: of SMIC HS" in text


def test_rows_of_the_last_epoch_say_what_the_other_rules_got_more(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    cohort = flow_cohort(registry, tmp_path / "flow")
    truth = cohort.clips["label"].to_numpy()
    oracle = oracle_run(tmp_path / "runs", cohort)
    wrong = np.where(np.arange(len(truth)) % 4 == 0, (truth + 1) % 3, truth)
    last = record_epochs(tmp_path / "runs", cohort, lambda task: [wrong], selection="last", seeds=(0, 1))
    less = np.where(np.arange(len(truth)) % 7 == 0, (truth + 1) % 3, truth)
    inner = record_epochs(tmp_path / "runs", cohort, lambda task: [less], selection="inner", seeds=(0, 1))
    board = board_of(tmp_path / "runs", out, registry)
    assert [(row.run, row.selection) for row in board.reproduced] == [
        (inner.path.name, "inner"),
        (last.path.name, "last"),
    ]
    assert [row.run for row in board.oracles] == [oracle.path.name]
    more = board.reproduced[1].optimism
    assert more["oracle"] == optimism_of(oracle)["scores"]
    due = inner_beside(oracle, inner)["scores"]["uf1"]
    assert more["inner"]["uf1"] == pytest.approx(due)
    row = cells_of(board)[1]
    assert float(row["inner_more"]) == pytest.approx(due["difference"])
    assert f"oracle {MINUS} last | inner {MINUS} last" in markdown(board)

    # Stored, an oracle run gives both of its results; what lies between them is in the pairs.
    submit(oracle, out, registry)
    stored = board_of(tmp_path / "nothing", out, registry)
    assert [row.trained_under for row in stored.reproduced] == ["oracle"]
    found = stored.reproduced[0].optimism["oracle"]["uf1"]
    assert found == pytest.approx(optimism_of(oracle)["scores"]["uf1"])
    assert stored.oracles[0].optimism["oracle"]["uf1"] == found


def test_an_oracle_of_another_training_is_not_told_beside_a_row(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    cohort = flow_cohort(registry, tmp_path / "flow")
    oracle_run(tmp_path / "runs", cohort)
    truth = cohort.clips["label"].to_numpy()
    record_epochs(tmp_path / "runs", cohort, lambda task: [truth], selection="last", seeds=(0, 1))
    (row,) = board_of(tmp_path / "runs", out, registry).reproduced
    assert row.optimism == {}


@pytest.mark.parametrize("stored", [False, True])
def test_rows_are_grouped_by_the_p_values_that_a_comparison_gives(
    registry: Registry, tmp_path: Path, out: Path, *, stored: bool
) -> None:
    cohort = flow_cohort(registry, tmp_path / "flow")
    runs = {
        name: whole_run(registry, tmp_path / "runs", cohort, name, wrong=wrong)
        for name, wrong in (("flow-svm", 1), ("rcn-f", 3), ("majority", 27))
    }
    if stored:
        for run in runs.values():
            submit(run, out, registry)
    board = board_of(tmp_path / ("nothing" if stored else "runs"), out, registry)
    assert [row.model for row in board.reproduced] == ["flow-svm", "rcn-f", "majority"]
    best, second, worst = board.reproduced
    p = compare_pooled(*(read_predictions(runs[row.model]) for row in (best, worst)))["uf1"]["p"]
    assert between(board.pairs, best, worst)["uf1"]["p"] == p < 0.05 / 3
    assert [board.groups[row.key] for row in (best, second, worst)] == ["a", "ab", "b"]
    assert tied(board.reproduced, {}, "uf1") == {}
    assert "| tied |" in markdown(board)


def test_a_model_is_grouped_once_however_many_rules_chose_its_epochs(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    cohort = flow_cohort(registry, tmp_path / "flow")
    truth = cohort.clips["label"].to_numpy()
    wrong = np.where(np.arange(len(truth)) < 3, (truth + 1) % 3, truth)
    record_epochs(tmp_path / "runs", cohort, lambda task: [wrong], selection="inner")
    whole_run(registry, tmp_path / "runs", cohort, "majority", wrong=27)
    board = board_of(tmp_path / "runs", out, registry)
    # Alone, what an honest rule chose is a model like another.
    assert set(board.groups) == {row.key for row in board.reproduced}
    record_epochs(tmp_path / "runs", cohort, lambda task: [truth], selection="last")
    board = board_of(tmp_path / "runs", out, registry)
    last, inner, floor = board.reproduced
    assert (last.selection, inner.selection) == ("last", "inner")
    assert set(board.groups) == {last.key, floor.key}

    # Wherever both stand, they can be told apart.
    assert (last.full_name, inner.full_name) == (last.shown, f"{last.shown} epochs: inner")
    assert f"| {last.shown} | reproduced, epochs: inner |" in markdown(board)
    write_site([board], tmp_path / "site")
    page = (tmp_path / "site" / "boards" / f"{board.protocol}.html").read_text(encoding="utf-8")
    assert f">{last.shown} epochs: inner</option>" in page
    assert f">{last.shown}</a><small>epochs: inner</small>" in page


def test_files_of_others_stand_beside_what_their_paper_prints(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    known = {"uf1_low": 0.1, "uf1_high": 0.4, "uar_low": None, "uar_high": None, "precision": 0.34}
    row = Rescored(
        *("megc2019", "all", "majority", "Most frequent", 2019, "a repository", "0" * 64, 3, 2),
        **{"uf1": 0.2, "uar": 0.3, "accuracy": 0.5, **known},
        confusion=((1, 0, 0), (0, 1, 0), (1, 0, 0)),
        source="A paper",
        caveat="a log",
    )
    other = replace(row, method="Another", sha256="1" * 64)
    (out / "rescored.csv").write_text(rescored_csv([row, other]))
    board = board_of(tmp_path / "nothing", out, registry)
    text = markdown(board)
    assert "| 25.00 (+5.00) | 34 (+4.00) | 2 | [1, 2] |" in text
    assert "- [1] a repository (sha256 000000000000)" in text
    first, second, _ = cells_of(board)
    assert (first["kind"], first["uf1_reported"], second["uf1_reported"]) == ("rescored", "0.25", "")


def test_a_protocol_of_action_units_alone_has_a_table(registry: Registry, tmp_path: Path, out: Path) -> None:
    cohort = invented_cohort(classes=(), labels={}, datasets=("casme3", "samm"), aus=(1, 4, 12))
    (out / "reported.csv").write_text(f"{HEADER}\nfour,all,,Elsewhere,2022,0.405,,,,re-run,A repository,\n")
    run = _run_of_units(registry, tmp_path / "runs", cohort)
    board = board_of(tmp_path / "runs", out, registry)
    scores = score_run(run)["au"]
    assert (board.units_alone, board.aus) == (True, ("au1", "au4", "au12"))
    here, paper = cells_of(board)
    assert float(here["au_f1"]) == scores["f1"]["mean"] < 1
    assert float(here["au_f1_macro"]) == scores["f1_macro"]["mean"]
    assert float(here["au12_f1"]) == scores["per_au"]["au12"]["f1"]["mean"]
    assert float(here["casme3_au_f1"]) == scores["per_dataset"]["casme3"]["f1"]["mean"]
    assert (paper["kind"], paper["au_f1"]) == ("re-run", "0.405")
    assert "uf1" not in here
    text = markdown(board)
    assert f"| majority | {run.path.name[-8:]} | {100 * scores['f1']['mean']:.2f} |" in text
    assert "| Elsewhere | 2022 | 40.5 | others (re-run) |" in text


def _run_of_units(registry: Registry, runs: Path, cohort: Cohort) -> RunDirectory:
    """Record a run that finds every unit but in the first clip."""
    entry = registry.get("model", "majority")
    truth = cohort.aus.astype(float)
    truth[0] = 1 - truth[0]
    factory = factory_of(cohort)
    with planned(runs, cohort, entry, entry.load()()) as plan:
        for task in plan.tasks:
            asked = factory.job(task).test.features["frame"].rows
            fold = next(fold for fold in cohort.folds if fold.name == task.fold)
            told = Predictions(np.zeros((len(asked), 0)), truth[fold.test[factory._shuffle(task)]])
            plan.directory.write_record(task, factory.record(task, FoldResult(told, 0.5, 0.1, 80.0)))
    return plan.directory


def test_latex_holds_each_table_with_its_own_notes_and_no_more_rows_than_a_page(
    registry: Registry, tmp_path: Path, out: Path
) -> None:
    lines = [
        f"megc2019,all,,M & {n},2020,0.{n:03},,,,reported,Source_{n // 50},#{n}"
        for n in range(MOST_ROWS_OF_A_PAGE + 3)
    ]
    (out / "reported.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    whole_run(registry, tmp_path / "runs", flow_cohort(registry, tmp_path / "flow"))
    text = latex(board_of(tmp_path / "runs", out, registry))
    first, second = text.split(r"\end{table}")[:2]
    assert (first.count(r"\toprule"), second.count(r"\toprule")) == (1, 1)
    assert "isolation none" in first
    assert "isolation none" not in second
    assert second.count(r"M \& ") == MOST_ROWS_OF_A_PAGE
    assert "The CSV holds 3 more rows." in second
    assert r"Source\_0" in second


def test_notes_are_told_once_and_numbered_as_they_come() -> None:
    notes = Notes()
    assert [notes.mark("b", "", "a"), notes.mark("a"), notes.mark()] == ["[1, 2]", "[2]", ""]
    assert notes.taken() == (1, 2)
    assert notes.taken() == ()
    assert notes.lines() == ["[1] b", "[2] a"]
    assert notes.lines((2,)) == ["[2] a"]


def test_print_keeps_its_digits() -> None:
    assert [printed_percent(text) for text in (".5280", "0.7", ".71", "1", "0.2000", "")] == [
        *("52.80", "70", "71", "100", "20.00", ""),
    ]


def test_too_few_subjects_for_so_many_rows_are_told(
    registry: Registry, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = flow_cohort(registry, tmp_path / "flow")
    for model in ("majority", "flow-svm"):
        whole_run(registry, tmp_path / "runs", cohort, model, seeds=(0,))
    board = board_of(tmp_path / "runs", out, registry)
    assert len(board.groups) == 2
    subjects = board.reproduced[0].tested_subjects
    assert (replace(board, groups={}).untold, too_few(2, 6)) == ("", "")
    assert too_few(2, 5).endswith("any of 2 rows apart, whatever they score: p is .062 at least.")
    assert too_few(3, 6).endswith("p is .031 at least, and 3 times that for 3 pairs.")
    monkeypatch.setattr("mebench.leaderboard.board.too_few", lambda rows, few: f"{rows} rows of {few}.")
    assert f"compared with .05. 2 rows of {subjects}.\n" in markdown(board)
