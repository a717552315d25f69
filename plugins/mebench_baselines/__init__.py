"""Baselines: the floor of every table, and the field's models, each with its authors' recipe."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict

from mebench.api import Registry, hookimpl


class _Libraries(TypedDict, total=False):
    requires: tuple[str, ...]
    extra: str


class _Row(NamedTuple):
    """A model: its name, its class in this package, a line about it, its source, what it reads, what its name sets."""

    name: str
    target: str
    title: str
    reference: str = ""
    needs: str = "flow from onset to apex"
    settings: Mapping[str, Any] = MappingProxyType({})


_FLOORS = (
    _Row(
        "majority",
        "majority:Majority",
        "Always the most frequent class of the training clips",
        needs="no pictures",
    ),
    _Row(
        "difference-svm",
        "difference_svm:DifferenceSvm",
        "Apex minus onset as a small picture, linear SVM",
        needs="onset and apex frames",
    ),
    _Row("flow-svm", "flow_svm:FlowSvm", "The flow picture's pixels, linear SVM"),
    _Row(
        "lbp-top-svm",
        "lbp_top_svm:LbpTopSvm",
        "LBP-TOP: binary patterns in three planes, linear SVM",
        "Zhao and Pietikainen 2007, Dynamic Texture Recognition Using Local Binary Patterns with an Application to "
        "Facial Expressions, TPAMI 29; recipe: See et al. 2019, MEGC 2019 - The Second Facial Micro-Expressions Grand "
        "Challenge, FG",
        needs="all frames from onset to offset",
    ),
)

_MEASURED_FLOW = (
    _Row(
        "bi-woof-svm",
        "bi_woof:BiWoofSvm",
        "Bi-WOOF: flow directions weighted by length and strain, linear SVM",
        "Liong et al. 2018, Less Is More: Micro-expression Recognition from Video Using Apex Frame, Signal Processing: "
        "Image Communication 62; https://arxiv.org/abs/1606.01721",
    ),
    _Row(
        "mdmo-svm",
        "mdmo_svm:MdmoSvm",
        "MDMO: main flow direction of 36 areas of the face, SVM",
        "Liu et al. 2016, A Main Directional Mean Optical Flow Feature for Spontaneous Micro-Expression Recognition, "
        "IEEE Transactions on Affective Computing 7; https://doi.org/10.1109/TAFFC.2015.2485205",
        needs="flow from onset to each frame, landmarks",
    ),
)

_RCN = (
    "Xia et al. 2020, Revealing the Invisible with Model and Data Shrinking for Composite-database Micro-expression "
    "Recognition, IEEE Transactions on Image Processing 29; https://arxiv.org/abs/2006.09674"
)

_NETWORKS = (
    _Row(
        "ststnet",
        "ststnet:STSTNetModel",
        "STSTNet: three shallow streams on flow and strain",
        "Liong et al. 2019, Shallow Triple Stream Three-dimensional CNN (STSTNet) for Micro-expression Recognition, FG;"
        " https://arxiv.org/abs/1902.03634",
    ),
    _Row(
        "off-apexnet",
        "off_apexnet:OffApexNetModel",
        "OFF-ApexNet: a small CNN for each flow component",
        "Gan et al. 2019, OFF-ApexNet on Micro-expression Recognition System, Signal Processing: Image Communication "
        "74; https://arxiv.org/abs/1805.08699",
    ),
    _Row(
        "dual-inception",
        "dual_inception:DualInceptionModel",
        "Dual-Inception: inception blocks on each flow component",
        "Zhou et al. 2019, Dual-Inception Network for Cross-Database Micro-Expression Recognition, FG; "
        "https://github.com/xly135846/MEGC2019",
    ),
    _Row(
        "sssnet",
        "sssnet:SSSNetModel",
        "SSSNet: a shallow single stream on flow of 64 x 64",
        "Varanka et al. 2021, Micro-expression Recognition with Noisy Labels, Electronic Imaging; "
        "https://doi.org/10.2352/ISSN.2470-1173.2021.11.HVEI-157",
    ),
    *(
        _Row(
            f"rcn-{variant}",
            f"rcn:{'RCNWithIdleLayers' if variant in ('s', 'c') else 'RCNModel'}",
            f"RCN-{variant.upper()}: recurrent convolution, {title}",
            _RCN,
            settings={"variant": variant},
        )
        for variant, title in (
            ("a", "attention without parameters"),
            ("s", "dense shortcuts"),
            ("w", "wide streams"),
            ("p", "wide streams, dense shortcuts and attention"),
            ("c", "attention of the picture, then dense shortcuts"),
            ("f", "attention within the dense shortcuts"),
        )
    ),
    _Row(
        "htnet",
        "htnet:HTNetModel",
        "HTNet: hierarchical transformer on four facial regions",
        "Wang et al. 2024, HTNet for micro-expression recognition, Neurocomputing 602; "
        "https://arxiv.org/abs/2307.14637",
    ),
    _Row(
        "off-tanet",
        "off_tanet:OffTANetModel",
        "Off-TANet: a light residual network with three attentions",
        "Zhang, Liu and Zhou 2021, Off-TANet: A Lightweight Neural Micro-expression Recognizer with Optical Flow "
        "Features and Integrated Attention Mechanism, PRICAI; https://doi.org/10.1007/978-3-030-89188-6_20",
    ),
    _Row(
        "featref",
        "featref:FeatRefModel",
        "FeatRef: features for each expression, proposed and fused",
        "Zhou et al. 2022, Feature refinement: An expression-specific feature learning and fusion method for "
        "micro-expression recognition, Pattern Recognition 122; https://arxiv.org/abs/2101.04838",
    ),
    _Row(
        "dual-atme",
        "dual_atme:DualATMEModel",
        "Dual-ATME: inception features of the face and of its regions",
        "Zhou et al. 2023, Dual-ATME: Dual-Branch Attention Network for Micro-Expression Recognition, Entropy 25(3); "
        "https://doi.org/10.3390/e25030460",
    ),
    _Row(
        "sfamnet",
        "sfamnet:SFAMNetModel",
        "SFAMNet's recognition head: three small attended streams",
        "Liong et al. 2024, SFAMNet: A scene flow attention-based micro-expression network, Neurocomputing 566; "
        "https://doi.org/10.1016/j.neucom.2023.126998",
    ),
    _Row(
        "skd-tstsan",
        "skd_tstsan.model:SkdTstsan",
        "SKD-TSTSAN: three streams with magnified motion, taught by themselves",
        "Zhu et al. 2024, Three-Stream Temporal-Shift Attention Network Based on Self-Knowledge Distillation for "
        "Micro-Expression Recognition; https://arxiv.org/abs/2406.17538",
        needs="onset and apex frames, flow to apex and offset",
    ),
)

_WITH_PARTS_OF_TIMM = (
    _Row(
        "capsulenet",
        "capsulenet:CapsuleNet",
        "CapsuleNet: capsules on ResNet18's maps of the apex frame",
        "Van Quang, Chun and Tokuyama 2019, CapsuleNet for Micro-Expression Recognition, FG; "
        "https://github.com/davidnvq/me_recognition",
        needs="the apex frame",
    ),
    _Row(
        "emr",
        "emr:Emr",
        "EMR (NMER): coloured flow, upper and lower face pooled apart; no adversarial part",
        "Liu, Du, Zheng and Gedeon 2019, A Neural Micro-Expression Recognizer, FG; "
        "https://doi.org/10.1109/FG.2019.8756583",
    ),
    _Row(
        "mmnet",
        "mmnet:Mmnet",
        "MMNet: motion from apex minus onset, positions from the onset",
        "Li, Sui, Zhu and Zhao 2022, MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition, IJCAI; "
        "https://arxiv.org/abs/2201.05297",
        needs="onset and apex frames",
    ),
    _Row(
        "slstt",
        "slstt:Slstt",
        "SLSTT: a vision transformer on coloured flow to 11 frames, then an LSTM",
        "Zhang, Hong, Arandjelovic and Zhao 2022, Short and Long Range Relation Based Spatio-Temporal Transformer for "
        "Micro-Expression Recognition, IEEE TAFFC 13(4); https://arxiv.org/abs/2112.05851",
        needs="flow from onset to frames around the apex",
    ),
)

_ALL: tuple[tuple[tuple[_Row, ...], _Libraries], ...] = (
    (_FLOORS, {}),
    (_MEASURED_FLOW, {"requires": ("skimage", "cv2"), "extra": "mebench[flow]"}),
    (_NETWORKS, {"requires": ("torch",), "extra": "mebench[torch]"}),
    (_WITH_PARTS_OF_TIMM, {"requires": ("torch", "timm"), "extra": "mebench[torch]"}),
)


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the baselines."""
    for rows, libraries in _ALL:
        for name, target, title, reference, needs, settings in rows:
            registry.model(
                name,
                f"mebench_baselines.{target}",
                title=title,
                reference=reference,
                needs=needs,
                settings=settings,
                **libraries,
            )
