"""Checks of a dataset that need no clip: what it declares, and what it says where nothing right lies."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import Formatter

from mebench.data.annotation_files import ENDINGS
from mebench.data.clips.layout import PICTURE_SUFFIXES
from mebench.data.clips.table import FRAME_FIELDS
from mebench.data.reading import read_clips
from mebench.errors import MebenchError
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.dataset_subject import DatasetSubject

DATASETS = Checks[DatasetSubject]()

_FIELDS = {"frame", "subject", "clip", "emotion", "part"}


@DATASETS.add("it can be made")
def made(subject: DatasetSubject) -> str:
    """A class with a name, patterns of its annotation file, and layouts."""
    assert subject.dataset
    return ""


@DATASETS.add("patterns of its annotation file are names without an ending")
def patterns(subject: DatasetSubject) -> str:
    """.xlsx, .xls and .csv are found alike, whatever the case of letters."""
    for pattern in subject.dataset.annotation_files:
        if "/" in pattern:
            return f"annotation_files has {pattern!r}: put folders into annotation_folders"
        if Path(pattern).suffix.casefold() in ENDINGS:
            return f"annotation_files has {pattern!r}: leave the ending out"
    return ""


@DATASETS.add("layouts lead from names to the pictures of a clip")
def layouts(subject: DatasetSubject) -> str:
    """A template has {frame} in the name of a picture, and names clip or subject on the way there."""
    templates = [layout.template for layout in subject.dataset.layouts]
    for template in templates:
        names = {name for _, name, *_ in Formatter().parse(template) if name}
        where = f"the layout {template!r}"
        if unknown := sorted(names - _FIELDS):
            return f"{where} has {{{unknown[0]}}}: the fields are {', '.join(sorted(_FIELDS))}"
        if "{frame" not in template.rpartition("/")[2]:
            return f"{where} has no {{frame}} in its last part, the name of a picture"
        if not names & {"clip", "subject"}:
            return f"{where} has neither {{clip}} nor {{subject}}: the frames of all clips would be the same files"
        if template.rpartition(".")[2].casefold() not in PICTURE_SUFFIXES:
            return f"{where} ends in no picture: choose one of {', '.join(PICTURE_SUFFIXES)}"
        if template.startswith(("/", "..")):
            return f"{where} leaves the dataset's folder"
    doubled = [template for place, template in enumerate(templates) if template in templates[:place]]
    return f"it has the layout {doubled[0]!r} twice" if doubled else ""


@DATASETS.add("repairs name a cell, what it holds, and who found it")
def repairs(subject: DatasetSubject) -> str:
    """They are listed by `mebench info`, for whoever doubts them."""
    dataset = subject.dataset
    if not dataset.repairs.repairs:
        raise NotAsked("it has no repairs")
    for repair in dataset.repairs.repairs:
        if not re.fullmatch(re.escape(dataset.name) + r"/[^/]+/[^/]+/[^/]*", repair.key):
            return f"a repair is of {repair.key!r}: write {dataset.name}/subject/clip/onset"
        if repair.field not in FRAME_FIELDS:
            return (
                f"the repair of {repair.key} is of {repair.field!r}: repair one of {', '.join(FRAME_FIELDS)}"
            )
        if repair.old == repair.new:
            return f"the repair of {repair.key} changes nothing"
        if not (repair.reason.strip() and repair.source.strip()):
            return f"the repair of {repair.key} does not say why, or who found it: give reason and source"
    return ""


@DATASETS.add("editions have names of their own")
def editions(subject: DatasetSubject) -> str:
    """Published counts are those of an edition, which is found by its name."""
    names = [edition.name for edition in subject.dataset.editions]
    if not names:
        raise NotAsked("it knows no editions")
    doubled = [name for place, name in enumerate(names) if name in names[:place] or not name.strip()]
    return f"two of its editions are called {doubled[0]!r}" if doubled else ""


@DATASETS.add("a folder that is not there is one sentence")
def missing_folder(subject: DatasetSubject) -> str:
    """The first thing that goes wrong for everybody is a path."""
    dataset, root = subject.dataset, subject.folder / "nowhere"
    return _refused(lambda: read_clips(dataset, root), "a folder that does not exist", str(root))


@DATASETS.add("an empty folder is one sentence")
def empty_folder(subject: DatasetSubject) -> str:
    """As is left by an archive that was never unpacked."""
    dataset, root = subject.dataset, subject.folder / "empty"
    root.mkdir(exist_ok=True)
    return _refused(lambda: read_clips(dataset, root), "an empty folder", str(root))


@DATASETS.add("another folder is one sentence that says what to look for")
def other_folder(subject: DatasetSubject) -> str:
    """The sentence names the annotation file, or the folders where the data have none."""
    dataset, root = subject.dataset, subject.folder / "other"
    root.mkdir(exist_ok=True)
    (root / "holiday.txt").write_text("sun")
    return _refused(lambda: read_clips(dataset, root), "a folder of other files", str(root))


@DATASETS.add("a damaged annotation is one sentence that names the file")
def damaged(subject: DatasetSubject) -> str:
    """Downloads break off, and licences' web pages are saved under the name of a workbook."""
    dataset = subject.dataset
    stem = next((name for name in dataset.annotation_files if not set("*?[") & set(name)), "annotation")
    for content in (b"", b"<html>Please sign the licence</html>", b"PK\x03\x04 broken off"):
        for ending in ENDINGS:
            path = subject.folder / f"{stem}{ending}"
            path.write_bytes(content)
            if fault := _refused(
                partial(dataset.read_annotation, path),
                f"a damaged {path.name} ({content[:20]!r})",
                path.name,
            ):
                return fault
    return ""


def _refused(call: Callable[[], object], what: str, named: str) -> str:
    """Return what is wrong with how something impossible is refused."""
    try:
        found = call()
    except MebenchError as error:
        text = str(error)
        if named not in text:
            return f"of {what} it says {text!r}, which does not name it: say {named}"
        return ""
    except Exception as error:
        return f"{what} ended in {type(error).__name__} ({error}): raise a MebenchError that says what to do"
    return f"{what} was taken for data ({found!r:.80}): raise a MebenchError"
