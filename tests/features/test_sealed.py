"""Inputs of plugins: computed from pixels, in processes that see nothing else, to the same bytes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
import sealed_inputs as kit
from odd_inputs import clips_on_disk, compute_here
from PIL import Image

from mebench.data.clips.table import clip_rows
from mebench.data.fetching import UnreachableError
from mebench.data.reading import ClipData
from mebench.errors import MebenchError
from mebench.features.inputs import ApexFrame, ClipFrames, Input
from mebench.features.making import make_each, readers
from mebench.features.reader import NothingReadableError, PictureNotes
from mebench.features.sealed import SealedInput, is_of_core
from mebench.features.store import FeatureStore
from mebench.sealed.seal import available
from mebench_baselines.flow_colours import FlowColourFrames
from mebench_baselines.lbp_top import LbpTop

needs_landlock = pytest.mark.skipif(
    not available().startswith("landlock"),
    reason="this machine has no Landlock: the audit hook has tests of its own",
)


@pytest.fixture
def data(tmp_path: Path) -> ClipData:
    return clips_on_disk(tmp_path / "pictures")


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "cache")


def test_the_cores_own_inputs_are_told_from_plugins() -> None:
    assert is_of_core(ApexFrame(4))
    for plugins in (LbpTop(), kit.Honest(3, 4), kit.Pretends(4)):
        assert not is_of_core(plugins)


@pytest.mark.parametrize(
    "wanted",
    [
        kit.Honest(5, 4),
        LbpTop(size=40, frames=9),
        FlowColourFrames(size=32, resolution=32),
    ],
    ids=lambda wanted: type(wanted).__name__,
)
def test_a_plugins_input_gives_the_same_bytes_and_notes_as_in_this_process(
    tmp_path: Path, store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch, wanted: Input
) -> None:
    keys = list(data.table["key"])
    data.frames[keys[2]].paths[1].write_bytes(b"torn")
    sealed = store.get(data, wanted)
    compute_here(monkeypatch.setattr)
    here = FeatureStore(tmp_path / "here").get(data, wanted)
    assert sealed.hashes == here.hashes
    assert sealed.notes == here.notes
    assert sealed.key == here.key
    assert sealed.notes[keys[2]].unreadable == (11,)
    if isinstance(wanted, kit.Honest):
        assert sealed.notes[keys[0]] == PictureNotes(faceless=(11,))


@pytest.mark.parametrize("n", [3, 5, 11])
def test_places_half_way_between_frames_are_rounded_alike_in_a_clips_own_numbers(n: int) -> None:
    wanted = ClipFrames(n, 4)
    for onset in range(0, 400, 7):
        for length in range(1, 40):
            shift = onset - onset % 2
            shifted = wanted.positions(onset - shift, onset + length - 1 - shift)
            assert np.allclose(
                wanted.positions(onset, onset + length - 1), shifted + shift, atol=1e-9, rtol=0
            )


def test_an_input_is_told_neither_names_nor_frame_numbers(store: FeatureStore, data: ClipData) -> None:
    features = store.get(data, kit.Seen())
    found = features.open()
    assert (found[:, :5] == [0, 1, 2, 3, 0]).all()
    assert len(set(found[:, 5].tolist())) <= 8  # one process a core, not one a clip


@needs_landlock
def test_a_file_that_no_field_names_is_refused_with_the_rule(
    tmp_path: Path, store: FeatureStore, data: ClipData
) -> None:
    secret = tmp_path / "labels.csv"
    secret.write_text("happiness")
    clip = next(iter(data.frames.values())).paths[0]
    for path in (secret, clip):
        with pytest.raises(MebenchError) as raised:
            store.get(data, kit.Reads(4, str(path)))
        message = str(raised.value)
        assert "input sealed_inputs.Reads failed on clip casme3/" in message
        assert f"it tried to open {path}, which a sealed process may not" in message
        assert "\n" not in message
    with pytest.raises(MebenchError, match="sealed process may not"):
        store.get(data, kit.Writes(4, str(tmp_path / "left")))
    assert not (tmp_path / "left").exists()
    assert store.entries() == []


def test_a_file_that_a_field_names_can_be_read(tmp_path: Path, store: FeatureStore, data: ClipData) -> None:
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"A")
    assert (store.get(data, kit.ReadsNamed(4, weights)).open() == ord("A")).all()


@needs_landlock
def test_a_field_that_names_the_cache_or_the_data_opens_neither(store: FeatureStore, data: ClipData) -> None:
    path = store.get(data, ApexFrame(4)).path
    with pytest.raises(MebenchError, match="sealed process may not"):
        store.get(data, kit.ReadsNamed(4, path))


def test_the_network_is_not_there(store: FeatureStore, data: ClipData) -> None:
    with pytest.raises(MebenchError, match=r"sealed_inputs\.Calls failed on clip"):
        store.get(data, kit.Calls(4))


FAULTS = {
    "raises": r"failed on clip casme3/\S+: ValueError: no \\x1b\[31mluck",
    "exits": r"ended on clip casme3/\S+ without an answer \(exit status 3\)",
    "leaves": r"failed on clip casme3/\S+: SystemExit: 4",
    "list": r"its compute\(\) gave list where an array is due",
    "objects": r"where numbers or truth values are due",
    "shape": r"gave uint8 \(2, 2\) where it declares uint8 \(4, 4, 3\)",
    "type": r"gave float32 \(4, 4, 3\) where it declares uint8",
    "large": r"longer than allowed",
}


@pytest.mark.parametrize(("how", "told"), FAULTS.items(), ids=FAULTS)
def test_what_goes_wrong_in_an_input_is_told_in_one_sentence(
    store: FeatureStore, data: ClipData, how: str, told: str
) -> None:
    with pytest.raises(MebenchError, match=told) as raised:
        store.get(data, kit.Odd(4, how))
    assert "Odd" in str(raised.value)
    assert str(raised.value).isprintable()
    assert store.entries() == []


def test_a_picture_of_absurd_size_is_refused(store: FeatureStore, data: ClipData) -> None:
    with pytest.raises(MebenchError, match=r"Asks asked for a picture of 1000000 pixels: 1 to 8192"):
        store.get(data, kit.Asks(4))


def test_what_the_system_cannot_read_is_told_by_its_place(
    store: FeatureStore, data: ClipData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mebench.data.fetching.PAUSES", ())
    clip = list(clip_rows(data.table))[3]
    path = data.frames[clip.key].paths[1]
    path.unlink()
    with pytest.raises(UnreachableError, match=path.name):
        list(make_each(data, kit.Honest(3, 4), [3]))


def test_the_pictures_that_a_plugins_input_asks_for_are_those_that_count(
    store: FeatureStore, data: ClipData
) -> None:
    onset, apex, offset = data.frames[list(data.table["key"])[3]].paths
    before = store.get(data, kit.Apex(2))
    for other in (onset, offset):
        Image.new("RGB", (4, 4), (200,) * 3).save(other)
        assert store.get(data, kit.Apex(2)) == before
    Image.new("RGB", (4, 4), (200,) * 3).save(apex)
    assert store.get(data, kit.Apex(2)).key != before.key


def test_a_clip_of_which_nothing_can_be_read_is_named(store: FeatureStore, data: ClipData) -> None:
    key = list(data.table["key"])[1]
    for path in data.frames[key].paths:
        path.write_bytes(b"torn")
    with pytest.raises(NothingReadableError, match=rf"{key}: none of its 3 frames .*pictures/1-10\.png"):
        store.get(data, kit.Honest(3, 4))


def test_an_input_that_hangs_can_be_interrupted_and_leaves_no_process(data: ClipData) -> None:
    with SealedInput(kit.Odd(4, "hangs"), ()) as sealed:
        found: list[BaseException] = []

        def wait() -> None:
            try:
                sealed.made(next(readers(data, [0])))
            except MebenchError as error:
                found.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.3)
        start = time.monotonic()
        sealed.stop()
        thread.join(5)
        assert not thread.is_alive()
        assert time.monotonic() - start < 2
        (process,) = sealed._every
        pids = process.pids
    assert "is not wanted any more" in str(found[0])
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not process.private.exists()
