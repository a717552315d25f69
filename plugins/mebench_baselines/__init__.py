"""Baselines: the floor of every table, and the field's models, each with its authors' recipe."""

from mebench.api import Registry, hookimpl

_FLOW = "flow from onset to apex"
_TORCH = {"requires": ("torch",), "extra": "mebench[torch]"}


@hookimpl
def mebench_register(registry: Registry) -> None:
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
    registry.model(
        "flow-svm",
        "mebench_baselines.flow_svm:FlowSvm",
        title="The flow picture's pixels, linear SVM",
        needs=_FLOW,
    )
    _flow_networks(registry)
    _networks_of_regions_and_attention(registry)


def _flow_networks(registry):  # type: ignore[no-untyped-def]
    """Register the networks on one flow picture."""
    registry.model(
        "ststnet",
        "mebench_baselines.ststnet:STSTNetModel",
        title="STSTNet: three shallow streams on flow and strain",
        reference="Liong et al. 2019, Shallow Triple Stream Three-dimensional CNN (STSTNet) for Micro-expression "
        "Recognition, FG; https://arxiv.org/abs/1902.03634",
        needs=_FLOW,
        **_TORCH,
    )
    registry.model(
        "off-apexnet",
        "mebench_baselines.off_apexnet:OffApexNetModel",
        title="OFF-ApexNet: a small CNN for each flow component",
        reference="Gan et al. 2019, OFF-ApexNet on Micro-expression Recognition System, Signal Processing: Image "
        "Communication 74; https://arxiv.org/abs/1805.08699",
        needs=_FLOW,
        **_TORCH,
    )
    registry.model(
        "dual-inception",
        "mebench_baselines.dual_inception:DualInceptionModel",
        title="Dual-Inception: inception blocks on each flow component",
        reference="Zhou et al. 2019, Dual-Inception Network for Cross-Database Micro-Expression Recognition, FG; "
        "https://github.com/xly135846/MEGC2019",
        needs=_FLOW,
        **_TORCH,
    )
    registry.model(
        "sssnet",
        "mebench_baselines.sssnet:SSSNetModel",
        title="SSSNet: a shallow single stream on flow of 64 x 64",
        reference="Varanka et al. 2021, Micro-expression Recognition with Noisy Labels, Electronic Imaging; "
        "https://doi.org/10.2352/ISSN.2470-1173.2021.11.HVEI-157",
        needs=_FLOW,
        **_TORCH,
    )
    for variant, title in (
        ("a", "attention without parameters"),
        ("s", "dense shortcuts"),
        ("w", "wide streams"),
        ("p", "wide streams, dense shortcuts and attention"),
        ("c", "attention of the picture, then dense shortcuts"),
        ("f", "attention within the dense shortcuts"),
    ):
        registry.model(
            f"rcn-{variant}",
            "mebench_baselines.rcn:RCNModel",
            title=f"RCN-{variant.upper()}: recurrent convolution, {title}",
            reference="Xia et al. 2020, Revealing the Invisible with Model and Data Shrinking for Composite-database "
            "Micro-expression Recognition, IEEE Transactions on Image Processing 29; https://arxiv.org/abs/2006.09674",
            needs=_FLOW,
            settings={"variant": variant},
            **_TORCH,
        )


def _networks_of_regions_and_attention(registry):  # type: ignore[no-untyped-def]
    """Register the networks on flow that look at regions of the face or attend."""
    registry.model(
        "htnet",
        "mebench_baselines.htnet:HTNetModel",
        title="HTNet: hierarchical transformer on four facial regions",
        reference="Wang et al. 2024, HTNet for micro-expression recognition, Neurocomputing 602; "
        "https://arxiv.org/abs/2307.14637",
        needs=_FLOW,
        **_TORCH,
    )
    registry.model(
        "off-tanet",
        "mebench_baselines.off_tanet:OffTANetModel",
        title="Off-TANet: a light residual network with three attentions",
        reference="Zhang, Liu and Zhou 2021, Off-TANet: A Lightweight Neural Micro-expression Recognizer with Optical "
        "Flow Features and Integrated Attention Mechanism, PRICAI; https://doi.org/10.1007/978-3-030-89188-6_20",
        needs=_FLOW,
        **_TORCH,
    )
    registry.model(
        "featref",
        "mebench_baselines.featref:FeatRefModel",
        title="FeatRef: features for each expression, proposed and fused",
        reference="Zhou et al. 2022, Feature refinement: An expression-specific feature learning and fusion method "
        "for micro-expression recognition, Pattern Recognition 122; https://arxiv.org/abs/2101.04838",
        needs=_FLOW,
        **_TORCH,
    )
    registry.model(
        "dual-atme",
        "mebench_baselines.dual_atme:DualATMEModel",
        title="Dual-ATME: inception features of the face and of its regions",
        reference="Zhou et al. 2023, Dual-ATME: Dual-Branch Attention Network for Micro-Expression Recognition, "
        "Entropy 25(3); https://doi.org/10.3390/e25030460",
        needs=_FLOW,
        **_TORCH,
    )
    registry.model(
        "sfamnet",
        "mebench_baselines.sfamnet:SFAMNetModel",
        title="SFAMNet's recognition head: three small attended streams",
        reference="Liong et al. 2024, SFAMNet: A scene flow attention-based micro-expression network, Neurocomputing "
        "566; https://doi.org/10.1016/j.neucom.2023.126998",
        needs=_FLOW,
        **_TORCH,
    )
