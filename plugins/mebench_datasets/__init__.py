"""The public micro-expression databases, one module each."""

from mebench.api import hookimpl


@hookimpl
def mebench_register(registry):  # type: ignore[no-untyped-def]
    """Register the datasets."""
    registry.dataset(
        "casme3",
        "mebench_datasets.casme3:Casme3",
        title="CAS(ME)^3 part A: 860 micro-expressions of 94 subjects, colour, 30 fps",
        reference="Li et al. 2022, doi:10.1109/TPAMI.2022.3174895",
        needs="the owner's workbook *part_A_ME_label*.xlsx and the colour frames",
    )
