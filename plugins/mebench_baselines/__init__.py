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
    _networks_of_regions_and_attention(registry)


def _networks_of_regions_and_attention(registry):  # type: ignore[no-untyped-def]
    """Register the networks on flow that look at regions of the face or attend."""
    torch = {"requires": ("torch",), "extra": "mebench[torch]"}
    registry.model(
        "htnet",
        "mebench_baselines.htnet:HTNetModel",
        title="HTNet: hierarchical transformer on four facial regions",
        reference="Wang et al. 2024, HTNet for micro-expression recognition, Neurocomputing 602; "
        "https://arxiv.org/abs/2307.14637",
        needs="flow from onset to apex",
        **torch,
    )
    registry.model(
        "off-tanet",
        "mebench_baselines.off_tanet:OffTANetModel",
        title="Off-TANet: a light residual network with three attentions",
        reference="Zhang, Liu and Zhou 2021, Off-TANet: A Lightweight Neural Micro-expression Recognizer with Optical "
        "Flow Features and Integrated Attention Mechanism, PRICAI; https://doi.org/10.1007/978-3-030-89188-6_20",
        needs="flow from onset to apex",
        **torch,
    )
    registry.model(
        "featref",
        "mebench_baselines.featref:FeatRefModel",
        title="FeatRef: features for each expression, proposed and fused",
        reference="Zhou et al. 2022, Feature refinement: An expression-specific feature learning and fusion method "
        "for micro-expression recognition, Pattern Recognition 122; https://arxiv.org/abs/2101.04838",
        needs="flow from onset to apex",
        **torch,
    )
    registry.model(
        "dual-atme",
        "mebench_baselines.dual_atme:DualATMEModel",
        title="Dual-ATME: inception features of the face and of its regions",
        reference="Zhou et al. 2023, Dual-ATME: Dual-Branch Attention Network for Micro-Expression Recognition, "
        "Entropy 25(3); https://doi.org/10.3390/e25030460",
        needs="flow from onset to apex",
        **torch,
    )
    registry.model(
        "sfamnet",
        "mebench_baselines.sfamnet:SFAMNetModel",
        title="SFAMNet's recognition head: three small attended streams",
        reference="Liong et al. 2024, SFAMNet: A scene flow attention-based micro-expression network, Neurocomputing "
        "566; https://doi.org/10.1016/j.neucom.2023.126998",
        needs="flow from onset to apex",
        **torch,
    )
