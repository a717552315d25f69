"""Subjects and clips to simulate: of a cohort that is here, or as a protocol's source publishes them.

published_sizes(load_protocol(registry, "megc2019")).strata
"""

from __future__ import annotations

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.protocol import Expected, Protocol
from mebench.errors import MebenchError
from mebench.scoring.simulation import KnownSubjects, Sizes


def sizes_of_clips(cohort: Cohort) -> KnownSubjects:
    """Return how many clips of each class every subject of a cohort has."""
    clips = cohort.clips[cohort.clips["label"] >= 0]
    who = clips.groupby(["dataset", "subject"], sort=True).ngroup().to_numpy()
    names = clips.groupby(["dataset", "subject"], sort=True).size().index.get_level_values("dataset")
    classes = len(cohort.protocol.classes)
    cells = who * classes + clips["label"].to_numpy(np.int64)
    counts = np.bincount(cells, minlength=len(names) * classes).reshape(len(names), classes)
    return KnownSubjects(counts.astype(np.int64), tuple(map(str, names)))


def published_sizes(protocol: Protocol) -> Sizes:
    """Return the published subjects and clips of each class, by dataset where these are known.

    Raises:
        MebenchError: the protocol does not say how many subjects, or how many clips of each class, there are.
    """
    expected = protocol.expected
    parts = {} if expected is None else dict(expected.datasets)
    if expected is not None and not (parts and all(map(_is_whole, parts.values()))):
        parts = {"+".join(protocol.datasets): expected}
    if not parts or not all(map(_is_whole, parts.values())):
        raise MebenchError(
            f"protocol {protocol.name!r} does not say how many subjects, and clips of each class, it has: name the "
            "data with --data, or give a list of its clips with --list"
        )
    return Sizes(
        {
            name: (part.subjects or 0, tuple(part.classes.get(each, 0) for each in protocol.classes))
            for name, part in parts.items()
        }
    )


def _is_whole(part: Expected) -> bool:
    return bool(part.subjects and sum(part.classes.values()) == part.clips)
