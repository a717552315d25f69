"""How long a fold may take where nobody says otherwise; apart from the rest, so that ``--help`` can tell it."""

from __future__ import annotations

# A fold that takes longer than this hangs; whoever trains longer says so (--fold-timeout), in seconds.
DAY = 86_400.0
