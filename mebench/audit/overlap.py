"""(h) No clip, no subject and no picture may lie on both sides of a fold.

A cohort is refused whose folds share clips or, undeclared, subjects (:mod:`mebench.cohort.soundness`); this looks
again, and at the pictures: a release that holds a subject under two names shows the same picture twice.
"""

from __future__ import annotations

import numpy as np

from mebench.audit.case import Case
from mebench.audit.finding import Finding
from mebench.audit.pictures import LIMIT, SIDE, difference_hashes, distances
from mebench.cohort.building import Cohort
from mebench.data.clips.table import clip_rows
from mebench.errors import MebenchError
from mebench.features.inputs import ApexFrame
from mebench.features.of_cohort import features_of, require_pictures
from mebench.features.reader import ClipReader
from mebench.features.store import FeatureStore, Progress
from mebench.models.features import cohort_view
from mebench.parallel import cores, map_threads


def nothing_shared(case: Case, store: FeatureStore, report: Progress) -> Finding:
    """Return whether anything lies on both sides of any fold of the protocol."""
    cohort = case.cohort
    if fault := shared_by_name(cohort):
        return Finding("h", False, fault)
    names = f"no clip and no subject is on both sides of any of {len(cohort.folds)} folds"
    try:
        pictures = apex_pictures(cohort, store, report)
    except MebenchError as error:
        return Finding("h", True, f"{names}; pictures could not be compared ({error})")
    return judged_pictures(cohort, pictures, names)


def shared_by_name(cohort: Cohort) -> str:
    """Return which clip or subject lies on both sides of a fold, in a sentence; or an empty text."""
    keys, groups = cohort.clips["key"].to_numpy(), cohort.clips["group"].to_numpy()
    for what, names in (("clip", keys), ("subject", groups)):
        for fold in cohort.folds:
            if both := sorted(set(names[fold.train]) & set(names[fold.test])):
                more = f" and {len(both) - 1} more" if len(both) > 1 else ""
                return f"the {what} {both[0]}{more} is on both sides of the fold {fold.name!r}"
    return ""


def apex_pictures(cohort: Cohort, store: FeatureStore, report: Progress) -> np.ndarray:
    """Return a picture of each clip in the cohort's order, uint8 (n, 17, 17, 3): its apex frame, or its ready picture.

    Raises:
        MebenchError: the cohort has no pictures.
    """
    if cohort.ready is None:
        features = features_of(cohort, {"apex": ApexFrame(size=SIDE)}, store, report)
        return cohort_view(cohort, features["apex"])[:]
    require_pictures(cohort)
    frames = {key: found for data in cohort.data for key, found in data.frames.items()}
    clips = clip_rows(cohort.clips)
    readers = (ClipReader(c.key, c.onset, c.apex, c.offset, frames[c.key]) for c in clips)
    return np.stack([*map_threads(lambda reader: reader.frame(reader.apex, SIDE), readers, cores())])


def judged_pictures(cohort: Cohort, pictures: np.ndarray, names: str) -> Finding:
    """Return the finding of the clips' pictures (n, 17, 17, 3); ``names`` is what was found of clips and subjects."""
    apart = distances(difference_hashes(pictures))
    keys = cohort.clips["key"].to_numpy()
    crossing: list[tuple[int, int, int, str]] = []
    for fold in cohort.folds:
        between = apart[np.ix_(fold.train, fold.test)]
        i, j = np.unravel_index(between.argmin(), between.shape)
        crossing.append((int(between[i, j]), int(fold.train[i]), int(fold.test[j]), fold.name))
    nearest, one, other, fold_name = min(crossing)
    figures = {"nearest_bits": nearest, "of_bits": LIMIT.bits}
    pair = f"{keys[one]} and {keys[other]}"
    if nearest <= LIMIT.same:
        pairs = sum(bits <= LIMIT.same for bits, *_ in crossing)
        return Finding(
            "h",
            False,
            f"the pictures of {pair} are near-duplicates ({nearest} of {LIMIT.bits} bits differ) on both sides of "
            f"the fold {fold_name!r}; {pairs} of {len(cohort.folds)} folds have such pairs",
            figures,
        )
    return Finding(
        "h",
        True,
        f"{names}; the likest pictures across a fold differ in {nearest} of {LIMIT.bits} bits ({pair})",
        figures,
    )
