"""A user's folder as a clip: which frames it has, what they are numbered, and what is said of what was assumed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from own_clips import moving, write_folder

from mebench.errors import MebenchError
from mebench.inference.clip import UserClip, user_clip
from mebench.inference.faces import Preparation
from mebench.inference.window import MOST_FRAMES, Asked

AS_IT_IS = Preparation("as it is")


def opened(path: Path, **asked: int) -> UserClip:
    with user_clip(path, Asked(**asked), AS_IT_IS) as clip:
        return clip


def refusal(path: Path, **asked: int) -> str:
    with pytest.raises(MebenchError) as raised, user_clip(path, Asked(**asked), AS_IT_IS):
        pass
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        ("img{:04d}.png", (12, 13, 14)),
        ("{}.jpg", (12, 13, 14)),
        ("reg_EP02_01f-{}.PNG", (12, 13, 14)),
        (["s1 f12.png", "s1 f2.png", "s1 f100.png"], (2, 12, 100)),
        (["onset.png", "peak.png", "the end.png"], (1, 2, 3)),
        (["10-01-07.png", "9-01-08.png", "9-02-08.png"], (1, 2, 3)),
    ],
    ids=str,
)
def test_frames_are_numbered_as_their_names_or_counted(
    tmp_path: Path, names: str | list[str], numbers: tuple[int, ...]
) -> None:
    place = write_folder(tmp_path / "clip", moving(3, apex=2), names, first=12)
    clip = opened(place)
    assert clip.reader.frames.numbers == numbers
    assert (clip.window.onset, clip.window.offset) == (numbers[0], numbers[-1])
    assert clip.name == "clip"


def test_frames_of_names_without_one_number_are_in_natural_order_and_that_is_said(tmp_path: Path) -> None:
    place = write_folder(tmp_path / "clip", moving(3, apex=2), ["1-10.png", "1-9.png", "2-1.png"])
    clip = opened(place)
    assert [path.name for path in clip.reader.frames.paths] == ["1-9.png", "1-10.png", "2-1.png"]
    assert any("order of their names: 1 1-9.png, 2 1-10.png" in note for note in clip.notes)


def test_what_lies_beside_the_pictures_is_passed_over(tmp_path: Path) -> None:
    place = write_folder(tmp_path / "clip")
    for name in ("Thumbs.db", "._img0003.png", "notes.txt"):
        (place / name).write_text("no picture")
    (place / "old.png").mkdir()
    assert opened(place).reader.frames.numbers == tuple(range(1, 10))


def test_the_window_is_the_whole_clip_or_what_is_given(tmp_path: Path) -> None:
    place = write_folder(tmp_path / "clip", first=100)
    assert opened(place).window[::2] == (100, 108)
    given = opened(place, onset=102, apex=104, offset=107)
    assert given.window[:3] == (102, 104, 107)
    assert given.window.sources == {"onset": "given", "apex": "given", "offset": "given"}
    assert given.reader.frames.numbers == tuple(range(102, 108))
    assert opened(place).window.sources["onset"] == "first frame"


def test_the_apex_is_spotted_by_motion_and_that_is_said(tmp_path: Path) -> None:
    clip = opened(write_folder(tmp_path / "clip", moving(13, apex=9), first=50))
    assert abs(clip.window.apex - 58) <= 1
    assert clip.reader.apex == clip.window.apex
    assert clip.window.sources["apex"] == "spotted"
    assert any(f"spotted: frame {clip.window.apex}" in note for note in clip.notes)


def test_of_two_frames_the_second_is_the_apex(tmp_path: Path) -> None:
    clip = opened(write_folder(tmp_path / "clip", moving()[:5:4]))
    assert clip.window[:3] == (1, 2, 2)
    assert any("second of the two" in note for note in clip.notes)


def test_frames_that_are_missing_are_counted(tmp_path: Path) -> None:
    place = write_folder(tmp_path / "clip")
    (place / "img0003.png").unlink()
    (place / "img0004.png").unlink()
    clip = opened(place, onset=2)
    assert "2 of 8 frames of the window are missing and bridged" in clip.notes
    # An apex that is not on disk is bridged, as in training.
    assert opened(place, apex=3).reader.apex == 3


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"onset": 0}, "--onset 0: the frames of .* are numbered 1 to 9"),
        ({"offset": 10}, "--offset 10: the frames of .* are numbered 1 to 9"),
        ({"apex": 12}, "--apex 12: the frames of .* are numbered 1 to 9"),
        ({"onset": 5, "offset": 5}, "--onset 5 does not lie before --offset 5"),
        ({"onset": 6, "offset": 2}, "--onset 6 does not lie before --offset 2"),
        ({"onset": 9}, "--onset 9 does not lie before --offset 9"),
        ({"onset": 4, "apex": 3}, "--apex 3 lies outside the window from 4 to the last one"),
        ({"apex": 8, "offset": 7}, "--apex 8 lies outside the window from the first frame to 7"),
    ],
    ids=str,
)
def test_a_window_that_does_not_fit_is_refused(tmp_path: Path, asked: dict[str, int], sentence: str) -> None:
    said = refusal(write_folder(tmp_path / "clip"), **asked)
    assert re.match(sentence, said), said


def test_contradictions_are_told_before_anything_is_read(tmp_path: Path) -> None:
    assert "--onset 6 does not lie before" in refusal(tmp_path / "nowhere", onset=6, offset=2)


def test_a_window_of_one_picture_on_disk_is_refused(tmp_path: Path) -> None:
    place = write_folder(tmp_path / "clip", moving(3, apex=2), ["f1.png", "f50.png", "f90.png"])
    assert "only 1 of the frames 2 to 60 is in" in refusal(place, onset=2, offset=60)


def test_a_window_that_is_no_expression_is_refused(tmp_path: Path) -> None:
    place = write_folder(
        tmp_path / "clip", moving(3, apex=2), ["f1.png", "f2.png", f"f{MOST_FRAMES + 1}.png"]
    )
    assert f"longer than {MOST_FRAMES} frames" in refusal(place)
    assert opened(place, offset=2).window.offset == 2


def test_there_must_be_such_a_clip(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere").startswith(f"there is no {tmp_path / 'nowhere'}")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "readme.txt").write_text("no picture")
    assert "holds no picture" in refusal(tmp_path / "empty")
    assert "holds one frame" in refusal(write_folder(tmp_path / "one", moving()[:1]))


def test_a_folder_of_several_series_is_refused(tmp_path: Path) -> None:
    names = ["color1.png", "color2.png", "depth1.png", "depth2.png"]
    said = refusal(write_folder(tmp_path / "clip", moving(4, apex=2), names))
    assert "2 series (color1.png, depth1.png)" in said


def test_two_files_of_one_number_are_refused(tmp_path: Path) -> None:
    names = ["1.png", "2.png", "02.png"]
    said = refusal(write_folder(tmp_path / "clip", moving(3, apex=2), names))
    assert "02.png" in said
    assert "both frame 2" in said


def test_pictures_that_cannot_be_read_are_bridged_unless_all_are(tmp_path: Path) -> None:
    place = write_folder(tmp_path / "clip")
    (place / "img0004.png").write_bytes(b"no picture")
    with user_clip(place, Asked(), AS_IT_IS) as clip:
        assert clip.reader.notes().unreadable == (4,)
    for path in place.iterdir():
        path.write_bytes(b"no picture")
    assert refusal(place) == f"{place}: none of the window's frames is a readable picture"
    with (
        pytest.raises(MebenchError, match="none of the window's frames"),
        user_clip(place, Asked(apex=5), AS_IT_IS) as clip,
    ):
        clip.reader.frame(5, 16)


def test_a_folder_is_read_where_it_lies(tmp_path: Path) -> None:
    frames = moving()
    place = write_folder(tmp_path / "clip", frames)
    with user_clip(place, Asked(apex=5), AS_IT_IS) as clip:
        assert clip.reader.frames.paths[4] == place / "img0005.png"
        np.testing.assert_array_equal(clip.reader.frame(5, 64), frames[4])
