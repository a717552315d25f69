"""What there is to say of a dataset before anything is run: its clips, its frames, and what each protocol makes of it.

    report = check_dataset(registry, "samm", location, protocol="megc2019")
    report["refused"]     # the sentence that `mebench run` would end with; empty where it would go on

Whatever a run refuses is refused here in the same words, since the same functions judge.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

from mebench.cohort.building import Cohort, build_cohort, build_part
from mebench.cohort.opening import load_protocol, refuse_faults, warn_of_differences
from mebench.cohort.protocol import Protocol
from mebench.data.clips.coverage import refusal_of
from mebench.data.clips.remarks import OfAClip, replaced_apexes, unread_units
from mebench.data.inspection import look_at_pictures, too_little_readable
from mebench.data.locations import Location
from mebench.data.reading import ClipData
from mebench.data.sources import open_known
from mebench.errors import MebenchError, MebenchWarning, near_matches
from mebench.plugin.registry import Registry

Progress = Callable[[str, int, int], None]


def check_dataset(
    registry: Registry,
    dataset: str,
    location: Location,
    *,
    protocol: str | None = None,
    repairs: bool = True,
    pictures: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> dict[str, Any]:
    """Return all there is to say of a dataset, as plain values.

    Args:
        registry: gives the dataset and the protocols.
        dataset: its name.
        location: where it lies; an annotation file alone will do, and then no frame is looked for.
        protocol: judge by this protocol alone, which may need other datasets too; with the warnings of a run.
        repairs: whether its named repairs are applied.
        pictures: whether every picture is opened.
        progress: called with a description, pictures opened and pictures in all.

    Raises:
        MebenchError: the annotation cannot be read, or the named protocol cannot be used.
    """
    judges = [_named(registry, protocol, dataset)] if protocol else _protocols_of(registry, dataset)
    data, no_frames, unsought = open_known(registry, dataset, location, repairs=repairs)
    judged = [_judged(each, data, warn=protocol is not None) for each in judges]
    looked = not (no_frames or unsought)
    refusals = (
        [each["refused"] for each in judged] if judges else [_refusal(build_part(_everything(data), data))]
    )
    if no_frames:
        refusals.insert(0, str(no_frames))
    opened = look_at_pictures(data, progress) if pictures and looked else None
    too_little = too_little_readable(data, opened.unreadable) if opened else []
    if too_little:
        refusals.append(refusal_of(too_little))
    return {
        "dataset": data.dataset,
        "folder": str(data.root),
        "annotation": str(data.annotation),
        "sha256": data.sha256,
        "edition": data.edition,
        "layout": data.layout,
        "synthetic": data.twin,
        "clips": len(data.table),
        "subjects": int(data.table["subject"].nunique()),
        "emotions": {str(k): int(v) for k, v in data.table["emotion"].value_counts().items()},
        "repairs": {
            "set": data.repairs.name,
            "applied": [str(repair) for repair in data.repairs.applied],
            "left_alone": [f"{repair}: {why}" for repair, why in data.repairs.unmatched],
        },
        "apexes": {str(k): int(v) for k, v in data.table["apex_source"].value_counts().items()},
        "apexes_replaced": _rows(replaced_apexes(data.table)),
        "action_units_not_understood": _rows(unread_units(data.table)),
        "remarks": _rows(data.remarks),
        "dropped": _rows(data.drops),
        "frames": sum(map(len, data.frames.values())) if looked else None,
        "frames_not_looked_for": unsought,
        "missing_frames": data.missing_frames() if looked else None,
        "unreadable_pictures": opened and [str(path) for path in opened.unreadable],
        "turned_pictures": opened and [str(path) for path in opened.turned],
        "too_little_readable": opened and too_little,
        "protocols": judged,
        "refused": next(filter(None, refusals), ""),
    }


def _named(registry: Registry, name: str, dataset: str) -> Protocol:
    protocol = load_protocol(registry, name)
    if dataset not in protocol.datasets:
        raise MebenchError(
            f"protocol {protocol.name!r} does not use the dataset {dataset!r}{near_matches(dataset, protocol.datasets)}"
        )
    return protocol


def _protocols_of(registry: Registry, dataset: str) -> list[Protocol]:
    """Return the protocols of a dataset alone; one that cannot be used is named and passed over."""
    found = []
    for entry in registry.entries("protocol"):
        try:
            protocol = load_protocol(registry, entry.name)
        except MebenchError as error:
            warnings.warn(str(error), MebenchWarning, stacklevel=2)
            continue
        if protocol.datasets == (dataset,):
            found.append(protocol)
    return found


def _judged(protocol: Protocol, data: ClipData, *, warn: bool) -> dict[str, Any]:
    """Return what a protocol makes of a dataset, and the sentence with which a run would refuse it."""
    of_several = len(protocol.datasets) > 1
    try:
        cohort = build_part(protocol, data) if of_several else build_cohort(protocol, [data])
    except MebenchError as error:
        return {
            **{"name": protocol.name, "refused": str(error), "problem": str(error)},
            **{"differences": [], "compared": "", "dropped": []},
        }
    if warn:
        warn_of_differences(cohort)
    known = {(drop.key, drop.row) for drop in data.drops}
    return {
        "name": protocol.name,
        "part": data.dataset if of_several else "",
        "clips": len(cohort.clips),
        "subjects": int(cohort.clips["group"].nunique()),
        "folds": len(cohort.folds),
        "classes": cohort.class_counts(),
        "manifest": cohort.manifest,
        "left_out": sum(drop.by_rule for drop in cohort.drops),
        "dropped": _rows(drop for drop in cohort.faults() if (drop.key, drop.row) not in known),
        "differences": [] if cohort.twin else cohort.differences(),
        "compared": _compared(cohort),
        "refused": _refusal(cohort),
    }


def _rows(items: Iterable[OfAClip]) -> list[dict[str, Any]]:
    return [{"clip": item.key, "row": item.row, "reason": item.reason} for item in items]


def _refusal(cohort: Cohort) -> str:
    try:
        refuse_faults(cohort)
    except MebenchError as error:
        return str(error)
    return ""


def _everything(data: ClipData) -> Protocol:
    """Return a protocol in which every clip of a dataset takes part, for a dataset without one of its own."""
    return Protocol(data.dataset, data.dataset, (data.dataset,))


def _compared(cohort: Cohort) -> str:
    expected = cohort.protocol.expected
    part = expected and (cohort.folds or cohort.data[0].dataset in expected.datasets)
    if not part:
        return "none published"
    if not cohort.differences():
        return "as published"
    return "a twin of another size" if cohort.twin else "they differ"
