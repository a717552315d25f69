"""FAMNet (arXiv 2508.13483, IJCNN 2025), its single-branch ablations, and the parts they are made of."""

from mebench.api import Registry, hookimpl


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register FAMNet, and its branches as variants of it."""
    registry.model(
        "famnet",
        "mebench_famnet.model:FAMNet",
        title="FAMNet: apex frame and clip, hierarchical attention, with AU detection",
        reference="arXiv 2508.13483 (IJCNN 2025); a reconstruction, see `mebench info famnet`",
        needs="apex and clip",
        requires=("torch", "timm"),
        extra="mebench[torch]",
    )
    for name, title, branches, needs in (
        ("amnet2d", "AMNet2D", "2d", "the apex frame"),
        ("amnet3d", "AMNet3D", "3d", "the clip"),
    ):
        registry.variant(
            name,
            extends="famnet",
            title=f"{title}: FAMNet's branch on {needs} alone",
            needs=needs,
            settings={"branches": branches},
        )
