"""The cohort of a protocol from ready inputs: clips and labels of a list, one published picture a clip.

    cohort = ready_cohort(registry, protocol, "megc2019-flow", Location(Path("STSNet_whole_norm_u_v_os")))
    cohort.ready.sha256       # of all pictures; the manifest holds it too

Each of the protocol's datasets is there as it would be with its recordings, but that a clip's window is its picture
alone, numbered 0, and that no action units are known.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mebench.cohort.building import Cohort, manifest_of
from mebench.cohort.lists import read_list
from mebench.cohort.names import others_of, spellings_of
from mebench.cohort.protocol import AU_UNKNOWN, Protocol
from mebench.cohort.soundness import sound_folds
from mebench.cohort.splits import Fold, with_folds
from mebench.data.clips.layout import FrameList
from mebench.data.clips.marker import is_twin
from mebench.data.clips.names import bare_name
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.sheet import sha256_of
from mebench.data.clips.table import COLUMNS, make_clip_table
from mebench.data.links import links_followed
from mebench.data.locations import Location
from mebench.data.reading import ClipData
from mebench.data.ready import ReadyFiles, find_list, find_pictures, warn_of_unused
from mebench.data.sources import load_ready
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry

if TYPE_CHECKING:
    import pandas as pd


def ready_cohort(registry: Registry, protocol: Protocol, name: str, location: Location) -> Cohort:
    """Return a protocol's cohort from a dataset of ready inputs; unused pictures are told in a warning.

    Args:
        registry: gives the dataset, and how the list may spell the protocol's datasets.
        protocol: it must be one that the dataset stands in for.
        name: the dataset's.
        location: its folder, and the list of clips where it lies elsewhere.

    Raises:
        MebenchError: the protocol does not accept the dataset, the list or a picture cannot be found or used, or
            no folds can be made.
    """
    import pandas as pd

    accepted = registry.get("dataset", name).stands_in
    if accepted and protocol.name not in accepted:
        raise MebenchError(
            f"protocol {protocol.name!r} does not accept {name}, whose ready inputs are of the clips of "
            f"{' and '.join(accepted)}: give {', '.join(protocol.datasets)}"
        )
    dataset = load_ready(registry, name)
    with links_followed(location.follow_links):
        path = location.annotation or find_list(dataset, location.root)
    if not path.exists():
        raise MebenchError(f"there is no list {path}: check --annotations")
    clips = _listed_clips(registry, protocol, path)
    names = zip(clips["key"], clips["subject"], clips["clip"], strict=True)
    with links_followed(location.follow_links):
        found = find_pictures(dataset, location.root, names)
    warn_of_unused(found)
    twin = is_twin(found.folder, path, found.files.values())
    data = [
        _clip_data(protocol, each, path, clips[clips["dataset"] == each], found, twin)
        for each in protocol.datasets
        if (clips["dataset"] == each).any()
    ]
    table = pd.concat([each.table for each in data], ignore_index=True)
    labels = clips.set_index("key")[["label", "group"]]
    table, folds, aus = _labelled(protocol, table.join(labels, on="key"))
    manifest = manifest_of(protocol, table, aus, folds, twin, pictures=found.sha256)
    return Cohort(protocol, tuple(data), table, aus, folds, (), manifest)


def cohort_without_pictures(registry: Registry, protocol: Protocol, path: Path) -> Cohort:
    """Return clips, labels and folds of :func:`ready_cohort` from its list alone: for scores, not for runs.

    Raises:
        MebenchError: the list cannot be read, or no folds can be made.
    """
    import pandas as pd

    clips = _listed_clips(registry, protocol, path)
    # In the order of the protocol's datasets, as the cohort with pictures has them.
    parts = [clips[clips["dataset"] == each] for each in protocol.datasets]
    table, folds, aus = _labelled(protocol, pd.concat(parts, ignore_index=True))
    return Cohort(protocol, (), table, aus, folds, (), "")


def _listed_clips(registry: Registry, protocol: Protocol, path: Path) -> pd.DataFrame:
    """Return a list's clips; their keys are made of subject and clip as the list names them first."""
    listed = read_list(path, protocol, spellings_of(registry, protocol), others_of(registry, protocol))
    # Lists write one subject in several ways; the first one names it.
    subjects = listed.groupby("group")["subject"].transform("first")
    listed = listed.assign(subject=subjects, group=listed["dataset"] + "/" + subjects)
    clips = listed.assign(clip=listed["clip"].map(bare_name))
    return clips.assign(key=clips["group"] + "/" + clips["clip"])


def _labelled(protocol: Protocol, table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Fold, ...], np.ndarray]:
    """Return clips with their folds, the folds, and action units of which none is known."""
    folds = sound_folds(protocol, table)
    aus = np.full((len(table), len(protocol.aus)), AU_UNKNOWN, np.uint8)
    return with_folds(table, folds), folds, aus


def _clip_data(
    protocol: Protocol, name: str, path: Path, listed: pd.DataFrame, found: ReadyFiles, twin: bool
) -> ClipData:
    """Return one of the protocol's datasets: its clips of the list, each with its picture as the only frame."""
    classes = [protocol.classes[label] if label >= 0 else "" for label in listed["label"]]
    raw = listed[["row", "subject", "clip", "part"]].assign(onset=0, apex=0, offset=0, emotion=classes)
    table = make_clip_table(name, raw, fps=float("nan")).reset_index(drop=True)
    # There is no onset that could tell clips of a recording apart.
    table["key"] = list(listed["key"])
    return ClipData(
        dataset=name,
        root=found.folder,
        annotation=path,
        sha256=sha256_of(path),
        table=table[list(COLUMNS)],
        drops=(),
        repairs=RepairReport("none"),
        frames={key: FrameList((0,), (found.files[key],)) for key in table["key"]},
        twin=twin,
        ready=found,
    )
