"""How files from elsewhere may spell the datasets of a protocol, and of others."""

from __future__ import annotations

from mebench.cohort.protocol import Protocol
from mebench.data.clips.names import dataset_names, fold_dataset
from mebench.plugin.registry import Registry


def spellings_of(registry: Registry, protocol: Protocol) -> dict[str, str]:
    """Return how files may spell the protocol's datasets: their names, aliases and other spellings."""
    aliases = {entry.name: (*entry.aliases, *entry.spellings) for entry in registry.entries("dataset")}
    return dataset_names(protocol.datasets, aliases)


def others_of(registry: Registry, protocol: Protocol) -> frozenset[str]:
    """Return how files may spell, letters and digits alone, the datasets that are none of the protocol's."""
    names = [
        spelling
        for entry in registry.entries("dataset")
        if entry.name not in protocol.datasets
        for spelling in (entry.name, entry.name.partition("-")[0], *entry.aliases, *entry.spellings)
    ]
    return frozenset(map(fold_dataset, names)) - set(spellings_of(registry, protocol))
