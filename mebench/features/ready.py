"""Inputs that are read from files instead of computed from frames, and which input a cohort gives for a wanted one.

    inputs = inputs_for(cohort, model.inputs())     # what the features are made of: the same, or read from files

A dataset of ready inputs (:mod:`mebench.data.ready`) says which wanted input its pictures are. Models notice nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mebench.cohort.building import Cohort
from mebench.data.ready import ReadyFiles
from mebench.errors import MebenchError
from mebench.features.inputs import Input


class ReadyInput(Input):
    """An input that is read from a clip's published file, which stands where the clip's only frame would."""


def inputs_for(cohort: Cohort, wanted: Mapping[str, Input]) -> dict[str, Input]:
    """Return by name the inputs that a cohort's features are made of.

    Raises:
        MebenchError: a cohort of ready inputs does not hold a wanted one, or one of frames has no such files.
    """
    return {name: _input_for(cohort, each) for name, each in wanted.items()}


def _input_for(cohort: Cohort, wanted: Input) -> Input:
    ready = cohort.ready
    if ready is None:
        if isinstance(wanted, ReadyInput):
            raise MebenchError(
                f"{wanted} is read from published files, and this cohort of {cohort.protocol.name} has frames: give "
                "a dataset of ready inputs, or ask for the input that is computed"
            )
        return wanted
    found = ready.dataset.read_as(wanted)
    if not isinstance(found, ReadyInput):
        why = ready.dataset.why_not(wanted)
        raise MebenchError(
            f"{wanted} cannot be had from {ready.dataset.name}, which holds {ready.dataset.holds}"
            f"{why and ': ' + why}; give the protocol's own datasets, whose frames it is computed from"
        )
    return found


def described_ready(ready: ReadyFiles | None) -> dict[str, Any] | None:
    """Return what a run's description keeps of ready inputs, as plain values; None where it used frames."""
    if ready is None:
        return None
    return {"dataset": ready.dataset.name, "pictures": len(ready.files), "sha256": ready.sha256}
