"""The report of ``mebench data check``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mebench.cli.console import print_lines, print_table
from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.reading import ClipData
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry

# Long lists are shown by their first entries; --json has them whole.
_SHOWN = 20


def check_report(data: ClipData, registry: Registry, *, pictures: bool) -> dict[str, Any]:
    """Return everything `data check` says, as plain values."""
    missing = data.missing_frames()
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
        "unreadable_pictures": _unreadable(data) if pictures else None,
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
                [("unreadable pictures", len(report["unreadable_pictures"]))]
                if report["unreadable_pictures"] is not None
                else []
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


def _unreadable(data: ClipData) -> list[str]:
    from mebench.cli.progress import progress_bar
    from mebench.data.pictures import read_square
    from mebench.parallel import cores, map_threads

    paths: list[Path] = sorted({path for frames in data.frames.values() for path in frames.paths})
    bad = []
    with progress_bar() as report:
        results = map_threads(lambda path: read_square(path, 16) is None, paths, cores())
        for done, (path, unreadable) in enumerate(zip(paths, results, strict=True), start=1):
            if unreadable:
                bad.append(str(path))
            report("opening pictures", done, len(paths))
    return bad
