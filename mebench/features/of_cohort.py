"""The features of a cohort: of each input, an array of every dataset in the cache.

arrays = features_of(cohort, {"apex": ApexFrame(size=112)}, store)
arrays["apex"]["casme3"].open()      # of all usable clips of the dataset, whatever the protocol
"""

from __future__ import annotations

from collections.abc import Mapping

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.features.store import Features, FeatureStore, Progress


def features_of(
    cohort: Cohort,
    inputs: Mapping[str, Input],
    store: FeatureStore,
    progress: Progress = lambda what, done, total: None,
) -> dict[str, dict[str, Features]]:
    """Return input -> dataset -> features, computed where they are not cached yet.

    Raises:
        MebenchError: the cohort has no pictures, a clip has no readable frame, or the disk refuses.
    """
    require_pictures(cohort)
    by_dataset = {data.dataset: store.get_each(data, inputs, progress) for data in cohort.data}
    return {name: {dataset: found[name] for dataset, found in by_dataset.items()} for name in inputs}


def require_pictures(cohort: Cohort) -> None:
    """Raise MebenchError for a cohort that was made of a list, or of annotations alone."""
    if not cohort.data or not all(data.frames for data in cohort.data):
        raise MebenchError(
            f"this cohort of {cohort.protocol.name} was opened without pictures, which features are made of: "
            "open it with its data"
        )
