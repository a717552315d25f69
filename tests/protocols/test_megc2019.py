"""The MEGC2019 cohort is the organisers' own list, clip by clip and label by label."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.differences import compare_lists
from mebench.cohort.lists import listed_cohort, read_list
from mebench.data.clips.names import dataset_names
from mebench.data.clips.table import make_clip_table
from mebench.data.dataset import Dataset
from mebench.data.reading import read_annotated
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry
from mebench.scoring.outside import read_predictions
from mebench.scoring.outside_scores import score_outside

# A word of each database for each class of the list.
WORDS = {
    "casme2": {"0": "repression", "1": "happiness", "2": "surprise"},
    "samm": {"0": "contempt", "1": "happiness", "2": "surprise"},
    "smic": {"0": "negative", "1": "positive", "2": "surprise"},
}
Row = dict[str, object]


def row(subject: str, clip: str, emotion: str, onset: int = 10, apex: object = 20, offset: int = 30) -> Row:
    return {
        "subject": subject,
        "clip": clip,
        "onset": onset,
        "apex": apex,
        "offset": offset,
        "emotion": emotion,
        "aus": "4",
    }


def write(dataset: Dataset, root: Path, name: str, rows: list[Row]) -> None:
    root.mkdir()
    raw = pd.DataFrame(rows, dtype=object).assign(row=range(2, len(rows) + 2))
    dataset.write_annotation(make_clip_table(dataset.name, raw, fps=200.0), root / name)


def _replace_cell(path: Path, clip: str, old: object, new: object) -> None:
    book = openpyxl.load_workbook(path)
    (cells,) = [cells for cells in book.worksheets[0].iter_rows() if clip in [cell.value for cell in cells]]
    (cell,) = [cell for cell in cells if str(cell.value) == str(old)]
    cell.value = new
    book.save(path)


def listed(official: Path, dataset: str) -> Iterator[tuple[str, str, str]]:
    """Yield subject, clip and emotion word of each clip of the list."""
    for name, subject, clip, label in csv.reader(official.read_text(encoding="utf-8").splitlines()):
        if name == dataset:
            yield subject, clip, WORDS[dataset][label]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory, registry: Registry, official_list: Path) -> Cohort:
    """A cohort of made-up sheets that hold the list's clips, and those that the real sheets hold besides."""
    root = tmp_path_factory.mktemp("megc")
    smic, casme2, samm = (load_dataset(registry, name) for name in ("smic-hs", "casme2", "samm"))
    more = [
        row("sub04", "EP12_01f", "disgust", apex=27),
        row("sub05", "EP09_05f", "disgust", onset=69, apex=69, offset=90),
        row("sub01", "EP99_01", "others"),
        row("sub01", "EP99_02", "sadness"),
        row("sub01", "EP99_03", "fear"),
    ]
    write(
        casme2,
        root / "casme2",
        "CASME2-coding-20140508.xlsx",
        [row(*clip) for clip in listed(official_list, "casme2")] + more,
    )
    _replace_cell(root / "casme2/CASME2-coding-20140508.xlsx", "EP12_01f", 27, "/")
    write(
        samm,
        root / "samm",
        "SAMM_Micro_FACS_Codes_v2.xlsx",
        [row(subject.zfill(3), clip, word) for subject, clip, word in listed(official_list, "samm")]
        + [row("025", "025_9_9", "other")],
    )
    for subject, clip, word in listed(official_list, "smic"):
        # The release spells s1 and s1_ne_01 what the list spells s01 and s01_ne_01.
        folder = root / "smic/SMIC_all_cropped/HS" / subject.replace("s0", "s") / "micro" / word
        frame = folder / clip.replace("s0", "s") / "reg_image061206.bmp"
        frame.parent.mkdir(parents=True, exist_ok=True)
        frame.touch()
    data = [
        read_annotated(smic, root / "smic"),
        read_annotated(casme2, root / "casme2"),
        read_annotated(samm, root / "samm"),
    ]
    return build_cohort(registry.get("protocol", "megc2019").load(), data)


def test_it_equals_the_official_list_clip_by_clip(cohort: Cohort, official_list: Path) -> None:
    spellings = dataset_names(cohort.protocol.datasets, {})
    difference = compare_lists(cohort, read_list(official_list, cohort.protocol, spellings))
    assert not difference, difference
    assert cohort.differences() == []
    assert len(cohort.folds) == 68


def test_a_log_scores_on_annotations_exactly_as_on_the_list(
    cohort: Cohort, official_list: Path, tmp_path: Path
) -> None:
    spellings = dataset_names(cohort.protocol.datasets, {})
    rows = list(csv.reader(official_list.read_text(encoding="utf-8").splitlines()))
    log = tmp_path / "log.txt"
    # Two of three clips right, with the subjects as both the list and a release spell them.
    log.write_text(
        "".join(
            f"{dataset} {subject.zfill(3) if place % 2 else subject}\n"
            f"{clip} {label} {(int(label) + (place % 3 == 0)) % 3}\n"
            for place, (dataset, subject, clip, label) in enumerate(rows)
        )
    )
    listed_clips = read_list(official_list, cohort.protocol, spellings)
    by_list, by_data = (
        score_outside(each, read_predictions(log, cohort.protocol.classes, spellings))
        for each in (listed_cohort(cohort.protocol, listed_clips), cohort)
    )
    assert by_data["scores"] == by_list["scores"]
    assert by_data == by_list | {"scores": by_data["scores"]}
    assert by_data["scores"]["clips"] == 442
    assert (
        by_data["scores"]["uf1"]["low"] < by_data["scores"]["uf1"]["mean"] < by_data["scores"]["uf1"]["high"]
    )


def test_what_the_list_leaves_out_is_left_out_by_rule_with_its_reason(cohort: Cohort) -> None:
    assert cohort.faults() == []
    reasons = {drop.key.rpartition("/")[0]: drop.reason for drop in cohort.drops}
    assert reasons == {
        "casme2/sub04/EP12_01f": "not in the official list (it has no apex)",
        "casme2/sub05/EP09_05f": "not in the official list (its onset is its apex)",
        "casme2/sub01/EP99_01": "'others': not one of the three classes",
        "casme2/sub01/EP99_02": "'sadness': not in the official list",
        "casme2/sub01/EP99_03": "'fear': not in the official list",
        "samm/025/025_9_9": "'other': not one of the three classes",
    }
