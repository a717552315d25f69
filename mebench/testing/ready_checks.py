"""Checks of a dataset of ready inputs: pictures that somebody published, in place of recordings."""

from __future__ import annotations

import numpy as np
from PIL import Image

from mebench.data.ready import find_list, find_pictures
from mebench.errors import MebenchError
from mebench.features.flow_picture import FlowPicture
from mebench.features.inputs import ApexFrame
from mebench.features.ready import ReadyInput
from mebench.testing.checks import Checks
from mebench.testing.dataset_subject import DatasetSubject

READY = Checks[DatasetSubject]()


@READY.add("it can be made")
def made(subject: DatasetSubject) -> str:
    """A class with a name, the patterns of its list, and the size of its pictures."""
    assert subject.ready
    return ""


@READY.add("the protocols that it stands in for are there")
def protocols(subject: DatasetSubject) -> str:
    """It is known by them alone: a misspelt one is never found."""
    for name in subject.entry.stands_in:
        subject.plugins.registry.get("protocol", name)
    return ""


@READY.add("a folder without its list is one sentence")
def missing_list(subject: DatasetSubject) -> str:
    """Whether there is no such folder or no list in it."""
    for root in (subject.folder / "nowhere", subject.folder):
        try:
            return f"{find_list(subject.ready, root)} was taken for its list"
        except MebenchError:
            continue
    return ""


@READY.add("ready pictures are found by the names that it gives")
def ready_pictures(subject: DatasetSubject) -> str:
    """Pictures of noise, called as file_stem() says, stand for those that were published."""
    dataset = subject.ready
    width, height = dataset.size
    root = subject.folder / "ready"
    root.mkdir(exist_ok=True)
    clips = [(f"d/s{n}/c{n}/1", f"s{n}", f"c{n}") for n in (1, 2, 10)]
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    for _, person, clip in clips:
        picture = Image.fromarray(pixels).convert(dataset.mode)
        picture.save(root / f"{dataset.file_stem(person, clip)}.png")
    found = find_pictures(dataset, root, clips)
    if list(found.files) != [key for key, *_ in clips] or found.unused:
        return f"of pictures of {len(clips)} clips {len(found.files)} were found: see file_stem()"
    said = dataset.doubts(found.pictures())
    return "" if all(isinstance(each, str) for each in said) else "doubts() gave something that is no text"


@READY.add("ready pictures say which input they are, or why they are none")
def ready_inputs(subject: DatasetSubject) -> str:
    """A model's input is replaced by the one that reads the pictures; where none can, the user is told why."""
    dataset = subject.ready
    if not dataset.holds.strip():
        return "it does not say what its pictures show: holds = ..."
    for wanted in (ApexFrame(size=dataset.size[0]), FlowPicture(size=dataset.size[0])):
        found = dataset.read_as(wanted)
        if found is not None and not isinstance(found, ReadyInput):
            return f"read_as({wanted}) gave {type(found).__name__}, and a ReadyInput or None is due"
        if not isinstance(dataset.why_not(wanted), str):
            return f"why_not({wanted}) gave no text"
    return ""
