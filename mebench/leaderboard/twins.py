"""What an epoch rule is worth, told beside the last epoch of the same model: rows that differ in that rule alone.

``oracle`` stands beside the last epoch of the very same training; ``inner`` trains on fewer subjects, so it stands
beside the last epoch of a training of the same model, settings and seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mebench.leaderboard.differences import Differences, between
from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.scoring.optimism import AgainstLast, Measured
from mebench.scoring.schema import Scored

_MEASURED: tuple[Measured, ...] = ("uf1", "uar", "accuracy", "au_f1")


def beside_twins(row: Reproduced, rows: Sequence[Reproduced], pairs: Differences) -> Reproduced:
    """Return a row of the last epoch with what every other rule got more, by rule and metric."""
    if row.selection != LAST:
        return row
    found = {}
    for other in rows:
        if other.selection in found or not _differ_in_the_rule(row, other):
            continue
        if told := _against(row, other, pairs):
            found[other.selection] = told
    return replace(row, optimism=dict(sorted(found.items()))) if found else row


def beside_last(oracle: Reproduced, rows: Sequence[Reproduced], pairs: Differences) -> Reproduced:
    """Return a row of the best epochs with what these got more than the last ones of the same training."""
    if oracle.optimism:
        return oracle
    for row in rows:
        if (
            row.selection == LAST
            and _differ_in_the_rule(row, oracle)
            and (told := _against(row, oracle, pairs))
        ):
            return replace(oracle, optimism={ORACLE: told})
    return oracle


def _differ_in_the_rule(row: Reproduced, other: Reproduced) -> bool:
    def asked(one: Reproduced) -> tuple[object, ...]:
        return (one.model, one.label, one.truth, one.seeds, dict(one.settings), one.device, one.local_code)

    return row.selection != other.selection and asked(row) == asked(other)


def _against(row: Reproduced, other: Reproduced, pairs: Differences) -> Mapping[Measured, AgainstLast]:
    """Return what another row got more than the last epoch; empty where their difference is not known."""
    if own := other.optimism.get(ORACLE) if other.selection == ORACLE else None:
        # An oracle run on this machine holds its own last epochs: they have to be this row.
        same = all(_close(_mean(row, name), each["last"]) for name, each in own.items())
        return own if same else {}
    return dict(_paired(row, other, pairs))


def _paired(row: Reproduced, other: Reproduced, pairs: Differences) -> Iterator[tuple[Measured, AgainstLast]]:
    found = between(pairs, row, other)
    for name in _MEASURED:
        if name in found:
            each = found[name]
            yield (
                name,
                {
                    "last": _mean(row, name),
                    "chosen": _mean(other, name),
                    "difference": each["difference"],
                    "low": each["low"],
                    "high": each["high"],
                },
            )


def _mean(row: Reproduced, name: Measured) -> float | None:
    blocks: dict[Measured, Scored | None] = {
        "uf1": row.uf1,
        "uar": row.uar,
        "accuracy": row.accuracy,
        "au_f1": row.au_f1,
    }
    block = blocks[name]
    return None if block is None else block["mean"]


def _close(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and abs(one - other) < 1e-9)
