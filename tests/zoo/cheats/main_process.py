"""Cheats in code of a plugin that is not a fold's: prepare(), contents(), settings, hooks, patches of the core."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

from pydantic import model_validator

from cheats.honest import Cheat, Settings, attempt, content
from mebench.api import TestSet, hookimpl


class Prepare(Cheat):
    """prepare(), which looks for the labels and leaves word for the folds."""

    def prepare(self) -> None:
        places = self.places
        found = [
            attempt(lambda: content(places["annotation"])),
            attempt(lambda: content(Path(places["config"], "datasets.json"))),
            attempt(lambda: [type(each) for each in gc.get_objects() if type(each).__name__ == "Cohort"]),
        ]
        if any(found):
            Path(places["drop"]).write_text("labels")

    def look(self, test: TestSet) -> Any:
        return content(self.places["drop"])


class Contents(Prepare):
    """The same in contents(), which is asked after it."""

    def prepare(self) -> None:
        """Do nothing."""

    def contents(self) -> dict[str, str]:
        super().prepare()
        return {}


class KnowingSettings(Settings):
    """``known`` is read from the annotation where settings are checked, which the main process does, too."""

    known: str = ""

    @model_validator(mode="before")
    @classmethod
    def _look(cls, values: Any) -> Any:
        if not values.get("known") and values.get("places"):
            annotation = json.loads(bytes.fromhex(values["places"]))["annotation"]
            values = {**values, "known": str(attempt(lambda: content(annotation)) or "")}
        return values


class SettingsThatKnow(Cheat):
    """Settings that read the annotation in the main process and carry it into the fold."""

    Settings = KnowingSettings

    def look(self, test: TestSet) -> Any:
        return self.settings.known


class Hook:
    """A plugin's hook that makes every prediction of a record perfect, as it is told of it."""

    @hookimpl
    def mebench_fold_done(self, record: Any) -> None:
        for row in record["predictions"]:
            row["probabilities"][:] = [1.0] + [0.0] * (len(row["probabilities"]) - 1)
        record.clear()

    @hookimpl
    def mebench_run_finished(self, run: Any, scores: Any) -> None:
        run.clear()
        if scores:
            scores.clear()


def patch_core() -> Any:
    """Replace the core's function that counts what was told rightly; return what takes it back."""
    from mebench.runner import answers

    before = answers.rows_of

    def rows_of(predictions: Any, keys: Any) -> Any:
        rows = before(predictions, keys)
        for row in rows:
            row["probabilities"] = [1.0] + [0.0] * (len(row["probabilities"]) - 1)
        return rows

    from mebench.runner import jobs

    answers.rows_of = jobs.rows_of = rows_of

    def undo() -> None:
        answers.rows_of = jobs.rows_of = before

    return undo
