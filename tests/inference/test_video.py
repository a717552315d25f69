"""A user's video as a clip: every frame as it was, numbered from 1, and one sentence where that cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from own_clips import moving, write_folder, write_video
from PIL import Image

from mebench.errors import MebenchError
from mebench.inference import video as video_module
from mebench.inference.clip import user_clip
from mebench.inference.faces import Preparation
from mebench.inference.window import Asked

AS_IT_IS = Preparation("as it is")


def refusal(path: Path, **asked: int) -> str:
    with pytest.raises(MebenchError) as raised, user_clip(path, Asked(**asked), AS_IT_IS):
        pass
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_every_frame_comes_as_it_was_written(tmp_path: Path) -> None:
    frames = moving()
    with user_clip(write_video(tmp_path / "talk.mkv", frames), Asked(), AS_IT_IS) as clip:
        assert clip.name == "talk"
        assert clip.reader.frames.numbers == tuple(range(1, 10))
        assert abs(clip.window.apex - 5) <= 1
        for number, frame in enumerate(frames, start=1):
            np.testing.assert_array_equal(clip.reader.frame(number, 64), frame)
        temporary = clip.reader.frames.paths[0]
        assert temporary.is_file()
    assert not temporary.exists()
    assert not temporary.parent.exists()


def test_only_the_window_is_kept(tmp_path: Path) -> None:
    with user_clip(write_video(tmp_path / "talk.mkv"), Asked(onset=3, offset=7), AS_IT_IS) as clip:
        assert clip.reader.frames.numbers == (3, 4, 5, 6, 7)
        np.testing.assert_array_equal(clip.reader.frame(3, 64), moving()[2])
        assert clip.window.sources["offset"] == "given"


def test_a_common_codec_is_read(tmp_path: Path) -> None:
    with user_clip(write_video(tmp_path / "talk.mp4"), Asked(apex=5), AS_IT_IS) as clip:
        assert len(clip.reader.frames) == 9
        assert np.abs(clip.reader.frame(5, 64).astype(int) - moving()[4]).mean() < 12


def test_a_turned_video_is_shown_upright(tmp_path: Path) -> None:
    upright = moving()
    lying = [np.ascontiguousarray(np.rot90(frame, -1)) for frame in upright]
    path = write_video(tmp_path / "phone.mp4", lying, turn=90)
    with user_clip(path, Asked(apex=5), AS_IT_IS) as clip:
        seen = clip.reader.frame(5, 64).astype(int)
        assert np.abs(seen - upright[4]).mean() < 12
        assert "the video is turned as its file says" in clip.notes


def test_a_window_of_seconds_is_told_to_be_long(tmp_path: Path) -> None:
    frames = moving(12)
    with user_clip(write_video(tmp_path / "slow.mkv", frames, fps=5), Asked(), AS_IT_IS) as clip:
        assert any(note.startswith("the window lasts 2.2 s") for note in clip.notes)
    with user_clip(write_video(tmp_path / "fast.mkv", frames, fps=60), Asked(), AS_IT_IS) as clip:
        assert not any("lasts" in note for note in clip.notes)


@pytest.mark.parametrize("asked", [{"onset": 12}, {"offset": 12}, {"apex": 12}], ids=str)
def test_a_frame_that_is_not_there_is_refused(tmp_path: Path, asked: dict[str, int]) -> None:
    said = refusal(write_video(tmp_path / "talk.mkv"), **asked)
    assert said == f"--{next(iter(asked))} 12: the frames of {tmp_path / 'talk.mkv'} are numbered 1 to 9"


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    write_video(tmp_path / "talk.mkv")
    (tmp_path / "notes.txt").write_text("Dear diary, " * 50)
    assert "is no video that can be decoded" in refusal(tmp_path / "notes.txt")
    (tmp_path / "empty.mp4").write_bytes(b"")
    assert "is no video that can be decoded" in refusal(tmp_path / "empty.mp4")
    picture = write_folder(tmp_path / "clip") / "img0001.png"
    assert "name a video file, or a folder of pictures" in refusal(picture)
    assert "holds one frame" in refusal(write_video(tmp_path / "one.mkv", moving()[:1]))


def test_a_list_of_other_files_is_no_video(tmp_path: Path) -> None:
    talk = write_video(tmp_path / "talk.mkv")
    (tmp_path / "list.txt").write_text(f"ffconcat version 1.0\nfile {talk}\n")
    (tmp_path / "list.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{talk}\n#EXT-X-ENDLIST\n"
    )
    for name in ("list.txt", "list.m3u8"):
        assert "is no video that can be decoded" in refusal(tmp_path / name)


def test_a_video_that_was_cut_short_is_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "talk.mkv", moving(40, apex=9))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with user_clip(path, Asked(), AS_IT_IS) as clip:
        (note,) = (note for note in clip.notes if "ENDS EARLY" in note)
        assert f"about 40 frames, and {clip.window.offset} can be decoded" in note
    path.write_bytes(whole)
    with user_clip(path, Asked(), AS_IT_IS) as clip:
        assert clip.window.offset == 40
        assert not any("ENDS EARLY" in note for note in clip.notes)


def test_damaged_frames_are_left_out_and_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "talk.mp4", moving(30, apex=9, side=128))
    content = bytearray(path.read_bytes())
    for place in np.random.default_rng(0).integers(len(content) // 4, len(content) // 2, 60):
        content[place] ^= 255
    path.write_bytes(content)
    with user_clip(path, Asked(apex=9), AS_IT_IS) as clip:
        missing = set(range(1, 31)) - set(clip.reader.frames.numbers)
        assert missing
        assert any("of the video are damaged and left out" in note for note in clip.notes)
        assert f"{len(missing)} of 30 frames of the window are missing and bridged" in clip.notes


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'mebench[explain]'")
    with av.open(str(tmp_path / "talk.mka"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert "holds no video" in refusal(tmp_path / "talk.mka")


def test_a_frame_is_never_made_larger_than_a_picture_may_be(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'mebench[explain]'")
    frame = av.VideoFrame.from_ndarray(moving()[0], format="rgb24")
    kept = video_module._Kept(tmp_path / "talk.mkv", tmp_path)
    with pytest.raises(MebenchError, match="has frames of 81 million pixels, and 64 million are the most"):
        kept.add(1, frame, 20_000.0)
    kept.add(2, frame, 2.0)
    kept.add(3, frame, 1e-6)
    assert [Image.open(path).size for path in kept.paths.values()] == [(128, 64), (1, 64)]


def test_a_video_without_end_needs_a_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_module, "MOST_FRAMES", 6)
    path = write_video(tmp_path / "talk.mkv")
    assert "say with --onset and --offset" in refusal(path)
    with user_clip(path, Asked(onset=4), AS_IT_IS) as clip:
        assert clip.window[::2] == (4, 9)


def test_without_pyav_the_extra_is_named_and_folders_still_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "talk.mkv")
    monkeypatch.setitem(sys.modules, "av", None)
    assert "pip install 'mebench[explain]'" in refusal(path)
    with user_clip(write_folder(tmp_path / "clip"), Asked(), AS_IT_IS) as clip:
        assert Image.open(clip.reader.frames.paths[0]).size == (64, 64)
