"""The published flow pictures of MEGC2019: found, joined to the official list, and used instead of recordings."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flow_files import ROWS, picture_of, real_flow, write_flow, write_list
from PIL import Image

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort
from mebench.cohort.protocol import AU_UNKNOWN
from mebench.cohort.report_ready import check_ready
from mebench.data.locations import Location, given_locations, remember
from mebench.errors import MebenchError, MebenchNotice, MebenchWarning
from mebench.features.flow import OpticalFlow
from mebench.features.flow_picture import FlowFiles, FlowPicture
from mebench.features.inputs import ApexFrame
from mebench.features.of_cohort import features_of
from mebench.features.ready import inputs_for
from mebench.features.store import FeatureStore
from mebench.models.features import cohort_view
from mebench.plugin.registry import Registry
from mebench_datasets.megc2019_flow import Megc2019Flow

FLOW = "megc2019-flow"


def opened(registry: Registry, folder: Path, annotation: Path | None = None) -> Cohort:
    """Open the cohort of a folder's pictures."""
    return open_cohort(registry, "megc2019", data={FLOW: Location(folder, annotation)})


def pictures_of(cohort: Cohort, tmp_path: Path) -> np.ndarray:
    """Return what a model that asks for flow pictures gets, in the cohort's order."""
    made = inputs_for(cohort, {"flow": FlowPicture()})
    return np.asarray(
        cohort_view(cohort, features_of(cohort, made, FeatureStore(tmp_path / "store"))["flow"])
    )


def test_pictures_and_list_make_the_protocols_cohort(registry: Registry, tmp_path: Path) -> None:
    cohort = opened(registry, write_flow(tmp_path / "flow"))
    assert sorted(data.dataset for data in cohort.data) == ["casme2", "samm", "smic-hs"]
    assert cohort.clips["label"].to_dict() == dict(enumerate([0, 1, 2, 1, 0, 2, 0, 0, 1]))
    assert cohort.class_counts() == {"negative": 4, "positive": 3, "surprise": 2}
    assert {fold.name for fold in cohort.folds} == {
        *("casme2/sub01", "casme2/sub02", "smic-hs/s04", "smic-hs/s05", "samm/6", "samm/37")
    }
    assert cohort.aus.shape == (9, 12)
    assert (cohort.aus == AU_UNKNOWN).all()
    assert not cohort.twin


def test_each_clip_gets_the_numbers_of_its_own_file(registry: Registry, tmp_path: Path) -> None:
    cohort = opened(registry, write_flow(tmp_path / "flow"))
    due = {clip: picture_of(number) for number, (_, _, clip, _) in enumerate(ROWS)}
    for clip, array in zip(cohort.clips["clip"], pictures_of(cohort, tmp_path), strict=True):
        assert (array == due[clip]).all()


def test_names_with_and_without_the_blank_and_videos_in_the_list_are_the_same(
    registry: Registry, tmp_path: Path
) -> None:
    published = opened(registry, write_flow(tmp_path / "published"))
    plain = write_flow(tmp_path / "plain", blank=False)
    write_list(plain / "combined_3class_gt.csv", [(d, s, f"{c}.avi", n) for d, s, c, n in ROWS])
    assert opened(registry, plain).manifest == published.manifest


def test_the_folder_is_found_below_the_repository(registry: Registry, tmp_path: Path) -> None:
    write_flow(tmp_path / "HTNet" / "datasets" / "STSNet_whole_norm_u_v_os", listed=False)
    listed = write_list(tmp_path / "combined_3class_gt.csv")
    (tmp_path / "HTNet" / "picture.png").write_bytes(b"a drawing of the readme")
    assert len(opened(registry, tmp_path / "HTNet", listed).clips) == 9


Change = Callable[[Path], object]


def _other_pixel(folder: Path) -> None:
    path = folder / "sub01_EP02_01f .png"
    pixels = np.array(Image.open(path))
    pixels[3, 3, 0] ^= 1
    Image.fromarray(pixels).save(path)


@pytest.mark.parametrize(
    "change",
    [
        _other_pixel,
        lambda folder: write_list(folder / "combined_3class_gt.csv", [(*ROWS[0][:3], 2), *ROWS[1:]]),
        lambda folder: write_list(folder / "combined_3class_gt.csv", ROWS[:-2]),
    ],
    ids=["a pixel", "a label", "a clip less"],
)
def test_the_manifest_changes_with(change: Change, registry: Registry, tmp_path: Path) -> None:
    before = opened(registry, write_flow(tmp_path / "flow")).manifest
    assert re.fullmatch("[0-9a-f]{64}", before)
    change(tmp_path / "flow")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MebenchWarning)
        assert opened(registry, tmp_path / "flow").manifest != before


def test_the_manifest_does_not_change_with_places_and_the_order_of_the_list(
    registry: Registry, tmp_path: Path
) -> None:
    before = opened(registry, write_flow(tmp_path / "flow")).manifest
    shutil.move(tmp_path / "flow", tmp_path / "elsewhere")
    write_list(tmp_path / "elsewhere" / "combined_3class_gt.csv", ROWS[::-1])
    assert opened(registry, tmp_path / "elsewhere").manifest == before


def _second(folder: Path) -> None:
    shutil.copy(folder / "sub01_EP02_01f .png", folder / "SUB01_EP02_01f.png")


def _save(name: str, picture: np.ndarray) -> Change:
    return lambda folder: Image.fromarray(picture).save(folder / name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda folder: (folder / "sub01_EP02_01f .png").unlink(),
            "has no picture of casme2/sub01/EP02_01f, sub01_EP02_01f.png: give the whole folder",
        ),
        (
            lambda folder: [path.unlink() for path in folder.glob("s0*.png")],
            "has no picture of smic-hs/s04/s04_ne_05, s04_s04_ne_05.png (and 2 more like it)",
        ),
        (_second, "has 2 pictures of casme2/sub01/EP02_01f"),
        (_save("s04_s04_po_01 .png", picture_of(1, 32)), "is a picture of 32 x 32 in the mode RGB, where"),
        (_save("s04_s04_po_01 .png", picture_of(1)[..., 0]), "is a picture of 28 x 28 in the mode L, where"),
        (
            lambda folder: (folder / "s04_s04_po_01 .png").write_bytes(b"<html>"),
            "s04_s04_po_01 .png is no whole picture",
        ),
        (
            lambda folder: (folder / "combined_3class_gt.csv").unlink(),
            "holds no list of megc2019-flow's clips",
        ),
        (
            lambda folder: write_list(folder / "combined_3class_gt (1).csv", ROWS[1:]),
            "could each be the list of megc2019-flow, and they differ",
        ),
        (
            lambda folder: [path.unlink() for path in folder.glob("*.png")],
            "holds no picture of megc2019-flow",
        ),
        (shutil.rmtree, "does not exist: give the folder"),
    ],
)
def test_what_is_wrong_is_one_sentence(change: Change, said: str, registry: Registry, tmp_path: Path) -> None:
    change(write_flow(tmp_path / "flow"))
    with pytest.raises(MebenchError, match=re.escape(said)) as raised:
        opened(registry, tmp_path / "flow")
    assert str(raised.value).count(". ") == 0


def test_pictures_of_no_clip_are_counted_and_not_used(registry: Registry, tmp_path: Path) -> None:
    folder = write_flow(tmp_path / "flow")
    before = opened(registry, folder)
    for name in ("sub99_EP01 .png", "sub99_EP02 .png"):
        shutil.copy(folder / "sub01_EP02_01f .png", folder / name)
    with pytest.warns(MebenchWarning, match=r"holds 2 picture\(s\) of no clip on the list"):
        assert opened(registry, folder).manifest == before.manifest


def test_only_flow_pictures_with_strain_can_be_had(registry: Registry, tmp_path: Path) -> None:
    cohort = opened(registry, write_flow(tmp_path / "flow"))
    made = inputs_for(cohort, {"a": FlowPicture(size=56, method="farneback"), "b": FlowFiles(28)})
    assert made == {"a": FlowFiles(56), "b": FlowFiles(28)}
    for wanted, said in (
        (
            ApexFrame(),
            "they show no face, and each channel was stretched, so zero and scale of the flow are lost",
        ),
        (OpticalFlow(), "zero and scale of the flow are lost"),
        (FlowPicture(third="magnitude"), "their third channel is the strain, not the magnitude"),
    ):
        with pytest.raises(MebenchError, match=f"cannot be had from {FLOW}, which holds .*{said}"):
            inputs_for(cohort, {"x": wanted})


def test_a_protocol_of_other_clips_does_not_accept_it(registry: Registry, tmp_path: Path) -> None:
    folder = write_flow(tmp_path / "flow")
    with pytest.raises(MebenchError, match=r"'megc2018' does not accept megc2019-flow, .*give casme2, samm"):
        open_cohort(registry, "megc2018", data={FLOW: Location(folder)})
    with pytest.raises(MebenchError, match="stands in for all datasets of megc2019: give it alone"):
        open_cohort(registry, "megc2019", data={FLOW: Location(folder), "samm": Location(folder)})


def test_it_is_used_where_the_recordings_are_not_known(registry: Registry, tmp_path: Path) -> None:
    remember(FLOW, Location(write_flow(tmp_path / "flow")))
    with pytest.warns(MebenchNotice, match="uses megc2019-flow in .*, since nothing says where smic-hs"):
        assert open_cohort(registry, "megc2019").ready is not None
    for name in ("smic-hs", "casme2", "samm"):
        remember(name, Location(tmp_path / name))
    with (
        pytest.warns(MebenchNotice, match="uses smic-hs, casme2, samm; --data megc2019-flow=DIR takes"),
        pytest.raises(MebenchError, match="smic-hs"),  # which is looked for, and is not there
    ):
        open_cohort(registry, "megc2019")
    assert opened(registry, tmp_path / "flow").ready is not None


def test_a_list_goes_to_the_dataset_that_it_is_given_with() -> None:
    datasets = ("smic-hs", "casme2", "samm")
    found = given_locations({FLOW: "pictures"}, "list.csv", datasets, ready=[FLOW])
    assert found == {FLOW: Location(Path("pictures"), Path("list.csv"))}
    with pytest.raises(MebenchError, match="none: leave it out"):
        given_locations({FLOW: "pictures"}, None, datasets, ready=[FLOW], columns=(("emotion", "Label"),))


def test_a_cohort_of_frames_has_no_flow_files(registry: Registry, twin: Path) -> None:
    cohort = open_cohort(registry, "casme3-4c", data={"casme3": Location(twin)})
    with pytest.raises(MebenchError, match=r"FlowFiles\(size=28\) is read from published files"):
        inputs_for(cohort, {"flow": FlowFiles()})
    assert inputs_for(cohort, {"flow": FlowPicture()}) == {"flow": FlowPicture()}


def test_pictures_that_fit_their_card_raise_no_doubt(registry: Registry, tmp_path: Path) -> None:
    report = check_ready(registry, FLOW, Location(write_flow(tmp_path / "flow")))
    assert report["doubts"] == []
    assert (report["pictures"], report["unused"]) == (9, 0)
    assert report["protocols"][0]["differences"]  # nine clips are not the published 442


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p[..., ::-1], "red and blue may be swapped"),
        (lambda p: p[..., [1, 0, 2]], "u and v may be swapped"),
        (lambda p: np.dstack([p[..., :2], 255 - p[..., 2]]), "not skewed as a strain is"),
        (lambda p: np.dstack([p[..., :2], p[::-1, :, 2]]), "not the strain of the first two"),
        (lambda p: p // 2, "does not run from 0 to 255, a first"),
    ],
    ids=["BGR", "v before u", "negated", "another third", "dim"],
)
def test_pictures_that_do_not_fit_their_card_raise_doubts(
    change: Callable[[np.ndarray], np.ndarray], said: str
) -> None:
    pictures = {key: change(picture_of(number)) for number, key in enumerate("abcdefgh")}
    assert any(said in doubt for doubt in Megc2019Flow().doubts(pictures))


def test_the_real_pictures_are_the_whole_benchmark(registry: Registry, official_list: Path) -> None:
    folder = real_flow()
    cohort = opened(registry, folder, official_list)
    assert cohort.differences() == []
    assert (len(cohort.clips), len(cohort.folds)) == (442, 68)
    assert list(cohort.class_counts().values()) == [250, 109, 83]
    report = check_ready(registry, FLOW, Location(folder, official_list))
    assert report["doubts"] == []
    assert json.loads(json.dumps(report))["protocols"][0]["manifest"] == cohort.manifest
    assert cohort.ready is not None
    swapped = {key: picture[..., ::-1] for key, picture in cohort.ready.pictures().items()}
    assert len(Megc2019Flow().doubts(swapped)) >= 2
