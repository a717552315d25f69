"""What `mebench predict` prints: tables of classes and action units, and what was assumed; or the same as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mebench.cli.console import print_lines, print_table
from mebench.inference.clip import UserClip
from mebench.inference.explaining import UNACCOUNTED, Explanation
from mebench.inference.predicting import FittedModel, Said
from mebench.inference.report import against, cautions, trained_on

Drawn = tuple[Explanation, Path]


def as_plain(fitted: FittedModel, clip: UserClip, said: Said, drawn: Drawn | None) -> dict[str, Any]:
    """Return everything as plain values."""
    window = clip.window
    content = {
        "model": fitted.about["model"],
        "protocol": fitted.about["protocol"],
        "trained_on": trained_on(fitted),
        "synthetic": fitted.about["synthetic"],
        "cautions": cautions(fitted),
        "clip": clip.name,
        "window": {
            "onset": window.onset,
            "apex": window.apex,
            "offset": window.offset,
            "from": window.sources,
        },
        "prepared": clip.prepared,
        "predicted": said.predicted or None,
        "probabilities": said.probabilities,
        "aus": said.aus,
        "notes": [*clip.notes, *said.notes],
    }
    if drawn is not None:
        found, out = drawn
        content["explanation"] = {
            "file": str(out),
            "target": found.target,
            "method": "integrated gradients",
            "reference": found.reference,
            "log_odds": {"reference": found.before, "clip": found.after},
            "added": found.sums(),
            "unaccounted": found.unaccounted,
        }
    return content


def print_said(fitted: FittedModel, clip: UserClip, said: Said, drawn: Drawn | None) -> None:
    """Print everything for a reader."""
    window = clip.window
    title = f"{fitted.about['model']} on {clip.name}, frames {window.onset} to {window.offset}"
    if said.probabilities:
        ranked = sorted(said.probabilities.items(), key=lambda pair: -pair[1])
        rows = [(name, f"{value:.3f}") for name, value in ranked]
        print_table(title, ("class", "probability"), rows, right=("probability",))
        title = ""
    if said.aus:
        _print_units(said.aus, title)
    sources = ", ".join(
        f"{name} {getattr(window, name)} ({source})" for name, source in window.sources.items()
    )
    print_lines("How the clip was taken", [sources, *clip.notes, *said.notes])
    if drawn is not None:
        print_lines("Explanation (integrated gradients)", _told(fitted, *drawn))
    print_lines("The model", [trained_on(fitted), *cautions(fitted)])


def _print_units(aus: dict[str, float], title: str) -> None:
    found = [(name, f"{value:.3f}") for name, value in aus.items() if value > 0.5]
    title = f"{title}: action units above 0.5" if title else "Action units above 0.5"
    if found:
        print_table(title, ("unit", "probability"), found, right=("probability",))
    else:
        highest = max(aus, key=aus.__getitem__)
        print_lines(title, [f"none (the likeliest: {highest}, {aus[highest]:.3f})"])


def _told(fitted: FittedModel, found: Explanation, out: Path) -> list[str]:
    before, after = found.probabilities
    added = ", ".join(f"{name} {value:+.2f}" for name, value in found.sums().items())
    lines = [
        f"{found.target}: {after:.3f}, and {before:.3f} for {against(found, fitted)}",
        f"added to the log-odds: {added}",
        f"picture: {out}",
    ]
    if found.unaccounted > UNACCOUNTED:
        lines.append(f"{found.unaccounted:.0%} of the change is not accounted for: read it with care")
    return lines
