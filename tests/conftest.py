"""What several tests share: a command line, a folder of their own for cache and configuration, a small twin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import pytest

# Steps as small as those of tests only wait for each other on several threads; pytest has a process for each core.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from mebench.cli import main
from mebench.data.sources import load_dataset
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.synthetic.twin import TwinOptions, make_twin

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

ANNOTATIONS = Path(__file__).resolve().parents[2] / "shared" / "annotations"


# Files whose tests take many seconds each: begun last, one of them would be waited for with other cores idle.
_SLOW = {"e2e", "zoo", "test_whole_project.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal the slow files out, so that each of pytest's processes begins with some; all else stays in order."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if not _SLOW.isdisjoint(item.path.parts):
            files.setdefault(item.path, []).append(item)
    dealt = list(files.values())
    quick = iter([item for item in items if item.path not in files])
    first = [list(chain.from_iterable(dealt[process::processes])) for process in range(processes)]
    # Each process is given as long a piece of the list as the others, one after the other.
    share = -(-len(items) // processes)
    pieces = [[*slow, *islice(quick, max(0, share - len(slow)))] for slow in first]
    items[:] = [*chain.from_iterable(pieces), *quick]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the user's cache, configuration and datasets."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MEBENCH_CACHE", str(home / "cache"))
    monkeypatch.setenv("MEBENCH_CONFIG", str(home / "config"))
    monkeypatch.setenv("MEBENCH_STATE", str(home / "state"))
    for name in [name for name in os.environ if name.startswith("MEBENCH_DATA_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _patches_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests change mebench in this process, which nobody else may; processes that they start are not let."""
    monkeypatch.setattr("mebench.plugin.integrity.refuse_patched", lambda: None)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The registry with the first-party plugins."""
    return load_plugins().registry


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Path:
    """A twin of casme3: 3 subjects with 4 clips each, 48 pixels. Read it; do not change it."""
    folder = tmp_path_factory.mktemp("twin") / "casme3"
    make_twin(load_dataset(registry, "casme3"), folder, TwinOptions(subjects=3, clips=4, size=48))
    return folder


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Run ``mebench`` as a process of its own, in ``tmp_path``."""

    def run(
        *arguments: str | Path, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mebench", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


class Said(NamedTuple):
    """What a call said; ``code`` is the exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Call the command line with some arguments, in ``tmp_path`` and this process: no start-up to pay for."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, said.out, said.err)

    return run


def _owners_file(name: str) -> Path:
    path = Path(os.environ.get("MEBENCH_TEST_ANNOTATIONS", ANNOTATIONS)) / name
    if not path.exists():
        pytest.skip(
            f"this file of its owner is not here: {name} (set MEBENCH_TEST_ANNOTATIONS to its folder)"
        )
    return path


@pytest.fixture(scope="session")
def real_workbook() -> Path:
    """The owner's annotation of CAS(ME)^3 part A, where this machine has it (it must not be committed)."""
    return _owners_file("cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx")


@pytest.fixture(scope="session")
def official_list() -> Path:
    """The MEGC2019 organisers' own list of 442 clips, where this machine has it (it must not be committed)."""
    return _owners_file("megc2019_combined_3class_gt.csv")
