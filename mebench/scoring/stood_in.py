"""What stood in for something in a recorded run, as sentences beside its scores: frames, apexes, inputs from files.

    tell_substitutions(run["substitutions"])      # "1 frame of 1 clip is missing on disk; ..."
    tell_ready(run)                               # "megc2019-flow, 442 ready pictures (sha256 ...)"

What was counted, and why, is said in :mod:`mebench.features.substitutions` and :mod:`mebench.features.ready`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAID = {
    "unreadable": "could not be read and {were} bridged",
    "turned": "{were} turned as {their} orientation tag says",
    "several": "{were} the first of several in {their} file",
    "faceless": "{were} without a face that was found, and landmarks were placed by a template",
}


def tell_substitutions(substitutions: Mapping[str, Any] | None) -> str:
    """Return what was bridged as one sentence; empty where nothing was, or where a run does not say."""
    if substitutions is None:
        return ""
    parts = []
    missing = substitutions["missing_frames"]
    if missing["frames"]:
        parts.append(
            f"{_count(missing['frames'], 'frame')} of {_count(missing['clips'], 'clip')} "
            f"{'is' if missing['frames'] == 1 else 'are'} missing on disk"
        )
    for kind, said in _SAID.items():
        # Records of earlier versions know fewer kinds.
        if n := substitutions.get(kind, {"pictures": 0})["pictures"]:
            words = {"were": "was" if n == 1 else "were", "their": "its" if n == 1 else "their"}
            parts.append(
                f"{_count(n, 'picture')} of {_count(substitutions[kind]['clips'], 'clip')} {said.format(**words)}"
            )
    if apexes := substitutions["apexes"]:
        by_source = ", ".join(f"{source}: {n}" for source, n in apexes.items())
        total = sum(apexes.values())
        parts.append(
            f"{_count(total, 'apex', 'apexes')} {'is' if total == 1 else 'are'} not the owner's ({by_source})"
        )
    if kept := substitutions["kept"]:
        stay = "stays" if len(kept) == 1 else "stay"
        parts.append(f"{_count(len(kept), 'clip')} {stay} although too little can be read")
    return "; ".join(parts)


def tell_ready(run: Mapping[str, Any]) -> str:
    """Return where the inputs of a recorded run came from, if from files; empty where they were computed."""
    found = next((ready for data in run["data"] if (ready := data.get("ready"))), None)
    if found is None:
        return ""
    return f"{found['dataset']}, {found['pictures']} ready pictures (sha256 {found['sha256'][:12]})"


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"
