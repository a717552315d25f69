"""The colours of every page and figure, each once for light and once for dark.

    css_tokens()                # :root{--ink:...} and the same for the dark
    in_light("fill:var(--ink)") # "fill:#1b2129": for files that no page surrounds

Text keeps a contrast of 4.5 at least on the ground that it stands on, in both (tests/pages/test_colours.py).
"""

from __future__ import annotations

import re

# Name -> light, dark. Ends in "-ground": what text of the name before it stands on.
TOKENS: dict[str, tuple[str, str]] = {
    "page": ("#f4f6f8", "#0f1419"),
    "paper": ("#ffffff", "#182028"),
    "ink": ("#1b2129", "#e4e9ee"),
    "quiet": ("#55606c", "#a2aeba"),
    "line": ("#d3d9e0", "#33404c"),
    "accent": ("#1f5fa8", "#83b8f3"),
    "accent-ground": ("#e6effa", "#1a2f48"),
    "other": ("#9a4a00", "#efa95e"),
    "other-ground": ("#fbeee0", "#3d2a14"),
    "good": ("#1b6b3f", "#7fcf9f"),
    "good-ground": ("#e3f4ea", "#163526"),
    "alarm": ("#9c1c12", "#ffb3a8"),
    "alarm-ground": ("#fdeae8", "#481a15"),
    # The three kinds of numbers, never mixed.
    "reported": ("#7a5200", "#e3bd6a"),
    "rescored": ("#6b3fa0", "#c5a9f6"),
    "reproduced": ("#1f5fa8", "#83b8f3"),
    # Shares from 0 to 1 in seven steps, with the ink that is read on each.
    "heat-0": ("#f7f9fb", "#1d262f"),
    "heat-1": ("#deeaf6", "#1c3149"),
    "heat-2": ("#bcd5ee", "#1d4063"),
    "heat-3": ("#90bae2", "#20517f"),
    "heat-4": ("#2f74bd", "#6fa9e8"),
    "heat-5": ("#1f5fa8", "#93c1f5"),
    "heat-6": ("#123f78", "#c0dcfb"),
    "heat-ink-low": ("#1b2129", "#e4e9ee"),
    "heat-ink-high": ("#ffffff", "#0f1419"),
}
STEPS = 7
_FIRST_HIGH = 4
_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")


def css_tokens() -> str:
    """Return the tokens as custom properties: light, dark where the reader prefers it, and light on paper."""
    light, dark = ("".join(f"--{name}:{pair[place]};" for name, pair in TOKENS.items()) for place in range(2))
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )


def heat(share: float) -> tuple[str, str]:
    """Return the tokens of the ground and the ink of a share between 0 and 1."""
    step = min(STEPS - 1, max(0, int(share * STEPS)))
    return f"heat-{step}", "heat-ink-high" if step >= _FIRST_HIGH else "heat-ink-low"


def in_light(css: str) -> str:
    """Return CSS with the light colours in the place of the tokens."""
    return _VARIABLE.sub(lambda found: TOKENS[found[1]][0], css)
