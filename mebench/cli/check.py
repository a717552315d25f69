"""The report of ``mebench data check``, printed."""

from __future__ import annotations

from typing import Any

from mebench.cli.console import print_lines, print_table, warn
from mebench.data.clips.remarks import Remark, told_by_cause

# Long lists are shown by their first entries; --json has them whole.
_SHOWN = 20


def print_report(report: dict[str, Any]) -> None:
    """Print a report (:func:`mebench.cohort.report.check_dataset`) for people."""
    kind = "SYNTHETIC twin, not real data" if report["synthetic"] else "real data"
    print_table(
        f"{report['dataset']}: {kind}",
        ("what", "found"),
        [
            ("folder", report["folder"]),
            ("annotation", report["annotation"]),
            ("sha256", report["sha256"]),
            ("edition", report["edition"] or "no editions are known"),
            ("layout", report["layout"]),
            ("clips", report["clips"]),
            ("subjects", report["subjects"]),
            ("emotions", ", ".join(f"{name} {n}" for name, n in report["emotions"].items())),
            ("apexes", ", ".join(f"{source} {n}" for source, n in report["apexes"].items())),
            *_frame_lines(report),
        ],
    )
    repairs = report["repairs"]
    print_lines(f"Repairs applied (set {repairs['set']})", repairs["applied"], most=_SHOWN)
    if not report["synthetic"]:  # a twin's invented clips are none of the owner's
        print_lines("Repairs left alone", repairs["left_alone"], most=_SHOWN)
    for title, what in (
        ("Apexes replaced", "apexes_replaced"),
        ("Action units not understood, so unknown", "action_units_not_understood"),
        ("Remarks", "remarks"),
        ("Dropped", "dropped"),
    ):
        _print_clips(title, report[what])
    print_lines("Unreadable pictures", report["unreadable_pictures"] or [], most=_SHOWN)
    print_lines("Turned as their orientation tag says", report["turned_pictures"] or [], most=_SHOWN)
    too_little = [f"{clip['clip']}: {clip['reason']}" for clip in report["too_little_readable"] or []]
    print_lines("Clips of which too little can be read", too_little, most=_SHOWN)
    for protocol in report["protocols"]:
        _print_clips(f"Dropped under {protocol['name']}", protocol["dropped"])
    rows = []
    for protocol in report["protocols"]:
        counts = ", ".join(f"{name} {n}" for name, n in protocol.get("classes", {}).items())
        part = f" (part {protocol['part']})" if protocol.get("part") else ""
        rows.append(
            (
                protocol["name"] + part,
                protocol.get("clips", ""),
                protocol.get("subjects", ""),
                counts or protocol.get("problem", ""),
                protocol.get("manifest", "")[:12],
                "; ".join(protocol["differences"]) or protocol["compared"],
            )
        )
    columns = ("protocol", "clips", "subjects", "classes", "manifest", "published counts")
    print_table("Protocols", columns, rows, right=("clips", "subjects"))


def print_ready_report(report: dict[str, Any]) -> None:
    """Print a report of ready inputs (:func:`mebench.cohort.report_ready.check_ready`) for people."""
    kind = "SYNTHETIC twin, not real data" if report["synthetic"] else "real data"
    print_table(
        f"{report['dataset']}: {kind}",
        ("what", "found"),
        [
            ("folder", report["folder"]),
            ("holds", report["holds"]),
            ("pictures", report["pictures"]),
            ("not on the list", report["unused"]),
            ("sha256", report["sha256"]),
            ("list", report["list"]),
            ("sha256 of the list", report["list_sha256"]),
        ],
    )
    rows = [
        (
            protocol["name"],
            protocol["clips"],
            protocol["subjects"],
            ", ".join(f"{name} {n}" for name, n in protocol["classes"].items()),
            protocol["manifest"][:12],
            "; ".join(protocol["differences"]) or "as published",
        )
        for protocol in report["protocols"]
    ]
    columns = ("protocol", "clips", "subjects", "classes", "manifest", "published counts")
    print_table("Protocols", columns, rows, right=("clips", "subjects"))
    for doubt in report["doubts"]:
        warn(doubt)


def _frame_lines(report: dict[str, Any]) -> list[tuple[str, object]]:
    if report["frames"] is None:
        why = report["frames_not_looked_for"]
        return [("frames", f"not looked for: {why}; a run needs them" if why else "none found")]
    missing = report["missing_frames"]
    lines: list[tuple[str, object]] = [
        ("frames", report["frames"]),
        (
            "missing frames",
            f"{sum(missing.values())} in {len(missing)} clips (--json names them)" if missing else "none",
        ),
    ]
    lines += [
        (f"{kind} pictures", len(report[f"{kind}_pictures"]))
        for kind in ("unreadable", "turned")
        if report[f"{kind}_pictures"] is not None
    ]
    return lines


def _print_clips(title: str, clips: list[dict[str, Any]]) -> None:
    """Print what is said of clips, one line for each cause."""
    items = [Remark(each["clip"], each["row"], each["reason"]) for each in clips]
    print_lines(title, told_by_cause(items), most=_SHOWN)
