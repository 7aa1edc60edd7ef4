"""Notebooks as plain data, without outputs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

STUDY: tuple[tuple[str, str], ...] = (
    ("markdown", "# A first look\n\nOne run of the city, one pair of runs, and the sweep if it is there already."),
    (
        "code",
        'import sim\n\nconfig = sim.load_config("city.yaml", values={"run.scale": SCALE, "run.weeks": 104})\nconfig',
    ),
    ("code", "city = sim.City(config, rng=1)\ncity.run()\ncity"),
    ("code", 'city.history[["week", "trust_in_municipality", "participation_rate", "service_gini"]].tail()'),
    (
        "markdown",
        "The same place and the same luck under a policy: a paired difference. One pair is no effect; "
        "`mahalle compare` repeats it.",
    ),
    (
        "code",
        'changed = sim.load_config("city.yaml", policies=["policies/own_policy.yaml"], '
        'values={"run.scale": SCALE, "run.weeks": 104})\n'
        "other = sim.City(changed, rng=1).run()\n"
        "(other.history.trust_in_municipality - city.history.trust_in_municipality).tail()",
    ),
    (
        "code",
        "from pathlib import Path\n\nimport experiments\n\n"
        'folder = Path("results/delegated_share")\n'
        'experiments.load(folder) if folder.exists() else "first: mahalle sweep experiments/delegated_share.yaml"',
    ),
)
"""Cells of the notebook of a new study; SCALE is put in."""


def notebook(cells: Sequence[tuple[str, str]]) -> str:
    """A notebook of the format 4.5, as JSON.

    Args:
        cells: kind ("markdown" or "code") and text of each.
    """
    content: dict[str, Any] = {
        "cells": [_cell(place, kind, text) for place, (kind, text) in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(place: int, kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"id": f"cell-{place}", "cell_type": kind, "metadata": {}, "source": text.splitlines(True)}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell
