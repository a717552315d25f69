"""The protocols on CAS(ME)^3: their counts on the owner's own annotation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mebench.cohort.building import build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.clips.aus import parse_aus
from mebench.data.reading import ClipData, read_annotated
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, registry: Registry, real_workbook: Path) -> ClipData:
    """The owner's annotation, without its pictures."""
    root = tmp_path_factory.mktemp("real")
    shutil.copyfile(real_workbook, root / real_workbook.name)
    return read_annotated(load_dataset(registry, "casme3"), root)


def protocol_named(registry: Registry, name: str) -> Protocol:
    protocol: Protocol = registry.get("protocol", name).load()
    return protocol


@pytest.mark.parametrize(
    ("name", "clips", "subjects", "classes"),
    [
        (
            "casme3-7c",
            860,
            94,
            {
                "disgust": 250,
                "surprise": 187,
                "others": 161,
                "fear": 86,
                "anger": 64,
                "sad": 57,
                "happy": 55,
            },
        ),
        ("casme3-4c", 860, 94, {"negative": 457, "positive": 55, "surprise": 187, "others": 161}),
        # HTNet's list of 687 has 87 subjects: one subject less, as all three of spNO.9's are left out.
        ("casme3-3c", 699, 88, {"negative": 457, "positive": 55, "surprise": 187}),
    ],
)
def test_the_owners_workbook_gives_the_published_counts(
    registry: Registry, real: ClipData, name: str, clips: int, subjects: int, classes: dict[str, int]
) -> None:
    cohort = build_cohort(protocol_named(registry, name), [real])
    assert cohort.class_counts() == classes
    assert len(cohort.clips) == clips
    assert len(cohort.folds) == cohort.clips["subject"].nunique() == subjects
    assert cohort.differences() == []
    assert cohort.faults() == []


def test_three_classes_leave_out_the_others_by_rule_and_nothing_else(
    registry: Registry, real: ClipData
) -> None:
    cohort = build_cohort(protocol_named(registry, "casme3-3c"), [real])
    assert len(cohort.drops) == 161
    assert all(drop.by_rule and "not one of the three classes" in drop.reason for drop in cohort.drops)


def test_the_action_units_are_those_that_ten_clips_show(registry: Registry, real: ClipData) -> None:
    counts: dict[int, int] = {}
    for text in real.table["aus"]:
        for number in {unit.number for unit in parse_aus(text)}:
            counts[number] = counts.get(number, 0) + 1
    often = tuple(sorted(number for number, count in counts.items() if count >= 10))
    assert {protocol_named(registry, f"casme3-{n}c").aus for n in (3, 4, 7)} == {often}


def test_the_short_name_of_the_protocol_means_four_classes(registry: Registry) -> None:
    assert protocol_named(registry, "casme3").name == "casme3-4c"
