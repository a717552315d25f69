"""Rows of ``rescored.csv`` made of a file of predictions, and held against those that are stored.

made = rescore(registry, Path("STSTNet_logfile.txt"), cohort)
differences(stored, made)        # [] where the file still scores what is stored
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mebench.cohort.building import Cohort
from mebench.data.clips.sheet import sha256_of
from mebench.errors import MebenchError
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rescored import Rescored, part_names, rounded
from mebench.plugin.registry import Registry
from mebench.scoring.outside_scores import OutsideScores, score_file
from mebench.scoring.schema import ClassBlock

_FIGURES = ("uf1", "uar", "accuracy", "precision")
_BOUNDS = ("uf1_low", "uf1_high", "uar_low", "uar_high")


@dataclass(frozen=True)
class About:
    """What a file cannot tell of itself: of which method it is, where it is published, and what is odd about it."""

    method: str = ""
    model: str = ""
    year: int = 0
    place: str = ""
    source: str = ""
    caveat: str = ""


def rescore(
    registry: Registry, file: Path, cohort: Cohort, about: About = About(), *, form: str = "auto"
) -> tuple[list[Rescored], OutsideScores]:
    """Return the rows of a file of predictions: of all clips and, of a composite, of each dataset; and their scores.

    Raises:
        MebenchError: the file cannot be read or scored; or it numbers its classes otherwise than the protocol.
    """
    found = score_file(registry, file, cohort, form=form, allow_missing=True)
    if found["renumbered"]:
        given, own = next(iter(found["renumbered"].items()))
        raise MebenchError(
            f"{file} numbers its classes otherwise than {cohort.protocol.name} (its {given} is {own} here), so its "
            "figures mean nothing: name the classes in a copy of it"
        )
    digest = sha256_of(file)
    parts: dict[str, ClassBlock] = {WHOLE: found["scores"]}  # type: ignore[dict-item]
    names = part_names(cohort.protocol.datasets)
    blocks = found["scores"]["per_dataset"]
    parts |= {names[name]: blocks[name] for name in names if name in blocks}
    missing = {
        part: sum(part == WHOLE or names[key.partition("/")[0]] == part for key in found["missing"])
        for part in parts
    }
    rows = [
        _row(cohort.protocol.name, part, block, digest, missing[part], about) for part, block in parts.items()
    ]
    return rows, found


def of_file(rows: Iterable[Rescored], digest: str) -> list[Rescored]:
    """Return the stored rows of the file that has a SHA-256."""
    return [row for row in rows if row.sha256 == digest]


def with_words_of(made: Sequence[Rescored], stored: Sequence[Rescored]) -> list[Rescored]:
    """Return made rows with what the stored ones say in words."""
    words = {row.part: row for row in stored}
    return [
        replace(
            row,
            **{
                name: getattr(words.get(row.part, stored[0]), name)
                for name in ("model", "method", "year", "place", "source", "caveat")
            },
        )
        for row in made
    ]


def differences(stored: Sequence[Rescored], made: Sequence[Rescored]) -> list[str]:
    """Return in a sentence's part each figure that the file does not give."""
    found = []
    here = {row.part: row for row in made}
    for row in stored:
        other = here.pop(row.part, None)
        if other is None:
            found.append(f"the part {row.part} is stored, and the file has none")
            continue
        for name in ("clips", "missing", "confusion"):
            if (there := getattr(row, name)) != (now := getattr(other, name)):
                found.append(f"{row.part}: {name} is {there}, and the file gives {now}")
        for name in (*_FIGURES, *_BOUNDS):
            if not _alike(there := getattr(row, name), now := getattr(other, name)):
                found.append(f"{row.part}: {name} is {there}, and the file gives {now}")
    return [*found, *(f"the part {part} of the file is not stored" for part in here)]


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=0, abs_tol=1.5e-6)


def _row(protocol: str, part: str, block: ClassBlock, digest: str, missing: int, about: About) -> Rescored:
    precisions = [of_class["precision"]["mean"] for of_class in block["per_class"].values()]
    known = [value for value in precisions if value is not None]
    of_all = [block["uf1"]["mean"], block["uar"]["mean"], block["accuracy"]["mean"]]
    uf1, uar, accuracy = (rounded(value) or 0.0 for value in of_all)
    return Rescored(
        protocol=protocol,
        part=part,
        model=about.model,
        method=about.method,
        year=about.year,
        place=about.place,
        sha256=digest,
        clips=block["clips"],
        missing=missing,
        uf1=uf1,
        uf1_low=rounded(block["uf1"]["low"]),
        uf1_high=rounded(block["uf1"]["high"]),
        uar=uar,
        uar_low=rounded(block["uar"]["low"]),
        uar_high=rounded(block["uar"]["high"]),
        accuracy=accuracy,
        precision=rounded(sum(known) / len(known)) if len(known) == len(precisions) else None,
        confusion=tuple(map(tuple, block["confusion"]["sum"])),
        source=about.source,
        caveat=about.caveat,
    )
