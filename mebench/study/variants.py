"""The variants of a study: one model beside versions of it that differ in named settings.

    study = sweep_of(plugins, "famnet", ["attention=none,last", "faud=true,false"], preset="small")
    study = ablation_of(plugins, "famnet", axes=("attention", "fusion"))
    [variant.name for variant in study.variants]      # ["reference", "attention=last", ...]

All are made, and so all settings checked, before anything is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from mebench.errors import MebenchError, UnknownNameError, first_few
from mebench.models.base import settings_values
from mebench.models.setting_text import assigned_pairs, in_words
from mebench.plugin.loading import Plugins
from mebench.plugin.variants import split_variant
from mebench.runner.named import NamedModel, named_model
from mebench.study.grid import read_grid

REFERENCE = "reference"


@dataclass(frozen=True)
class Variant:
    """One version: ``changes`` are the settings in which it differs from the reference, ``axis`` on which it lies.

    ``factors`` are its values of all settings that a sweep varies. The reference changes nothing.
    """

    named: NamedModel
    changes: Mapping[str, Any] = field(default_factory=dict)
    axis: str = ""
    factors: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what it is called: by what differs, ``attention=none``."""
        if self.changes:
            return in_words(self.changes)
        return f"{in_words(self.factors)} ({REFERENCE})" if len(self.factors) == 1 else REFERENCE

    @property
    def is_reference(self) -> bool:
        """Return whether the others are compared with it."""
        return not self.changes


@dataclass(frozen=True)
class Study:
    """What is compared: ``variants`` in the order of the table, of which one is the reference.

    ``model`` is what the reference is called, ``factors`` the settings that a sweep varies (none: an ablation), and
    ``notes`` say in a sentence each what was left out or is there once only.
    """

    model: str
    variants: tuple[Variant, ...]
    factors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """Return what kind of study it is."""
        return "sweep" if self.factors else "ablations"

    @property
    def reference(self) -> Variant:
        """Return the variant that the others are compared with."""
        return next(variant for variant in self.variants if variant.is_reference)


class _Family:
    """A model as the user named it, and versions of it under the same preset and settings."""

    def __init__(
        self,
        plugins: Plugins,
        model: str,
        *,
        preset: str | None = None,
        settings: Sequence[str] | Mapping[str, Any] = (),
        trial: bool = False,
        tell: Callable[[str], None] = lambda applied: None,
    ) -> None:
        self._plugins, self._preset, self._trial = plugins, preset, trial
        self.named = named_model(plugins, model, preset=preset, settings=settings, trial=trial, tell=tell)
        self._name, inside = split_variant(model)
        self.given = dict(assigned_pairs(inside)) | dict(assigned_pairs(settings))

    def version(self, changes: Mapping[str, Any]) -> NamedModel:
        """Return the model with some settings changed.

        Raises:
            MebenchError: they cannot be what they shall, alone or beside the others.
        """
        settings = {**self.given, **changes}
        return named_model(
            self._plugins, self._name, preset=self._preset, settings=settings, trial=self._trial
        )


def sweep_of(plugins: Plugins, model: str, grid: Sequence[str] | Mapping[str, Any], **named: Any) -> Study:
    """Return every combination of a grid's values; ``named`` as for :func:`mebench.runner.named.named_model`.

    The reference is the combination that the model is without a grid; where there is none, the first.
    Combinations that the model's settings do not allow are left out, as long as each value stands in another one.

    Raises:
        MebenchError: a name or value is wrong, or varied and set at once.
    """
    family = _Family(plugins, model, **named)
    axes = read_grid(type(family.named.model), grid)
    if twice := next((name for name in axes if name in family.given), ""):
        raise MebenchError(
            f"{twice} is varied by the grid and set to one value besides: leave one of them out"
        )
    points = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    made: list[tuple[dict[str, Any], NamedModel]] = []
    refused: list[tuple[dict[str, Any], MebenchError]] = []
    for point in points:
        try:
            made.append((point, family.version(point)))
        except MebenchError as error:
            refused.append((point, error))
    for name, values in axes.items():
        for value in values:
            if not any(point[name] == value for point, _ in made):
                raise next(error for point, error in refused if point[name] == value)
    notes = [f"left out {in_words(point)}: {error}" for point, error in refused]
    due = _values_of(family.named)
    reference = next((named for _, named in made if _values_of(named) == due), None)
    if reference is None:
        point, reference = made[0]
        own = {name: due[name] for name in axes}
        notes.append(
            f"the grid lacks {in_words(own)}, which {model} is by itself: the reference is {in_words(point)}"
        )
    usual = _values_of(reference)
    variants = []
    for _, each in made:
        own = _values_of(each)
        factors = {name: own[name] for name in axes}
        changes = {name: value for name, value in factors.items() if value != usual[name]}
        variants.append(Variant(each, changes, factors=factors))
    return _study(family, variants, tuple(axes), notes)


def ablation_of(plugins: Plugins, model: str, axes: Iterable[str] = (), **named: Any) -> Study:
    """Return the study that a model's plugin declares, or some axes of it; ``named`` as for :func:`sweep_of`.

    Changes that the model as it was named does not allow are left out: of ``amnet2d`` what concerns both branches.

    Raises:
        MebenchError: the model declares none, there is no such axis, or nothing is left.
    """
    family = _Family(plugins, model, **named)
    name, declared = family.named.entry.name, type(family.named.model).ablations
    if not declared:
        raise MebenchError(
            f"{name} declares no ablations: vary settings of your choice with `mebench sweep {model} PROTOCOL --grid "
            "SETTING=VALUE,VALUE`"
        )
    chosen = list(dict.fromkeys(axes)) or list(declared)
    for axis in chosen:
        if axis not in declared:
            raise UnknownNameError(f"axis among the ablations of {name}", axis, declared)
    usual = _values_of(family.named)
    variants, notes = [Variant(family.named)], []
    for axis in chosen:
        for change in declared[axis]:
            try:
                made = family.version(change)
            except MebenchError as error:
                notes.append(f"left out {in_words(change)}: {error}")
                continue
            own = _values_of(made)
            changes = {each: own[each] for each in change if own[each] != usual[each]}
            if not changes:
                notes.append(f"left out {in_words(change)}: the reference is that already")
                continue
            variants.append(Variant(made, changes, axis))
    if len(variants) == 1:
        raise MebenchError(f"nothing of {first_few(chosen)} can be varied in {name}: {notes[0]}")
    return _study(family, variants, (), notes)


def _study(family: _Family, variants: Sequence[Variant], factors: tuple[str, ...], notes: list[str]) -> Study:
    kept: list[Variant] = []
    for variant in variants:
        values = _values_of(variant.named)
        if twin := next((each for each in kept if _values_of(each.named) == values), None):
            same = (
                f"its settings are those of {twin.name}"
                if variant.name != twin.name
                else "it stands there twice"
            )
            notes.append(f"{variant.name} is run once: {same}")
        else:
            kept.append(variant)
    if len(kept) == 1:
        raise MebenchError("there is one variant only, so nothing to compare: give the grid more values")
    return Study(family.named.entry.name, tuple(kept), factors, tuple(dict.fromkeys(notes)))


def _values_of(named: NamedModel) -> dict[str, Any]:
    return settings_values(named.model.settings)
