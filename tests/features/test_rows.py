"""The rows of a cached array: in an order that tells nothing, and never used unless they are what was computed."""

from __future__ import annotations

import pickle
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from odd_inputs import clips_on_disk

import mebench.files
from mebench.data.arrays import load_array
from mebench.data.clips.table import clip_rows
from mebench.data.reading import ClipData
from mebench.errors import MebenchError
from mebench.features import rows
from mebench.features.inputs import ApexFrame
from mebench.features.rows import CheckedRows, DamagedRowsError, order_of_rows, row_hash
from mebench.features.store import CONTENTS, Features, FeatureStore
from mebench.files import signature
from mebench.models.features import FeatureView


@pytest.fixture
def data(tmp_path: Path) -> ClipData:
    return clips_on_disk(tmp_path / "pictures")


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "cache")


@pytest.fixture
def features(store: FeatureStore, data: ClipData) -> Features:
    return store.get(data, ApexFrame(4))


def _view(features: Features) -> FeatureView:
    """Return the view of all clips in the table's order."""
    order = np.array(list(features.rows.values()), np.int64)
    return FeatureView((features.path,), np.zeros_like(order), order, (features.hashes,))


def _flip(path: Path, offset: int = -1) -> None:
    """Flip one bit of a file in place."""
    content = bytearray(path.read_bytes())
    content[offset] ^= 4
    with path.open("rb+") as file:
        file.write(content)


def _flip_unseen(features: Features) -> None:
    """Flip a bit of an array as a failing disk does: what is known of the file still holds."""
    _flip(features.path)
    index = features.path.parents[1] / CONTENTS.format("cache")
    known = np.load(index)
    known["signature"][:] = signature(features.path.stat())
    np.save(index, known)


def test_rows_lie_in_the_order_of_the_hashes_of_their_keys(
    store: FeatureStore, data: ClipData, features: Features
) -> None:
    keys = list(data.table["key"])
    assert list(features.rows) == keys
    assert sorted(features.rows.values()) == list(range(6))
    assert list(features.rows.values()) != list(range(6))
    turned = data.table.iloc[::-1].reset_index(drop=True)
    again = store.get(replace(data, table=turned), ApexFrame(4))
    assert dict(again.rows) == dict(features.rows)
    assert again.hashes == features.hashes
    for place, clip in enumerate(clip_rows(data.table)):
        assert (features.open()[features.rows[clip.key]] == place * 20 + 1).all()


def test_the_order_of_rows_is_that_of_sha256() -> None:
    assert order_of_rows(["casme3/a", "casme3/b", "casme3/c", "casme3/d"]) == [0, 1, 3, 2]
    assert order_of_rows([]) == []


def test_a_bit_that_flips_unseen_stops_whoever_reads_the_row_and_removes_the_entry(
    store: FeatureStore, data: ClipData, features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mebench.files, "_TICK", 0)
    store.get(data, ApexFrame(4))
    _flip_unseen(features)
    again = store.get(data, ApexFrame(4))  # nothing shows from outside
    view = _view(again)
    last = next(place for place, row in enumerate(again.rows.values()) if row == 5)
    others = [place for place in range(6) if place != last]
    assert (view[others] == _view(features)[others]).all()
    with pytest.raises(DamagedRowsError) as raised:
        view[[*others, last]]
    message = str(raised.value)
    assert str(features.path.parent) in message
    assert "row 5 of array.npy is not what was computed" in message
    assert "run the same command again" in message
    assert "\n" not in message
    assert not features.path.exists()
    assert (_view(store.get(data, ApexFrame(4)))[last] == 20 * last + 1).all()


@pytest.mark.parametrize("how", ["one", "several", "all", "open"])
def test_a_bit_that_flips_once_the_entry_was_found_whole_is_noticed(features: Features, how: str) -> None:
    _flip(features.path)
    last = next(place for place, row in enumerate(features.rows.values()) if row == 5)
    view = _view(features)
    with pytest.raises(DamagedRowsError):
        {
            "one": lambda: view[last],
            "several": lambda: view[np.array([last, 0])],
            "all": lambda: np.asarray(view),
            "open": features.open,
        }[how]()


def test_a_row_is_hashed_once_and_again_after_its_file_was_touched(
    features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mebench.files, "_TICK", 0)
    hashed = []
    monkeypatch.setattr(rows, "row_hash", lambda row: hashed.append(1) or row_hash(row))
    for _ in range(2):
        _view(features)[:4]
    assert len(hashed) == 4
    _view(features).take(np.arange(6))[:]
    assert len(hashed) == 6
    features.path.touch()
    _view(features)[:]
    assert len(hashed) == 12


def test_what_was_written_just_now_is_hashed_each_time(features: Features) -> None:
    view = _view(features)
    view[:]
    _flip(features.path)
    with pytest.raises(DamagedRowsError):
        view[:]


def test_an_entry_that_another_process_removed_can_be_read_on(features: Features) -> None:
    view = _view(features)
    before = view[:2]
    features.path.unlink()
    assert (view[:2] == before).all()
    assert len(view[:]) == 6


def test_an_entry_that_another_process_made_anew_is_read_anew(
    store: FeatureStore, data: ClipData, features: Features
) -> None:
    view = _view(features)
    before = view[:]
    _flip(features.path)
    with pytest.warns(match="computed again"):
        store.get(data, ApexFrame(4))
    assert (view[:] == before).all()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00\x10\x00{'descr': [['" + bytes(9)]
)
def test_an_array_that_is_none_is_named_where_it_is_read(features: Features, content: bytes) -> None:
    features.path.write_bytes(content)
    with pytest.raises(DamagedRowsError, match=r"array\.npy is no array"):
        _view(features)[:]


def test_an_array_of_other_length_is_named_where_it_is_read(features: Features) -> None:
    np.save(features.path, np.zeros((5, 4, 4, 3), np.uint8))
    with pytest.raises(DamagedRowsError, match=r"\(5, 4, 4, 3\) where 6 rows are due"):
        _view(features)[:]


def test_rows_travel_without_what_was_read_of_them(features: Features) -> None:
    checked = CheckedRows(features.path, features.hashes)
    before = len(pickle.dumps(checked))
    whole = np.array(checked.whole())
    sent = pickle.dumps(checked)
    assert len(sent) == before
    assert (pickle.loads(sent)[np.arange(6)] == whole).all()


def test_no_bytes_whatever_make_an_array_file_a_traceback(features: Features, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole = features.path.read_bytes()
    path = tmp_path / "array.npy"
    for _ in range(300):
        content = bytearray(whole)
        for place in rng.integers(0, 130, rng.integers(1, 6)):
            content[place] = rng.integers(256)
        path.write_bytes(content)
        with suppress(MebenchError):
            load_array(path)
