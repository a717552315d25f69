"""The report of ``mebench data check``."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from mebench.cli.console import print_lines, print_table
from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.clips.coverage import too_few
from mebench.data.clips.table import clip_rows
from mebench.data.reading import ClipData
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry

# Long lists are shown by their first entries; --json has them whole.
_SHOWN = 20


def check_report(data: ClipData, registry: Registry, *, pictures: bool) -> dict[str, Any]:
    """Return everything `data check` says, as plain values."""
    missing = data.missing_frames()
    looked_at = _looked_at(data) if pictures else None
    return {
        "dataset": data.dataset,
        "folder": str(data.root),
        "annotation": str(data.annotation),
        "sha256": data.sha256,
        "synthetic": data.twin,
        "clips": len(data.table),
        "subjects": int(data.table["subject"].nunique()),
        "emotions": {str(k): int(v) for k, v in data.table["emotion"].value_counts().items()},
        "repairs": {
            "set": data.repairs.name,
            "applied": [str(repair) for repair in data.repairs.applied],
            "left_alone": [f"{repair}: {why}" for repair, why in data.repairs.unmatched],
        },
        "dropped": [{"clip": d.key, "row": d.row, "reason": d.reason} for d in data.drops],
        "frames": sum(map(len, data.frames.values())),
        "missing_frames": missing,
        "unreadable_pictures": looked_at and [str(path) for path in looked_at.unreadable],
        "turned_pictures": looked_at and [str(path) for path in looked_at.turned],
        "too_little_readable": looked_at and _too_little_readable(data, looked_at.unreadable),
        "protocols": [_protocol(protocol, data) for protocol in _protocols_of(data.dataset, registry)],
    }


def print_report(report: dict[str, Any]) -> None:
    """Print a report for people."""
    kind = "SYNTHETIC twin, not real data" if report["synthetic"] else "real data"
    print_table(
        f"{report['dataset']}: {kind}",
        ("what", "found"),
        [
            ("folder", report["folder"]),
            ("annotation", report["annotation"]),
            ("sha256", report["sha256"]),
            ("clips", report["clips"]),
            ("subjects", report["subjects"]),
            ("emotions", ", ".join(f"{name} {n}" for name, n in report["emotions"].items())),
            ("frames", report["frames"]),
            ("missing frames", _missing_line(report["missing_frames"])),
            *(
                (f"{kind} pictures", len(report[f"{kind}_pictures"]))
                for kind in ("unreadable", "turned")
                if report[f"{kind}_pictures"] is not None
            ),
        ],
    )
    repairs = report["repairs"]
    print_lines(f"Repairs applied (set {repairs['set']})", repairs["applied"], most=_SHOWN)
    if not report["synthetic"]:  # a twin's invented clips are none of the owner's
        print_lines("Repairs left alone", repairs["left_alone"], most=_SHOWN)
    print_lines(
        "Dropped", [f"{d['clip']} (row {d['row']}): {d['reason']}" for d in report["dropped"]], most=_SHOWN
    )
    print_lines("Unreadable pictures", report["unreadable_pictures"] or [], most=_SHOWN)
    print_lines("Turned as their orientation tag says", report["turned_pictures"] or [], most=_SHOWN)
    too_little = [f"{clip['clip']}: {clip['reason']}" for clip in report["too_little_readable"] or []]
    print_lines("Clips of which too little can be read", too_little, most=_SHOWN)
    rows = []
    for protocol in report["protocols"]:
        counts = ", ".join(f"{name} {n}" for name, n in protocol.get("classes", {}).items())
        rows.append(
            (
                protocol["name"],
                protocol.get("clips", ""),
                protocol.get("subjects", ""),
                counts or protocol["problem"],
                protocol.get("manifest", "")[:12],
                "; ".join(protocol["differences"]) or protocol["compared"],
            )
        )
    columns = ("protocol", "clips", "subjects", "classes", "manifest", "published counts")
    print_table("Protocols", columns, rows, right=("clips", "subjects"))


def _missing_line(missing: dict[str, int]) -> str:
    return f"{sum(missing.values())} in {len(missing)} clips (--json names them)" if missing else "none"


def _protocols_of(dataset: str, registry: Registry) -> list[Protocol]:
    loaded = [entry.load() for entry in registry.entries("protocol")]
    return [protocol for protocol in loaded if protocol.datasets == (dataset,)]


def _protocol(protocol: Protocol, data: ClipData) -> dict[str, Any]:
    try:
        cohort = build_cohort(protocol, [data])
    except MebenchError as error:
        return {"name": protocol.name, "problem": str(error), "differences": [], "compared": ""}
    return {
        "name": protocol.name,
        "clips": len(cohort.clips),
        "subjects": int(cohort.clips["group"].nunique()),
        "folds": len(cohort.folds),
        "classes": cohort.class_counts(),
        "manifest": cohort.manifest,
        "left_out": sum(drop.by_rule for drop in cohort.drops),
        "differences": [] if cohort.twin else cohort.differences(),
        "compared": _compared(cohort),
    }


def _compared(cohort: Cohort) -> str:
    if cohort.protocol.expected is None:
        return "none published"
    if not cohort.differences():
        return "as published"
    return "a twin of another size" if cohort.twin else "they differ"


class _LookedAt(NamedTuple):
    unreadable: list[Path]
    turned: list[Path]


def _looked_at(data: ClipData) -> _LookedAt:
    """Open every picture; a file that the system cannot read stops the check, as it stops a run."""
    from mebench.cli.progress import progress_bar
    from mebench.data.fetching import read_bytes
    from mebench.data.pictures import Square, decode_square
    from mebench.parallel import cores, map_threads

    def look(path: Path) -> Square:
        return decode_square(path, read_bytes(path), 16)

    paths: list[Path] = sorted({path for frames in data.frames.values() for path in frames.paths})
    found = _LookedAt([], [])
    with progress_bar() as report:
        for done, (path, square) in enumerate(
            zip(paths, map_threads(look, paths, cores()), strict=True), start=1
        ):
            if square.pixels is None:
                found.unreadable.append(path)
            if square.turned:
                found.turned.append(path)
            report("opening pictures", done, len(paths))
    return found


def _too_little_readable(data: ClipData, unreadable: Collection[Path]) -> list[dict[str, str]]:
    bad = set(unreadable)
    found = []
    for clip in clip_rows(data.table):
        frames = data.frames[clip.key]
        left = [n for n, path in zip(frames.numbers, frames.paths, strict=True) if path not in bad]
        if len(left) < len(frames) and (reason := too_few(clip, left, "readable pictures")):
            found.append({"clip": clip.key, "reason": reason})
    return found
