"""Curves that records hold, over folds and seeds, and as they are shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invented import factory_of, invented_cohort, planned
from rich.console import Console

import mebench
from mebench.cli import curves as cli_curves
from mebench.display import consoles
from mebench.display.plots import fits, panel
from mebench.models.base import Predictions
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory
from mebench.runner.jobs import FoldResult
from mebench.scoring.curves import read_curves, summarise

Store = Callable[..., RunDirectory]


@pytest.fixture
def store(tmp_path: Path, registry: Registry) -> Store:
    """Record one fold a subject, with what each is to say of its training."""

    def with_curves(*curves: Any) -> RunDirectory:
        cohort, entry = invented_cohort(subjects=3), registry.get("model", "majority")
        factory = factory_of(cohort)
        with planned(tmp_path / "runs", cohort, entry, entry.load()()) as plan:
            for task, each in zip(plan.tasks, curves, strict=False):
                content = factory.record(task, FoldResult(Predictions([[0.25] * 4] * 4), 0, 0, 0))
                plan.directory.write_record(task, {**content, **({"curves": each} if each else {})})
        return plan.directory

    return with_curves


def test_median_and_quartiles_are_over_folds_and_end_where_the_last_fold_ends(store: Store) -> None:
    directory = store({"loss": [3.0, 2.0, 1.0]}, {"loss": [5.0, 4.0], "au": [0.5]}, {"loss": [1.0, 0.0]})
    found = summarise(read_curves(directory))
    assert list(found) == ["loss", "au"]
    loss = found["loss"]
    assert (loss["median"], loss["lower"], loss["upper"]) == ([3, 2, 1], [2, 1, 1], [4, 3, 1])
    assert loss["folds"] == [3, 3, 1]
    assert loss["each"]["casme3/spNO.1 seed 0"] == [3.0, 2.0, 1.0]
    assert found["au"]["each"] == {"casme3/spNO.2 seed 0": [0.5]}


@pytest.mark.parametrize("curves", [{}, {"loss": []}], ids=str)
def test_a_curve_without_a_step_is_passed_over(store: Store, curves: Any) -> None:
    found = read_curves(store(curves, {"loss": [1.0, None]}))
    assert [task.fold for task in found] == ["casme3/spNO.2"]
    assert summarise(found)["loss"]["median"] == [1.0, None]


def test_a_frame_has_a_row_for_each_epoch_and_none_without_curves(store: Store) -> None:
    nothing = mebench.open_run(store().path).curves
    assert nothing.shape == (0, 5)
    frame = mebench.open_run(store({"loss": [3.0, 2.0]}, {"loss": [1.0]}).path).curves
    assert frame.values.tolist() == [
        ["casme3/spNO.1", 0, "loss", 1, 3.0],
        ["casme3/spNO.1", 0, "loss", 2, 2.0],
        ["casme3/spNO.2", 0, "loss", 1, 1.0],
    ]


def show(capsys: pytest.CaptureFixture[str], directory: RunDirectory, *options: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        mebench.cli.main(["show", str(directory.path), "--curves", *options])  # type: ignore[attr-defined]
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, said.out, said.err


def test_in_a_pipe_a_curve_is_figures_of_some_epochs_also_of_an_unfinished_run(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = store({"loss": [float(n) for n in range(100, 0, -1)]}, {"loss": [0.5] * 100})
    code, out, _ = show(capsys, directory)
    assert code == 0
    assert "1 fold(s) have no record yet" in out
    lines = out[out.index("loss") :].split("\n")
    assert len([line for line in lines if line]) == 2 + 12
    assert lines[2].split() == ["1", "50.25", "25.38", "75.12", "2"]
    assert [line for line in lines if line][-1].split() == ["100", "0.75", "0.625", "0.875", "2"]
    numbers = json.loads(show(capsys, directory, "--json")[1])["curves"]["loss"]
    assert len(numbers["median"]) == 100


def test_on_a_terminal_a_curve_is_a_plot_and_where_that_is_narrow_figures(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = store({"loss": [3.0, 2.0, 1.0], "au_loss": [1.0, 1.0, 1.0]})
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for width, plotted in ((80, True), (20, False)):
        console = Console(width=width, highlight=False, markup=False, record=True)
        monkeypatch.setattr(cli_curves, "output", lambda console=console: console)
        monkeypatch.setattr(consoles, "output", lambda console=console: console)
        out = show(capsys, directory)[1]
        assert ("┤" in out) == plotted
        assert ("3 epochs" in out) == plotted
        assert ("loss: 1 at last" in out) == plotted
        assert "one fold of one seed" in " ".join(out.split())
        assert out.index("loss") < out.index("au_loss")


def test_a_run_without_curves_says_so_in_one_sentence(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = show(capsys, store({}, {}, {}))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "has no curves: its model reported no value of an epoch" in err


def test_a_run_without_any_record_has_no_curves_yet(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = show(capsys, store())
    assert (code, "has no curves yet, since none of its folds is recorded" in err) == (2, True)


def test_a_plot_keeps_its_width_names_its_limits_and_falls_where_the_values_fall() -> None:
    falling = [float(n) for n in range(40, 0, -1)]
    lines = [line.plain for line in panel("loss", falling, falling, falling, width=60, height=9)]
    assert lines[0] == "loss"
    assert all(len(line) <= 60 for line in lines)
    assert lines[1].startswith("       40 ┤")
    assert lines[9].startswith("        1 ┤")
    starts = [len(line[11:]) - len(line[11:].lstrip()) for line in lines[1:10]]
    assert starts == sorted(starts)
    assert starts[-1] > 35
    assert lines[-1].split() == ["1", "20", "40", "epochs"]


def test_a_gap_a_single_epoch_and_a_flat_curve_are_drawn() -> None:
    gap = "".join(
        line.plain for line in panel("x", [1.0, None, None, None, 2.0], [None] * 5, [None] * 5, width=40)
    )
    assert any("\u2800" < sign < "\u2900" for sign in gap)
    one = [line.plain for line in panel("x", [0.5], [0.5], [0.5], width=40)]
    assert one[-1].split() == ["1", "epoch"]
    assert one[5].startswith("      0.5 ┤")
    assert len(panel("x", [None], [None], [None], width=40)) == 12
    assert fits(80)
    assert not fits(24)
