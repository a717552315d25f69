"""What a protocol makes of clips: labels, folds that never mix subjects, and a manifest of the samples."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import AU_UNKNOWN, Expected, Protocol
from mebench.data.clips.layout import FrameLayout
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.table import check_clips, make_clip_table
from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData, read_clips
from mebench.errors import MebenchError

LABELS = {"happy": "positive", "fear": "negative", "sad": "negative"}
PROTOCOL = Protocol(
    name="two",
    title="two classes",
    datasets=("alpha",),
    classes=("negative", "positive"),
    labels={"alpha": LABELS},
    left_out={"alpha": {"others": "not one of the two classes"}},
    aus=(4, 12),
)
COMPOSITE = replace(
    PROTOCOL,
    name="both",
    datasets=("alpha", "beta"),
    labels={"alpha": LABELS, "beta": {"joy": "positive", "anger": "negative"}},
    left_out={},
)

Row = dict[str, object]


def row(subject: str = "06", clip: str = "a", onset: int = 1, emotion: str = "fear", aus: str = "4") -> Row:
    return {
        "subject": subject,
        "clip": clip,
        "onset": onset,
        "apex": onset + 2,
        "offset": onset + 4,
        "emotion": emotion,
        "aus": aus,
    }


def data_of(*rows: Row, dataset: str = "alpha", twin: bool = False) -> ClipData:
    raw = pd.DataFrame([{"row": n, **r} for n, r in enumerate(rows, start=2)], dtype=object)
    table, drops = check_clips(make_clip_table(dataset, raw, fps=30.0))
    nowhere = Path()
    return ClipData(
        dataset, nowhere, nowhere, "", table, tuple(drops), RepairReport("none"), frames={}, twin=twin
    )


FOUR = (
    row("06", "a", 1, "fear", "4"),
    row("06", "b", 1, "happy", "12"),
    row("07", "a", 1, "sad", "4+12"),
    row("08", "a", 1, "happy", "R12"),
)


def cohort_of(*rows: Row, protocol: Protocol = PROTOCOL, twin: bool = False) -> Cohort:
    return build_cohort(protocol, [data_of(*rows, twin=twin)])


def test_clips_get_the_number_of_their_class_and_the_subject_that_tests_them() -> None:
    cohort = cohort_of(*FOUR)
    assert cohort.clips[["key", "label", "group", "fold"]].to_numpy().tolist() == [
        ["alpha/06/a/1", 0, "alpha/06", "alpha/06"],
        ["alpha/06/b/1", 1, "alpha/06", "alpha/06"],
        ["alpha/07/a/1", 0, "alpha/07", "alpha/07"],
        ["alpha/08/a/1", 1, "alpha/08", "alpha/08"],
    ]
    assert cohort.class_counts() == {"negative": 2, "positive": 2}
    assert [fold.name for fold in cohort.folds] == ["alpha/06", "alpha/07", "alpha/08"]


def test_a_class_nobody_shows_is_counted_as_zero() -> None:
    cohort = cohort_of(row("06"), row("07"))
    assert cohort.class_counts() == {"negative": 2, "positive": 0}


SUBJECTS = st.sampled_from(["1", "2", "10", "s 3", "06"])
EMOTIONS = st.sampled_from(["fear", "sad", "happy", "others", "joy"])


CLIPS = st.tuples(SUBJECTS, st.sampled_from("ab"), st.integers(0, 40), EMOTIONS)


@settings(deadline=None)
@given(st.lists(CLIPS, max_size=40, unique_by=lambda clip: clip[:3]))
def test_each_clip_is_tested_once_and_never_beside_its_own_subject(
    clips: list[tuple[str, str, int, str]],
) -> None:
    rows = [row(*clip) for clip in clips]
    assume(len({r["subject"] for r in rows if r["emotion"] in LABELS}) >= 2)
    data = data_of(*rows)
    cohort = build_cohort(PROTOCOL, [data])
    groups = cohort.clips["group"].to_numpy()
    everyone = np.arange(len(cohort.clips))
    assert sorted(np.concatenate([fold.test for fold in cohort.folds])) == everyone.tolist()
    for fold in cohort.folds:
        assert set(groups[fold.test]) == {fold.name}
        assert fold.name not in set(groups[fold.train])
        assert sorted([*fold.train, *fold.test]) == everyone.tolist()
        assert set(cohort.clips["fold"].to_numpy()[fold.test]) == {fold.name}
    dropped = [drop.row for drop in cohort.drops]
    assert sorted([*cohort.clips["row"], *dropped]) == list(range(2, 2 + len(rows)))


class Alpha(Dataset):
    """A database whose annotation is a CSV file."""

    name = "alpha"
    annotation_files = ("alpha.csv",)
    layouts = (FrameLayout("{subject}/{clip}/{frame}.jpg"),)

    def read_annotation(self, path: Path) -> pd.DataFrame:
        raw = pd.read_csv(path, dtype=str).assign(row=lambda table: range(2, 2 + len(table)))
        return make_clip_table(self.name, raw, fps=30.0)


class Beta(Alpha):
    """Another database with subjects of the same names."""

    name = "beta"
    annotation_files = ("beta.csv",)


@pytest.fixture
def both(tmp_path: Path) -> list[ClipData]:
    def read(dataset: Dataset, *rows: Row) -> ClipData:
        root = tmp_path / dataset.name
        root.mkdir()
        pd.DataFrame(rows).to_csv(root / f"{dataset.name}.csv", index=False)
        for each in rows:
            folder = root / str(each["subject"]) / str(each["clip"])
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(int(each["onset"]), int(each["offset"]) + 1):
                (folder / f"{number}.jpg").touch()
        return read_clips(dataset, root)

    return [
        read(Beta(), row("06", emotion="anger"), row("06", "b", emotion="joy"), row("09", emotion="joy")),
        read(Alpha(), row("06"), row("07", emotion="happy")),
    ]


def test_subject_06_of_two_datasets_is_two_people(both: list[ClipData]) -> None:
    cohort = build_cohort(COMPOSITE, both)
    assert [fold.name for fold in cohort.folds] == ["alpha/06", "alpha/07", "beta/06", "beta/09"]
    beta = next(fold for fold in cohort.folds if fold.name == "beta/06")
    assert cohort.clips["key"][beta.test].tolist() == ["beta/06/a/1", "beta/06/b/1"]
    assert "alpha/06/a/1" in cohort.clips["key"][beta.train].tolist()


def test_a_composite_stands_in_the_protocols_order_with_each_datasets_own_words(
    both: list[ClipData],
) -> None:
    cohort = build_cohort(COMPOSITE, both)
    assert cohort.clips["dataset"].tolist() == ["alpha"] * 2 + ["beta"] * 3
    assert cohort.clips["label"].tolist() == [0, 1, 0, 1, 1]
    assert [data.dataset for data in cohort.data] == ["alpha", "beta"]
    assert cohort.manifest == build_cohort(COMPOSITE, both[::-1]).manifest


def test_a_dataset_that_was_not_given_is_named(both: list[ClipData]) -> None:
    with pytest.raises(MebenchError, match="protocol 'both' needs the dataset 'alpha'"):
        build_cohort(COMPOSITE, both[:1])


def test_an_unknown_emotion_is_a_fault_and_one_left_out_by_rule_is_not() -> None:
    cohort = cohort_of(*FOUR, row("09", emotion="others"), row("09", "b", emotion="joy"))
    by_rule, unknown = cohort.drops
    assert (by_rule.key, by_rule.row, by_rule.by_rule) == ("alpha/09/a/1", 6, True)
    assert by_rule.reason == "'others': not one of the two classes"
    assert (unknown.key, unknown.row, unknown.by_rule) == ("alpha/09/b/1", 7, False)
    assert unknown.reason == "emotion 'joy' is unknown to two"
    assert cohort.faults() == [unknown]
    assert "alpha/09" not in set(cohort.clips["group"])


def test_an_empty_emotion_cell_is_a_fault() -> None:
    assert cohort_of(*FOUR, row("09", emotion="")).faults()[0].reason == "emotion '' is unknown to two"


def test_clips_that_the_dataset_dropped_stay_in_the_cohorts_account() -> None:
    cohort = cohort_of(*FOUR, row("09") | {"offset": 0})
    assert [drop.reason for drop in cohort.faults()] == ["onset 1 comes after offset 0"]


def test_leaving_one_subject_out_needs_two() -> None:
    with pytest.raises(MebenchError, match=r"protocol 'two': it finds clips of 1 subject"):
        cohort_of(row("06"), row("06", "b", emotion="happy"))


def test_a_dataset_that_contributes_no_clip_is_an_error_with_its_cause() -> None:
    beta = data_of(*(row(f"{n:02}", emotion="glee") for n in range(9)), dataset="beta")
    with pytest.raises(MebenchError) as caught:
        build_cohort(COMPOSITE, [data_of(*FOUR), beta])
    assert str(caught.value) == (
        "protocol 'both' can use no clip of beta from .: 9 clips, the first beta/00/a/1 (row 2): "
        "emotion 'glee' is unknown to both; give the owner's annotation, or run a protocol without this dataset"
    )
    faulty = data_of(*(row(f"{n:02}", onset=n) | {"offset": 0} for n in range(1, 6)), dataset="beta")
    with pytest.raises(MebenchError, match=r"no clip of beta .*: 5 clips, .*onset 1 comes after offset 0"):
        build_cohort(COMPOSITE, [data_of(*FOUR), faulty])
    with pytest.raises(MebenchError, match=r"can use no clip of alpha .*'joy' is unknown to two"):
        cohort_of(row("06", emotion="joy"))


def test_a_column_without_a_word_is_one_error_that_names_file_and_column() -> None:
    protocol = replace(PROTOCOL, label_by="objective_class", labels={"alpha": {"1": "negative"}})
    with pytest.raises(MebenchError) as caught:
        cohort_of(*FOUR, protocol=protocol)
    assert str(caught.value) == (
        "protocol 'two' sorts clips by objective class, and . gives none of the 4 clips of alpha one: "
        "`mebench info alpha` says which file holds it"
    )
    with pytest.raises(MebenchError, match=r"sorts clips by emotion, and .* gives none of the 2 clips"):
        cohort_of(row("06", emotion=""), row("07", emotion=" "))


def test_a_dataset_without_a_known_unit_is_an_error_where_there_is_nothing_else_to_learn() -> None:
    alone = replace(COMPOSITE, classes=(), labels={})
    beta = [row("06", emotion="joy", aus=""), row("07", emotion="joy", aus="4-7")]
    with pytest.raises(
        MebenchError, match=r"'both' detects action units, and . gives none of the 2 clips of beta"
    ):
        build_cohort(alone, [data_of(*FOUR), data_of(*beta, dataset="beta")])
    # With classes to learn, its clips take part without units, as SMIC's do.
    with_classes = build_cohort(COMPOSITE, [data_of(*FOUR), data_of(*beta, dataset="beta")])
    assert with_classes.aus[-2:].tolist() == [[AU_UNKNOWN] * 2] * 2


def test_a_cell_that_is_not_understood_changes_the_manifest() -> None:
    first, *rest = FOUR
    assert cohort_of(first | {"aus": "4+soft focus"}, *rest).manifest != cohort_of(*FOUR).manifest
    assert cohort_of(first | {"aus": "4L"}, *rest).manifest == cohort_of(*FOUR).manifest


def test_differences_from_published_counts_are_told_one_by_one() -> None:
    expected = Expected(5, 3, {"negative": 3, "positive": 2})
    cohort = cohort_of(*FOUR, protocol=replace(PROTOCOL, expected=expected))
    assert cohort.differences() == [
        "expected 5 clips, found 4",
        "expected 3 clips of class 'negative', found 2",
    ]
    right = replace(PROTOCOL, expected=Expected(4, 3, {"negative": 2, "positive": 2}))
    assert cohort_of(*FOUR, protocol=right).differences() == []
    assert cohort_of(*FOUR).differences() == []


def test_action_units_count_on_either_side_but_not_when_held_or_of_another_kind() -> None:
    texts = ["4+12", "L12", "R4+A12", "4(k)+12", "AD4+12", "4 or 12", "14+24", "", "?"]
    texts += ["4-12", "12+soft focus"]
    rows = [row(f"{n:02}", aus=text) for n, text in enumerate(texts)]
    aus = cohort_of(*rows).aus
    assert aus.dtype == np.uint8
    assert aus.tolist() == [[1, 1], [0, 1], [1, 1], [0, 1], [0, 1], [1, 1], [0, 0], *[[AU_UNKNOWN] * 2] * 4]


def test_a_protocol_without_action_units_has_a_matrix_without_columns() -> None:
    assert cohort_of(*FOUR, protocol=replace(PROTOCOL, aus=())).aus.shape == (4, 0)


def test_the_manifest_does_not_depend_on_the_order_of_rows() -> None:
    manifest = cohort_of(*FOUR).manifest
    assert cohort_of(*FOUR[::-1]).manifest == manifest
    assert cohort_of(FOUR[2], FOUR[0], FOUR[3], FOUR[1]).manifest == manifest


def test_the_manifest_does_not_depend_on_clips_that_take_no_part() -> None:
    assert cohort_of(*FOUR, row("09", emotion="others")).manifest == cohort_of(*FOUR).manifest


Change = Callable[[list[Row]], list[Row]]


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [*rows[:-1], rows[-1] | {"emotion": "fear"}],
        lambda rows: [*rows[:-1], rows[-1] | {"onset": 2}],
        lambda rows: [*rows[:-1], rows[-1] | {"apex": 4}],
        lambda rows: [*rows[:-1], rows[-1] | {"offset": 6}],
        lambda rows: [*rows[:-1], rows[-1] | {"aus": "4"}],
        lambda rows: [*rows[:-1], rows[-1] | {"subject": "07", "clip": "c"}],
        lambda rows: rows[:-1],
        lambda rows: [*rows, row("08", "b")],
    ],
    ids=["label", "onset", "apex", "offset", "action units", "subject", "clip gone", "clip more"],
)
def test_the_manifest_changes_with_whatever_a_model_is_trained_or_tested_on(change: Change) -> None:
    assert cohort_of(*change(list(FOUR))).manifest != cohort_of(*FOUR).manifest


def test_the_manifest_changes_with_the_label_map_the_classes_and_the_units() -> None:
    protocols = [
        PROTOCOL,
        replace(PROTOCOL, name="other"),
        replace(PROTOCOL, classes=("positive", "negative")),
        replace(PROTOCOL, labels={"alpha": LABELS | {"sad": "positive"}}),
        replace(PROTOCOL, aus=(4,)),
    ]
    assert len({cohort_of(*FOUR, protocol=protocol).manifest for protocol in protocols}) == len(protocols)


def test_a_twin_of_the_same_clips_has_another_manifest() -> None:
    real, twin = cohort_of(*FOUR), cohort_of(*FOUR, twin=True)
    assert (real.twin, twin.twin) == (False, True)
    assert real.manifest != twin.manifest


def test_data_that_the_protocol_does_not_ask_for_plays_no_part() -> None:
    spare = data_of(row(emotion="joy"), dataset="beta", twin=True)
    cohort = build_cohort(PROTOCOL, [data_of(*FOUR), spare])
    assert cohort.manifest == cohort_of(*FOUR).manifest
    assert not cohort.twin


def test_the_manifest_is_the_same_in_another_process(tmp_path: Path) -> None:
    program = (
        "import sys, pandas as pd; from pathlib import Path; from mebench.data.reading import ClipData; "
        "from mebench.data.clips.repairs import RepairReport; from mebench.cohort.building import build_cohort; "
        "from mebench.cohort.protocol import Protocol; "
        "from mebench.cohort.splits import LeaveOneSubjectOut; "
        "table = pd.read_pickle('table.pickle'); nowhere = Path(); "
        "data = ClipData('alpha', nowhere, nowhere, '', table, (), RepairReport('none'), {}, False); "
        f"print(build_cohort({PROTOCOL!r}, [data]).manifest)"
    )
    data_of(*FOUR).table.to_pickle(tmp_path / "table.pickle")
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == cohort_of(*FOUR).manifest
