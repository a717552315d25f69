"""The clip table: typed cells, lasting keys, and a reason for every clip that cannot be used."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mebench.data.clips.apex import APEX_SOURCES, NO_NUMBER, NONE_GIVEN, OUTSIDE, fill_middle_apex
from mebench.data.clips.table import (
    COLUMNS,
    Drop,
    cell_text,
    check_clips,
    clip_rows,
    frame_number,
    make_clip_table,
)


def raw(*rows: dict[str, object]) -> pd.DataFrame:
    """Rows of raw cells: a good clip, changed where a row says so."""
    good = {"subject": "s1", "clip": "a", "onset": 3, "apex": 5, "offset": 9, "emotion": "fear", "aus": "4"}
    made = [{"row": number, **good, **row} for number, row in enumerate(rows, start=2)]
    return pd.DataFrame(made, dtype=object)


def table_of(*rows: dict[str, object]) -> pd.DataFrame:
    return make_clip_table("casme3", raw(*rows), fps=30.0)


def reason(**cells: object) -> str:
    """Return why a single clip with these cells is dropped."""
    good, drops = check_clips(table_of(cells))
    assert good.empty
    assert [drop.row for drop in drops] == [2]
    assert not drops[0].by_rule
    return drops[0].reason


@pytest.mark.parametrize(
    ("cell", "text", "number"),
    [
        (12, "12", 12),
        (12.0, "12", 12),
        (np.int64(12), "12", 12),
        (np.float64(12.0), "12", 12),
        ("12", "12", 12),
        (" 12 ", "12", 12),
        ("00012", "00012", 12),
        ("-3", "-3", -3),
        (0, "0", 0),
        (12.5, "12.5", None),
        ("12.5", "12.5", None),
        ("/", "/", None),
        ("twelve", "twelve", None),
        ("1e3", "1e3", None),
        ("9" * 10, "9" * 10, None),
        ("12 13", "12 13", None),
        (True, "True", None),
        (None, "", None),
        (math.nan, "", None),
        (float("nan"), "", None),
        (np.float64("nan"), "", None),
        (math.inf, "inf", None),
        ("", "", None),
        (datetime.datetime(2020, 4, 7), "2020-04-07 00:00:00", None),
    ],
)
def test_a_cell_means_the_same_whether_it_is_text_or_a_number(
    cell: object, text: str, number: int | None
) -> None:
    assert cell_text(cell) == text
    assert frame_number(cell) == number


def test_the_table_has_its_columns_and_types_whatever_the_cells_were() -> None:
    table = table_of({"onset": "3", "apex": 5.0, "emotion": " Others ", "aus": 12}, {"apex": "/"})
    assert tuple(table.columns) == COLUMNS
    assert [str(table[name].dtype) for name in ("onset", "apex", "offset")] == ["Int64"] * 3
    assert table["row"].tolist() == [2, 3]
    assert table["emotion"].tolist() == ["others", "fear"]
    assert table["aus"].tolist() == ["12", "4"]
    assert table["fps"].tolist() == [30.0, 30.0]
    assert table["apex_source"].tolist() == ["owner", "middle: none given"]
    assert pd.isna(table["apex"][1])


def test_each_clip_may_have_a_frame_rate_of_its_own() -> None:
    table = make_clip_table("dfme", raw({}, {"clip": "b"}), fps=[500.0, 200.0])
    assert table["fps"].tolist() == [500.0, 200.0]


def test_a_table_without_rows_is_a_table() -> None:
    empty = pd.DataFrame(columns=list(raw({}).columns), dtype=object)
    good, drops = check_clips(make_clip_table("casme3", empty, fps=30.0))
    assert good.empty
    assert drops == []


@pytest.mark.parametrize("onset", [166, 166.0, "166", " 166"])
def test_a_key_names_dataset_subject_clip_and_onset_however_the_onset_is_stored(onset: object) -> None:
    table = table_of({"subject": "spNO.1", "clip": "b", "onset": onset, "apex": 170, "offset": 180})
    assert table["key"].tolist() == ["casme3/spNO.1/b/166"]


def test_subject_numbers_stored_as_floats_have_no_decimal_point_in_the_key() -> None:
    assert table_of({"subject": 6.0, "clip": 1.0})["key"].tolist() == ["casme3/6/1/3"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"onset": 10}, "onset 10 comes after offset 9"),
        ({"offset": 2}, "onset 3 comes after offset 2"),
        ({"offset": 3}, "onset and offset are both 3, but the apex is 5"),
        ({"offset": 1900}, "its window of 63 seconds, 3 to 1900, is no expression (at most 60 seconds)"),
        ({"first": 4}, "onset 3 lies before the first frame of its recording, 4"),
        ({"last": "8"}, "offset 9 lies after the last frame of its recording, 8"),
        ({"onset": 3, "offset": 9, "first": 50, "last": 60}, "onset 3 lies before the first frame"),
        ({"onset": -1}, "onset -1 is negative"),
        ({"onset": "/"}, "onset is not a frame number"),
        ({"onset": 5.5}, "onset is not a frame number"),
        ({"offset": ""}, "offset is not a frame number"),
        ({"subject": "../../etc"}, "subject '../../etc' is not a plain name"),
        ({"subject": ""}, "subject '' is not a plain name"),
        ({"subject": None}, "subject '' is not a plain name"),
        ({"clip": ".."}, "clip '..' is not a plain name"),
        ({"clip": "."}, "clip '.' is not a plain name"),
        ({"clip": "a/b"}, "clip 'a/b' is not a plain name"),
        ({"clip": "a\\b"}, "is not a plain name"),
        ({"clip": "/etc"}, "clip '/etc' is not a plain name"),
        ({"clip": "C:x"}, "clip 'C:x' is not a plain name"),
        ({"clip": "a\nb"}, "is not a plain name"),
        ({"clip": "a\0"}, "is not a plain name"),
        ({"clip": "{frame}"}, "clip '{frame}' is not a plain name"),
    ],
)
def test_every_fault_is_dropped_with_its_reason(cells: dict[str, object], words: str) -> None:
    assert words in reason(**cells)


@pytest.mark.parametrize(
    "name", ["spNO.1", "006_1_2", "EP01_12(2)", "s1_ne_01", "S13-07-001", "a b", "\u53d7\u8bd5\u80051"]
)
def test_names_that_owners_use_are_plain(name: str) -> None:
    good, drops = check_clips(table_of({"subject": name, "clip": name}))
    assert len(good) == 1
    assert drops == []


def test_a_window_of_a_single_frame_is_allowed() -> None:
    good, _ = check_clips(table_of({"onset": 0, "apex": 0, "offset": 0}))
    assert len(good) == 1


def test_a_second_clip_of_the_same_key_is_dropped_and_names_the_first_row() -> None:
    good, drops = check_clips(table_of({}, {"apex": 6}, {"onset": 4}))
    assert good["row"].tolist() == [2, 4]
    assert drops == [Drop("casme3/s1/a/3", 3, "the same subject, clip and onset stand in row 2 already")]


def test_a_faulty_clip_does_not_cost_the_good_one_of_the_same_key() -> None:
    good, drops = check_clips(table_of({"offset": 1}, {}))
    assert good["row"].tolist() == [3]
    assert [drop.row for drop in drops] == [2]


def test_a_faulty_clip_of_a_known_key_is_dropped_for_its_fault() -> None:
    _, drops = check_clips(table_of({}, {"offset": 1}))
    assert [drop.reason for drop in drops] == ["onset 3 comes after offset 1"]


@pytest.mark.parametrize(
    ("cell", "source"),
    [
        *(
            (cell, NONE_GIVEN)
            for cell in (None, math.nan, "", " ", "/", "-", "?", "N/A", "#N/A", -1, "-1", -1.0, "-1.0")
        ),
        *(
            (cell, NO_NUMBER)
            for cell in (5.5, "5.5", "five", "~5", "5?", "5/6", "4-6", "#REF!", "=C3+2", "1e1")
        ),
        *((cell, NO_NUMBER) for cell in (True, datetime.time(0, 0, 5), datetime.datetime(2020, 4, 7))),
        *((cell, OUTSIDE) for cell in (2, 10, 0, -5, "10", 1930, 10.0)),
    ],
)
def test_an_apex_that_cannot_be_used_is_the_middle_of_the_window_and_says_why(
    cell: object, source: str
) -> None:
    good, drops = check_clips(table_of({"apex": cell}))
    assert (good["apex"].tolist(), good["apex_source"].tolist(), drops) == ([6], [source], [])
    assert source in APEX_SOURCES


@pytest.mark.parametrize("cell", [3, 5, 9, "5", 5.0, " 5 ", "05", "\uff15"])
def test_an_apex_within_its_window_is_the_owners(cell: object) -> None:
    good, _ = check_clips(table_of({"apex": cell}))
    assert (good["apex"].tolist(), good["apex_source"].tolist()) == (
        [int(str(cell).split(".")[0])],
        ["owner"],
    )


def test_a_sheet_without_a_column_of_apexes_gives_middles() -> None:
    good, drops = check_clips(make_clip_table("casme3", raw({}, {"onset": 4}).drop(columns="apex"), fps=30.0))
    assert (good["apex"].tolist(), good["apex_source"].unique().tolist()) == ([6, 6], [NONE_GIVEN])
    assert drops == []


def test_a_window_that_cannot_be_true_gets_no_middle() -> None:
    table = fill_middle_apex(
        table_of({"onset": 10, "apex": None}, {"onset": "x", "apex": None}, {"offset": 3})
    )
    assert table["apex"].isna().tolist() == [True, True, False]
    assert table["apex_source"].tolist() == [NONE_GIVEN, NONE_GIVEN, "owner"]


@pytest.mark.parametrize("fps", [30.0, math.nan, 0.0, -1.0])
def test_a_window_of_24_seconds_is_used_and_a_rate_that_tells_nothing_drops_no_clip(fps: float) -> None:
    rows = raw({"onset": 1, "apex": 5, "offset": 730}, {"clip": "b", "onset": 1, "offset": 100_000})
    good, drops = check_clips(make_clip_table("casme3", rows, fps=fps))
    assert good["row"].tolist() == ([2] if fps == 30.0 else [2, 3])
    assert len(good) + len(drops) == 2


def test_a_window_within_its_recording_is_used() -> None:
    good, drops = check_clips(table_of({"first": 3, "last": 9}, {"onset": 4, "first": None, "last": "?"}))
    assert (len(good), drops) == (2, [])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (4, "4"),
        (4.0, "4"),
        ("4.0", "4"),
        ("VI ", "VI"),
        ("iv", "IV"),
        ("\u2163", "IV"),
        (None, ""),
        ("04", "4"),
    ],
)
def test_an_objective_class_has_one_spelling(cell: object, text: str) -> None:
    assert table_of({"objective_class": cell})["objective_class"].tolist() == [text]


CELLS = st.one_of(
    st.none(), st.integers(-5, 40), st.floats(allow_nan=True), st.text(max_size=6), st.booleans()
)
FRAMES = st.one_of(st.integers(0, 12), CELLS)
NAMES = st.one_of(st.sampled_from(["s1", "s2", "..", "a/b", ""]), CELLS)
ROWS = st.fixed_dictionaries(
    {"subject": NAMES, "clip": NAMES, "onset": FRAMES, "apex": FRAMES, "offset": FRAMES, "emotion": CELLS}
)


@settings(deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=12))
def test_every_row_is_used_or_dropped_with_a_reason_whatever_its_cells_hold(
    rows: list[dict[str, object]],
) -> None:
    table = table_of(*rows)
    good, drops = check_clips(table)
    assert sorted([*good["row"], *(drop.row for drop in drops)]) == table["row"].tolist()
    assert all(drop.reason for drop in drops)
    assert good["key"].is_unique
    for clip in clip_rows(good):
        assert 0 <= clip.onset <= clip.apex <= clip.offset
        assert clip.subject not in ("", ".", "..")
        assert not set("/\\\0") & set(clip.subject + clip.clip)
    assert set(good["apex_source"]) <= set(APEX_SOURCES)
