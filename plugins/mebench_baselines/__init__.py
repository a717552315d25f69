"""Baselines: the floor of every table, and simple models that prove the interface."""

from mebench.api import hookimpl


@hookimpl
def mebench_register(registry):  # type: ignore[no-untyped-def]
    """Register the baselines."""
    registry.model(
        "majority",
        "mebench_baselines.majority:Majority",
        title="Always the most frequent class of the training clips",
        needs="no pictures",
    )
    registry.model(
        "difference-svm",
        "mebench_baselines.difference_svm:DifferenceSvm",
        title="Apex minus onset as a small picture, linear SVM",
        needs="onset and apex frames",
    )
    _networks_of_frames_and_coloured_flow(registry)


def _networks_of_frames_and_coloured_flow(registry):  # type: ignore[no-untyped-def]
    """Register the larger networks, on frames, or on flow as pictures of a camera's size."""
    timm = {"requires": ("torch", "timm"), "extra": "mebench[torch]"}
    registry.model(
        "capsulenet",
        "mebench_baselines.capsulenet:CapsuleNet",
        title="CapsuleNet: capsules on ResNet18's maps of the apex frame",
        reference="Van Quang, Chun and Tokuyama 2019, CapsuleNet for Micro-Expression Recognition, FG; "
        "https://github.com/davidnvq/me_recognition",
        needs="the apex frame",
        **timm,
    )
    registry.model(
        "emr",
        "mebench_baselines.emr:Emr",
        title="EMR (NMER): coloured flow, upper and lower face pooled apart; no adversarial part",
        reference="Liu, Du, Zheng and Gedeon 2019, A Neural Micro-Expression Recognizer, FG; "
        "https://doi.org/10.1109/FG.2019.8756583",
        needs="flow from onset to apex",
        **timm,
    )
    registry.model(
        "mmnet",
        "mebench_baselines.mmnet:Mmnet",
        title="MMNet: motion from apex minus onset, positions from the onset",
        reference="Li, Sui, Zhu and Zhao 2022, MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition, "
        "IJCAI; https://arxiv.org/abs/2201.05297",
        needs="onset and apex frames",
        **timm,
    )
    registry.model(
        "slstt",
        "mebench_baselines.slstt:Slstt",
        title="SLSTT: a vision transformer on coloured flow to 11 frames, then an LSTM",
        reference="Zhang, Hong, Arandjelovic and Zhao 2022, Short and Long Range Relation Based Spatio-Temporal "
        "Transformer for Micro-Expression Recognition, IEEE TAFFC 13(4); https://arxiv.org/abs/2112.05851",
        needs="flow from onset to frames around the apex",
        **timm,
    )
    registry.model(
        "skd-tstsan",
        "mebench_baselines.skd_tstsan.model:SkdTstsan",
        title="SKD-TSTSAN: three streams with magnified motion, taught by themselves",
        reference="Zhu et al. 2024, Three-Stream Temporal-Shift Attention Network Based on Self-Knowledge Distillation "
        "for Micro-Expression Recognition; https://arxiv.org/abs/2406.17538",
        needs="onset and apex frames, flow to apex and offset",
        requires=("torch",),
        extra="mebench[torch]",
    )
