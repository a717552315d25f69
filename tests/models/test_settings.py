from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field, ValidationError

from mebench.errors import MebenchError, UnknownNameError
from mebench.models.base import Model, ModelSettings
from mebench.models.settings import left_open, make_settings


class NetSettings(ModelSettings):
    size: int = Field(32, ge=8, le=64, description="side")
    rate: float = Field(0.1, gt=0, description="rate")
    mode: Literal["hard", "soft", "none"] = Field("hard", description="mode")
    flag: bool = Field(True, description="flag")
    axes: tuple[Literal["channel", "spatial"], ...] = Field(("channel",), description="axes")
    pair: tuple[float, float] = Field((1.0, 1.0), description="pair")
    weights: str | None = Field("tag", description="weights")
    parts: tuple[int, ...] | None = Field(None, description="parts")
    text: str = Field("plain", description="text")


class Net(Model):
    Settings = NetSettings
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": {"size": 16, "rate": 0.5, "weights": None},
        "wide": {"size": 64},
    }

    def inputs(self) -> dict[str, Any]:
        return {}

    def fit(self, train: Any, context: Any) -> None: ...

    def predict(self, test: Any) -> Any: ...


def settings(
    *assignments: str, variant: Mapping[str, Any] | None = None, preset: str | None = None
) -> NetSettings:
    made = make_settings(Net, variant or {}, preset, assignments)
    assert isinstance(made, NetSettings)
    return made


def test_a_preset_changes_defaults_and_an_assignment_changes_a_preset() -> None:
    assert settings().size == 32
    assert settings(preset="small").size == 16
    made = settings("size=24", preset="small")
    assert (made.size, made.rate, made.weights) == (24, 0.5, None)


def test_what_a_variants_name_stands_for_holds_against_presets_and_assignments() -> None:
    made = settings("rate=2", variant={"size": 8}, preset="wide")
    assert (made.size, made.rate) == (8, 2.0)
    with pytest.raises(
        MebenchError, match=r"--set size=16: this model's name stands for size=8; `mebench list models`"
    ):
        settings("size=16", variant={"size": 8})


def test_the_last_of_two_assignments_counts() -> None:
    assert settings("size=16", "size=24").size == 24


def test_making_settings_leaves_variant_and_preset_as_they_are() -> None:
    variant = {"mode": "soft"}
    settings("size=24", "rate=3", variant=variant, preset="small")
    assert variant == {"mode": "soft"}
    assert Net.presets["small"] == {"size": 16, "rate": 0.5, "weights": None}


def test_a_wrong_preset_or_setting_gets_near_matches() -> None:
    with pytest.raises(UnknownNameError, match=r"no preset of Net named 'smal': did you mean 'small'\?"):
        settings(preset="smal")
    with pytest.raises(UnknownNameError, match=r"no setting of Net named 'siez': did you mean 'size'\?"):
        settings("siez=3")


@pytest.mark.parametrize("assignment", ["size", "", "size:3"])
def test_an_assignment_without_equals_sign_says_how_to_write_it(assignment: str) -> None:
    with pytest.raises(MebenchError, match=rf"--set '{assignment}': write it as NAME=VALUE"):
        settings(assignment)


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        ("size=24", "size", 24),
        (" size = 24 ", "size", 24),
        ("rate=1e-3", "rate", 1e-3),
        ("mode=none", "mode", "none"),
        ("flag=false", "flag", False),
        ("flag=0", "flag", False),
        ("flag=yes", "flag", True),
        ("axes=spatial,channel", "axes", ("spatial", "channel")),
        ("axes= spatial , channel,", "axes", ("spatial", "channel")),
        ("axes=", "axes", ()),
        ("pair=1,0.5", "pair", (1.0, 0.5)),
        ("weights=none", "weights", None),
        ("weights=None", "weights", None),
        ("weights=a=b", "weights", "a=b"),
        ("parts=1,2", "parts", (1, 2)),
        ("parts=none", "parts", None),
        ("text=none", "text", "none"),
        ("text=a,b", "text", "a,b"),
    ],
)
def test_a_value_is_read_as_its_setting_wants_it(assignment: str, name: str, value: object) -> None:
    found = getattr(settings(assignment), name)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("assignment", "sentence"),
    [
        ("size=two", "setting 'size' of Net cannot be 'two': input should be a valid integer"),
        ("size=7", "setting 'size' of Net cannot be '7': input should be greater than or equal to 8"),
        ("size=65", "less than or equal to 64"),
        ("size=none", "cannot be 'none'"),
        ("rate=inf", "setting 'rate' of Net cannot be 'inf': input should be a finite number"),
        ("rate=nan", "setting 'rate' of Net cannot be 'nan'"),
        ("mode=hrad", "cannot be 'hrad': did you mean 'hard'?; choose one of hard, soft, none"),
        ("axes=channel,spatail", "setting 'axes' of Net cannot be 'spatail': did you mean 'spatial'?"),
        ("flag=maybe", "setting 'flag' of Net cannot be 'maybe'"),
        ("pair=1", "setting 'pair' of Net cannot be ['1']: it needs more values"),
        ("pair=1,2,3", "at most 2"),
    ],
)
def test_a_wrong_value_gets_one_sentence_with_the_right_ones(assignment: str, sentence: str) -> None:
    with pytest.raises(MebenchError) as caught:
        settings(assignment)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_settings_cannot_be_changed_and_take_no_unknown_names() -> None:
    with pytest.raises(ValidationError):
        settings().size = 3  # type: ignore[misc]
    with pytest.raises(ValidationError):
        NetSettings(colour="red")  # type: ignore[call-arg]


def test_what_only_the_user_can_say_is_asked_for_with_its_description() -> None:
    class Own(NetSettings):
        file: str = Field(description="the file of weights")

    class OwnNet(Net):
        Settings = Own

    assert left_open(OwnNet, {}) == {"file"}
    assert left_open(OwnNet, {"file": "fixed"}) == left_open(Net, {}) == set()
    with pytest.raises(MebenchError, match=r"^OwnNet needs --set file=\.\.\.: the file of weights$"):
        make_settings(OwnNet, {})


def test_a_model_made_without_settings_has_the_defaults() -> None:
    assert Net().settings == NetSettings()


def test_names_and_values_make_the_settings_that_texts_make() -> None:
    texts = settings(
        "size=24", "rate=0.25", "flag=false", "axes=channel,spatial", "weights=none", "parts=1,2"
    )
    values: dict[str, Any] = {
        "size": 24,
        "rate": 0.25,
        "flag": False,
        "axes": ["channel", "spatial"],
        "weights": None,
        "parts": (1, 2),
    }
    assert make_settings(Net, {}, None, values) == texts
    assert make_settings(Net, {}, None, {**values, "axes": "channel,spatial", "weights": "none"}) == texts


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"sise": 24}, "no setting of Net named 'sise': did you mean 'size'"),
        ({"size": 24.5}, "setting 'size' of Net cannot be 24.5"),
        ({"size": None}, "setting 'size' of Net cannot be None"),
        ({"mode": "sofd"}, "setting 'mode' of Net cannot be 'sofd': did you mean 'soft'"),
        ({"parts": ["a"]}, "setting 'parts' of Net cannot be 'a'"),
    ],
)
def test_a_wrong_value_of_a_program_gets_the_sentence_of_the_command(values: Any, sentence: str) -> None:
    with pytest.raises(MebenchError, match=sentence):
        make_settings(Net, {}, None, values)


def test_what_a_variants_name_stands_for_holds_against_a_program_too() -> None:
    with pytest.raises(MebenchError, match=r"--set size=8: this model's name stands for size=16"):
        make_settings(Net, {"size": 16}, None, {"size": 8})
