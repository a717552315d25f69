"""Runs that are stored without their labels get them back from the list they were made with, and from no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from flow_files import ROWS, write_flow, write_list
from invented import store_run

from mebench.cohort.opening import open_cohort
from mebench.data.locations import Location
from mebench.errors import MebenchError
from mebench.leaderboard.truth import restore_truth
from mebench.models.loading import load_model
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory
from mebench.runner.completion import settle


@pytest.fixture
def stored(registry: Registry, tmp_path: Path) -> tuple[RunDirectory, bytes]:
    """A scored run on ready pictures without its cohort.csv, and what that held."""
    data = {"megc2019-flow": Location(write_flow(tmp_path / "flow"), None)}
    cohort = open_cohort(registry, "megc2019", data=data)
    entry = registry.get("model", "majority")
    directory = store_run(tmp_path / "runs", cohort, entry, load_model(registry, "majority")(), wrong=3)
    assert settle(directory).scores is not None
    truth = directory.cohort_file.read_bytes()
    directory.cohort_file.unlink()
    return directory, truth


def test_the_list_gives_every_byte_back(
    registry: Registry, stored: tuple[RunDirectory, bytes], tmp_path: Path
) -> None:
    directory, truth = stored
    restore_truth(registry, directory, write_list(tmp_path / "list.csv", ROWS))
    assert directory.cohort_file.read_bytes() == truth
    restore_truth(registry, directory, tmp_path / "it is not needed any more.csv")


@pytest.mark.parametrize("other", ["another label", "a clip less", "another subject"])
def test_another_list_gives_nothing(
    other: str, registry: Registry, stored: tuple[RunDirectory, bytes], tmp_path: Path
) -> None:
    first, *rest = ROWS
    changed = {
        "another label": [(*first[:3], 0), *rest],
        "a clip less": rest,
        "another subject": [(first[0], "sub07", *first[2:]), *rest],
    }[other]
    with pytest.raises(MebenchError, match=r"other\.csv is not the list that .*majority-"):
        restore_truth(registry, stored[0], write_list(tmp_path / "other.csv", changed))
    assert not stored[0].cohort_file.exists()
