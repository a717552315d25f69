"""How a grid is written, and what is no grid."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mebench.errors import MebenchError, UnknownNameError
from mebench.models.base import Model, ModelSettings
from mebench.study.grid import read_grid


class Settings(ModelSettings):
    lr: float = 0.1
    name: str = "a"
    axes: tuple[str, ...] = ()
    sizes: list[int] | None = None


class Net(Model):
    Settings: ClassVar[type[ModelSettings]] = Settings


def test_commas_stand_between_values_and_semicolons_between_lists() -> None:
    grid = read_grid(Net, ["lr=0.1, 0.01", "axes=channel;channel,spatial", "sizes=1,2;none"])
    assert grid == {
        "lr": ["0.1", "0.01"],
        "axes": ["channel", "channel,spatial"],
        "sizes": ["1,2", "none"],
    }


def test_a_semicolon_at_the_end_makes_one_value_of_a_text_with_commas() -> None:
    assert read_grid(Net, ["name=a,b;", "axes=x,y;"]) == {"name": ["a,b"], "axes": ["x,y"]}
    assert read_grid(Net, ["name=a,b;c"]) == {"name": ["a,b", "c"]}


def test_values_of_a_program_stay_as_they_are() -> None:
    grid = read_grid(Net, {"lr": [0.1, 0.01], "axes": [("x",), ()]})
    assert grid == {"lr": [0.1, 0.01], "axes": [("x",), ()]}


def test_a_wrong_setting_is_told_with_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="setting of Net named 'axis': did you mean 'axes'"):
        read_grid(Net, ["axis=x;y"])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["lr"], "write it as --grid SETTING=VALUE,VALUE"),
        (["=0.1"], "write it as --grid SETTING=VALUE,VALUE"),
        (["lr=0.1,,0.2"], "a value is empty"),
        (["lr="], "a value is empty"),
        (["lr=0.1", "lr=0.2"], "names lr twice"),
        (["axes=x,y"], "'axes=x;y'"),
        ([], "needs a grid"),
        ({"lr": 0.1}, "give a list of its values"),
        ({"lr": []}, "give a list of its values"),
    ],
)
def test_what_is_no_grid_is_refused_in_one_sentence(given: object, why: str) -> None:
    with pytest.raises(MebenchError, match=why):
        read_grid(Net, given)  # type: ignore[arg-type]
