"""The public micro-expression databases, one module each."""

from mebench.api import Registry, hookimpl

_SMIC = "Li et al. 2013, doi:10.1109/FG.2013.6553717"
_CASME3 = "Li et al. 2022, doi:10.1109/TPAMI.2022.3174895"
_SMIC_FOLDERS = "the folders SMIC_all_cropped or SMIC_all_raw, with {} below; or SMIC-E with its workbook"

# name, target, title, reference, what is needed
_DATASETS = (
    (
        "casme2",
        "casme2:Casme2",
        "CASME II: 255 micro-expressions of 26 subjects, colour, 200 fps",
        "Yan et al. 2014, doi:10.1371/journal.pone.0086041",
        "the owner's workbook CASME2-coding*.xlsx and the cropped or raw frames; CASME2-ObjectiveClasses.xlsx beside "
        "it for objective classes",
    ),
    (
        "samm",
        "samm:Samm",
        "SAMM: 159 micro-expressions of 29 subjects, grey, 200 fps",
        "Davison et al. 2018, doi:10.1109/TAFFC.2016.2573832",
        "the owner's workbook SAMM_Micro_FACS_Codes_v2.xlsx and the cropped or full frames",
    ),
    (
        "smic-hs",
        "smic:SmicHs",
        "SMIC-HS: 164 micro-expressions of 16 subjects, colour, 100 fps",
        _SMIC,
        _SMIC_FOLDERS.format("HS"),
    ),
    (
        "smic-vis",
        "smic:SmicVis",
        "SMIC-VIS: 71 micro-expressions of 8 subjects, colour, 25 fps",
        _SMIC,
        _SMIC_FOLDERS.format("VIS"),
    ),
    (
        "smic-nir",
        "smic:SmicNir",
        "SMIC-NIR: 71 micro-expressions of 8 subjects, near infrared, 25 fps",
        _SMIC,
        _SMIC_FOLDERS.format("NIR"),
    ),
    (
        "mmew",
        "mmew:Mmew",
        "MMEW: 300 micro-expressions, cropped colour faces, 90 fps",
        "Ben et al. 2021, doi:10.1109/TPAMI.2021.3067464",
        "the owner's workbook MMEW_Micro_Exp.xlsx and the folder Micro_Expression",
    ),
    (
        "casme3",
        "casme3:Casme3",
        "CAS(ME)^3 part A: 860 micro-expressions of 94 subjects, colour, 30 fps",
        _CASME3,
        "the owner's workbook *part_A_ME_label*.xlsx and the colour frames",
    ),
    (
        "casme3c",
        "casme3c:Casme3C",
        "CAS(ME)^3 part C: 165 micro-expressions of 30 subjects, colour, 30 fps",
        _CASME3,
        "the owner's workbook CAS(ME)3_part_C_ME.xlsx and the colour frames",
    ),
    (
        "casme",
        "casme:Casme",
        "CASME: 189 micro-expressions of 18 subjects, colour, 60 fps",
        "Yan et al. 2013, doi:10.1109/FG.2013.6553799",
        "the owner's sheet casme.xlsx or CASME.xls and the cropped frames",
    ),
    (
        "4dme",
        "fourdme:FourDme",
        "4DME: 267 micro-expressions, grey video, 60 fps",
        "Li et al. 2022, doi:10.1109/TAFFC.2022.3182342",
        "the owner's sheet 4DME_Labelling_Micro*.xlsx and the grey micro frames",
    ),
    (
        "dfme",
        "dfme:Dfme",
        "DFME: 2629 micro-expressions (CCAC 2024 release), colour, 200 to 500 fps",
        "Zhao et al. 2023, doi:10.1109/TAFFC.2023.3341918",
        "the owner's three workbooks *_full_with_AU.xlsx and their frames",
    ),
)

# Datasets of ready inputs: the same, and the protocols for whose datasets they stand in.
_READY = (
    (
        "megc2019-flow",
        "megc2019_flow:Megc2019Flow",
        "Flow pictures of the 442 clips of MEGC2019, published: a real score without a licence",
        "github.com/wangzhifengharrison/HTNet; clips: github.com/Facial-Micro-ExpressionGC/MEGC2019",
        "the folder STSNet_whole_norm_u_v_os of HTNet, and combined_3class_gt.csv of MEGC2019",
        ("megc2019",),
    ),
)

# Other spellings in use, in lists of predictions among other places.
_ALIASES = {"casme2": ("casme-ii",)}
_SPELLINGS = {
    "casme3": ("CAS(ME)^3", "CAS(ME)^3 part A", "CASME III"),
    "casme3c": ("CAS(ME)^3 part C",),
}


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the datasets."""
    for name, target, title, reference, needs in _DATASETS:
        registry.dataset(
            name,
            f"mebench_datasets.{target}",
            title=title,
            reference=reference,
            needs=needs,
            aliases=_ALIASES.get(name, ()),
            spellings=_SPELLINGS.get(name, ()),
        )
    for name, target, title, reference, needs, protocols in _READY:
        registry.dataset(
            name,
            f"mebench_datasets.{target}",
            title=title,
            reference=reference,
            needs=needs,
            stands_in=protocols,
        )
