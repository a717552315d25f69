"""Ranks over protocols, as files: ``ranks.md`` and ``.csv``, and the critical-difference diagram.

for path in write_ranks(over_protocols(runs), Path("ranked")): print(path)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mebench.files import write_atomically
from mebench.plain_text import markdown as to_markdown
from mebench.plain_text import plain
from mebench.scoring.over_protocols import OverProtocols, ranks_note, ranks_table
from mebench.scoring.typeset import titled_markdown
from mebench.study.drawn import write_figure
from mebench.study.written import csv_text


def write_ranks(found: OverProtocols, folder: Path) -> list[Path]:
    """Write ranks to a folder and return the files; the picture needs matplotlib.

    Raises:
        MebenchError: the disk refuses.
    """
    notes = [f"- {to_markdown(note)}" for note in ranks_note(found).split("; ")]
    rows = [
        {"model": each["model"], "protocol": name, "uf1": each["uf1"][name], "rank": each["ranks"][name]}
        | {"mean_rank": each["rank"], "group": each["group"]}
        for each in found["models"]
        for name in found["protocols"]
    ]
    files = {
        "ranks.md": "\n".join([*titled_markdown(ranks_table(found)), "", *notes]) + "\n",
        "ranks.csv": csv_text(rows),
    }
    for name, text in files.items():
        write_atomically(folder / name, text)
    return [
        *(folder / name for name in files),
        *write_figure(folder, "ranks", lambda figure: _draw(figure, found)),
    ]


def _draw(figure: Any, found: OverProtocols) -> None:
    """Draw models along a line of mean ranks, and a bar over each group of two or more."""
    models = found["models"]
    groups = sorted({letter for each in models for letter in each["group"]})
    spans = []
    for letter in groups:
        ranks = [each["rank"] for each in models if letter in each["group"]]
        if len(ranks) > 1:
            spans.append((min(ranks), max(ranks)))
    figure.set_size_inches(7.2, 1.4 + 0.24 * len(models) + 0.12 * len(spans))
    axes = figure.add_subplot()
    for place, (first, last) in enumerate(spans):
        axes.plot([first - 0.04, last + 0.04], [0.4 + 0.35 * place] * 2, color="#1f5fa8", linewidth=4)
    for place, each in enumerate(models):
        y = -1.0 - place
        axes.plot([each["rank"], each["rank"]], [0, y], color="#6b6b6b", linewidth=0.8)
        axes.plot([each["rank"]], [y], "o", color="#1f5fa8", markersize=4)
        axes.annotate(
            plain(f"{each['rank']:.2f}  {each['model']}"),
            (each["rank"], y),
            (6, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_ylim(-len(models) - 0.6, 0.8 + 0.35 * len(spans))
    axes.set_xlim(0.9, len(models) + 0.1)
    axes.set_xticks(range(1, len(models) + 1))
    axes.spines["bottom"].set_visible(False)
    axes.axhline(0, color="black", linewidth=1)
    axes.yaxis.set_visible(False)
    axes.set_xlabel(
        f"mean rank of UF1 over {len(found['protocols'])} protocols; a bar joins models of one tie group"
    )
    if found["synthetic"]:
        figure.suptitle("SYNTHETIC data", color="#b3261e", fontsize=10)
