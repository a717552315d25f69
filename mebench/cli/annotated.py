"""What commands that need no pictures share: cohorts from annotations alone, and spellings of datasets."""

from __future__ import annotations

from mebench.cli.console import warn
from mebench.cli.options import parse_data
from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.locations import Location, find_data
from mebench.plugin.registry import Registry


def annotated_cohort(
    registry: Registry, protocol: Protocol, data: tuple[str, ...], *, repairs: bool, instead: str = ""
) -> Cohort:
    """Return a protocol's cohort from annotations alone, and say what is left out or not as published.

    ``instead`` is what else the user might do where a dataset's place is not known.

    Raises:
        MebenchError: a dataset is not installed, or its annotation cannot be found or read.
    """
    from mebench.data.sources import open_annotation

    folders = parse_data(data, protocol.datasets)
    cohort = build_cohort(
        protocol,
        [
            open_annotation(
                registry,
                name,
                Location(folders[name]) if name in folders else find_data(name, instead),
                repairs=repairs,
            )
            for name in protocol.datasets
        ],
    )
    for drop in cohort.faults():
        warn(f"{drop.key} (row {drop.row}) is left out: {drop.reason}")
    if not cohort.twin:
        warn_of_differences(cohort)
    return cohort


def spellings_of(registry: Registry, protocol: Protocol) -> dict[str, str]:
    """Return how files may spell the protocol's datasets: their names and their plugins' aliases."""
    from mebench.data.clips.names import dataset_names

    aliases = {entry.name: entry.aliases for entry in registry.entries("dataset")}
    return dataset_names(protocol.datasets, aliases)


def warn_of_differences(cohort: Cohort) -> None:
    """Warn of each count that is not the published one."""
    for difference in cohort.differences():
        warn(
            f"{cohort.protocol.name}: {difference} (published counts: {cohort.protocol.source or 'the protocol'})"
        )
