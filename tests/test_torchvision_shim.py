"""Every case runs in a fresh interpreter: what is imported first is what is being tested."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("torch")

installed = pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed"
)
ENSURE = "from mebench.torchvision_shim import ensure_torchvision\nensure_torchvision()\n"


def fresh(code: str, *, path: Path | None = None) -> str:
    """Run ``code`` in a new interpreter, with ``path`` put first on its search path."""
    first = f"import sys\nsys.path.insert(0, {str(path)!r})\n" if path else ""
    done = subprocess.run(
        [sys.executable, "-c", first + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def fake_torchvision(folder: Path, extension: str | None = None) -> Path:
    """A torchvision whose import insists on the operator ``nms``, as the real one does."""
    package = folder / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import torch\n"
        "@torch.library.register_fake('torchvision::nms')\n"
        "def nms(dets, scores, iou_threshold): ...\n"
    )
    if extension is not None:
        (package / f"_C{importlib.machinery.EXTENSION_SUFFIXES[0]}").write_text(extension)
    return folder


@installed
def test_timm_imports_after_the_shim_was_called_twice_and_from_many_threads() -> None:
    code = """
        import gc, sys, threading
        from mebench import torchvision_shim
        threads = [threading.Thread(target=torchvision_shim.ensure_torchvision) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        torchvision_shim.ensure_torchvision()
        print([name for name in sys.modules if name.startswith("torchvision")])
        gc.collect()
        import timm, torch
        print(timm.create_model("resnet18").num_features)
        boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
        try:  # a torchvision that fits this torch computes; a schema alone refuses
            print(torch.ops.torchvision.nms(boxes, torch.ones(1), 0.5).tolist() == [0])
        except NotImplementedError:
            print(len(torchvision_shim._defined) == 1)
    """
    assert fresh(code).splitlines() == ["[]", "512", "True"]


@installed
def test_an_import_that_failed_before_can_be_repeated() -> None:
    code = """
        try:
            import torchvision
        except RuntimeError:
            pass
        from mebench.torchvision_shim import ensure_torchvision
        ensure_torchvision()
        import torchvision.ops, timm
        print(torchvision.ops.nms.__name__)
    """
    assert fresh(code) == "nms"


def test_without_torchvision_nothing_happens() -> None:
    code = """
        import sys, torch
        from mebench import torchvision_shim
        sys.path.clear()  # torch is loaded, and nothing else can be found
        torchvision_shim.ensure_torchvision()
        print(hasattr(torch.ops.torchvision, "nms"))
    """
    assert fresh(code) == "False"


def test_an_extension_that_cannot_be_loaded_is_stood_in_for(tmp_path: Path) -> None:
    folder = fake_torchvision(tmp_path, extension="not a library")
    assert fresh(ENSURE + "import torchvision; print(torchvision.__file__)", path=folder).startswith(
        str(folder)
    )


def test_operators_that_exist_are_left_alone(tmp_path: Path) -> None:
    code = """
        import torch
        mine = torch.library.Library("torchvision", "DEF")
        mine.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        mine.impl("nms", lambda dets, scores, iou_threshold: scores + 1, "CPU")
        from mebench import torchvision_shim
        torchvision_shim.ensure_torchvision()
        import torchvision
        print(torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5).item())
        print(torchvision_shim._defined)
    """
    assert fresh(code, path=fake_torchvision(tmp_path)).split() == ["1.0", "[]"]


@installed
def test_a_watched_import_works_in_any_order_and_costs_nothing_before() -> None:
    code = """
        import sys
        from mebench.torchvision_shim import watch_torchvision
        watch_torchvision()
        watch_torchvision()
        assert "torch" not in sys.modules
        import timm, torchvision
        print(timm.create_model("resnet18", num_classes=3).num_classes)
    """
    assert fresh(code) == "3"


@installed
def test_the_shim_may_be_called_by_name_while_the_import_is_watched() -> None:
    code = """
        from mebench.torchvision_shim import ensure_torchvision, watch_torchvision
        watch_torchvision()
        ensure_torchvision()
        import timm
        print("imported")
    """
    assert fresh(code) == "imported"
