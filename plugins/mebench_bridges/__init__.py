"""Bridges: models that live elsewhere, by a library's name or by a command line."""

from mebench.api import Registry, hookimpl


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the bridges."""
    registry.model(
        "command",
        "mebench_bridges.command:Command",
        title="A command line of yours: code of any language, in its own environment",
        needs="--set run='python train.py {train} {test} {out}'",
    )
    registry.family(
        "timm",
        "mebench_bridges.timm_model:TimmModel",
        names="mebench_bridges.timm_names:names",
        title="any of ~1,300 image models of timm; `mebench list models --search timm:TEXT` shows names",
        reference="Wightman 2019, PyTorch Image Models; https://github.com/huggingface/pytorch-image-models",
        needs="the apex frame; or onset and apex, flow, or the clip",
        example="resnet18",
        requires=("torch", "timm"),
        extra="mebench[torch]",
    )
    registry.family(
        "pytorchvideo",
        "mebench_bridges.video_model:VideoModel",
        names="mebench_bridges.video_networks:names",
        title="any of 14 video models of pytorchvideo; `mebench list models --search pytorchvideo:` shows them",
        reference="Fan et al. 2021, PyTorchVideo, ACM Multimedia; https://github.com/facebookresearch/pytorchvideo",
        needs="the clip",
        example="x3d_xs",
        requires=("torch", "pytorchvideo"),
        extra="mebench[video]",
    )
