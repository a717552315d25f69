"""A cache of features that looks at the pictures once, for runs on one cohort that begin together.

store = LookedOnce(user_store().folder)
store.get(data, wanted) is store.get(data, wanted)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mebench.data.reading import ClipData
from mebench.features.inputs import Input
from mebench.features.store import Features, FeatureStore, Progress


class LookedOnce(FeatureStore):
    """The cache in one folder. Features that were asked for before are the same object: memory holds them once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._known: dict[str, Features] = {}

    def _of_keys(
        self, data: ClipData, inputs: Mapping[str, Input], keys: Mapping[str, str], progress: Progress
    ) -> dict[str, Features]:
        new = {name: each for name, each in inputs.items() if keys[name] not in self._known}
        for name, found in super()._of_keys(data, new, keys, progress).items():
            self._known[keys[name]] = found
        return {name: self._known[keys[name]] for name in inputs}
