"""CASME II in both editions of its sheet, made by code to the published counts: three classes stay the same list."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mebench.cohort.building import Cohort, build_cohort
from mebench.data.clips.table import make_clip_table
from mebench.data.reading import ClipData, read_annotated
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry

RELABELLED = ("EP07_01", "EP07_04f", "EP10_03")  # of sub24
LEFT_OUT = (("sub04", "EP12_01f"), ("sub05", "EP09_05f"))  # disgust, in no official list
WORDS = {
    "others": 99,
    "disgust": 63,
    "happiness": 32,
    "repression": 27,
    "surprise": 25,
    "sadness": 7,
    "fear": 2,
}


def rows(relabelled: str) -> list[dict[str, object]]:
    """Return the 255 clips: named ones where the editions or the official list need them, invented ones else."""
    named = [("sub24", clip, "sadness") for clip in RELABELLED] + [(*clip, "disgust") for clip in LEFT_OUT]
    left = dict(WORDS)
    for *_, word in named:
        left[word] -= 1
    invented = [word for word, count in left.items() for _ in range(count)]
    clips = [*named, *((_subject(i, word), f"EP90_{i}", word) for i, word in enumerate(invented))]
    return [
        {
            **{"subject": subject, "clip": clip, "onset": 10, "apex": 20, "offset": 30, "aus": "4"},
            "emotion": relabelled if (subject, clip) in {("sub24", name) for name in RELABELLED} else word,
        }
        for subject, clip, word in clips
    ]


def _subject(place: int, word: str) -> str:
    """Return a subject; two of the 26 show nothing of the three classes."""
    people = [n for n in range(1, 27) if word in ("others", "sadness", "fear") or n not in (10, 18)]
    return f"sub{people[place % len(people)]:02d}"


@pytest.fixture(params=[("20140508", "sadness"), ("20190701", "surprise")], ids=lambda each: each[0])
def edition(request: pytest.FixtureRequest, tmp_path: Path, registry: Registry) -> tuple[str, ClipData]:
    name, relabelled = request.param
    dataset = load_dataset(registry, "casme2")
    raw = pd.DataFrame(rows(relabelled), dtype=object).assign(row=range(2, 257))
    # A copy under a name that says nothing: what its cells hold tells the edition.
    dataset.write_annotation(make_clip_table("casme2", raw, fps=200.0), tmp_path / "CASME2-coding.xlsx")
    return name, read_annotated(dataset, tmp_path)


def cohort(registry: Registry, protocol: str, data: ClipData) -> Cohort:
    return build_cohort(registry.get("protocol", protocol).load(), [data])


def test_the_edition_is_known_by_its_cells(edition: tuple[str, ClipData]) -> None:
    name, data = edition
    assert data.edition == name
    assert len(data.table) == 255


def test_three_classes_are_145_clips_under_either_edition(
    edition: tuple[str, ClipData], registry: Registry
) -> None:
    found = cohort(registry, "casme2-3c", edition[1])
    assert found.class_counts() == {"negative": 88, "positive": 32, "surprise": 25}
    assert len(found.clips) == 145
    assert not found.faults()
    assert found.differences() == []


def test_counts_are_held_against_those_of_the_edition_at_hand(
    edition: tuple[str, ClipData], registry: Registry
) -> None:
    name, data = edition
    five, seven = (cohort(registry, f"casme2-{n}c", data) for n in (5, 7))
    assert len(five.clips) == {"20140508": 246, "20190701": 249}[name]
    assert seven.class_counts()["surprise"] == {"20140508": 25, "20190701": 28}[name]
    assert five.differences() == seven.differences() == []
