"""Named repairs: they change what they know to be wrong, and nothing else."""

from __future__ import annotations

import pandas as pd
import pytest

from mebench.data.clips.repairs import Repair, RepairReport, RepairSet
from mebench.data.clips.table import make_clip_table

KEY = "casme3/s1/a/112"


def table_of(onset: object = 112, apex: object = 83, offset: object = 160) -> pd.DataFrame:
    rows = [
        {"row": 2, "subject": "s1", "clip": "a", "onset": onset, "apex": apex, "offset": offset},
        {"row": 3, "subject": "s1", "clip": "a", "onset": 300, "apex": 83, "offset": 320},
    ]
    raw = pd.DataFrame([row | {"emotion": "fear", "aus": "4"} for row in rows], dtype=object)
    return make_clip_table("casme3", raw, fps=30.0)


def repair(field: str = "apex", old: int = 83, new: int = 123, key: str = KEY) -> Repair:
    return Repair(key, field, old, new, "the apex lies before the onset", "someone")


def apply(table: pd.DataFrame, *repairs: Repair) -> tuple[pd.DataFrame, RepairReport]:
    return RepairSet("casme3-v2", repairs).apply(table)


def test_a_repair_changes_its_own_cell_and_no_other() -> None:
    before = table_of()
    after, report = apply(before, repair())
    assert after["apex"].tolist() == [123, 83]
    untouched = [name for name in before.columns if name not in ("apex", "apex_source")]
    pd.testing.assert_frame_equal(after[untouched], before[untouched])
    assert report == RepairReport("casme3-v2", applied=(repair(),))


def test_the_table_given_is_left_as_it_was() -> None:
    before = table_of()
    apply(before, repair())
    pd.testing.assert_frame_equal(before, table_of())


def test_another_edition_that_is_already_right_is_left_alone_and_says_so() -> None:
    after, report = apply(table_of(apex=123), repair())
    pd.testing.assert_frame_equal(after, table_of(apex=123))
    assert report.applied == ()
    assert report.unmatched == ((repair(), "already right"),)


@pytest.mark.parametrize(
    ("apex", "why"), [(150, "the sheet holds 150"), ("/", "the sheet holds no frame number")]
)
def test_a_value_the_repair_does_not_know_is_never_overwritten(apex: object, why: str) -> None:
    after, report = apply(table_of(apex=apex), repair())
    pd.testing.assert_frame_equal(after, table_of(apex=apex))
    assert report.unmatched == ((repair(), why),)


def test_a_repair_of_a_clip_that_is_not_there_says_so() -> None:
    elsewhere = repair(key="casme3/s9/a/112")
    after, report = apply(table_of(), elsewhere)
    pd.testing.assert_frame_equal(after, table_of())
    assert report.unmatched == ((elsewhere, "no such clip"),)


def test_a_repaired_onset_leaves_the_key_as_annotated() -> None:
    after, report = apply(table_of(), repair("onset", 112, 80))
    assert after["onset"].tolist() == [80, 300]
    assert after["key"].tolist() == table_of()["key"].tolist()
    assert len(report.applied) == 1


def test_two_repairs_of_one_clip_both_find_it_by_its_annotated_key() -> None:
    after, report = apply(table_of(), repair("onset", 112, 80), repair())
    assert (after["onset"][0], after["apex"][0]) == (80, 123)
    assert len(report.applied) == 2


def test_only_a_repaired_apex_is_marked_as_the_repairs_own() -> None:
    assert apply(table_of(), repair())[0]["apex_source"].tolist() == ["repair", "owner"]
    assert apply(table_of(), repair("offset", 160, 170))[0]["apex_source"].tolist() == ["owner", "owner"]
    assert apply(table_of(apex=123), repair())[0]["apex_source"].tolist() == ["owner", "owner"]


def test_a_repair_may_touch_frame_numbers_only() -> None:
    with pytest.raises(ValueError, match="'emotion' is not one of"):
        apply(table_of(), repair("emotion"))


def test_a_repair_reads_as_one_line_with_clip_change_reason_and_source() -> None:
    line = "casme3/s1/a/112: apex 83 -> 123 (the apex lies before the onset; someone)"
    assert str(repair()) == line


def test_a_set_without_repairs_changes_nothing() -> None:
    after, report = RepairSet("none").apply(table_of())
    pd.testing.assert_frame_equal(after, table_of())
    assert report == RepairReport("none")
