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
    _hand_crafted(registry)


def _hand_crafted(registry):  # type: ignore[no-untyped-def]
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
