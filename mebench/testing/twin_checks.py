"""Checks of a dataset on its own synthetic twin: what was written is what is read, as often as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mebench.data.clips.aus import parse_aus_with_rest, shown_units
from mebench.data.clips.layout import forget_folders
from mebench.data.clips.remarks import Remark
from mebench.data.clips.table import clip_rows, table_fault
from mebench.data.reading import read_clips
from mebench.synthetic.quirks import add_quirks
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.dataset_subject import DatasetSubject
from mebench.testing.watching import watched

TWINS = Checks[DatasetSubject]()

_TELLING = ("subject", "clip", "onset", "offset", "emotion")


@TWINS.add("a twin of it can be drawn")
def drawn(subject: DatasetSubject) -> str:
    """So that anybody can try it without the licence: `mebench run MODEL PROTOCOL --synthetic`."""
    assert subject.twin
    return ""


@TWINS.add("the twin is read back clip by clip")
def read_back(subject: DatasetSubject) -> str:
    """Subjects, clips, windows and emotions are those that write_annotation() was given."""
    written, found = (
        {clip.key: tuple(getattr(clip, name) for name in _TELLING) for clip in clip_rows(table)}
        for table in (subject.invented, subject.data.table)
    )
    if lost := sorted(set(written) - set(found)):
        why = next((f": {drop.reason}" for drop in subject.data.drops if drop.key == lost[0]), "")
        return f"{len(lost)} of {len(written)} clips of the twin are not read back, {lost[0]} first{why}"
    if strange := sorted(set(found) - set(written)):
        return f"{strange[0]} is read, which was not written"
    for key, values in written.items():
        for name, one, other in zip(_TELLING, values, found[key], strict=True):
            if one != other:
                return f"the {name} of {key} was written as {one!r} and read as {other!r}"
    return ""


@TWINS.add("apexes and action units are read back")
def apexes(subject: DatasetSubject) -> str:
    """Where its annotation has them: an apex that is lost becomes the middle of the window, and nobody notices."""
    found = {clip.key: clip for clip in clip_rows(subject.data.table)}
    sources = set(subject.data.table["apex_source"])
    for clip in clip_rows(subject.invented):
        if sources == {"owner"} and found[clip.key].apex != clip.apex:
            return f"the apex of {clip.key} was written as {clip.apex} and read as {found[clip.key].apex}"
        if found[clip.key].aus and shown_units(found[clip.key].aus) != shown_units(clip.aus):
            return f"the action units of {clip.key} were written as {clip.aus!r} and read as {found[clip.key].aus!r}"
    return ""


@TWINS.add("its clip table is complete")
def table(subject: DatasetSubject) -> str:
    """Every column, of its type; keys that name one clip each."""
    found = subject.data.table
    if fault := table_fault(found, subject.dataset.name):
        return f"its reader gave a table {fault}"
    twice = found["key"][found["key"].duplicated()].tolist()
    return f"two clips are called {twice[0]}" if twice else ""


@TWINS.add("every clip has an emotion, in lower case")
def emotions(subject: DatasetSubject) -> str:
    """Protocols name the owner's words as clip tables write them."""
    for word in subject.data.table["emotion"]:
        if not word or word != word.strip().lower():
            return f"a clip has the emotion {word!r}: make_clip_table(...) writes it as protocols do"
    strange = sorted(set(subject.data.table["emotion"]) - {word.lower() for word in subject.recipe.emotions})
    return f"a clip has the emotion {strange[0]!r}, which the recipe does not have" if strange else ""


@TWINS.add("windows and rates are possible")
def windows(subject: DatasetSubject) -> str:
    """The apex lies in its window, and the rate is that of a camera."""
    rows: Iterator[Any] = subject.data.table.itertuples()
    for row in rows:
        if not row.onset <= row.apex <= row.offset:
            return f"the apex {row.apex} of {row.key} lies outside {row.onset} to {row.offset}"
        if not 1 <= row.fps <= 10_000:
            return f"{row.key} has {row.fps} frames a second: give make_clip_table(..., fps=...)"
    return ""


@TWINS.add("every frame of the twin is found")
def frames(subject: DatasetSubject) -> str:
    """The first layout is the one that twins are written in."""
    missing = subject.data.missing_frames()
    if missing:
        key = min(missing)
        return f"{missing[key]} frames of {key} are not found where its first layout writes them"
    first = subject.dataset.layouts[0].template
    return (
        ""
        if subject.data.layout == first
        else f"its frames were found as {subject.data.layout}, not as {first}"
    )


@TWINS.add("each layout finds what it writes")
def each_layout(subject: DatasetSubject) -> str:
    """Empty files stand for pictures: a layout is a rule of names."""
    clips = list(clip_rows(subject.data.table))[:3]
    for number, layout in enumerate(subject.dataset.layouts):
        root = subject.folder / f"layout {number}"
        for clip in clips:
            for frame in (clip.onset, clip.offset):
                path = layout.path(root, clip, frame)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        forget_folders()
        for clip in clips:
            found = layout.frames(root, clip).between(clip.onset, clip.offset).numbers
            if set(found) != {clip.onset, clip.offset}:
                return (
                    f"the layout {layout.template!r} writes frames of {clip.key} that it does not find again"
                )
    return ""


@TWINS.add("read again it is the same")
def again(subject: DatasetSubject) -> str:
    """A reader that depends on the order of a folder, or remembers, gives another cohort another day."""
    forget_folders()
    other = read_clips(subject.dataset, subject.twin)
    if not other.table.equals(subject.data.table):
        return "read a second time its clips are others: let the reader depend on the files alone"
    return "" if other.sha256 == subject.data.sha256 else "read a second time its annotation has another hash"


@TWINS.add("reading changes nothing in its folder")
def untouched(subject: DatasetSubject) -> str:
    """Data lie on disks that nobody may write to."""
    before = _state(subject.twin)
    private = subject.folder / "private"
    private.mkdir(exist_ok=True)
    with watched(private) as seen:
        subject.dataset.read_annotation(subject.data.annotation)
    if seen.written:
        return f"read_annotation() wrote {seen.written[0]}: it may read alone"
    return "" if _state(subject.twin) == before else "the twin's files are others once it was read"


@TWINS.add("wherever it lies it is the same")
def elsewhere(subject: DatasetSubject) -> str:
    """No path may become part of a name, or of a hash."""
    other = read_clips(subject.dataset, subject.copy("elsewhere"))
    return "" if other.table.equals(subject.data.table) else "in another folder its clips are others"


@TWINS.add("the twin is known as one")
def marked(subject: DatasetSubject) -> str:
    """Synthetic data never pass for real ones: `write_annotation` writes a workbook that can be marked."""
    return "" if subject.data.twin else "the twin is taken for real data"


@TWINS.add("its action units are understood")
def units(subject: DatasetSubject) -> str:
    """A cell that is not understood as a whole makes the clip's units unknown."""
    cells = [cell for cell in subject.data.table["aus"] if cell]
    if not cells:
        raise NotAsked("its annotation has no action units")
    for cell in cells:
        if rest := parse_aus_with_rest(cell).rest:
            return f"the cell {cell!r} is not understood ({rest[0]!r}): write units as its owner does, '6+12'"
    return ""


@TWINS.add("untidy as releases are it is read alike")
def untidy(subject: DatasetSubject) -> str:
    """Stray files, a renamed folder, a lost frame, blank rows, numbers as text: it happens to every copy."""
    root = subject.copy("untidy")
    add_quirks(subject.dataset, root, seed=0)
    forget_folders()
    other = read_clips(subject.dataset, root)
    one, two = (
        {clip.key: tuple(getattr(clip, name) for name in _TELLING) for clip in clip_rows(each)}
        for each in (subject.data.table, other.table)
    )
    different = sorted(key for key in {*one, *two} if one.get(key) != two.get(key))
    return f"{different[0]} is read otherwise ({two.get(different[0])})" if different else ""


@TWINS.add("what it remarks on clips are remarks")
def remarks(subject: DatasetSubject) -> str:
    """And of a sound twin there is nothing to remark."""
    found = tuple(subject.dataset.remarks(subject.data.table))
    if wrong := [each for each in found if not isinstance(each, Remark)]:
        return f"remarks() gave {type(wrong[0]).__name__}, and a Remark is due"
    keys = set(subject.data.table["key"])
    strange = [each for each in found if each.key not in keys]
    return f"remarks() speaks of {strange[0].key}, which is no clip of it" if strange else ""


def _state(root: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(root)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
