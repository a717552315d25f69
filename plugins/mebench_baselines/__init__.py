"""Baselines: the floor of every table, and the field's models, each with its authors' recipe."""

from typing import TypedDict

from mebench.api import Registry, hookimpl


class _Libraries(TypedDict):
    requires: tuple[str, ...]
    extra: str


_FLOW = "flow from onset to apex"
_TORCH: _Libraries = {"requires": ("torch",), "extra": "mebench[torch]"}
_TIMM: _Libraries = {"requires": ("torch", "timm"), "extra": "mebench[torch]"}


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
    _hand_crafted(registry)
    _flow_networks(registry)
    _networks_of_frames_and_coloured_flow(registry)
    _networks_of_regions_and_attention(registry)


def _flow_networks(registry: Registry) -> None:
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
            f"mebench_baselines.rcn:{'RCNWithIdleLayers' if variant in ('s', 'c') else 'RCNModel'}",
            title=f"RCN-{variant.upper()}: recurrent convolution, {title}",
            reference="Xia et al. 2020, Revealing the Invisible with Model and Data Shrinking for Composite-database "
            "Micro-expression Recognition, IEEE Transactions on Image Processing 29; https://arxiv.org/abs/2006.09674",
            needs=_FLOW,
            settings={"variant": variant},
            **_TORCH,
        )


def _hand_crafted(registry: Registry) -> None:
    """Register the SVMs on features that nobody trained."""
    registry.model(
        "lbp-top-svm",
        "mebench_baselines.lbp_top_svm:LbpTopSvm",
        title="LBP-TOP: binary patterns in three planes, linear SVM",
        reference="Zhao and Pietikainen 2007, Dynamic Texture Recognition Using Local Binary Patterns with an "
        "Application to Facial Expressions, TPAMI 29; recipe: See et al. 2019, MEGC 2019 - The Second Facial "
        "Micro-Expressions Grand Challenge, FG",
        needs="all frames from onset to offset",
    )
    registry.model(
        "bi-woof-svm",
        "mebench_baselines.bi_woof:BiWoofSvm",
        title="Bi-WOOF: flow directions weighted by length and strain, linear SVM",
        reference="Liong et al. 2018, Less Is More: Micro-expression Recognition from Video Using Apex Frame, Signal "
        "Processing: Image Communication 62; https://arxiv.org/abs/1606.01721",
        needs="flow from onset to apex",
        requires=("skimage", "cv2"),
        extra="mebench[flow]",
    )
    registry.model(
        "mdmo-svm",
        "mebench_baselines.mdmo_svm:MdmoSvm",
        title="MDMO: main flow direction of 36 areas of the face, SVM",
        reference="Liu et al. 2016, A Main Directional Mean Optical Flow Feature for Spontaneous Micro-Expression "
        "Recognition, IEEE Transactions on Affective Computing 7; https://doi.org/10.1109/TAFFC.2015.2485205",
        needs="flow from onset to each frame, landmarks",
        requires=("skimage", "cv2"),
        extra="mebench[flow]",
    )


def _networks_of_frames_and_coloured_flow(registry: Registry) -> None:
    """Register the larger networks, on frames, or on flow as pictures of a camera's size."""
    registry.model(
        "capsulenet",
        "mebench_baselines.capsulenet:CapsuleNet",
        title="CapsuleNet: capsules on ResNet18's maps of the apex frame",
        reference="Van Quang, Chun and Tokuyama 2019, CapsuleNet for Micro-Expression Recognition, FG; "
        "https://github.com/davidnvq/me_recognition",
        needs="the apex frame",
        **_TIMM,
    )
    registry.model(
        "emr",
        "mebench_baselines.emr:Emr",
        title="EMR (NMER): coloured flow, upper and lower face pooled apart; no adversarial part",
        reference="Liu, Du, Zheng and Gedeon 2019, A Neural Micro-Expression Recognizer, FG; "
        "https://doi.org/10.1109/FG.2019.8756583",
        needs=_FLOW,
        **_TIMM,
    )
    registry.model(
        "mmnet",
        "mebench_baselines.mmnet:Mmnet",
        title="MMNet: motion from apex minus onset, positions from the onset",
        reference="Li, Sui, Zhu and Zhao 2022, MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition, "
        "IJCAI; https://arxiv.org/abs/2201.05297",
        needs="onset and apex frames",
        **_TIMM,
    )
    registry.model(
        "slstt",
        "mebench_baselines.slstt:Slstt",
        title="SLSTT: a vision transformer on coloured flow to 11 frames, then an LSTM",
        reference="Zhang, Hong, Arandjelovic and Zhao 2022, Short and Long Range Relation Based Spatio-Temporal "
        "Transformer for Micro-Expression Recognition, IEEE TAFFC 13(4); https://arxiv.org/abs/2112.05851",
        needs="flow from onset to frames around the apex",
        **_TIMM,
    )
    registry.model(
        "skd-tstsan",
        "mebench_baselines.skd_tstsan.model:SkdTstsan",
        title="SKD-TSTSAN: three streams with magnified motion, taught by themselves",
        reference="Zhu et al. 2024, Three-Stream Temporal-Shift Attention Network Based on Self-Knowledge Distillation "
        "for Micro-Expression Recognition; https://arxiv.org/abs/2406.17538",
        needs="onset and apex frames, flow to apex and offset",
        **_TORCH,
    )


def _networks_of_regions_and_attention(registry: Registry) -> None:
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
