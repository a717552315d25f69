"""A study's rows as plain figures by name: what a CSV file and a DataFrame hold.

study_figures(results, results.rows[0])["uf1"]      # 0.4317: shares, not percent
"""

from __future__ import annotations

from mebench.models.setting_text import setting_text
from mebench.study.results import Results, Row
from mebench.study.table import factor_headings


def study_figures(found: Results, row: Row) -> dict[str, object]:
    """Return what there is to know of a variant: the same names for every row, None what is not known."""
    figures: dict[str, object] = {
        "model": found.model,
        "protocol": found.protocol,
        "synthetic": found.synthetic,
        "shuffled_labels": found.shuffled_labels,
        "selection": found.selection,
        "run": row.run,
        "seeds": " ".join(map(str, found.seeds)),
    }
    for metric in ("uf1", "uar", "au_f1"):
        spread = getattr(row, metric)
        figures[metric] = spread and spread["mean"]
        figures[f"{metric}_sd"] = spread and spread["sd"]
    for name in ("difference", "low", "high", "p"):
        figures[f"{found.metric}_{name}"] = row.difference and row.difference[name]  # type: ignore[literal-required]
    figures |= {
        f"{found.metric}_p_holm": row.p_holm,
        "parameters": row.cost.parameters,
        "flops": row.cost.flops,
        "fold_seconds": row.fold_seconds,
        "problem": row.problem,
    }
    headings = factor_headings(found, {"axis", "variant", *figures})
    factors = {heading: setting_text(row.factors[name]) for name, heading in headings.items()}
    return {"axis": row.axis, "variant": row.name, **factors, **figures}
