"""From names to a cohort: a protocol's datasets where they lie, or as synthetic twins, and what speaks against them.

cohort = open_cohort(registry, "casme3-4c", synthetic=True)
cohort = open_cohort(registry, "megc2019", data={"samm": Location(Path("/data/SAMM"))})
cohort = open_cohort(registry, "megc2019", pictures=False)      # clips and labels, from annotations alone
refuse_faults(cohort)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.definition import check_protocol
from mebench.cohort.of_pictures import ready_cohort
from mebench.cohort.protocol import Protocol
from mebench.cohort.soundness import lopsided_folds
from mebench.data.clips.remarks import cause_of, told_by_cause, unread_units
from mebench.data.locations import Location, find_data, known_place
from mebench.data.reading import ClipData
from mebench.data.sources import open_annotation, open_dataset, ready_datasets
from mebench.errors import MebenchError, MebenchNotice, MebenchWarning, first_few
from mebench.plugin.registry import Registry

if TYPE_CHECKING:
    from mebench.synthetic.twin import TwinOptions

Progress = Callable[[str, int, int], None]


def load_protocol(registry: Registry, name: str) -> Protocol:
    """Return a protocol plugin's object, once it is found sound (:mod:`mebench.cohort.soundness`).

    Raises:
        MebenchError: nothing has that name, it cannot be loaded, or what it says cannot be.
    """
    entry = registry.get("protocol", name)
    protocol: Protocol = entry.load()
    check_protocol(registry, entry, protocol)
    return protocol


def open_cohort(
    registry: Registry,
    name: str,
    *,
    data: Mapping[str, Location] | None = None,
    synthetic: bool = False,
    repairs: bool = True,
    pictures: bool = True,
    instead: str = "try it without the licence with --synthetic",
    progress: Progress = lambda what, done, total: None,
) -> Cohort:
    """Return a protocol's cohort; faulty clips are among its drops (see :func:`refuse_faults`).

    Args:
        registry: gives the protocol and its datasets.
        name: the protocol's.
        data: where datasets lie, or one of ready inputs that stands in for them all; the others where ``data add`` or
            the environment says. Where that says nothing of a dataset, one of ready inputs that it knows is taken.
        synthetic: draw a small twin of each dataset instead.
        repairs: whether the datasets' named repairs are applied.
        pictures: whether frames are looked for; without, a location may be the annotation file itself.
        instead: what else the user might do where a dataset's place is not known.
        progress: called with a description, pictures drawn and pictures in all.

    Raises:
        MebenchError: a dataset is not installed or cannot be found or read, or no folds can be made.
    """
    protocol = load_protocol(registry, name)
    given = data or {}
    if synthetic and given:
        raise MebenchError("a synthetic cohort makes its own data: leave out data")
    if synthetic:
        return build_cohort(protocol, _twins(registry, protocol, progress))
    if (ready := _standing_in(registry, protocol, given)) is not None:
        return ready_cohort(registry, protocol, *ready)
    read = open_dataset if pictures else open_annotation
    cohort = build_cohort(
        protocol,
        [
            read(registry, each, given.get(each) or find_data(each, instead), repairs=repairs)
            for each in protocol.datasets
        ],
    )
    warn_of_remarks(cohort)
    return cohort


def _standing_in(
    registry: Registry, protocol: Protocol, given: Mapping[str, Location]
) -> tuple[str, Location] | None:
    """Return the dataset of ready inputs that is used instead of the protocol's own, and where it lies.

    The user's choice counts; without one the protocol's own datasets, where it is known where all of them lie.
    """
    every = ready_datasets(registry)
    if chosen := [name for name in given if name in every]:
        if len(given) > 1:
            raise MebenchError(
                f"{chosen[0]} stands in for all datasets of {protocol.name}: give it alone, or "
                f"{', '.join(protocol.datasets)}"
            )
        return chosen[0], given[chosen[0]]
    if given:
        return None
    known = [
        (name, place) for name in ready_datasets(registry, protocol.name) if (place := known_place(name))
    ]
    if not known:
        return None
    name, place = known[0]
    unknown = [each for each in protocol.datasets if known_place(each) is None]
    if not unknown:
        _note(f"{protocol.name} uses {', '.join(protocol.datasets)}; --data {name}=DIR takes {name} instead")
        return None
    _note(f"{protocol.name} uses {name} in {place.root}, since nothing says where {first_few(unknown)} lies")
    return name, place


def refuse_faults(cohort: Cohort, *, allow_dropped: bool = False) -> None:
    """Raise for the first faulty clip; warn instead where the user allows it.

    Raises:
        MebenchError: a clip had to be dropped for a fault in the data.
    """
    faults = cohort.faults()
    if not faults:
        return
    if allow_dropped:
        _warn(f"{len(faults)} faulty clip(s) are left out (--allow-dropped); run.json names them")
        return
    first = faults[0]
    same = sum(cause_of(fault.reason) == cause_of(first.reason) for fault in faults)
    others = ([f"{same - 1} more for the same reason"] if same > 1 else []) + (
        [f"{len(faults) - same} for other reasons"] if len(faults) > same else []
    )
    more = f" (and {' and '.join(others)})" if others else ""
    place = next(d.annotation for d in cohort.data if first.key.startswith(d.dataset + "/"))
    raise MebenchError(
        f"{place}, row {first.row}, clip {first.key}: {first.reason}{more}; mend the data, or leave such clips "
        "out with --allow-dropped, which the record will say"
    )


def warn_of_faults(cohort: Cohort) -> None:
    """Warn of faulty clips, once for each cause: for what needs no pictures and goes on without them."""
    for line in told_by_cause(cohort.faults()):
        _warn(f"left out: {line}")


def warn_of_remarks(cohort: Cohort) -> None:
    """Warn of what is doubtful in the annotation of clips that take part, once for each cause."""
    remarks = [remark for data in cohort.data for remark in data.remarks]
    if cohort.protocol.aus:
        remarks += unread_units(cohort.clips)
    keys = set(cohort.clips["key"])
    for line in told_by_cause(remark for remark in remarks if remark.key in keys):
        _warn(line)


def warn_of_differences(cohort: Cohort) -> None:
    """Warn of folds that teach nothing, and of each count that is not the published one.

    A twin's counts are not meant to be those.
    """
    protocol = cohort.protocol
    for fault in lopsided_folds(protocol, cohort.clips["label"].to_numpy(), cohort.folds):
        _warn(f"{protocol.name}: {fault}")
    if cohort.twin:
        return
    for difference in cohort.differences():
        _warn(f"{protocol.name}: {difference} (published counts: {protocol.source or 'the protocol'})")


def trial_twin(datasets: int) -> TwinOptions:
    """Return what each twin of a trial run is made of, under a protocol of so many datasets."""
    from mebench.synthetic.twin import TwinOptions

    # A composite's twins are smaller each, so that a trial run stays one.
    return TwinOptions(subjects=8 if datasets == 1 else max(3, 12 // datasets))


def _twins(registry: Registry, protocol: Protocol, progress: Progress) -> list[ClipData]:
    from mebench.synthetic.cached import open_twin

    def drawn(name: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(f"drawing a synthetic {name}", done, total)

    options = trial_twin(len(protocol.datasets))
    return [open_twin(registry, name, options, drawn(name)) for name in protocol.datasets]


def _note(message: str) -> None:
    warnings.warn(message, MebenchNotice, stacklevel=4)


def _warn(message: str) -> None:
    warnings.warn(message, MebenchWarning, stacklevel=3)
