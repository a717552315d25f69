"""Seeds by name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mebench.evidence.digests import derive_seed

names = st.lists(
    st.one_of(st.integers(), st.text("abcdefgh/0123456789. ", max_size=8)), min_size=1, max_size=4
)


def test_a_seed_never_changes_between_versions_or_machines() -> None:
    # Recorded runs cannot be continued or repeated under other seeds.
    assert derive_seed(0, "casme3-4c", "casme3/spNO.1") == 1115039183879999051


@given(names)
def test_a_seed_fits_63_bits(parts: list[object]) -> None:
    assert 0 <= derive_seed(*parts) < 2**63


@given(names, names)
def test_other_names_give_other_seeds(first: list[object], second: list[object]) -> None:
    same = list(map(str, first)) == list(map(str, second))
    assert (derive_seed(*first) == derive_seed(*second)) == same


def test_names_do_not_run_into_each_other() -> None:
    assert len({derive_seed(1, "2"), derive_seed(12), derive_seed("", "12"), derive_seed(12, "")}) == 4
