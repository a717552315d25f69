"""What commands that need no pictures share: cohorts from annotations alone, and spellings of datasets."""

from __future__ import annotations

from mebench.cli.options import locations
from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort, warn_of_differences, warn_of_faults
from mebench.cohort.protocol import Protocol
from mebench.plugin.registry import Registry


def annotated_cohort(
    registry: Registry,
    protocol: Protocol,
    data: tuple[str, ...],
    columns: tuple[str, ...] = (),
    *,
    repairs: bool,
    instead: str = "",
) -> Cohort:
    """Return a protocol's cohort from annotations alone, and say what is left out or not as published.

    ``instead`` is what else the user might do where a dataset's place is not known.

    Raises:
        MebenchError: a dataset is not installed, or its annotation cannot be found or read.
    """
    cohort = open_cohort(
        registry,
        protocol.name,
        data=locations(data, None, protocol.datasets, columns, instead=instead),
        repairs=repairs,
        pictures=False,
        instead=instead,
    )
    warn_of_faults(cohort)
    warn_of_differences(cohort)
    return cohort


def spellings_of(registry: Registry, protocol: Protocol) -> dict[str, str]:
    """Return how files may spell the protocol's datasets: their names and their plugins' aliases."""
    from mebench.data.clips.names import dataset_names

    aliases = {entry.name: entry.aliases for entry in registry.entries("dataset")}
    return dataset_names(protocol.datasets, aliases)


def others_of(registry: Registry, protocol: Protocol) -> frozenset[str]:
    """Return how files may spell, letters and digits alone, the datasets that are none of the protocol's."""
    from mebench.data.clips.names import fold_dataset

    names = [
        spelling
        for entry in registry.entries("dataset")
        if entry.name not in protocol.datasets
        for spelling in (entry.name, entry.name.partition("-")[0], *entry.aliases)
    ]
    return frozenset(map(fold_dataset, names)) - set(spellings_of(registry, protocol))
