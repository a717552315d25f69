"""Clips that are invented for a protocol's datasets, without a picture, to see what it makes of them."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pandas as pd

from mebench.cohort.protocol import Protocol
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.table import check_clips
from mebench.data.reading import ClipData
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry
from mebench.synthetic.invent import invent_clips
from mebench.testing.checks import NotAsked

_SUBJECTS, _CLIPS = 4, 12


def invented_data(registry: Registry, protocol: Protocol) -> list[ClipData]:
    """Return clips of each dataset of a protocol, every word of its owner among them.

    Raises:
        NotAsked: a dataset has no recipe for twins.
    """
    return [_invented(registry, name, protocol) for name in protocol.datasets]


def _invented(registry: Registry, name: str, protocol: Protocol) -> ClipData:
    dataset = load_dataset(registry, name)
    if dataset.twin is None:
        raise NotAsked(f"{name} has no recipe for twins, by which clips could be invented")
    words = sum(dataset.twin.emotions.values())
    # Emotions are dealt from a deck: as many clips as it has cards hold each of them.
    clips = max(_CLIPS, -(-words // _SUBJECTS))
    table = invent_clips(name, dataset.twin, subjects=_SUBJECTS, clips=clips, seed=0)
    if protocol.label_by == "objective_class":
        table["objective_class"] = _dealt(protocol, name, len(table))
    table["part"] = _parts(table)
    return ClipData(
        dataset=name,
        root=Path("nowhere"),
        annotation=Path("nowhere/invented"),
        sha256="0" * 64,
        table=check_clips(table)[0],
        drops=(),
        repairs=RepairReport("none"),
        frames={},
        twin=True,
    )


def _dealt(protocol: Protocol, dataset: str, clips: int) -> list[str]:
    """Return a word for each clip, those of the labels and those left out in turn."""
    words = cycle([*protocol.labels.get(dataset, {}), *protocol.left_out.get(dataset, {})])
    return [next(words) for _ in range(clips)]


def _parts(table: pd.DataFrame) -> list[str]:
    """Return an owner's division for splits that go by one: the first half of the subjects trains."""
    subjects = list(dict.fromkeys(table["subject"]))
    train = set(subjects[: len(subjects) // 2])
    return ["train" if subject in train else "test" for subject in table["subject"]]
