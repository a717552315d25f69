"""Seeds by name: a fold's seed depends on what the fold is, never on when or where it runs."""

from __future__ import annotations

from collections.abc import Sequence

from mebench.errors import MebenchError


def check_seeds(seeds: Sequence[int]) -> None:
    """Raise MebenchError unless a run's seeds are whole numbers from 0 on, at least one and each once."""
    for seed in seeds:
        if type(seed) is not int:
            raise MebenchError(f"the seed {seed!r} is no whole number: give whole numbers, as in 0,1,2")
        if seed < 0:
            raise MebenchError(f"the seed {seed} is negative: give seeds from 0 on")
    if not seeds:
        raise MebenchError("there is no seed to run with: give one or more, as in 0,1,2")
    if len(set(seeds)) < len(seeds):
        raise MebenchError(f"a seed is there twice in {', '.join(map(str, seeds))}: give each once")
