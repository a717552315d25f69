"""Inputs of a clip alone: an input is a function of one clip, and must give the same bytes without the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mebench.audit.case import Case
from mebench.cohort.building import Cohort
from mebench.data.reading import ClipData
from mebench.features.store import FeatureStore
from mebench.models.features import cohort_view

# So many clips are computed again, each in a store of its own.
CLIPS = 3


def impure_input(case: Case) -> str:
    """Return which input of a clip is another where it is computed alone, in a sentence; or an empty text."""
    cohort, inputs = case.cohort, case.prepared.inputs
    views = {name: cohort_view(cohort, arrays) for name, arrays in case.prepared.features.items()}
    places = np.linspace(0, len(cohort.clips) - 1, min(CLIPS, len(cohort.clips))).round().astype(int)
    for place in places[::-1]:
        key = str(cohort.clips["key"].to_numpy()[place])
        alone = FeatureStore(case.folder / f"alone-{place}").get_each(_one_clip(cohort, key), inputs)
        for name, features in alone.items():
            computed = features.open()[features.rows[key]]
            if computed.tobytes() != np.asarray(views[name][int(place)]).tobytes():
                return (
                    f"the input {name!r} of {key} is another where it is computed alone: it must be a function of one "
                    "clip, and no other may have a part in it"
                )
    return ""


def _one_clip(cohort: Cohort, key: str) -> ClipData:
    data = next(data for data in cohort.data if key in data.frames)
    table = data.table[data.table["key"] == key].reset_index(drop=True)
    return replace(data, table=table, frames={key: data.frames[key]})
