"""FAMNet (arXiv 2508.13483, IJCNN 2025), its single-branch ablations, and the parts they are made of."""

from mebench.api import Registry, hookimpl


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register FAMNet and its variants: one class, three names."""
    for name, branches, title, needs in (
        (
            "famnet",
            "both",
            "FAMNet: apex frame and clip, hierarchical attention, with AU detection",
            "apex and clip",
        ),
        ("amnet2d", "2d", "AMNet2D: FAMNet's branch on the apex frame alone", "the apex frame"),
        ("amnet3d", "3d", "AMNet3D: FAMNet's branch on the clip alone", "the clip"),
    ):
        registry.model(
            name,
            "mebench_famnet.model:FAMNet",
            title=title,
            reference="arXiv 2508.13483 (IJCNN 2025); a reconstruction, see `mebench info famnet`",
            needs=needs,
            requires=("torch", "timm"),
            extra="mebench[torch]",
            settings={"branches": branches},
        )
