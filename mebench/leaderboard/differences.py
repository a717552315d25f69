"""The paired differences between rows of one board, by the rows' keys.

    found = stored_differences(Path("leaderboards"), "megc2019", rows, synthetic=False)
    found["flow-svm-1f0c2d7a", "ststnet-5d8e01f2"]["uf1"]["difference"]     # what the second has more

Those of stored results were computed by who has the labels, and lie beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mebench.leaderboard.results.files import SYNTHETIC
from mebench.leaderboard.results.pairs import read_pairs
from mebench.leaderboard.results.schema import Difference
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.stored_rows import RESULTS

Differences = Mapping[tuple[str, str], Mapping[str, Difference]]


def stored_differences(
    out: Path, protocol: str, rows: Sequence[Reproduced], *, synthetic: bool
) -> Differences:
    """Return the differences between stored results of one protocol; those of results that are no more are left out.

    Raises:
        MebenchError: the file of pairs is damaged.
    """
    folder = out / RESULTS / SYNTHETIC / protocol if synthetic else out / RESULTS / protocol
    pairs = read_pairs(folder)
    keys = {row.checksum: row.key for row in rows if row.checksum}
    return {
        (keys[each["a"]], keys[each["b"]]): each["scores"]
        for each in (pairs["pairs"] if pairs else ())
        if each["a"] in keys and each["b"] in keys
    }


def between(pairs: Differences, a: Reproduced, b: Reproduced) -> Mapping[str, Difference]:
    """Return what ``b`` has more than ``a``, by metric; empty where it is not known."""
    if (a.key, b.key) in pairs:
        return pairs[a.key, b.key]
    return {name: _turned(each) for name, each in pairs.get((b.key, a.key), {}).items()}


def _turned(found: Difference) -> Difference:
    def negative(value: float | None) -> float | None:
        return None if value is None else 0.0 - value

    return {
        "difference": negative(found["difference"]),
        "low": negative(found["high"]),
        "high": negative(found["low"]),
        "p": found["p"],
    }
