"""The evaluation protocols in use in the field, one module a database family."""

from mebench.api import hookimpl


@hookimpl
def mebench_register(registry):  # type: ignore[no-untyped-def]
    """Register the protocols."""
    for count, what, aliases in (
        (3, "negative, positive, surprise", ()),
        (4, "negative, positive, surprise, others", ("casme3",)),
        (7, "the owner's seven emotions", ()),
    ):
        registry.protocol(
            f"casme3-{count}c",
            f"mebench_protocols.casme3:CLASSES_{count}",
            title=f"CAS(ME)^3 part A, {count} classes ({what}), leave one subject out",
            needs="casme3",
            aliases=aliases,
        )
