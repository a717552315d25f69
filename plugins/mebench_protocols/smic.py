"""The protocol on SMIC HS alone (Li et al. 2013, doi:10.1109/FG.2013.6553717)."""

from __future__ import annotations

from mebench.api import Expected, Protocol

from .signs import SMIC_BY_SIGN, THREE_CLASSES, counts

CLASSES_3 = Protocol(
    name="smic-hs-3c",
    title="SMIC HS, 3 classes",
    datasets=("smic-hs",),
    classes=THREE_CLASSES,
    labels={"smic-hs": SMIC_BY_SIGN},
    expected=Expected(164, 16, counts(70, 51, 43), edition="clips"),
    source="folders of SMIC_all_raw/HS; the SMIC part of MEGC2019's official list",
)
