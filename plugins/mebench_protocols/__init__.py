"""The evaluation protocols in use in the field, one module a database or family of composites.

Folds leave one subject out where a title says nothing else.
"""

from mebench.api import Registry, hookimpl

_CASME3 = "CAS(ME)^3 part A"
_CASME3C = "CAS(ME)^3 part C"

# name, target, title, datasets, other names
_PROTOCOLS = (
    (
        "megc2019",
        "megc:MEGC2019",
        "MEGC2019 composite, 3 classes",
        "smic-hs casme2 samm",
        (),
    ),
    (
        "megc2018",
        "megc:MEGC2018",
        "MEGC2018 composite, objective classes I to V",
        "casme2 samm",
        (),
    ),
    ("megc2018-hde", "megc:MEGC2018_HDE", "MEGC2018 hold-out, objective classes I to V", "casme2 samm", ()),
    (
        "casme2-samm-mmew",
        "composites:CASME2_SAMM_MMEW",
        "CASME II + SAMM + MMEW, 3 classes (FAMNet's composite)",
        "casme2 samm mmew",
        (),
    ),
    (
        "casme2-samm-mmew-others",
        "composites:CASME2_SAMM_MMEW_OTHERS",
        "the same, with MMEW's others counted as negative",
        "casme2 samm mmew",
        (),
    ),
    (
        "cd6me",
        "composites:CD6ME",
        "CD6ME: 12 action units, leave one dataset out",
        "casme casme2 samm 4dme mmew casme3",
        (),
    ),
    ("casme2-3c", "casme2:CLASSES_3", "CASME II, 3 classes", "casme2", ()),
    ("casme2-5c", "casme2:CLASSES_5", "CASME II, 5 classes", "casme2", ()),
    ("casme2-7c", "casme2:CLASSES_7", "CASME II, 7 classes", "casme2", ()),
    ("samm-3c", "samm:CLASSES_3", "SAMM, 3 classes", "samm", ()),
    ("samm-5c", "samm:CLASSES_5", "SAMM, 5 classes", "samm", ()),
    ("smic-hs-3c", "smic:CLASSES_3", "SMIC HS, 3 classes", "smic-hs", ()),
    ("mmew-3c", "mmew:CLASSES_3", "MMEW, 3 classes", "mmew", ()),
    ("mmew-4c", "mmew:CLASSES_4", "MMEW, 4 classes", "mmew", ()),
    ("mmew-6c", "mmew:CLASSES_6", "MMEW, 6 classes", "mmew", ()),
    ("mmew-7c", "mmew:CLASSES_7", "MMEW, 7 classes", "mmew", ()),
    (
        "casme3-3c",
        "casme3:CLASSES_3",
        f"{_CASME3}, 3 classes (negative, positive, surprise)",
        "casme3",
        (),
    ),
    (
        "casme3-4c",
        "casme3:CLASSES_4",
        f"{_CASME3}, 4 classes (negative, positive, surprise, others)",
        "casme3",
        ("casme3",),
    ),
    (
        "casme3-7c",
        "casme3:CLASSES_7",
        f"{_CASME3}, 7 classes (the owner's emotions)",
        "casme3",
        (),
    ),
    ("casme3c-3c", "casme3c:CLASSES_3", f"{_CASME3C}, 3 classes", "casme3c", ()),
    ("casme3c-4c", "casme3c:CLASSES_4", f"{_CASME3C}, 4 classes", "casme3c", ()),
    ("dfme-7c", "dfme:CLASSES_7", "DFME, 7 classes, the owner's train and test parts", "dfme", ()),
)


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the protocols."""
    for name, target, title, datasets, aliases in _PROTOCOLS:
        registry.protocol(name, f"mebench_protocols.{target}", title=title, needs=datasets, aliases=aliases)
