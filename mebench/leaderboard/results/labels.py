"""The labels that a stored result was scored with, made again from what lies on this machine.

    labels = Labels(registry, lists={"megc2019": Path("combined_3class_gt.csv")})
    found = labels.of(result)             # Found(columns=..., source="combined_3class_gt.csv"), or why there are none

A result names its truth by the SHA-256 of its run's ``cohort.csv``. Only labels that give these very bytes are the
ones; a list or annotation that gives others is either another edition, or the result says a truth that it was not
scored with.
"""

from __future__ import annotations

import csv
import hashlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.cohort.of_pictures import cohort_without_pictures
from mebench.cohort.opening import load_protocol, open_cohort
from mebench.data.clips.sheet import sha256_of
from mebench.data.links import links_followed
from mebench.data.locations import Location, known_place
from mebench.data.ready import find_list
from mebench.data.sources import load_ready
from mebench.errors import MebenchError, first_few
from mebench.evidence.truth import cohort_csv
from mebench.leaderboard.results.schema import Result
from mebench.plugin.registry import Registry
from mebench.scoring.rebuild import Columns

if TYPE_CHECKING:
    from mebench.cohort.building import Cohort
    from mebench.cohort.protocol import Protocol


@dataclass(frozen=True)
class Found:
    """What was found: the ``columns`` of ``cohort.csv`` and where they come from; or why there are none.

    ``refused`` says that labels are here which should be the result's, and are not; ``absent`` that there are none,
    or those of another edition.
    """

    columns: Columns | None = None
    source: str = ""
    refused: str = ""
    absent: str = ""


@dataclass(frozen=True)
class _Made:
    """A truth as bytes, the SHA-256 of each dataset's annotation, and whether the user named it."""

    text: str
    annotations: Mapping[str, str]
    source: str
    given: bool


class Labels:
    """Where labels are: lists of protocols' clips and places of datasets that the user gives, or that are known."""

    def __init__(
        self,
        registry: Registry,
        *,
        lists: Mapping[str, Path] | None = None,
        data: Mapping[str, Location] | None = None,
    ) -> None:
        self._registry = registry
        self._lists = lists or {}
        self._data = data or {}
        self._made: dict[tuple[Any, ...], _Made | str] = {}

    def of(self, result: Result) -> Found:
        """Return the labels of a result.

        Raises:
            MebenchError: a list or dataset that the user gave cannot be read.
        """
        run = result["run"]
        made = self._of_run(run)
        if isinstance(made, str):
            return Found(absent=made)
        due = run["decided_by"]["truth"]
        text = next((each for each in _versions(made.text, run) if _hash(each) == due), None)
        if text is not None:
            return Found(columns=_columns(text), source=made.source)
        told = {each["dataset"]: each["sha256"] for each in run["data"]}
        others = [name for name, digest in made.annotations.items() if told.get(name, digest) != digest]
        if others and not made.given:
            return Found(
                absent=f"no labels of {first_few(others)} as the run had them ({made.source} is another edition)"
            )
        more = f", and it is not the annotation of {first_few(others)} that run.data names" if others else ""
        return Found(
            refused=f"run.decided_by.truth is {due[:12]}, and {made.source} gives {_hash(made.text)[:12]}{more}: the "
            "labels are not those that the result says"
        )

    def _of_run(self, run: Mapping[str, Any]) -> _Made | str:
        repairs = all(each["repairs"] != "none" for each in run["data"])
        ready = next((each["ready"]["dataset"] for each in run["data"] if each["ready"]), "")
        question = (run["protocol"], repairs, ready, run["synthetic"])
        if question not in self._made:
            self._made[question] = self._make(*question)
        return self._made[question]

    def _make(self, name: str, repairs: bool, ready: str, synthetic: bool) -> _Made | str:
        try:
            protocol = load_protocol(self._registry, name)
        except MebenchError:
            return f"no plugin here gives the protocol {name}"
        if ready:
            return self._of_list(protocol, ready)
        places = {each: self._data.get(each) or self._known(each, synthetic) for each in protocol.datasets}
        known = {each: place for each, place in places.items() if place is not None}
        if missing := [each for each in places if each not in known]:
            what = "the synthetic twin of " if synthetic else ""
            return f"no labels of {what}{first_few(missing)} here"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is unusual about the data was said when the run was made
            cohort = open_cohort(self._registry, name, data=known, repairs=repairs, pictures=False)
        return _of_cohort(cohort, given=any(each in self._data for each in protocol.datasets))

    def _known(self, dataset: str, synthetic: bool) -> Location | None:
        return None if synthetic else known_place(dataset)

    def _of_list(self, protocol: Protocol, ready: str) -> _Made | str:
        """Return the truth of a run on ready inputs, which comes of a list alone."""
        given = protocol.name in self._lists or ready in self._data
        file = self._lists.get(protocol.name) or self._list_beside(ready)
        if file is None:
            return f"no list of the clips of {protocol.name} here"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cohort = cohort_without_pictures(self._registry, protocol, file)
        digest = sha256_of(file)
        return _Made(cohort_csv(cohort), dict.fromkeys(protocol.datasets, digest), file.name, given)

    def _list_beside(self, ready: str) -> Path | None:
        place = self._data.get(ready) or known_place(ready)
        if place is None:
            return None
        if place.annotation is not None:
            return place.annotation
        if place.root.is_file():
            return place.root
        with links_followed(place.follow_links):
            return find_list(load_ready(self._registry, ready), place.root)


def _of_cohort(cohort: Cohort, *, given: bool) -> _Made:
    annotations = {each.dataset: each.sha256 for each in cohort.data}
    names = first_few(dict.fromkeys(each.annotation.name for each in cohort.data))
    return _Made(cohort_csv(cohort), annotations, names, given)


def _versions(text: str, run: Mapping[str, Any]) -> list[str]:
    """Return a truth as it is, and without the clips that the run had to leave out: of these only pictures tell."""
    dropped = {each["clip"] for each in run["cohort"]["dropped_for_faults"]}
    if not dropped:
        return [text]
    header, *rows = text.splitlines(keepends=True)
    return [text, "".join([header, *(row for row in rows if next(csv.reader([row]))[0] not in dropped)])]


def _columns(text: str) -> Columns:
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return {name: [row[place] for row in rows] for place, name in enumerate(header)}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
