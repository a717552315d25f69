"""Cheats that read what lies on the disk: labels, configuration, pictures, other folds' files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from cheats.honest import Cheat, Settings, attempt, content, first_of
from mebench.api import TestSet, TrainSet


class RunDirectory(Cheat):
    """The run's folder, found through the log that is open, and cohort.csv in it, to be read by row number."""

    def look(self, test: TestSet) -> Any:
        opened = [attempt(lambda n=n: os.readlink(f"/proc/self/fd/{n}")) for n in range(16)]
        folders = [parent for path in opened if path for parent in Path(path).parents]
        known = [Path(self.places["runs"]).parent, Path(self.places["runs"])]
        return first_of(
            [lambda p=p: content(p / "cohort.csv") for p in folders]
            + [lambda p=p: [content(each) for each in p.glob("**/cohort.csv")] for p in known]
        )


class Configuration(Cheat):
    """The user's configuration, which says where the datasets lie."""

    def look(self, test: TestSet) -> Any:
        return content(Path(self.places["config"], "datasets.json"))


class Variable(Cheat):
    """The variable that says where a dataset lies."""

    def look(self, test: TestSet) -> Any:
        return {name: value for name, value in os.environ.items() if name.startswith("MEBENCH_DATA")}


class TwinInCache(Cheat):
    """The dataset's own folder, where the feature store's paths lead, and the annotation in it."""

    def look(self, test: TestSet) -> Any:
        stored = [path for view in test.features.values() for path in view.paths]
        return stored or first_of(
            [lambda: os.listdir(self.places["twin"]), lambda: content(self.places["annotation"])]
        )


class HonestMistake(Cheat):
    """The same, without a thought of hiding it: whatever forbids it ends the fold."""

    def fit(self, train: TrainSet, context: Any) -> None:
        content(self.places["annotation"])
        super().fit(train, context)


class Linked(Cheat):
    """The annotation by another name: linked, copied, moved, or opened by another program."""

    def look(self, test: TestSet) -> Any:
        annotation = self.places["annotation"]

        def linked(make: Any, name: str) -> bytes:
            make(annotation, name)
            return content(name)

        return first_of(
            [
                lambda: linked(os.link, "hard"),
                lambda: linked(os.symlink, "soft"),
                lambda: linked(shutil.copy, "copy"),
                lambda: content(f"/proc/self/root{annotation}"),
                lambda: subprocess.run(["cat", annotation], capture_output=True, check=False).stdout,
                lambda: (
                    subprocess.run(
                        [sys.executable, "-c", f"print(open({annotation!r}, 'rb').read(9))"],
                        capture_output=True,
                        check=False,
                    ).stdout
                ),
            ]
        )


class NamedSettings(Settings):
    """``weights`` is a file that the model needs, or so it says."""

    weights: str = ""


class NamedFile(Cheat):
    """The annotation, named by a setting, whose files a fold may read."""

    Settings = NamedSettings

    def look(self, test: TestSet) -> Any:
        return content(self.settings.weights)


class Checkpoint(Cheat):
    """A checkpoint of an earlier fold, left wherever anything may be written; an honest mistake, as a rule."""

    def before(self, train: TrainSet) -> Any:
        places = [
            ".",
            os.path.expanduser("~"),
            os.environ.get("TMPDIR", "/tmp"),
            *_SHARED,
            self.places["home"],
        ]
        found = [attempt(lambda p=p: content(Path(p, "zoo-checkpoint"))) for p in dict.fromkeys(places)]
        for place in places:
            attempt(lambda p=place: Path(p, "zoo-checkpoint").write_bytes(b"what this fold learnt"))
        return next(filter(None, found), None)


_SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue")


class Rewriter(Cheat):
    """Other folds' records, run.json and cohort.csv, written anew."""

    def before(self, train: TrainSet) -> Any:
        runs = Path(self.places["runs"])
        return first_of(
            [lambda f=f: f.write_text("{}") for f in runs.glob("*/*/*")]
            + [lambda: (runs / "forged").write_text("{}"), lambda: os.rename(runs, f"{runs}-away") or "moved"]
        )
