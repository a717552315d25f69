"""What there is to say of a dataset of ready inputs before anything is run: its pictures, and the protocols it is for.

report = check_ready(registry, "megc2019-flow", location)
report["doubts"]     # what speaks against the pictures' being what their card says
"""

from __future__ import annotations

from typing import Any

from mebench.cohort.building import Cohort
from mebench.cohort.of_pictures import ready_cohort
from mebench.cohort.opening import load_protocol
from mebench.data.locations import Location
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry


def check_ready(
    registry: Registry, name: str, location: Location, *, protocol: str | None = None
) -> dict[str, Any]:
    """Return all there is to say of a dataset of ready inputs, as plain values.

    Args:
        registry: gives the dataset and the protocols.
        name: the dataset's.
        location: where it lies.
        protocol: judge by this protocol alone.

    Raises:
        MebenchError: the list or a picture cannot be found or used, or a protocol cannot.
    """
    cohorts = ready_cohorts(registry, name, location, protocol=protocol)
    ready = cohorts[0].ready
    assert ready is not None
    pictures = ready.pictures()
    return {
        "dataset": name,
        "folder": str(ready.folder),
        "list": str(cohorts[0].data[0].annotation),
        "list_sha256": cohorts[0].data[0].sha256,
        "holds": ready.dataset.holds,
        "synthetic": cohorts[0].twin,
        "pictures": len(pictures),
        "unused": ready.unused,
        "sha256": ready.sha256,
        "doubts": list(ready.dataset.doubts(pictures)),
        "protocols": [_judged(cohort) for cohort in cohorts],
    }


def ready_cohorts(
    registry: Registry, name: str, location: Location, *, protocol: str | None = None
) -> list[Cohort]:
    """Return the cohort of each protocol that accepts a dataset of ready inputs, or of the named one.

    Raises:
        MebenchError: see :func:`mebench.cohort.of_pictures.ready_cohort`.
    """
    names = [protocol] if protocol else registry.get("dataset", name).stands_in
    if not names:
        raise MebenchError(f"{name} has recordings of its own: it is no dataset of ready inputs")
    return [ready_cohort(registry, load_protocol(registry, each), name, location) for each in names]


def _judged(cohort: Cohort) -> dict[str, Any]:
    return {
        "name": cohort.protocol.name,
        "clips": len(cohort.clips),
        "subjects": int(cohort.clips["group"].nunique()),
        "folds": len(cohort.folds),
        "classes": cohort.class_counts(),
        "manifest": cohort.manifest,
        "differences": [] if cohort.twin else cohort.differences(),
    }
