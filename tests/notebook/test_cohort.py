"""A cohort in a notebook: clips, labels, folds and features that fit each other, and what opens none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

import mebench
from mebench.api import ApexFrame
from mebench.cohort.lists import list_csv
from mebench.data.locations import Location
from mebench.data.sources import open_dataset
from mebench.features.store import user_store
from mebench.plugin.registry import Registry

WORKBOOK = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"


def test_clips_labels_classes_and_folds_fit_each_other(cohort: mebench.OpenCohort) -> None:
    clips = cohort.clips
    assert len(cohort) == len(clips) == len(cohort.labels) == 12
    assert [cohort.classes[label] for label in cohort.labels] == list(clips["class"])
    assert list(cohort.groups) == list(clips["dataset"] + "/" + clips["subject"])
    for fold in cohort.folds:
        assert set(clips["fold"].iloc[fold.test]) == {fold.name}
        assert sorted([*fold.train, *fold.test]) == list(range(12))
    assert [list(test) for _, test in cohort.splits()] == [list(fold.test) for fold in cohort.folds]
    assert cohort.synthetic
    assert len(cohort.manifest) == 64


def test_features_by_fold_are_those_that_a_run_gets(
    cohort: mebench.OpenCohort, twin: Path, registry: Registry
) -> None:
    x = cohort.features(ApexFrame(16), progress=False)
    cached = user_store().get(open_dataset(registry, "casme3", Location(twin)), ApexFrame(16))
    fold = cohort.folds[1]
    for rows, found in ((fold.train, x.train(fold)), (fold.test, x.test(fold.name))):
        keys = cohort.clips["key"].iloc[rows]
        assert np.array_equal(found, np.stack([cached.open()[cached.rows[key]] for key in keys]))
    assert (x.shape, x.dtype, len(x)) == ((12, 16, 16, 3), np.uint8, 12)
    assert np.array_equal(np.asarray(x)[fold.test], x.test(1))


def test_what_a_user_changes_in_it_changes_no_run(cohort: mebench.OpenCohort) -> None:
    cohort = mebench.OpenCohort(replace(cohort.definition, aus=np.ones((12, 1), np.uint8)))
    cohort.clips["label"] = 0
    cohort.clips.loc[0, "key"] = "mine"
    cohort.labels[:] = 0
    cohort.aus[:] = 0
    again = mebench.OpenCohort(cohort.definition)
    assert len(set(again.labels)) > 1
    assert "mine" not in set(again.clips["key"])
    assert again.aus.all()


def test_features_are_read_also_after_the_folder_changed(
    cohort: mebench.OpenCohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEBENCH_CACHE", "cache")
    x = cohort.features(ApexFrame(8), progress=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert x.test(0).shape == (4, 8, 8, 3)


def test_a_fold_has_a_name_a_short_name_and_a_number(cohort: mebench.OpenCohort) -> None:
    fold = cohort.folds[-1]
    for name in (fold, fold.name, fold.name.partition("/")[2], 2, -1):
        assert cohort.fold(name) is fold
    for unknown in ("spNO.9", 3, -4):
        with pytest.raises(mebench.MebenchError, match=f"no fold named '{unknown}'"):
            cohort.fold(unknown)


@pytest.mark.parametrize("form", [str, Path, Location, lambda path: {"casme3": path}])
def test_data_is_a_folder_a_location_or_a_mapping(twin: Path, form: Any, cohort: mebench.OpenCohort) -> None:
    again = mebench.open_cohort("casme3-4c", data=form(twin), progress=False)
    assert again.manifest == cohort.manifest


def test_annotations_alone_give_the_same_clips_and_no_features(
    twin: Path, cohort: mebench.OpenCohort, tmp_path: Path
) -> None:
    (tmp_path / "sheet").mkdir()
    sheet = shutil.copy(twin / WORKBOOK, tmp_path / "sheet")
    without = mebench.open_cohort("casme3-4c", data=sheet, pictures=False)
    assert without.manifest == cohort.manifest
    with pytest.raises(mebench.MebenchError, match="opened without pictures"):
        without.features(ApexFrame(16), progress=False)
    with pytest.raises(mebench.MebenchError, match="opened without pictures"):
        mebench.run("majority", without, progress=False)
    assert not (tmp_path / "runs").exists()


def test_a_list_gives_its_clips_and_labels(cohort: mebench.OpenCohort, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(list_csv(cohort.definition))
    with pytest.warns(mebench.MebenchWarning, match="expected"):
        listed = mebench.open_cohort("casme3-4c", list=tmp_path / "list.csv")
    assert list(listed.labels) == list(cohort.labels)
    with pytest.raises(mebench.MebenchError, match="opened without pictures"):
        listed.features(ApexFrame(16), progress=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"protocol": "casme3-5c"}, "no protocol named 'casme3-5c': did you mean"),
        ({"protocol": "casme3-4c"}, "does not know where casme3 lies"),
        ({"protocol": "casme3-4c", "data": "x", "synthetic": True}, "give one of them"),
        ({"protocol": "casme3-4c", "data": "x", "list": "y"}, "give one of them"),
        ({"protocol": "megc2019", "data": "x"}, "say which dataset lies there, one of smic-hs, casme2, samm"),
        ({"protocol": "megc2019", "data": {"sam": "x"}}, "no dataset of this protocol named 'sam'.*'samm'"),
        ({"protocol": "megc2019", "annotations": "x"}, "fits a protocol of one dataset"),
    ],
)
def test_what_opens_no_cohort_is_told_in_one_sentence(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(mebench.MebenchError, match=said):
        mebench.open_cohort(**arguments)


def test_a_faulty_clip_stops_or_is_left_out_on_demand(
    twin: Path, tmp_path: Path, cohort: mebench.OpenCohort
) -> None:
    data = tmp_path / "data"
    shutil.copytree(twin, data)
    key = cohort.clips["key"].iloc[0]
    _, subject, clip, _ = key.split("/")
    (folder,) = [path for path in data.rglob(clip) if path.is_dir() and subject in str(path)]
    shutil.rmtree(folder)
    with pytest.raises(mebench.MebenchError, match=key):
        mebench.open_cohort("casme3-4c", data=data, progress=False)
    with pytest.warns(mebench.MebenchWarning, match="left out"):
        rest = mebench.open_cohort("casme3-4c", data=data, allow_dropped=True, progress=False)
    assert key in set(rest.drops["key"])
    assert key not in set(rest.clips["key"])


def test_scikit_learn_takes_features_labels_and_splits_as_they_are(cohort: mebench.OpenCohort) -> None:
    x = np.asarray(cohort.features(ApexFrame(8), progress=False)).reshape(len(cohort), -1) / 255
    predicted = cross_val_predict(LogisticRegression(), x, cohort.labels, cv=cohort.splits())
    result = mebench.score(predicted, cohort, order="clips")
    assert result.scores["accuracy"]["mean"] == np.mean(predicted == cohort.labels)
