"""What was bridged is counted over the cohort's clips, alike from a cold and a warm cache, and told in one sentence."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_reads import unreadable_file
from invented import EMOTIONS
from odd_inputs import clips_on_disk, compute_here
from PIL import Image

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.fetching import UnreachableError
from mebench.data.inspection import look_at_pictures, too_little_readable
from mebench.data.reading import ClipData
from mebench.errors import MebenchError, MebenchWarning
from mebench.features.inputs import ApexFrame, ClipFrames, Input, OnsetFrame
from mebench.features.reader import ClipReader
from mebench.features.store import FeatureStore
from mebench.features.substitutions import count_substitutions, refuse_unreadable
from mebench.scoring.stood_in import tell_substitutions

NOTHING: dict[str, Any] = {
    "missing_frames": {"frames": 0, "clips": 0},
    "unreadable": {"pictures": 0, "clips": 0},
    "turned": {"pictures": 0, "clips": 0},
    "several": {"pictures": 0, "clips": 0},
    "faceless": {"pictures": 0, "clips": 0},
    "apexes": {},
    "kept": [],
}
# Everything that a clip has is looked at, and only its apex.
EVERY, APEX = {"clip": ClipFrames(3, 2)}, {"apex": ApexFrame(2)}

# The clips of clips_on_disk whose emotion is 'others', which the protocol leaves out.
LEFT_OUT = 3


class Unseen(OnsetFrame):
    """The onset frame, in which no face is found."""

    def compute(self, clip: ClipReader) -> np.ndarray:
        clip.note_no_face(clip.onset, self.size)
        return super().compute(clip)


@pytest.fixture
def data(tmp_path: Path) -> ClipData:
    """2 x 3 clips with frames 10, 11 (the apex) and 12."""
    return clips_on_disk(tmp_path / "pictures")


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "cache")


def cohort_of(data: ClipData) -> Cohort:
    protocol = Protocol(
        name="three",
        title="three classes",
        datasets=("casme3",),
        classes=EMOTIONS[:3],
        labels={"casme3": {emotion: emotion for emotion in EMOTIONS[:3]}},
        left_out={"casme3": {"others": "no class"}},
    )
    cohort = build_cohort(protocol, [data])
    assert data.table["key"][LEFT_OUT] not in set(cohort.clips["key"])
    assert len(cohort.clips) == 5
    return cohort


def counted(data: ClipData, inputs: dict[str, Input], store: FeatureStore) -> dict[str, Any]:
    features = {name: {"casme3": store.get(data, wanted)} for name, wanted in inputs.items()}
    return count_substitutions(cohort_of(data), features)


def picture(data: ClipData, clip: int, number: int) -> Path:
    return data.frames[data.table["key"][clip]].paths[number - 10]


def turn(path: Path) -> None:
    tags = Image.Exif()
    tags[0x0112] = 3
    with Image.open(path) as opened:
        opened.save(path, exif=tags)


def test_nothing_is_counted_where_all_is_there(data: ClipData, store: FeatureStore) -> None:
    assert counted(data, {**EVERY, **APEX}, store) == NOTHING
    assert tell_substitutions(NOTHING) == tell_substitutions(None) == ""


def test_all_kinds_are_counted_for_the_cohorts_clips_alone_and_told(
    data: ClipData, store: FeatureStore
) -> None:
    keys = list(data.table["key"])
    for clip in (0, LEFT_OUT):
        picture(data, clip, 12).write_bytes(b"torn")
    for clip in (1, 2, LEFT_OUT):
        turn(picture(data, clip, 11))
    turn(picture(data, 1, 12))
    short = {key: data.frames[key].between(10, 11) for key in (keys[2], keys[LEFT_OUT], keys[4])}
    table = data.table.assign(apex_source=["owner", "repair", "middle", "middle", "middle", "owner"])
    data = replace(data, frames={**data.frames, **short}, table=table)
    found = counted(data, EVERY, store)
    assert found == {
        **NOTHING,
        "missing_frames": {"frames": 2, "clips": 2},
        "unreadable": {"pictures": 1, "clips": 1},
        "turned": {"pictures": 3, "clips": 2},
        "apexes": {"middle": 2, "repair": 1},
    }
    assert tell_substitutions(found) == (
        "2 frames of 2 clips are missing on disk; 1 picture of 1 clip could not be read and was bridged; 3 pictures of "
        "2 clips were turned as their orientation tag says; 3 apexes are not the owner's (middle: 2, repair: 1)"
    )


def test_a_warm_cache_says_exactly_what_a_cold_one_said(data: ClipData, store: FeatureStore) -> None:
    picture(data, 0, 12).write_bytes(b"torn")
    turn(picture(data, 1, 11))
    cold = counted(data, EVERY, store)
    assert cold["unreadable"]["pictures"] == cold["turned"]["pictures"] == 1
    made = [entry.made for entry in store.entries()]
    again = FeatureStore(store.folder)
    assert counted(clips_on_disk(picture(data, 0, 10).parent), EVERY, again) == cold
    assert [entry.made for entry in again.entries()] == made


def test_a_picture_that_two_inputs_looked_at_counts_once(data: ClipData, store: FeatureStore) -> None:
    turn(picture(data, 0, 11))
    turn(picture(data, 0, 12))
    assert counted(data, APEX, store)["turned"] == {"pictures": 1, "clips": 1}
    assert counted(data, {**APEX, **EVERY}, store)["turned"] == {"pictures": 2, "clips": 1}


def test_a_model_without_inputs_bridges_no_picture(data: ClipData, store: FeatureStore) -> None:
    picture(data, 0, 12).write_bytes(b"torn")
    assert counted(data, {}, store) == NOTHING


def test_pictures_without_a_face_are_counted_and_told(
    data: ClipData, store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute_here(monkeypatch.setattr)  # a test's own module is not found by a process outside
    found = counted(data, {"marks": Unseen(2), **APEX}, store)
    assert found == {**NOTHING, "faceless": {"pictures": 5, "clips": 5}}
    assert tell_substitutions(found) == (
        "5 pictures of 5 clips were without a face that was found, and landmarks were placed by a template"
    )
    # A run of an earlier version did not count them.
    assert tell_substitutions({kind: n for kind, n in found.items() if kind != "faceless"}) == ""


def test_looking_at_all_pictures_finds_what_a_run_would(
    data: ClipData, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(data, 1, 11).write_bytes(b"torn")
    picture(data, 4, 12).write_bytes(b"")
    turn(picture(data, 2, 10))
    seen: list[tuple[str, int, int]] = []
    found = look_at_pictures(data, lambda *report: seen.append(report))
    assert found == ([picture(data, 1, 11), picture(data, 4, 12)], [picture(data, 2, 10)])
    assert seen[-1] == ("opening pictures", 18, 18)
    assert [clip["clip"] for clip in too_little_readable(data, found.unreadable)] == [data.table["key"][1]]
    # A disk that fails says nothing about a picture.
    monkeypatch.setattr("mebench.data.fetching.PAUSES", (0.01,))
    picture(data, 3, 10).unlink()
    picture(data, 3, 10).symlink_to(unreadable_file())
    with pytest.raises(UnreachableError, match="Input/output error"):
        look_at_pictures(data, lambda *report: None)


def test_clips_of_which_too_little_can_be_read_are_refused_by_name_and_stay_where_that_is_allowed(
    data: ClipData, store: FeatureStore
) -> None:
    keys = list(data.table["key"])
    for clip in (1, LEFT_OUT):
        picture(data, clip, 11).write_bytes(b"torn")
    for number in (10, 12):
        picture(data, 4, number).write_bytes(b"torn")
    found = counted(data, EVERY, store)
    assert [kept["clip"] for kept in found["kept"]] == [keys[1], keys[4]]
    assert found["kept"][1]["reason"] == (
        "only 1 of the 3 frames of its window are readable pictures, fewer than half"
    )
    with pytest.raises(MebenchError) as raised:
        refuse_unreadable(found)
    message = str(raised.value)
    assert keys[1] in message
    assert "onset 10 and apex 11 would both be frame 10" in message
    assert "1 more" in message
    assert "--allow-dropped" in message
    with pytest.warns(MebenchWarning, match=r"2 clip\(s\) .* go on with what there is"):
        refuse_unreadable(found, allow_dropped=True)
    assert "2 clips stay although too little can be read" in tell_substitutions(found)
    # The cohort is what it was: the other input sees nothing of the second clip's trouble.
    assert [kept["clip"] for kept in counted(data, APEX, store)["kept"]] == [keys[1]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refuse_unreadable(NOTHING)
