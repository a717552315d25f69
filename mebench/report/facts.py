"""Where a run came from, as names and values: identity, cohort, data, code, machine.

provenance(contents)        # [("identity", "1a2b..."), ...]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mebench.display.duration import duration
from mebench.errors import first_few
from mebench.models.setting_text import setting_text
from mebench.report.contents import RunContents
from mebench.scoring.stood_in import tell_ready, tell_substitutions

Fact = tuple[str, str]


def settings_rows(run: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return name and value of each setting, and whether it is not what the model's name stands for."""
    changed = run["changed_settings"]
    return [
        (name, setting_text(value), name in changed)
        for name, value in sorted(run["settings"].items(), key=lambda item: (item[0] not in changed, item[0]))
    ]


def provenance(contents: RunContents) -> list[Fact]:
    """Return what there is to know of how the run was made."""
    run = contents.run
    told: Mapping[str, Any] = contents.scores or {}
    facts = [
        ("run", contents.name),
        ("identity", run["identity"]),
        ("model", f"{run['model']} ({run['target']})"),
        ("epochs", "the last counts" if run["selection"] == "last" else run["selection"]),
        ("manifest of the cohort", run["manifest"]),
        ("list of the protocol", run["protocol_source"]),
        *_cohort(run["cohort"]),
        *_data(run),
        ("bridged", tell_substitutions(run["substitutions"]) or "nothing"),
        ("isolation", str(told.get("isolation", "")) or "not told"),
        *_checks(told.get("checks", {})),
        ("versions", ", ".join(f"{name} {version}" for name, version in sorted(run["versions"].items()))),
        *_code(run["code"]),
        ("arithmetic", f"{run['device']}, {run['precision']}, {run['threads']} thread(s) a fold"),
        ("machine", ", ".join(f"{name} {value}" for name, value in sorted(run["hardware"].items()))),
        *_spent(contents),
        ("begun", run["created"]),
    ]
    return [(name, value) for name, value in facts if value]


def _cohort(cohort: Mapping[str, Any]) -> Iterator[Fact]:
    classes = ", ".join(f"{name} {count}" for name, count in cohort["class_counts"].items())
    yield "cohort", f"{cohort['clips']} clips, {cohort['subjects']} subjects" + (classes and f" ({classes})")
    if cohort["left_out_by_rule"]:
        yield "left out by rule", f"{cohort['left_out_by_rule']} clips"
    if dropped := cohort["dropped_for_faults"]:
        yield "dropped for faults", first_few(f"{each['clip']} ({each['reason']})" for each in dropped)
    if cohort["differences"]:
        yield "differs from the published counts", "; ".join(cohort["differences"])


def _data(run: Mapping[str, Any]) -> Iterator[Fact]:
    for data in run["data"]:
        what = f"{data['annotation']}, sha256 {data['sha256']}"
        if repairs := data["repairs_applied"]:
            what += f"; {len(repairs)} named repair(s) applied"
        elif data["repairs"] == "none":
            what += "; no repairs"
        yield f"data, {data['dataset']}", what + ("; a synthetic twin" if data["twin"] else "")
    if ready := tell_ready(run):
        yield "inputs from files", ready


def _checks(checks: Mapping[str, float]) -> Iterator[Fact]:
    if checks:
        gaps = ", ".join(f"{name}: {gap:.1g}" for name, gap in sorted(checks.items()))
        yield "asked again, the largest difference", gaps


def _code(code: Mapping[str, Any]) -> Iterator[Fact]:
    for name, state in sorted(code.items()):
        if isinstance(state, Mapping) and state.get("commit"):
            yield f"code of {name}", f"{state['commit']}{', changed since' if state.get('dirty') else ''}"


def _spent(contents: RunContents) -> Iterator[Fact]:
    spent = contents.spent
    if contents.done:
        yield (
            "took",
            f"{duration(spent.fit_seconds)} of fitting and {duration(spent.predict_seconds)} of predicting, all folds "
            f"together; {spent.peak_memory_mib:.0f} MiB at most",
        )
