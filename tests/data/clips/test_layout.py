"""Where frames lie: one template reads what owners' disks really hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from mebench.data.clips.layout import FrameLayout, FrameList, forget_folders
from mebench.data.clips.table import ClipRow
from mebench.errors import MebenchError

PLAIN = FrameLayout("{subject}/{clip}/color/{frame}.jpg")
REPEATS = FrameLayout("{subject}/{clip}/color/{frame}.jpg", numbered_repeats=True)


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def clip_of(subject: str = "s1", clip: str = "a", emotion: str = "", part: str = "") -> ClipRow:
    return ClipRow("key", "db", subject, clip, 1, 2, 3, emotion, "", "", part, 2)


def found(layout: FrameLayout, root: Path, subject: str = "s1", clip: str = "a") -> dict[int, str]:
    frames = layout.frames(root, clip_of(subject, clip))
    assert len(frames) == len(frames.paths)
    assert all(path.is_file() for path in frames.paths)
    return {
        number: path.relative_to(root).as_posix()
        for number, path in zip(frames.numbers, frames.paths, strict=True)
    }


def test_frames_are_sorted_by_number_not_by_name(tmp_path: Path) -> None:
    touch(tmp_path, *(f"s1/a/color/{n}.jpg" for n in (10, 9, 100, 1, 99)))
    assert list(found(PLAIN, tmp_path)) == [1, 9, 10, 99, 100]


@pytest.mark.parametrize("name", ["7.jpg", "007.jpg", "00000007.jpg"])
def test_padding_of_frame_numbers_does_not_matter(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"s1/a/color/{name}")
    assert found(PLAIN, tmp_path) == {7: f"s1/a/color/{name}"}


def test_paddings_may_be_mixed_within_a_clip(tmp_path: Path) -> None:
    touch(tmp_path, "s1/a/color/0998.jpg", "s1/a/color/00999.jpg", "s1/a/color/1000.jpg")
    assert list(found(PLAIN, tmp_path)) == [998, 999, 1000]


@pytest.mark.parametrize("suffix", ["jpg", "JPG", "jpeg", "png", "bmp"])
def test_any_picture_format_is_read(tmp_path: Path, suffix: str) -> None:
    touch(tmp_path, f"s1/a/color/7.{suffix}")
    assert list(found(PLAIN, tmp_path)) == [7]


def test_case_of_folders_does_not_matter_and_paths_keep_the_disks_own(tmp_path: Path) -> None:
    touch(tmp_path, "S1/J/Color/7.jpg")
    assert found(PLAIN, tmp_path, "s1", "j") == {7: "S1/J/Color/7.jpg"}
    assert found(PLAIN, tmp_path, "s1", "J") == {7: "S1/J/Color/7.jpg"}


def test_stray_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    strays = ("Thumbs.db", "~7.jpg", "._7.jpg", "7.jpg.part", "7.txt", "7", "x7.jpg", "7a.jpg", "-7.jpg")
    links = ("Desktop - Shortcut.lnk", ".DS_Store", "backup/8.jpg")
    touch(tmp_path, "s1/a/color/9.jpg", *(f"s1/a/color/{name}" for name in (*strays, *links)))
    assert list(found(PLAIN, tmp_path)) == [9]


def test_a_recording_that_is_not_there_has_no_frames(tmp_path: Path) -> None:
    touch(tmp_path, "s1/a/color/7.jpg", "s1/b/depth/7.png", "s1/c")
    for clip in ("b", "c", "d"):
        assert found(PLAIN, tmp_path, clip=clip) == {}
    assert found(PLAIN, tmp_path / "nowhere") == {}


def test_numbered_repeats_are_read_as_one_recording(tmp_path: Path) -> None:
    touch(tmp_path, "s1/b/color/5.jpg", "s1/b2/color/40.jpg", "s1/b3/color/90.jpg", "s1/B10/color/70.jpg")
    assert list(found(REPEATS, tmp_path, clip="b")) == [5, 40, 70, 90]
    assert list(found(PLAIN, tmp_path, clip="b")) == [5]


def test_a_repeat_is_not_another_recording(tmp_path: Path) -> None:
    touch(tmp_path, "s1/b/color/5.jpg", "s1/bc/color/6.jpg", "s1/ab2/color/7.jpg", "s1/b2x/color/8.jpg")
    assert list(found(REPEATS, tmp_path, clip="b")) == [5]


def test_repeats_count_even_where_the_first_folder_is_gone(tmp_path: Path) -> None:
    touch(tmp_path, "s1/b2/color/40.jpg")
    assert list(found(REPEATS, tmp_path, clip="b")) == [40]


def test_a_frame_of_the_recording_itself_wins_over_a_repeats(tmp_path: Path) -> None:
    touch(tmp_path, "s1/b/color/5.jpg", "s1/b2/color/5.jpg")
    assert found(REPEATS, tmp_path, clip="b") == {5: "s1/b/color/5.jpg"}


@pytest.mark.parametrize(
    ("template", "names", "others"),
    [
        ("{subject}/{clip}/reg_img{frame}.jpg", ["reg_img46.jpg", "REG_IMG047.jpg"], ["img48.jpg", "48.jpg"]),
        ("{subject}/{clip}/{subject}_{frame:05d}.jpg", ["s1_00046.jpg", "s1_47.jpg"], ["s2_00048.jpg"]),
        ("{subject}/{clip}/reg_{clip}-{frame}.jpg", ["reg_a-46.jpg", "reg_a-47.jpg"], ["reg_b-48.jpg"]),
        ("{subject}/{clip}/{frame}_face.jpg", ["46_face.jpg", "047_face.jpg"], ["48.jpg", "48_hand.jpg"]),
        ("{subject}/{clip}/f.{frame}.jpg", ["f.46.jpg", "f.47.jpg"], ["fx48.jpg"]),
    ],
)
def test_text_around_the_frame_number_must_match(
    tmp_path: Path, template: str, names: list[str], others: list[str]
) -> None:
    touch(tmp_path, *(f"s1/a/{name}" for name in (*names, *others)))
    assert found(FrameLayout(template), tmp_path) == {
        46: f"s1/a/{names[0]}",
        47: f"s1/a/{names[1]}",
    }


@pytest.mark.parametrize(
    "template",
    [
        "part_A/data/part_A/{subject}/{clip}/color/{frame}.jpg",
        "{subject}/{clip}/reg_img{frame}.jpg",
        "SAMM/{subject}/{clip}/{subject}_{frame:05d}.jpg",
        "{subject}/{clip}/Frame_{frame:09d}.png",
    ],
)
def test_what_a_template_writes_it_reads(tmp_path: Path, template: str) -> None:
    layout = FrameLayout(template)
    paths = [layout.path(tmp_path, clip_of("spNO.1", "b"), number) for number in (3, 20, 100)]
    touch(tmp_path, *(path.relative_to(tmp_path).as_posix() for path in paths))
    assert layout.frames(tmp_path, clip_of("spNO.1", "b")) == FrameList((3, 20, 100), tuple(paths))
    assert layout.first_frames(tmp_path, [clip_of("spNO.2", "b"), clip_of("spNO.1", "b")])


def test_a_layout_is_known_by_any_annotated_subjects_folder(tmp_path: Path) -> None:
    layout = FrameLayout("part_A/{subject}/{clip}/{frame}.jpg")
    touch(tmp_path, "part_A/spno.2/a/1.jpg")
    one, two = clip_of("spNO.1", "a"), clip_of("spNO.2", "a")
    assert layout.first_frames(tmp_path, [one, two])
    assert not layout.first_frames(tmp_path, [one])
    assert not layout.first_frames(tmp_path / "part_A", [two])
    assert not PLAIN.first_frames(tmp_path, [two])


def test_emotion_and_part_may_stand_in_a_path_and_an_emotions_folder_may_have_another_name(
    tmp_path: Path,
) -> None:
    layout = FrameLayout("{part}/{emotion}/{clip}/{frame}.jpg", emotion_folders=(("others", "repression"),))
    touch(tmp_path, "train/repression/c1/1.jpg", "train/others/c2/2.jpg", "train/anger/c1/3.jpg")
    assert layout.frames(tmp_path, clip_of(clip="c1", emotion="others", part="train")).numbers == (1,)
    assert layout.frames(tmp_path, clip_of(clip="c2", emotion="others", part="train")).numbers == (2,)
    assert layout.frames(tmp_path, clip_of(clip="c1", emotion="anger", part="train")).numbers == (3,)
    assert not layout.frames(tmp_path, clip_of(clip="c1", emotion="others", part="test"))


@pytest.mark.parametrize("clip", ["s1_ne_01", "s01_ne_01", "S1_NE_1"])
def test_folders_may_be_matched_with_their_numbers_by_value(tmp_path: Path, clip: str) -> None:
    layout = FrameLayout("{subject}/{clip}/{frame}.jpg", numbers_by_value=True)
    touch(tmp_path, f"s01/{clip}/7.jpg", "s10/s1_ne_01/8.jpg", "s01/s1_ne_10/9.jpg", "s01/s11_ne_01/10.jpg")
    assert list(found(layout, tmp_path, "s1", "s1_ne_01")) == [7]
    assert list(found(layout, tmp_path, "s1", "s01_ne_10")) == [9]
    assert found(PLAIN, tmp_path, "s1", "s1_ne_01") == {}


def test_the_exact_name_wins_over_one_that_differs_in_zeros(tmp_path: Path) -> None:
    layout = FrameLayout("{clip}/{frame}.jpg", numbers_by_value=True)
    touch(tmp_path, "s01/7.jpg", "s1/8.jpg")
    assert list(found(layout, tmp_path, clip="s1")) == [8]
    assert list(found(layout, tmp_path, clip="s01")) == [7]
    assert layout.frames(tmp_path, clip_of(clip="s1")).beside == (tmp_path / "s01",)


def test_of_two_folders_that_fit_equally_well_none_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "SUB1/a/color/7.jpg", "Sub1/a/color/8.jpg")
    assert found(PLAIN, tmp_path, "Sub1") == {8: "Sub1/a/color/8.jpg"}
    assert PLAIN.frames(tmp_path, clip_of("Sub1")).beside == (tmp_path / "SUB1",)
    with pytest.raises(MebenchError, match=r"SUB1 and .*Sub1 could both be the folder 'sub1'"):
        PLAIN.frames(tmp_path, clip_of("sub1"))
    by_value = FrameLayout("{clip}/{frame}.jpg", numbers_by_value=True)
    touch(tmp_path, "s01/7.jpg", "s1/8.jpg")
    forget_folders()
    with pytest.raises(MebenchError, match="could both be the folder 's001'"):
        by_value.frames(tmp_path, clip_of(clip="s001"))


@pytest.mark.parametrize(
    ("one", "other"), [("img005.jpg", "img5.jpg"), ("img5.jpg", "img5.png"), ("IMG5.jpg", "img5.jpg")]
)
def test_a_frame_that_lies_there_under_two_names_is_used_once_and_told(
    tmp_path: Path, one: str, other: str
) -> None:
    layout = FrameLayout("{subject}/{clip}/img{frame}.jpg")
    touch(tmp_path, f"s1/a/{one}", f"s1/a/{other}", "s1/a/img6.jpg")
    frames = layout.frames(tmp_path, clip_of())
    assert frames.numbers == (5, 6)
    assert frames.twice == ((tmp_path / "s1/a" / one, tmp_path / "s1/a" / other),)


def test_a_file_that_fits_two_patterns_is_no_double(tmp_path: Path) -> None:
    layout = FrameLayout("{subject}/{clip}/img{frame:03d}.jpg", other_files=("img{frame}",))
    touch(tmp_path, "s1/a/img5.jpg")
    assert layout.frames(tmp_path, clip_of()).twice == ()


@pytest.mark.parametrize(
    "name",
    [
        "s1 - Copy",
        "s1 - Copy (2)",
        "Copy of s1",
        "s1 (1)",
        "s1 copy",
        "s1 - 副本",
        "@eaDir",
        "__MACOSX",
        "._s1",
        ".git",
    ],
)
def test_copies_and_what_systems_leave_are_no_recordings(tmp_path: Path, name: str) -> None:
    layout = FrameLayout("{subject}/{clip}/img{frame}.jpg")
    touch(tmp_path, "s1/a/img5.jpg", f"{name}/a/img5.jpg", f"s1/{name}/img5.jpg")
    found, left_out = layout.recordings(tmp_path)
    assert [recording.names for recording in found] == [{"subject": "s1", "clip": "a"}]
    assert sorted(left_out) == sorted([tmp_path / name, tmp_path / "s1" / name])


def test_files_called_otherwise_than_most_are_no_frames_of_a_recording(tmp_path: Path) -> None:
    layout = FrameLayout("{clip}/img{frame}.jpg", other_files=("{frame}",))
    touch(tmp_path, "a/img61206.jpg", "a/img61207.jpg", "a/1.jpg", "b/7.jpg", "b/8.jpg")
    found, _ = layout.recordings(tmp_path)
    assert [(r.frames.numbers, [path.name for path in r.strays]) for r in found] == [
        ((61206, 61207), ["1.jpg"]),
        ((7, 8), []),
    ]


def test_frames_may_go_by_other_names_and_the_templates_own_comes_first(tmp_path: Path) -> None:
    layout = FrameLayout("{subject}/{clip}/img{frame}.jpg", other_files=("reg_{clip}_{frame}", "{frame}"))
    touch(tmp_path, "s1/a/8.jpg", "s1/a/img08.jpg", "s1/a/reg_a_9.bmp", "s1/a/reg_b_10.jpg", "s1/a/011.jpg")
    assert found(layout, tmp_path) == {8: "s1/a/img08.jpg", 9: "s1/a/reg_a_9.bmp", 11: "s1/a/011.jpg"}


def test_a_layout_is_not_known_by_folders_whose_frames_have_another_name(tmp_path: Path) -> None:
    touch(tmp_path, "s1/a/reg_img7.jpg", "s1/b/Thumbs.db")
    clips = [clip_of("s1", "b"), clip_of("s1", "a")]
    assert not FrameLayout("{subject}/{clip}/img{frame}.jpg").first_frames(tmp_path, clips)
    assert FrameLayout("{subject}/{clip}/reg_img{frame}.jpg").first_frames(tmp_path, clips)


def test_recordings_on_disk_tell_the_names_in_their_paths(tmp_path: Path) -> None:
    layout = FrameLayout("Raw/{subject}/micro/{emotion}/clip_{clip}/img{frame:04d}.jpg")
    touch(tmp_path, "raw/S01/micro/Fear/clip_a/img7.jpg", "raw/S01/micro/Fear/clip_b/Thumbs.db")
    touch(tmp_path, "raw/S01/non_micro/fear/clip_c/img7.jpg", "raw/S01/micro/fear2/d/img7.jpg")
    touch(tmp_path, "raw/S01/micro/Fear/clip_file", "raw/notes.txt", "raw/S02/micro/fear/clip_a/img0008.jpg")
    assert [(r.names, r.frames.numbers) for r in layout.recordings(tmp_path)[0]] == [
        ({"subject": "S01", "emotion": "Fear", "clip": "a"}, (7,)),
        ({"subject": "S01", "emotion": "Fear", "clip": "b"}, ()),
        ({"subject": "S02", "emotion": "fear", "clip": "a"}, (8,)),
    ]
    assert layout.recordings(tmp_path / "raw") == ([], [])


@pytest.mark.parametrize(
    ("first", "last", "numbers"),
    [(5, 9, [5, 7, 9]), (6, 8, [7]), (0, 100, [1, 5, 7, 9, 12]), (10, 11, []), (13, 20, []), (7, 7, [7])],
)
def test_between_takes_both_ends_and_keeps_numbers_with_their_paths(
    first: int, last: int, numbers: list[int]
) -> None:
    everything = FrameList((1, 5, 7, 9, 12), tuple(Path(f"{n}.jpg") for n in (1, 5, 7, 9, 12)))
    window = everything.between(first, last)
    assert list(window.numbers) == numbers
    assert [path.stem for path in window.paths] == [str(n) for n in numbers]


def test_a_folder_is_listed_once_until_it_is_forgotten(tmp_path: Path) -> None:
    touch(tmp_path, "s1/a/color/1.jpg")
    assert list(found(PLAIN, tmp_path)) == [1]
    touch(tmp_path, "s1/a/color/2.jpg")
    forget_folders()
    assert list(found(PLAIN, tmp_path)) == [1, 2]
