"""The one way in which a variant of a model is written, wherever it is shown.

>>> variant_name("famnet", {"faud": False, "attention_axes": ("channel", "spatial")})
'famnet[attention_axes=channel,spatial,faud=false]'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mebench.models.setting_text import setting_text


def variant_name(name: str, settings: Mapping[str, Any]) -> str:
    """Return a model's name with settings behind it, sorted; the registry reads it back."""
    inside = ",".join(f"{each}={_quoted(setting_text(value))}" for each, value in sorted(settings.items()))
    return f"{name}[{inside}]" if inside else name


def _quoted(text: str) -> str:
    """Return a value in quotes where it would be taken for several settings, or lose its own quotes."""
    if ("," in text and "=" in text) or text[:1] in "'\"" or text != text.strip() or text != text.strip(","):
        mark = "'" if "'" not in text else '"'
        return f"{mark}{text}{mark}"
    return text
