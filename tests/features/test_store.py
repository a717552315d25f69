"""The cache: what is built once, what makes another entry, and that damage never counts."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from bad_reads import unreadable_file
from left_locks import LONG_AGO, leave_lock
from odd_inputs import Counted, clips_on_disk, compute_here
from PIL import Image
from small_disk import small_disk

import mebench.files
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.sheet import sha256_of
from mebench.data.contents import ContentIndex
from mebench.data.fetching import UnreachableError
from mebench.data.reading import ClipData
from mebench.errors import MebenchError, MebenchWarning
from mebench.features import key as feature_key
from mebench.features.entry import read_entry, write_entry
from mebench.features.entry_name import kind_named, lock_of
from mebench.features.inputs import ApexFrame, Input, OnsetFrame
from mebench.features.reader import ClipReader, PictureNotes
from mebench.features.store import CONTENTS, Features, FeatureStore
from mebench.plugin import source

KIT = Path(__file__).resolve().parents[1] / "kit"


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute the inputs of tests here, where they may leave their marks: test_sealed.py sees to the others."""
    compute_here(monkeypatch.setattr)


@pytest.fixture
def data(tmp_path: Path) -> ClipData:
    return clips_on_disk(tmp_path / "pictures")


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "cache")


@pytest.fixture
def counted(tmp_path: Path) -> Counted:
    return Counted(8, str(tmp_path / "computed"))


def _computed(wanted: Counted) -> int:
    log = Path(wanted.log)
    return len(log.read_text().splitlines()) if log.exists() else 0


def _clip(features: Features, data: ClipData, place: int) -> np.ndarray:
    """Return the array of the clip at a place of the table."""
    array: np.ndarray = features.open()[features.rows[data.table["key"][place]]]
    return array


def _builder(tmp_path: Path, wanted: Counted, pause: float) -> subprocess.Popen[bytes]:
    arguments = (str(tmp_path / "pictures"), str(tmp_path / "cache"), wanted.log)
    return subprocess.Popen(
        [sys.executable, "-c", f"import odd_inputs; odd_inputs.build(*{arguments!r})"],
        env={**os.environ, "PYTHONPATH": str(KIT), "ODD_PAUSE": str(pause)},
    )


def test_an_array_holds_every_clip_in_its_row(store: FeatureStore, data: ClipData) -> None:
    features = store.get(data, ApexFrame(2))
    array = features.open()
    assert array.shape == (6, 2, 2, 3)
    assert not array.flags.writeable
    assert list(features.rows) == list(data.table["key"])
    for place, key in enumerate(data.table["key"]):
        assert (array[features.rows[key]] == place * 20 + 1).all()


def test_an_entry_is_computed_once(store: FeatureStore, data: ClipData, counted: Counted) -> None:
    first = store.get(data, counted)
    assert _computed(counted) == 6
    again = FeatureStore(store.folder).get(data, counted)
    assert _computed(counted) == 6
    assert again.key == first.key
    assert (again.open() == first.open()).all()


def test_progress_counts_the_clips(store: FeatureStore, data: ClipData) -> None:
    seen: list[tuple[str, int, int]] = []
    store.get(data, ApexFrame(2), lambda *report: seen.append(report))
    made = [("ApexFrame of casme3", done, 6) for done in range(1, 7)]
    assert seen == made
    store.get(data, ApexFrame(2), lambda *report: seen.append(report))
    assert [report for report in seen if report in made] == made


def test_another_size_is_another_entry(store: FeatureStore, data: ClipData) -> None:
    assert store.get(data, ApexFrame(2)).key != store.get(data, ApexFrame(3)).key
    assert len(store.entries()) == 2


def test_another_kind_of_input_is_another_entry(store: FeatureStore, data: ClipData) -> None:
    assert store.get(data, ApexFrame(2)).key != store.get(data, OnsetFrame(2)).key


def test_another_version_of_an_input_is_another_entry(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.get(data, ApexFrame(2)).key
    monkeypatch.setattr(ApexFrame, "version", 2)
    assert store.get(data, ApexFrame(2)).key != before


@pytest.mark.parametrize("field", ["onset", "apex", "offset"])
def test_another_window_is_another_entry(store: FeatureStore, data: ClipData, field: str) -> None:
    before = store.get(data, ApexFrame(2)).key
    table = data.table.copy()
    table.loc[0, field] = {"onset": 9, "apex": 12, "offset": 13}[field]
    assert store.get(replace(data, table=table), ApexFrame(2)).key != before


def test_another_repair_set_is_another_entry(store: FeatureStore, data: ClipData) -> None:
    before = store.get(data, ApexFrame(2)).key
    repaired = replace(data, repairs=RepairReport("casme3-v3"))
    assert store.get(repaired, ApexFrame(2)).key != before


def test_a_changed_file_is_noticed_and_read_again(store: FeatureStore, data: ClipData) -> None:
    before = store.get(data, ApexFrame(2))
    apex = data.frames[data.table["key"][0]].paths[1]
    apex.write_bytes(data.frames[data.table["key"][5]].paths[1].read_bytes())
    after = store.get(data, ApexFrame(2))
    assert after.key != before.key
    assert (_clip(after, data, 0) == 101).all()


def test_a_touched_file_is_the_same_entry(store: FeatureStore, data: ClipData) -> None:
    before = store.get(data, ApexFrame(2)).key
    os.utime(data.frames[data.table["key"][0]].paths[0], ns=(1, 1))
    assert store.get(data, ApexFrame(2)).key == before


def _replaced_in_place(path: Path, grey: int) -> None:
    """Write other pixels of the same size into a picture's file, and set its time back."""
    before = path.stat()
    Image.new("RGB", (4, 4), (grey,) * 3).save(path, "PNG")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


@pytest.mark.parametrize("known", [True, False], ids=["settled", "written just now"])
def test_other_pixels_under_the_same_name_size_and_time_are_noticed(
    tmp_path: Path, store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if known:
        monkeypatch.setattr(mebench.files, "_TICK", 0)
    apex = data.frames[data.table["key"][0]].paths[1]
    before = store.get(data, ApexFrame(2))
    store.get(data, ApexFrame(2))
    _replaced_in_place(apex, 77)
    warm = store.get(data, ApexFrame(2))
    cold = FeatureStore(tmp_path / "cold").get(data, ApexFrame(2))
    assert (_clip(warm, data, 0) == 77).all()
    assert warm.hashes == cold.hashes
    assert warm.key == cold.key != before.key
    clips = list(data.table["key"])
    assert warm.content(clips) != before.content(clips)
    assert warm.content(clips[1:]) == before.content(clips[1:])


def test_data_under_another_name_has_the_same_entry(
    tmp_path: Path, store: FeatureStore, data: ClipData, counted: Counted
) -> None:
    before = store.get(data, counted)
    shutil.copytree(tmp_path / "pictures", tmp_path / "copy")
    (tmp_path / "pictures").rename(tmp_path / "renamed")
    for folder in ("copy", "renamed"):
        assert store.get(clips_on_disk(tmp_path / folder), counted).key == before.key
    assert _computed(counted) == 6


def test_files_that_did_not_change_are_not_read_again(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mebench.files, "_TICK", 0)
    read: list[str] = []
    store.get_each(data, {"a": ApexFrame(2), "b": OnsetFrame(2)}, lambda what, done, total: read.append(what))
    read.clear()
    store.get_each(data, {"a": ApexFrame(3), "b": OnsetFrame(2)}, lambda what, done, total: read.append(what))
    assert read == ["ApexFrame of casme3"] * 6


def _made(store: FeatureStore, data: ClipData, wanted: Input) -> tuple[Features, bool]:
    """Return features, and whether they were computed."""
    seen: list[str] = []
    return store.get(data, wanted, lambda what, done, total: seen.append(what)), bool(seen)


@pytest.mark.parametrize("known", [True, False], ids=["settled", "written just now"])
def test_a_picture_that_an_input_does_not_look_at_is_none_of_its_business(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if known:
        monkeypatch.setattr(mebench.files, "_TICK", 0)
    before = store.get(data, ApexFrame(2))
    onset = data.frames[data.table["key"][1]].paths[0]
    _replaced_in_place(onset, 77)
    if known:
        after, computed = _made(store, data, ApexFrame(2))
        assert (after, computed) == (before, False)
    assert store.get(data, ApexFrame(2)) == before
    assert (_clip(store.get(data, OnsetFrame(2)), data, 1) == 77).all()


def test_only_the_pictures_that_are_looked_at_are_read(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mebench.files, "_TICK", 0)
    store.get(data, ApexFrame(2))
    every = [path for frames in data.frames.values() for path in frames.paths]
    held = ContentIndex(store.folder / CONTENTS.format("casme3")).look(every)
    assert set(held.hashes) == {frames.paths[1] for frames in data.frames.values()}


def test_a_neighbour_that_stands_in_for_a_damaged_picture_counts_as_looked_at(
    store: FeatureStore, data: ClipData
) -> None:
    onset, apex, _ = data.frames[data.table["key"][1]].paths
    whole = apex.read_bytes()
    first = store.get(data, ApexFrame(2))
    apex.write_bytes(b"torn")
    bridged = store.get(data, ApexFrame(2))
    assert (_clip(bridged, data, 1) == 20).all()
    _replaced_in_place(onset, 55)
    again = store.get(data, ApexFrame(2))
    assert (_clip(again, data, 1) == 55).all()
    assert again.key != bridged.key
    apex.write_bytes(whole)
    found = store.get(data, ApexFrame(2))
    assert (found.key, found.path) == (first.key, first.path)
    assert len(store.entries()) == 3
    cold = FeatureStore(store.folder.with_name("cold")).get(data, ApexFrame(2))
    assert (cold.key, cold.hashes) == (found.key, found.hashes)


def test_an_input_of_the_users_program_may_look_at_every_picture(
    store: FeatureStore, data: ClipData, counted: Counted
) -> None:
    before = store.get(data, counted)
    _replaced_in_place(data.frames[data.table["key"][1]].paths[0], 77)
    assert store.get(data, counted).key != before.key
    assert _computed(counted) == 12


def test_an_entry_of_other_clips_that_has_its_name_is_passed_over(
    store: FeatureStore, data: ClipData, counted: Counted
) -> None:
    features = store.get(data, counted)
    folder = features.path.parent
    entry = read_entry(folder / "entry.json")
    for looked_at in ({}, dict.fromkeys(entry.looked_at, (3,)), dict.fromkeys(entry.looked_at, (-1,))):
        other = folder.with_name(f"{kind_named(folder).name}-{len(str(looked_at)):016x}")
        shutil.copytree(folder, other)
        write_entry(other / "entry.json", entry.model_copy(update={"looked_at": looked_at}))
        assert store.get(data, counted) == features
        assert other.exists()
    assert _computed(counted) == 6


@pytest.mark.parametrize(
    "damage",
    [b"", b"garbage", b"\x93NUMPY", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x01\x00\x03\x00{[\n"],
    ids=["empty", "garbage", "cut", "zip", "header"],
)
def test_a_damaged_index_costs_only_time(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    monkeypatch.setattr(mebench.files, "_TICK", 0)
    before = store.get(data, ApexFrame(2)).key
    index = store.folder / CONTENTS.format("casme3")
    index.write_bytes(damage)
    with pytest.warns(MebenchWarning, match="the pictures are read again"):
        assert store.get(data, ApexFrame(2)).key == before
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.get(data, ApexFrame(2))


def test_a_folder_in_place_of_the_index_is_named(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mebench.files, "_TICK", 0)
    (store.folder / CONTENTS.format("casme3")).mkdir(parents=True)
    with pytest.warns(MebenchWarning), pytest.raises(MebenchError, match="is a folder where mebench keeps"):
        store.get(data, ApexFrame(2))


def test_a_damaged_entry_is_listed_as_one(store: FeatureStore, data: ClipData) -> None:
    folders = [store.get(data, ApexFrame(size)).path.parent for size in (2, 3, 4, 5)]
    (folders[0] / "entry.json").write_text('{"dataset": 3}')
    (folders[1] / "entry.json").unlink()
    (folders[2] / "entry.json").write_bytes(b"\xff\xfe")
    listed = {entry.folder: entry for entry in store.entries()}
    assert set(listed) == set(folders)
    for folder in folders[:3]:
        assert (listed[folder].description, listed[folder].clips) == ("damaged: it is computed again", 0)
    assert listed[folders[3]].clips == 6


@dataclass(frozen=True)
class _Meddler(ApexFrame):
    """An input during which a picture is replaced, by whoever writes there."""

    path: str = ""

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the apex frame."""
        if clip.key == "casme3/spNO.1/c/10":
            _replaced_in_place(Path(self.path), 5)
        return super().compute(clip)


@pytest.mark.parametrize("known", [True, False], ids=["settled", "written just now"])
def test_a_picture_that_changes_while_features_are_made_leaves_no_entry(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if known:
        monkeypatch.setattr(mebench.files, "_TICK", 0)
    path = data.frames[data.table["key"][5]].paths[1]
    with pytest.raises(MebenchError, match="changed while it was read"):
        store.get(data, _Meddler(2, str(path)))
    assert store.entries() == []
    assert _clip(store.get(data, ApexFrame(2)), data, 5).max() == 5


def test_a_picture_that_cannot_be_read_gets_one_sentence(store: FeatureStore, data: ClipData) -> None:
    path = data.frames[data.table["key"][2]].paths[0]
    path.unlink()
    with pytest.raises(MebenchError) as raised:
        store.get(data, ApexFrame(2))
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_code_of_an_input_is_part_of_its_entry(
    tmp_path: Path, store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "from mebench.api import ApexFrame\n\nclass Edited(ApexFrame):\n    pass\n"
    module = tmp_path / "site" / "edited_input.py"
    module.parent.mkdir()
    module.write_text(code)
    monkeypatch.syspath_prepend(str(module.parent))
    wanted = importlib.import_module("edited_input").Edited(2)
    before = store.get(data, wanted).key
    assert store.get(data, wanted).key == before
    module.write_text(code + "# edited\n")
    source.forget_source()
    feature_key._code.cache_clear()  # as a new process has it
    assert store.get(data, wanted).key != before
    del sys.modules["edited_input"]


def test_a_lost_frame_is_another_entry(store: FeatureStore, data: ClipData) -> None:
    before = store.get(data, ApexFrame(2)).key
    key = data.table["key"][0]
    fewer = replace(data, frames={**data.frames, key: data.frames[key].between(11, 12)})
    assert store.get(fewer, ApexFrame(2)).key != before


def test_what_pictures_needed_is_noted_clip_by_clip_and_remembered(
    store: FeatureStore, data: ClipData
) -> None:
    keys = list(data.table["key"])
    data.frames[keys[2]].paths[1].write_bytes(b"")
    data.frames[keys[2]].paths[2].write_bytes(b"")  # nobody looks at it
    turned = Image.Exif()
    turned[0x0112] = 6
    first, second = (Image.new("RGB", (4, 4), (grey,) * 3) for grey in (7, 9))
    first.save(data.frames[keys[4]].paths[1], exif=turned, save_all=True, append_images=[second])
    cold = store.get(data, ApexFrame(2))
    assert (_clip(cold, data, 2) == 40).all()
    assert (_clip(cold, data, 4) == 7).all()
    expected = {
        keys[2]: PictureNotes(unreadable=(11,)),
        keys[4]: PictureNotes(turned=(11,), several=(11,)),
    }
    assert cold.notes == expected
    assert FeatureStore(store.folder).get(data, ApexFrame(2)).notes == expected


def test_a_clip_without_a_readable_frame_leaves_no_entry(store: FeatureStore, data: ClipData) -> None:
    for path in data.frames[data.table["key"][2]].paths:
        path.write_bytes(b"")
    for path in data.frames[data.table["key"][4]].paths:
        path.write_bytes(b"torn")
    with pytest.raises(MebenchError, match=r"casme3/spNO\.1/c/10: none .* \(and 1 more clip\(s\) like it\)"):
        store.get(data, ApexFrame(2))
    assert store.entries() == []
    assert not [p for p in store.folder.iterdir() if p.is_dir()]


@pytest.mark.parametrize("kind", ["a frame gone after it was listed", "a link to nothing", "EIO"])
def test_a_picture_that_cannot_be_reached_leaves_no_entry(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("mebench.data.fetching.PAUSES", (0.01,))
    apex = data.frames[data.table["key"][2]].paths[1]
    apex.unlink()
    if kind == "a link to nothing":
        apex.symlink_to("/nowhere/at/all.png")
    elif kind == "EIO":
        apex.symlink_to(unreadable_file())
    with pytest.raises(UnreachableError) as raised:
        store.get(data, ApexFrame(2))
    assert str(apex) in str(raised.value)
    assert store.entries() == []
    assert not [p for p in store.folder.glob("*") if p.is_dir()]


@dataclass(frozen=True)
class _Liar(Input):
    result: ClassVar[Any] = None

    @property
    def shape(self) -> tuple[int, ...]:
        return (2, 2)

    def compute(self, clip: ClipReader) -> np.ndarray:
        array: np.ndarray = self.result
        return array


@pytest.mark.parametrize(
    "result", [np.zeros((2, 3), np.uint8), np.zeros((2, 2), np.float32)], ids=["shape", "type"]
)
def test_an_input_that_breaks_its_word_is_refused(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch, result: np.ndarray
) -> None:
    monkeypatch.setattr(_Liar, "result", result)
    with pytest.raises(MebenchError, match="where it declares"):
        store.get(data, _Liar())
    assert store.entries() == []


def _cut(folder: Path) -> None:
    array = folder / "array.npy"
    array.write_bytes(array.read_bytes()[:-10])


def _cut_in_header(folder: Path) -> None:
    (folder / "array.npy").write_bytes(b"\x93NUMPY")


def _empty(folder: Path) -> None:
    (folder / "array.npy").write_bytes(b"")


def _without_array(folder: Path) -> None:
    (folder / "array.npy").unlink()


def _write_entry(text: str) -> Any:
    return lambda folder: (folder / "entry.json").write_text(text)


def _without_entry(folder: Path) -> None:
    (folder / "entry.json").unlink()


def _other_numbers(folder: Path) -> None:
    array = np.load(folder / "array.npy")
    np.save(folder / "array.npy", array + 1)


def _write_fewer_hashes(folder: Path) -> None:
    entry = read_entry(folder / "entry.json")
    write_entry(folder / "entry.json", entry.model_copy(update={"hashes": entry.hashes[1:]}))


def _other_type(folder: Path) -> None:
    """Make the array one of int8, as if it had been of that type from the start."""
    array = np.load(folder / "array.npy")
    np.save(folder / "array.npy", array.view(np.int8))
    entry = read_entry(folder / "entry.json")
    changed = {"dtype": "|i1", "sha256": sha256_of(folder / "array.npy")}
    write_entry(folder / "entry.json", entry.model_copy(update=changed))


def _other_note(folder: Path) -> None:
    text = (folder / "entry.json").read_text()
    (folder / "entry.json").write_text(text.replace('"made": "20', '"made": "19'))


def _another_object(folder: Path) -> None:
    np.save(folder / "array.npy", np.array([{}] * 6), allow_pickle=True)


def _zipped(folder: Path) -> None:
    with (folder / "array.npy").open("wb") as file:
        np.savez(file, array=np.zeros(6))


def _a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


def _other_array(folder: Path) -> None:
    np.save(folder / "array.npy", np.zeros((5, 8, 8, 3), np.uint8))


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _cut_in_header,
        _empty,
        _without_array,
        _without_entry,
        _other_array,
        _other_numbers,
        _write_fewer_hashes,
        _other_type,
        _other_note,
        _another_object,
        _zipped,
        _a_file,
        _write_entry('{"shape": [6,'),
        _write_entry("[]"),
        _write_entry("{}"),
        _write_entry('{"shape": [6, 8, 8, 3]}'),
        _write_entry('{"shape": [6, 8, 8, 3], "notes": []}'),
        _write_entry('{"shape": [6, 8, 8, 3], "notes": {"casme3/s/a/1": {"other": [1]}}}'),
    ],
    ids=[
        "cut",
        "header",
        "empty",
        "no array",
        "no entry",
        "other",
        "numbers",
        "hashes",
        "type",
        "note",
        "objects",
        "zip",
        "a file",
        "half JSON",
        "list",
        "bare",
        "no notes",
        "notes no mapping",
        "notes of another kind",
    ],
)
def test_a_damaged_entry_is_named_in_one_sentence_and_rebuilt(
    store: FeatureStore, data: ClipData, counted: Counted, damage: Any
) -> None:
    features = store.get(data, counted)
    whole = np.array(features.open())
    damage(features.path.parent)
    with pytest.warns(MebenchWarning) as caught:
        again = store.get(data, counted)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert str(features.path.parent) in message
    assert "computed again" in message
    assert "\n" not in message
    assert (again.open() == whole).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.get(data, counted)
    assert _computed(counted) == 12


def test_two_processes_that_want_one_entry_build_it_once(
    tmp_path: Path, store: FeatureStore, data: ClipData, counted: Counted
) -> None:
    builders = [_builder(tmp_path, counted, pause=0.1) for _ in range(2)]
    assert [builder.wait(60) for builder in builders] == [0, 0]
    assert _computed(counted) == 6
    assert len(store.entries()) == 1


def test_a_killed_build_leaves_nothing_that_counts(
    tmp_path: Path, store: FeatureStore, data: ClipData, counted: Counted
) -> None:
    builder = _builder(tmp_path, counted, pause=30)
    deadline = time.monotonic() + 60
    while _computed(counted) == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    builder.send_signal(signal.SIGKILL)
    builder.wait(10)
    assert store.entries() == []
    Path(counted.log).unlink()
    features = store.get(data, counted)
    assert _computed(counted) == 6
    assert (_clip(features, data, 5) == 101).all()
    assert len([p for p in store.folder.iterdir() if p.is_dir()]) == 1


def test_a_lock_of_another_machine_that_died_keeps_nobody_from_the_cache(
    store: FeatureStore, data: ClipData
) -> None:
    folder = store.get(data, ApexFrame(2)).path.parent
    shutil.rmtree(folder)
    for name in (lock_of(folder).name, f"{CONTENTS.format(data.dataset)}.lock"):
        leave_lock(store.folder / name, LONG_AGO, host="elsewhere")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert store.get(data, ApexFrame(2)).path.exists()
    assert not lock_of(folder).exists()


def test_an_entry_that_was_not_renamed_into_place_does_not_count(store: FeatureStore, data: ClipData) -> None:
    folder = store.get(data, ApexFrame(2)).path.parent
    folder.rename(folder.with_name(f".{kind_named(folder).name}.part"))
    assert store.entries() == []
    assert store.get(data, ApexFrame(2)).path.exists()
    assert len([p for p in store.folder.iterdir() if p.is_dir()]) == 1


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[FeatureStore]:
    with small_disk(tmp_path / "disk", kib=64) as folder:
        yield FeatureStore(folder / "cache")


def test_a_full_disk_gives_one_sentence_and_no_half_entry(tiny: FeatureStore, data: ClipData) -> None:
    with pytest.raises(MebenchError) as raised:
        tiny.get(data, ApexFrame(112))
    message = str(raised.value)
    assert "the disk is full" in message
    assert str(tiny.folder) in message
    assert "MEBENCH_CACHE" in message
    assert "\n" not in message
    assert tiny.entries() == []
    assert not [p for p in tiny.folder.iterdir() if p.is_dir()]
    assert tiny.get(data, ApexFrame(2)).path.exists()


def test_entries_tell_what_is_cached(store: FeatureStore, data: ClipData) -> None:
    assert store.entries() == []
    features = store.get(data, ApexFrame(2))
    (entry,) = store.entries()
    assert entry.folder == features.path.parent
    assert (entry.name, entry.dataset, entry.clips) == (entry.folder.name, "casme3", 6)
    assert entry.description == "ApexFrame(size=2)"
    assert entry.bytes == sum(f.stat().st_size for f in entry.folder.iterdir())
    assert entry.made.startswith("20")
