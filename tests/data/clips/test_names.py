"""Names of databases from files: a power is part of a name, so that CAS(ME)^2 is never taken for CASME II."""

from __future__ import annotations

import pytest

from mebench.cohort.names import others_of, spellings_of
from mebench.data.clips.named_rows import dataset_of
from mebench.errors import MebenchError, UnknownNameError
from mebench.plugin.registry import Registry

SQUARED = ("CAS(ME)^2", "CAS(ME)2", "cas(me)²", "casme^2", "CASME_squared", "CAS(ME)^{2}", "casme**2")


def spellings(registry: Registry, protocol: str) -> dict[str, str]:
    return spellings_of(registry, registry.get("protocol", protocol).load())


@pytest.mark.parametrize("spelling", SQUARED)
def test_cas_me_squared_is_not_casme_2_in_any_spelling(spelling: str, registry: Registry) -> None:
    for protocol in ("casme2-3c", "megc2019", "casme3-3c"):
        with pytest.raises(MebenchError, match=r"row 7: the dataset .* is not supported here") as caught:
            dataset_of(spelling, spellings(registry, protocol), "list.csv, row 7")
        assert "did you mean" not in str(caught.value)
        assert "known: cas" in str(caught.value), "it says what is supported"


@pytest.mark.parametrize("spelling", SQUARED)
def test_a_command_names_no_near_match_for_it(spelling: str, registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match="known: 4dme, casme, casme-ii, casme2") as caught:
        registry.get("dataset", spelling)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("spelling", "protocol", "dataset"),
    [
        ("CASME II", "casme2-3c", "casme2"),
        ("CASME-2", "casme2-3c", "casme2"),
        ("casme2", "megc2019", "casme2"),
        ("CAS(ME)^3", "casme3-3c", "casme3"),
        ("CAS(ME)³", "casme3-3c", "casme3"),
        ("CAS(ME)3", "casme3-3c", "casme3"),
        ("CASME3", "casme3-3c", "casme3"),
        ("CAS(ME)^3 part C", "casme3c-3c", "casme3c"),
        ("SMIC", "megc2019", "smic-hs"),
        ("SMIC-HS", "megc2019", "smic-hs"),
    ],
)
def test_spellings_in_use_mean_what_they_say(
    spelling: str, protocol: str, dataset: str, registry: Registry
) -> None:
    assert dataset_of(spelling, spellings(registry, protocol), "") == dataset


@pytest.mark.parametrize("spelling", ["SMIC-VIS", "SMIC-E", "CASME", "CAS(ME)^3 part C", "MMEW"])
def test_a_sister_database_is_not_the_one_of_the_protocol(spelling: str, registry: Registry) -> None:
    with pytest.raises(MebenchError, match="is not supported here"):
        dataset_of(spelling, spellings(registry, "megc2019"), "")


def test_another_database_that_mebench_knows_is_told_from_one_that_it_does_not(registry: Registry) -> None:
    others = others_of(registry, registry.get("protocol", "casme2-3c").load())
    assert {"casme3", "casme^3", "smichs", "smic", "mmew"} <= others
    assert not {"casme2", "casmeii", "casme^2"} & others
