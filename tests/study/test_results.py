"""What a study found: scores over the asked seeds, differences to the reference, what failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import invented_cohort
from recorded_runs import record_run
from small_studies import outcome_of, recorded, small_study

from mebench.cohort.building import Cohort
from mebench.display.study_view import ended_line
from mebench.records import RunDirectory
from mebench.scoring.compared import compare_pooled
from mebench.scoring.rebuild import read_predictions
from mebench.study.results import Results, results_of
from mebench.study.table import study_notes, study_table
from mebench.study.work import Done


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return invented_cohort(4, 4, twin=True)


def found_of(folder: Path, cohort: Cohort, *, seeds: tuple[int, ...] = (0, 1)) -> Results:
    study = small_study(folder)
    told = [(2, 4), (8, 8), (2, 4), (16, 16)]
    ended = [
        recorded(folder, cohort, variant, wrong, seeds=(0, 1), asked=seeds)
        for variant, wrong in zip(study.variants, told, strict=True)
    ]
    return results_of(study, ended, cohort, seeds)


def test_a_variants_line_is_of_the_asked_seeds_though_another_study_has_more_under_way(
    tmp_path: Path, cohort: Cohort
) -> None:
    done = recorded(tmp_path, cohort, small_study(tmp_path).variants[0], (2, 4), seeds=(0, 1), asked=(0,))
    assert done.outcome is not None
    next((done.outcome.directory.path / "folds").glob("seed1*.json")).unlink()
    again = Done.of(done.variant, done.outcome, (0,))
    assert again.missing == 0
    assert ended_line(again) == ended_line(done)
    assert ended_line(Done.of(done.variant, done.outcome, (0, 1))) == "reference: 1 fold(s) are still missing"


def test_each_variant_is_compared_with_the_reference(tmp_path: Path, cohort: Cohort) -> None:
    found = found_of(tmp_path, cohort)
    assert [row.name for row in found.rows] == ["reference", "kind=one", "kind=two", "axes=x"]
    reference, one, two, axes = found.rows
    assert reference.reference
    assert reference.difference is reference.p_holm is None
    assert two.difference is not None
    assert two.difference["difference"] == 0
    runs = [read_predictions(RunDirectory(Path(row.run or ""))) for row in (reference, one)]
    assert one.difference == compare_pooled(*runs)["uf1"]
    assert one.difference["difference"] < 0  # type: ignore[index]
    assert axes.uf1 is not None
    assert axes.uf1["mean"] == 0


def test_p_is_corrected_for_the_number_of_variants(tmp_path: Path, cohort: Cohort) -> None:
    found = found_of(tmp_path, cohort)
    p = [row.difference["p"] for row in found.rows if row.difference]
    assert min(p) == p[2]  # type: ignore[type-var]
    assert found.rows[3].p_holm == pytest.approx(min(1.0, 3 * p[2]))  # type: ignore[operator]


def test_only_the_asked_seeds_count(tmp_path: Path, cohort: Cohort) -> None:
    both, first = found_of(tmp_path, cohort), found_of(tmp_path, cohort, seeds=(0,))
    of_both, of_first = both.rows[0].uf1, first.rows[0].uf1
    assert of_both is not None
    assert of_first is not None
    assert of_both["per_seed"][0] == of_first["mean"]
    assert of_both["sd"] > 0  # type: ignore[operator]
    assert of_first["sd"] is None
    assert "±" in study_table(both).cells()[0][2]
    assert "±" not in study_table(first).cells()[0][2]


def test_a_failed_variant_costs_only_itself(tmp_path: Path, cohort: Cohort) -> None:
    study = small_study(tmp_path)
    kept = [recorded(tmp_path, cohort, variant, [2]) for variant in study.variants[:2]]
    broken = [Done(variant, None, "no such thing") for variant in study.variants[2:]]
    found = results_of(study, [*kept, *broken], cohort, (0,))
    assert [row.problem for row in found.rows] == ["", "", "no such thing", "no such thing"]
    assert found.rows[1].difference is not None
    assert "no scores for kind=two; axes=x: no such thing" in study_notes(found)


def test_without_the_references_scores_there_is_no_difference(tmp_path: Path, cohort: Cohort) -> None:
    study = small_study(tmp_path)
    ended = [recorded(tmp_path, cohort, variant, [2]) for variant in study.variants]
    outcome = ended[0].outcome
    assert outcome is not None
    next((outcome.directory.path / "folds").glob("*.json")).unlink()
    ended[0] = Done.of(ended[0].variant, outcome, (0,))
    found = results_of(study, ended, cohort, (0,))
    assert found.rows[0].problem == "1 of 4 folds are not recorded"
    assert found.rows[0].uf1 is None
    assert all(row.uf1 and row.difference is None for row in found.rows[1:])
    assert "UF1 difference" not in study_table(found).columns


def test_action_units_are_compared_where_there_are_no_classes(tmp_path: Path) -> None:
    alone = invented_cohort(4, 4, classes=(), labels={}, left_out={}, expected=None)
    study = small_study(tmp_path, ["axes"])
    units = (alone.aus == 1).astype(float)
    ended = [
        Done.of(
            variant,
            outcome_of(record_run(tmp_path / str(n), alone, aus=lambda task, n=n: abs(units - n))),
            (0,),
        )
        for n, variant in enumerate(study.variants)
    ]
    found = results_of(study, ended, alone, (0,))
    assert found.metric == "au_f1"
    assert found.rows[0].au_f1 is not None
    assert found.rows[0].au_f1["mean"] == 1
    assert found.rows[1].difference is not None
    assert found.rows[1].difference["difference"] == -1
    assert study_table(found).columns[:4] == ("axis", "variant", "AU F1", "AU F1 difference")


def test_what_must_not_be_overlooked_stands_in_the_title(tmp_path: Path, cohort: Cohort) -> None:
    found = found_of(tmp_path, cohort)
    assert "SYNTHETIC" in found.title
    assert found.title.startswith("Ablations of ")
    assert found.synthetic
    assert (found.shuffled_labels, found.selection) == (False, "last")


def test_the_notes_say_that_p_decides_and_not_the_interval(tmp_path: Path, cohort: Cohort) -> None:
    note = study_notes(found_of(tmp_path, cohort))[1]
    assert "p decides whether one may be chance" in note
    assert "may leave out 0 where p is above .05" in note
