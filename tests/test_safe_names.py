"""A name from any text leads nowhere when a path is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import invented_cohort

from mebench.errors import MebenchError
from mebench.features.export import export_features
from mebench.features.inputs import ApexFrame
from mebench.features.store import user_store
from mebench.safe_names import fault_of_name, part_of_path


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("../../../escaped", "it holds '/'"),
        ("/etc/passwd", "it holds '/'"),
        ("a\\b", "it holds '\\\\'"),
        ("..", "it means another folder"),
        (".", "it means another folder"),
        (" ", "it is empty"),
        ("", "it is empty"),
        ("a\0b", "it holds a character that is not seen"),
        ("a\nb", "it holds a character that is not seen"),
        ("a\u202eb", "it holds a character that is not seen"),
        ("惊" * 86, "it is longer than 255 bytes"),
    ],
)
def test_a_name_that_leads_elsewhere_is_told_with_what_is_wrong(name: str, fault: str) -> None:
    assert fault_of_name(name) == fault
    with pytest.raises(
        MebenchError, match=r"the emotion .* cannot be the name of a file or folder: it "
    ) as raised:
        part_of_path(name, "the emotion")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "name", ["spNO.1", "EP02_01f", "6 (2)", "..a", "a..", ".hidden", "惊讶", "others?", "x" * 255]
)
def test_any_other_name_is_one(name: str) -> None:
    assert part_of_path(name, "the emotion") == name


def test_whoever_unpacks_exported_inputs_gets_them_in_his_folder(tmp_path: Path) -> None:
    out = tmp_path / "x.npz"
    with pytest.raises(MebenchError, match=r"the input's name '../../x' cannot be the name of a file"):
        export_features(invented_cohort(), {"../../x": ApexFrame(24)}, user_store(), out)
    assert not out.exists()
