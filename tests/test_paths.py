"""The user's secret: made once, whole, for nobody else, and not a reason to stop where it cannot be kept."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from mebench.errors import MebenchWarning
from mebench.paths import secret
from mebench.runner.order import secret_order

KEYS = [f"casme3/spNO.1/{number}" for number in range(12)]


def elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEBENCH_STATE", str(folder))
    return folder / "secret"


def test_it_is_made_once_and_for_its_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = elsewhere(tmp_path / "new" / "state", monkeypatch)
    made = secret()
    assert len(made) == 32
    assert file.read_bytes() == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = subprocess.run(
        [sys.executable, "-c", "from mebench.paths import secret; print(secret().hex())"],
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == made.hex(), "another process has the same"
    assert [each.name for each in file.parent.iterdir()] == ["secret"]


def test_processes_that_make_it_at_once_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(tmp_path / "state", monkeypatch)
    code = "from mebench.paths import secret; print(secret().hex())"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert len({each.communicate()[0] for each in started}) == 1


def test_one_that_was_cut_short_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = elsewhere(tmp_path, monkeypatch)
    file.write_bytes(b"short")
    assert len(secret()) == 32
    assert file.read_bytes() == secret()


def test_where_it_cannot_be_kept_it_lasts_as_long_as_the_process_with_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    elsewhere(tmp_path / "file" / "state", monkeypatch)
    with pytest.warns(MebenchWarning, match=r"the secret .*/state/secret, .* cannot be kept .*MEBENCH_STATE"):
        first = secret()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert secret() == first


def test_the_order_of_clips_depends_on_the_secret_the_seed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = {}
    for user in ("one", "other"):
        elsewhere(tmp_path / user, monkeypatch)
        for seed in (1, 2):
            found = secret_order(seed, KEYS)
            assert sorted(found) == list(range(12))
            assert [KEYS[place] for place in found] == [
                KEYS[::-1][place] for place in secret_order(seed, KEYS[::-1])
            ], "the cohort's order has no part in it"
            orders[user, seed] = tuple(found)
    assert len(set(orders.values())) == 4
    assert secret_order(1, []).tolist() == []
