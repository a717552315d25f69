from __future__ import annotations

import numpy as np
import pytest
from invented import invented_cohort

from mebench.api import Registry
from mebench.cohort.opening import load_protocol
from mebench.cohort.protocol import Expected, Protocol
from mebench.errors import MebenchError
from mebench.scoring.power import Power, power_of, subjects_for
from mebench.scoring.power_sizes import published_sizes, sizes_of_clips
from mebench.scoring.simulation import Sizes, simulated

SMIC = Sizes({"smic": (16, (70, 51, 43))})


def test_a_simulated_cohort_has_the_clips_and_subjects_that_it_should() -> None:
    sizes = Sizes({"smic": (3, (7, 5, 4)), "samm": (5, (9, 2, 1))})
    drawn = simulated(np.random.default_rng(0), sizes, 20, (np.zeros(3), np.zeros(3)), seeds=2)
    assert drawn.shape == (2, 20, 8, 2, 3, 3)
    assert (drawn[:, :, :3].sum(axis=(2, 5)) == [7, 5, 4]).all()
    assert (drawn[:, :, 3:].sum(axis=(2, 5)) == [9, 2, 1]).all()
    assert (drawn.sum(axis=(4, 5)) > 0).all(), "every subject has a clip"
    assert (drawn[0].sum(axis=-1) == drawn[1].sum(axis=-1)).all(), "both models see the same clips"
    assert sizes.times(2).datasets == {"smic": (6, (14, 10, 8)), "samm": (10, (18, 4, 2))}


def test_a_cohort_that_is_here_keeps_the_clips_of_each_subject() -> None:
    cohort = invented_cohort(5, 4, datasets=("casme3", "samm"))
    sizes = sizes_of_clips(cohort)
    assert sizes.strata == ["casme3"] * 5 + ["samm"] * 5
    assert sizes.clips.sum() == len(cohort.clips)
    assert (sizes.counts == np.bincount(cohort.clips["label"])).all()
    even = np.zeros(len(sizes.counts))
    drawn = simulated(np.random.default_rng(0), sizes, 3, (even,))
    assert (drawn[0, :, :, 0].sum(axis=-1) == sizes.clips).all()
    more = sizes.times(2.4)
    assert more.strata == ["casme3"] * 12 + ["samm"] * 12
    drawn = simulated(np.random.default_rng(0), more, 3, (even,))
    assert (drawn[0, :, 5:10, 0].sum(axis=-1) == sizes.clips[:5]).all()


def test_published_counts_are_taken_by_dataset_where_they_are_known(registry: Registry) -> None:
    megc = published_sizes(load_protocol(registry, "megc2019"))
    assert (len(megc.strata), int(megc.counts.sum())) == (68, 442)
    assert megc.strata.count("samm") == 28
    silent = Protocol(
        "mine", "mine", ("smic", "samm"), ("a", "b"), expected=Expected(9, None, {"a": 4, "b": 5})
    )
    with pytest.raises(MebenchError, match="does not say how many subjects"):
        published_sizes(silent)


def test_larger_differences_are_found_more_often_and_the_smallest_lies_between() -> None:
    found = power_of(SMIC, uf1=0.6, cohorts=50)
    for name in ("uf1", "uar"):
        shares = [share for _, share in found.rates[name]]
        differences = [difference for difference, _ in found.rates[name]]
        assert shares[0] < 0.4
        assert shares[-1] > 0.8
        assert differences == sorted(differences)
        below = max(difference for difference, share in found.rates[name] if share < 0.8)
        assert below < found.smallest[name] < differences[-1]
    assert power_of(SMIC, uf1=0.6, cohorts=50) == found


def test_a_smaller_difference_takes_more_subjects() -> None:
    found = power_of(SMIC, uf1=0.6, cohorts=50)
    smaller, larger = (subjects_for(SMIC, each, uf1=0.6, cohorts=50, smallest=found) for each in (0.06, 0.1))
    assert smaller["uf1"] > 2 * larger["uf1"]
    hopeless = subjects_for(SMIC, 0.001, uf1=0.6, cohorts=50, smallest=found)
    assert hopeless["uf1"] > 10_000


def test_what_cannot_be_is_one_sentence() -> None:
    with pytest.raises(MebenchError, match=r"no simulated model of these clips has a UF1 of 0\.01"):
        power_of(SMIC, uf1=0.01, cohorts=25)
    with pytest.raises(MebenchError, match=r"such as 0\.05, not 2"):
        subjects_for(SMIC, 2.0, smallest=Power(0.7))
    with pytest.raises(MebenchError, match="at least 1 seed"):
        power_of(SMIC, seeds=0)
