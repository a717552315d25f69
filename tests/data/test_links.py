"""A link that leaves a dataset's folder is followed where the user says so, and nowhere else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mebench.cli import main
from mebench.data.clips.layout import forget_folders
from mebench.data.links import are_followed, links_followed, reading_below, refuse_leaving
from mebench.data.locations import Location, remembered
from mebench.data.reading import read_clips
from mebench.data.sources import load_dataset, open_dataset
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry

SHEET = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
Move = Callable[[Path, Path], None]


def _frame(root: Path, away: Path) -> None:
    _linked(next(root.rglob("*.jpg")), away / "0.jpg")


def _clip(root: Path, away: Path) -> None:
    _linked(next(root.rglob("*.jpg")).parent, away / "clip")


def _part(root: Path, away: Path) -> None:
    _linked(root / "part_A", away / "part_A")


def _sheet(root: Path, away: Path) -> None:
    _linked(root / SHEET, away / SHEET)


def _linked(path: Path, target: Path) -> None:
    shutil.move(path, target)
    path.symlink_to(target)


MOVES: dict[str, Move] = {"frame": _frame, "clip": _clip, "part": _part, "annotation": _sheet}


@pytest.fixture(params=MOVES)
def moved(request: pytest.FixtureRequest, tmp_path: Path, twin: Path) -> Path:
    """A twin of which something lies elsewhere, behind a link."""
    root, away = tmp_path / "data", tmp_path / "away"
    shutil.copytree(twin, root)
    away.mkdir()
    MOVES[request.param](root, away)
    forget_folders()
    return root


def test_it_is_refused_and_named(moved: Path, registry: Registry) -> None:
    with pytest.raises(
        MebenchError, match=r"behind a link that leaves the dataset's folder, to .*/away/.*--follow-links"
    ) as raised:
        read_clips(load_dataset(registry, "casme3"), moved)
    assert str(moved) in str(raised.value)


def test_it_is_followed_where_the_user_says_so(moved: Path, registry: Registry, twin: Path) -> None:
    found = open_dataset(registry, "casme3", Location(moved, follow_links=True))
    assert len(found.table) == len(read_clips(load_dataset(registry, "casme3"), twin).table)
    assert not are_followed()
    with links_followed():
        assert read_clips(load_dataset(registry, "casme3"), moved).missing_frames() == {}


def test_links_that_stay_are_followed_and_so_is_the_folder_itself(
    tmp_path: Path, twin: Path, registry: Registry
) -> None:
    root = tmp_path / "data"
    shutil.copytree(twin, tmp_path / "data")
    _linked(next(root.rglob("*.jpg")).parent, root / "elsewhere")
    _linked(root, tmp_path / "moved")
    forget_folders()
    assert read_clips(load_dataset(registry, "casme3"), root).missing_frames() == {}


def test_a_neighbour_whose_name_goes_on_is_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "data-2").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to("../data-2")
    with reading_below(tmp_path / "data"):
        with pytest.raises(MebenchError, match="leaves the dataset's folder"):
            refuse_leaving(tmp_path / "data" / "link")
        refuse_leaving(tmp_path / "data" / "absent")
    refuse_leaving(tmp_path / "data" / "link")


def _call(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, words)))
    return int(ended.value.code or 0)


@pytest.mark.parametrize("moved", ["clip"], indirect=True)
def test_commands_take_the_option_and_data_add_remembers_it(
    moved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _call("data", "check", "casme3", "--data", moved, "--json") == 2
    assert "--follow-links" in capsys.readouterr().err
    assert _call("data", "check", "casme3", "--data", moved, "--json", "--follow-links") == 0
    assert json.loads(capsys.readouterr().out)["missing_frames"] == {}
    assert not are_followed()
    assert _call("data", "add", "casme3", moved) == 2
    assert _call("data", "add", "casme3", moved, "--follow-links") == 0
    assert remembered()["casme3"].follow_links
    forget_folders()
    capsys.readouterr()
    assert _call("data", "check", "casme3", "--json") == 0
