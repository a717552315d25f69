"""A model of a whole cohort in a notebook.

fitted = mebench.fit("famnet", cohort, out="kept/famnet", preset="small")
fitted.model.predict(test)
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mebench.data.locations import Place
from mebench.display.progress import progress_bar
from mebench.features.store import user_store
from mebench.models.fitted import Fitted, load_fitted
from mebench.models.kept import refuse_taken
from mebench.notebook.cohort import OpenCohort, given_cohort, protocol_of
from mebench.notebook.installed import installed
from mebench.notebook.named import naming
from mebench.plugin.local_file import refuse_while_imported
from mebench.runner.fitting import fit_whole
from mebench.runner.named import check_chosen, named_model
from mebench.runner.options import RunOptions
from mebench.runner.timeout import DAY


def fit(
    model: str,
    cohort: OpenCohort | str,
    *,
    out: str | os.PathLike[str],
    force: bool = False,
    preset: str | None = None,
    set: Mapping[str, Any] | Sequence[str] = (),
    seed: int = 0,
    threads: int = 1,
    device: str = "auto",
    precision: str = "auto",
    fast: bool = False,
    selection: str = "last",
    progress: bool = True,
    data: Place | Mapping[str, Place] | None = None,
    annotations: str | os.PathLike[str] | None = None,
    synthetic: bool = False,
    repairs: bool = True,
    allow_dropped: bool = False,
    fold_timeout: float = DAY,
    require_isolation: bool = False,
) -> Fitted:
    """Train a model on a whole cohort and keep it in a folder, as ``mebench fit`` does; return it, ready to predict.

    No clip is left out, so nothing here says what it is worth: :func:`mebench.run` does.

    Args:
        model: its registered name, or a class in a file, ``"models/tiny.py:Tiny"``.
        cohort: an open one, or a protocol's name, which the arguments from ``data`` on then open.
        out: the folder to write, new or empty.
        force: replace the kept model that lies there.
        preset, set: as for :func:`mebench.run`.
        seed: chance in training comes from it.
        threads, device, precision, fast: of the training; the model that is returned computes on the CPU.
        selection: ``last``, or ``inner``: the epoch that is best on subjects split off.
        progress: show how it goes.
        data, annotations, synthetic, repairs, allow_dropped: as for :func:`mebench.open_cohort`.
        fold_timeout, require_isolation: as for :func:`mebench.run`.

    Raises:
        MebenchError: a name or value is wrong, the model cannot be kept, training fails, or the disk refuses.
    """
    refuse_while_imported("mebench.fit")
    plugins = installed()
    asked = naming(model, cohort, preset=preset, set=set, synthetic=synthetic, progress=progress)
    named = named_model(plugins, model, **asked)
    options = RunOptions(
        seeds=(seed,),
        threads=threads,
        device=device,
        precision=precision,
        fast=fast,
        selection=selection,
        allow_dropped=allow_dropped,
        save_models=True,
        fold_timeout=fold_timeout,
        require_isolation=require_isolation,
    )
    check_chosen(plugins, options, named, protocol_of(cohort))
    folder = Path(out)
    refuse_taken(folder, replaced=force)
    cohort = given_cohort(
        cohort,
        data=data,
        annotations=annotations,
        synthetic=synthetic,
        repairs=repairs,
        allow_dropped=allow_dropped,
        progress=progress,
    )
    with progress_bar(shown=progress) as report:
        fit_whole(
            named.entry,
            named.model,
            cohort.definition,
            options,
            user_store(),
            report,
            folder,
            replaced=force,
            asked=named.asked,
        )
    return load_fitted(folder, plugins.registry, threads=threads, model=model)
