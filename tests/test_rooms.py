"""The rooms of the core lie along the way of one run: imports go back along it, never ahead and never round."""

from __future__ import annotations

import ast
import statistics
from graphlib import TopologicalSorter
from pathlib import Path

import mebench

CORE = Path(mebench.__file__).parent

# Each room may import the ones before it. A module that lies beside the rooms is a room of its own.
WAY = (
    (
        "plain_text",
        "errors",
        "safe_names",
        "regular_files",
        "strict_json",
        "files",
        "locks",
        "paths",
        "parallel",
        "torchvision_shim",
    ),
    ("sealed",),
    ("plugin",),
    ("data",),
    ("synthetic",),
    ("cohort",),
    ("features",),
    ("models",),
    ("run_info", "evidence", "records"),
    ("scoring",),
    ("pages",),
    ("runner",),
    ("audit",),
    ("inference",),
    ("study",),
    ("leaderboard",),
    ("display",),
    ("notebook",),
    ("api",),
    ("testing",),
    ("cli",),
    ("__main__",),
)
PLACE = {room: place for place, rooms in enumerate(WAY) for room in rooms}


def modules() -> dict[str, Path]:
    """Return name -> file of every module of the core, without the packages' own files."""
    return {
        ".".join(("mebench", *file.relative_to(CORE).with_suffix("").parts)): file
        for file in CORE.rglob("*.py")
        if file.name != "__init__.py"
    }


def imports_of(file: Path) -> set[str]:
    """Return the names of modules that a file imports anywhere, inside functions and for type checkers too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_every_module_lies_in_a_room_of_the_way() -> None:
    assert {name.split(".")[1] for name in modules()} == set(PLACE)


def test_no_import_runs_ahead_on_the_way() -> None:
    ahead = [
        f"{name} imports {imported}"
        for name, file in modules().items()
        for imported in imports_of(file)
        if imported.startswith("mebench.")
        and PLACE.get(imported.split(".")[1], -1) > PLACE[name.split(".")[1]]
    ]
    assert not ahead


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    graph = {name: imports_of(file) & set(known) - {name} for name, file in known.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(known)


def test_the_core_imports_no_plugin() -> None:
    theirs = [name for name, file in modules().items() for i in imports_of(file) if i.startswith("mebench_")]
    assert not theirs


def test_modules_stay_small() -> None:
    sizes = [len(file.read_text(encoding="utf-8").splitlines()) for file in modules().values()]
    assert statistics.median(sizes) < 120
