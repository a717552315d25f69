"""Bridges: models that live elsewhere, by name or by a command line."""

from mebench.api import hookimpl


@hookimpl
def mebench_register(registry):  # type: ignore[no-untyped-def]
    """Register the bridges."""
    registry.model(
        "command",
        "mebench_bridges.command:Command",
        title="A command line of yours: code of any language, in its own environment",
        needs="--set run='python train.py {train} {test} {out}'",
    )
