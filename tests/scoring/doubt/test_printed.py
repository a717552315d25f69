"""What a printed figure may stand for, and texts that are none."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mebench.errors import MebenchError
from mebench.scoring.doubt.printed import Printed


@pytest.mark.parametrize(
    ("value", "manner"),
    [
        (".12335", "rounded"),
        (".12339999", "rounded"),
        (".1234", "rounded"),
        (".12345", "rounded"),
        (".123451", "truncated"),
        (".123499999", "truncated"),
        (".1235", ""),
        (".1233499", ""),
    ],
)
def test_a_figure_stands_for_what_rounds_to_it_or_begins_with_it(value: str, manner: str) -> None:
    figure = Printed.read("uf1", ".1234")
    assert figure.manner(Fraction(f"0{value}")) == manner
    assert (Fraction(f"0{value}") in figure.either) == bool(manner)


def test_digits_count_as_printed() -> None:
    assert Printed.read("uar", "0.2000").step == Fraction(1, 10000)
    assert Printed.read("uar", " .2 ").step == Fraction(1, 10)
    assert Printed.read("uar", "1.000").value == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("58.82", "is it percent? Then write .5882"),
        ("20", "is it percent? Then write .20"),
        ("7.1%", "is it percent? Then write .071"),
        ("100", "is it percent? Then write 1.00"),
        ("1", "has no digits"),
        ("0.", "has no digits"),
        ("1.2", "is it percent? Then write .012"),
        ("-.2", "is no share"),
        ("101", "is no share"),
        ("nan", "is no share"),
        ("", "is no share"),
        (".1e3", "is no share"),
        ("\u0660.\u0662", "is no share"),
    ],
)
def test_what_is_no_share_is_asked_about(text: str, said: str) -> None:
    with pytest.raises(MebenchError, match=f"--uf1 .*{said.replace('?', '[?]')}"):
        Printed.read("uf1", text, "--uf1")
