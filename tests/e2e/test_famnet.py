"""The main job, as the README gives it: FAMNet on a synthetic twin learns what there is to learn."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Cli = Callable[..., object]


def test_famnet_beats_the_floor_on_a_twin_and_detects_action_units(cli: Cli, tmp_path: Path) -> None:
    scores = {}
    # Eight of its twenty epochs are enough to show that it learns.
    for model, fewer in (("majority", ()), ("famnet", ("--set", "epochs=8"))):
        done = cli("run", model, "casme3", "--synthetic", *fewer, timeout=600)
        assert done.returncode == 0, done.stderr
        (path,) = tmp_path.glob(f"runs/casme3-4c/{model}-*/scores.json")
        scores[model] = json.loads(path.read_text())
    assert "SYNTHETIC" in done.stdout

    floor, famnet = scores["majority"]["uf1"], scores["famnet"]["uf1"]
    assert famnet["low"] > floor["mean"], "the whole interval must lie above the floor"
    assert famnet["low"] > scores["famnet"]["chance"]["uf1_majority"]
    assert scores["famnet"]["au"]["f1"]["low"] > scores["majority"]["au"]["f1"]["mean"]

    run = json.loads(next(tmp_path.glob("runs/casme3-4c/famnet-*/run.json")).read_text())
    assert run["synthetic"] is True
    assert run["settings"]["width"] < 64, "--synthetic takes the small preset"
