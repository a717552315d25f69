"""Cohorts made ready for a use: opened, refused where they must not be used, and what is unusual said.

    cohort = cohort_to_run(registry, "casme3-4c", synthetic=True)        # with pictures; faulty clips stop it
    cohort = cohort_to_score(registry, "casme3-4c", data={...})          # annotations alone
    cohort = cohort_of_list(registry, "megc2019", Path("combined_3class_gt.csv"))

The command line and the Python API both come here, so that they use the same cohorts.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from mebench.cohort.building import Cohort
from mebench.cohort.lists import listed_cohort, read_list
from mebench.cohort.names import others_of, spellings_of
from mebench.cohort.opening import (
    Progress,
    load_protocol,
    open_cohort,
    refuse_faults,
    warn_of_differences,
    warn_of_faults,
)
from mebench.data.locations import Location
from mebench.errors import MebenchWarning
from mebench.plugin.registry import Registry


def cohort_to_run(
    registry: Registry,
    name: str,
    *,
    data: Mapping[str, Location] | None = None,
    synthetic: bool = False,
    repairs: bool = True,
    allow_dropped: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> Cohort:
    """Return a protocol's cohort with its pictures, and warn of counts that are not the published ones.

    Args: as for :func:`mebench.cohort.opening.open_cohort`; ``allow_dropped`` leaves faulty clips out.

    Raises:
        MebenchError: a dataset cannot be read, a clip is faulty, or no folds can be made.
    """
    cohort = open_cohort(registry, name, data=data, synthetic=synthetic, repairs=repairs, progress=progress)
    refuse_faults(cohort, allow_dropped=allow_dropped)
    warn_of_differences(cohort)
    if not cohort.twin and cohort.differences():
        warnings.warn(
            f"`mebench protocol diff {name} --list FILE` names the clips that differ from a list",
            MebenchWarning,
            stacklevel=2,
        )
    return cohort


def cohort_to_score(
    registry: Registry,
    name: str,
    *,
    data: Mapping[str, Location] | None = None,
    repairs: bool = True,
    instead: str = "",
) -> Cohort:
    """Return a protocol's cohort from annotations alone, and warn of what is left out or not as published.

    ``instead`` is what else the user might do where a dataset's place is not known.

    Raises:
        MebenchError: a dataset is not installed, or its annotation cannot be found or read.
    """
    cohort = open_cohort(registry, name, data=data, repairs=repairs, pictures=False, instead=instead)
    warn_of_faults(cohort)
    warn_of_differences(cohort)
    return cohort


def cohort_of_list(registry: Registry, name: str, file: Path) -> Cohort:
    """Return a protocol's cohort with clips and labels from a list, and warn of unpublished counts.

    Raises:
        MebenchError: the list cannot be read, or no folds can be made of its clips.
    """
    protocol = load_protocol(registry, name)
    cohort = listed_cohort(
        protocol, read_list(file, protocol, spellings_of(registry, protocol), others_of(registry, protocol))
    )
    warn_of_differences(cohort)
    return cohort
