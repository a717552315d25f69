from __future__ import annotations

import datetime
import math
import re
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mebench.data.clips.aus import ActionUnit, parse_aus, parse_aus_with_rest, shown_units


def written(text: object) -> list[str]:
    """Side, prefix, number and intensity of each code, with ``|n`` for the n-th set of alternatives."""
    return [
        f"{unit.kind if unit.kind != 'AU' else ''}{unit.side}{unit.number}{unit.intensity}"
        + (f"|{unit.alternative}" if unit.alternative else "")
        for unit in parse_aus(text)
    ]


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        (12, ["12"]),
        (4.0, ["4"]),
        (np.int64(7), ["7"]),
        (np.float64(7.0), ["7"]),
        ("4.0", ["4"]),
        ("4+7", ["4", "7"]),
        ("4+L10", ["4", "L10"]),
        ("R1+R2", ["R1", "R2"]),
        ("L14+L15", ["L14", "L15"]),
        (" L12 + 61", ["L12", "61"]),
        ("12+15 ", ["12", "15"]),
        ("7B", ["7B"]),
        ("12A", ["12A"]),
        ("43E+4A/B", ["43E", "4A/B"]),
        ("10A/B", ["10A/B"]),
        ("T18", ["T18"]),
        ("B23", ["B23"]),
        ("A12", ["A12"]),
        ("A/L12", ["A/L12"]),
        ("24+T18+16", ["24", "T18", "16"]),
        ("T28+14", ["T28", "14"]),
        ("26+25", ["26", "25"]),
        ("14,L24,", ["14", "L24"]),
        ("4\uff0c11", ["4", "11"]),
        ("R4,5", ["R4", "5"]),
        ("AU4(k)+L7", ["4", "L7"]),
        ("AUR2+12(k)+45", ["R2", "12", "45"]),
        ("AU 4", ["4"]),
        ("r14+au6", ["R14", "6"]),
        ("23+AD31", ["23", "AD31"]),
        ("AD38", ["AD38"]),
        ("M58", ["M58"]),
        ("4+7+R20", ["4", "7", "R20"]),
        ("ref(43)", ["43"]),
        ("ref(7B)+43", ["7B", "43"]),
        ("(R6 or R12)+R15", ["R6|1", "R12|1", "R15"]),
        ("L12 or L14", ["L12|1", "L14|1"]),
        ("L12orL14", ["L12|1", "L14|1"]),
        ("R14A or 17A or 24A", ["R14A|1", "17A|1", "24A|1"]),
        ("4 or 7 + 9 + (L12 OR 14)", ["4|1", "7|1", "9", "L12|2", "14|2"]),
        ("12A/L14", ["12A|1", "L14|1"]),
        ("12/14", ["12|1", "14|1"]),
        ("12L", ["L12"]),
        ("10R", ["R10"]),
        ("4R+7", ["R4", "7"]),
        ("12L+R14", ["L12", "R14"]),
        ("12LB", ["L12B"]),
        ("12BL", ["L12B"]),
        ("12RA/B", ["R12A/B"]),
        ("12 L", ["L12"]),
        ("12 L, 7", ["L12", "7"]),
        ("12 L14", ["12", "L14"]),
        ("12L or 14R", ["L12|1", "R14|1"]),
        ("AU12L", ["L12"]),
        ("12B", ["12B"]),
        ("AU04", ["4"]),
        ("\uff11\uff12\uff0b\uff14", ["12", "4"]),
    ],
)
def test_every_notation_of_the_datasets_is_read_in_full(cell: object, codes: list[str]) -> None:
    assert written(cell) == codes
    assert parse_aus_with_rest(cell).rest == ()


@pytest.mark.parametrize("cell", [None, math.nan, np.float64("nan"), pd.NA, pd.NaT, "", "  ", "nan"])
def test_an_empty_cell_has_no_codes_and_no_rest(cell: object) -> None:
    parsed = parse_aus_with_rest(cell)
    assert (parsed.units, parsed.rest) == ((), ())


@pytest.mark.parametrize(
    ("cell", "codes", "rest"),
    [
        ("?", [], ("?",)),
        ("/", [], ("/",)),
        ("R14+17+soft focus", ["R14", "17"], ("soft focus",)),
        ("12 or soft focus", ["12"], ("or soft focus",)),
        ("soft focus or 12", ["12"], ("soft focus or",)),
        ("12 or", ["12"], ("or",)),
        ("12 or or 14", ["12", "14"], ("or or",)),
        ("1214", [], ("1214",)),
        ("12L14", [], ("12L14",)),
        ("sub12+4", ["4"], ("sub12",)),
        ("4.7", [], ("4.7",)),
        ("4-7", ["4", "7"], ("-",)),
        ("0+4", ["4"], ("0",)),
        (4.5, [], ("4.5",)),
        (-4.0, [], ("-4.0",)),
        (1e20, [], ("1e+20",)),
        (True, [], ("True",)),
        (datetime.date(2020, 4, 7), [], ("2020-04-07",)),
        ("2020-04-07 00:00:00", ["4", "7"], ("2020-", "-", "00:00:00")),
        ("U12", [], ("U12",)),
        ("L12R", [], ("L12R",)),
        ("L12 R", [], ("L12 R",)),
        ("12 L 14", ["12", "14"], ("L",)),
        ("12LL", [], ("12LL",)),
        ("4R7", [], ("4R7",)),
        ("48+4", ["4"], ("48",)),
        ("99", [], ("99",)),
        ("AU3", [], ("AU3",)),
    ],
)
def test_what_is_no_code_is_handed_back_and_never_guessed(
    cell: object, codes: list[str], rest: tuple[str, ...]
) -> None:
    assert written(cell) == codes
    assert parse_aus_with_rest(cell).rest == rest


def test_marks_of_reflex_kept_and_uncertain_belong_to_their_own_code() -> None:
    reflex, plain = parse_aus("ref(43)+4")
    assert (reflex.reflex, plain.reflex) == (True, False)
    moved, kept, blink = parse_aus("AUR2+12(k)+45")
    assert (moved.kept, kept.kept, blink.kept) == (False, True, False)
    unsure, sure = parse_aus("13?+14")
    assert (unsure.uncertain, sure.uncertain) == (True, False)


def test_numbers_leave_out_action_descriptors_and_movements() -> None:
    assert parse_aus_with_rest("L4+AD31+M58+(6 or 12)").numbers == frozenset({4, 6, 12})


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (12, {12}),
        ("4R+7", {4, 7}),
        ("(R6 or R12)+R15", {6, 12, 15}),
        ("13?", {13}),
        ("ref(7B)+43", {7, 43}),
        ("AUR2+12(k)+45", {2, 45}),
        ("4(k)", set()),
        ("23+AD31+M58", {23}),
        ("AD31", set()),
        ("R14+17+soft focus", None),
        ("?", None),
        ("4-7", None),
        (4.5, None),
        ("2020-04-07 00:00:00", None),
        ("4+48", None),
        ("", None),
        (None, None),
    ],
)
def test_a_cell_shows_its_units_where_all_of_it_is_understood(cell: object, shown: set[int] | None) -> None:
    assert shown_units(cell) == shown


@given(st.text(alphabet="0123456789LRAB xyz+?"))
def test_a_cell_with_anything_left_over_shows_nothing_known(text: str) -> None:
    assert (shown_units(text) is None) == bool(parse_aus_with_rest(text).rest or not parse_aus(text))


@given(st.text() | st.text(alphabet="0123456789LRATBEMDUAUorefk()+/,.? \uff0c\uff11"))
def test_any_text_is_read_without_an_error_and_without_joined_digits(text: str) -> None:
    parsed = parse_aus_with_rest(text)
    assert parsed.raw == text
    runs = [int(run) for run in re.findall(r"\d+", text) if len(run) < 3]
    position = 0
    for unit in parsed.units:
        position = text.index(unit.raw, position) + len(unit.raw)
        assert unit.number in runs
        runs = runs[runs.index(unit.number) + 1 :]
    assert all(piece in text for piece in parsed.rest)


@given(st.text(alphabet="0123456789LRATBxyz or+/,.?()"))
def test_every_digit_ends_up_in_a_code_or_in_the_rest(text: str) -> None:
    parsed = parse_aus_with_rest(text)
    found = "".join(unit.raw for unit in parsed.units) + "".join(parsed.rest)
    assert sorted(filter(str.isdigit, found)) == sorted(filter(str.isdigit, text))


intensities = st.sampled_from(["", "A", "B", "C", "D", "E", "A/B", "C/D"])
codes = st.builds(
    ActionUnit,
    number=st.sampled_from([1, 2, 4, 9, 12, 28, 38, 43, 45, 61, 84, 98]),
    side=st.sampled_from(["", "L", "R", "A", "T", "B", "A/L"]),
    intensity=intensities,
    kind=st.sampled_from(["AU", "AD", "M"]),
    raw=st.just(""),
    reflex=st.booleans(),
    kept=st.booleans(),
    uncertain=st.booleans(),
)


def ways(unit: ActionUnit) -> list[str]:
    """In which orders a code may be written, with a place for the prefix."""
    number, side, intensity = unit.number, unit.side, unit.intensity
    after = [f"{{}}{number}{intensity}{side}", f"{{}}{number}{side}{intensity}"] if side in ("L", "R") else []
    return [f"{{}}{side}{number}{intensity}", *after]


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, list[ActionUnit]]:
    texts, units, sets = [], [], 0
    for members in draw(st.lists(st.lists(codes, min_size=1, max_size=3), min_size=1, max_size=5)):
        sets += len(members) > 1
        parts = []
        for unit in members:
            prefix = draw(st.sampled_from(["", "AU", "AU "])) if unit.kind == "AU" else unit.kind
            code = draw(st.sampled_from(ways(unit))).format(prefix)
            code = f"ref({code})" if unit.reflex else code
            parts.append(code + "(k)" * unit.kept + "?" * unit.uncertain)
            values = {field.name: getattr(unit, field.name) for field in fields(unit)}
            units.append(
                ActionUnit(**{**values, "raw": parts[-1], "alternative": sets if len(members) > 1 else 0})
            )
        joined = draw(st.sampled_from([" or ", " OR ", " / "])).join(parts)
        texts.append(f"({joined})" if len(members) > 1 and draw(st.booleans()) else joined)
    return draw(st.sampled_from(["+", " + ", ",", "\uff0c", ", "])).join(texts), units


@given(cells())
def test_whatever_the_notation_can_write_is_read_back(cell: tuple[str, list[ActionUnit]]) -> None:
    text, units = cell
    parsed = parse_aus_with_rest(text)
    assert list(parsed.units) == units
    assert parsed.rest == ()
