"""What one run came to: claims beside what was simulated, who gained and who lost, patterns, money, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.councils import saying_nothing
from experiments.elections_held import elections_held
from experiments.patterns import evaluate
from experiments.results import Run
from sim.elections import CouncilElection

GROUP_OUTCOMES = (
    "trust_in_municipality",
    "trust_in_council",
    "trust_in_people",
    "participation_rate",
    "performance",
    "hope",
)
NEIGHBOURHOOD_OUTCOMES = (
    "trust_in_municipality",
    "trust_in_council",
    "trust_in_people",
    "participation_rate",
    "performance",
    "service_level",
)

NOT_AN_EFFECT = "change since week 0 in this run, not an effect: compare policies to learn effects"


def summarise(run: Run, names: Sequence[str], elections: Sequence[CouncilElection] = ()) -> dict[str, Any]:
    """Everything `summary.json` holds: the same for the same run; times stand in the manifest.

    Args:
        run: the run.
        names: labels of its neighbourhoods.
        elections: real ones that its councils hold.
    """
    groups, places = changes_of_groups(run.groups), changes_of_neighbourhoods(run.neighbourhoods, names)
    untold = () if (run.city.councils > 0).any() else saying_nothing({*GROUP_OUTCOMES, *NEIGHBOURHOOD_OUTCOMES})
    return {
        "title": run.config.city.title.model_dump(),
        "names_are_labels": run.config.city.neighbourhoods.data_file is None
        and bool(run.config.city.neighbourhoods.names),
        "seed": run.config.run.seed,
        "place_seed": run.config.run.place_seed,
        "people": run.spread,
        "minimum_age": run.config.city.population.minimum_age,
        "weeks": int(run.city.week.iloc[-1]),
        "scale": run.config.run.scale,
        "claims": claims_beside(run),
        "patterns": [verdict.as_row() for verdict in evaluate(run)],
        "changes": {"note": NOT_AN_EFFECT, "groups": groups, "neighbourhoods": places},
        "lost": {
            "groups": _lost(groups, GROUP_OUTCOMES, untold),
            "neighbourhoods": _lost(places, NEIGHBOURHOOD_OUTCOMES, untold),
        },
        "elections": elections_held(run.events, elections),
        "money": money(run.city),
        "unit_of_money": run.config.city.finance.unit.model_dump(),
        "start": dict(run.start),
    }


def claims_beside(run: Run) -> list[dict[str, Any]]:
    """Each claimed figure with the simulated one of its week; none where the run does not reach it."""
    rows = []
    for claim in run.config.city.claims:
        simulated = run.city.loc[run.city.week == claim.week, claim.outcome]
        rows.append(
            {
                "name": claim.title.en or claim.outcome,
                "name_fa": claim.title.fa,
                "outcome": claim.outcome,
                "week": claim.week,
                "claimed": claim.value,
                "simulated": float(simulated.iloc[0]) if len(simulated) else None,
                "tag": "claimed",
                "source": claim.source,
            }
        )
    return rows


def changes_of_groups(groups: pd.DataFrame) -> list[dict[str, Any]]:
    """Last week less week 0, by group; groups without residents are left out."""
    keys = ["group_kind", "group"]
    first, last = _ends(groups, keys)
    change = (last - first)[list(GROUP_OUTCOMES)].assign(residents=last.residents)
    return _records(change[last.residents > 0].reset_index())


def changes_of_neighbourhoods(neighbourhoods: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """Last week less week 0, by neighbourhood."""
    first, last = _ends(neighbourhoods[["week", "neighbourhood", *NEIGHBOURHOOD_OUTCOMES]], ["neighbourhood"])
    change = (last - first)[list(NEIGHBOURHOOD_OUTCOMES)].reset_index()
    change.insert(1, "name", list(names))
    return _records(change)


def money(city: pd.DataFrame) -> dict[str, float]:
    """Received, spent, leaked and still there, in the city's unit of money."""
    last = city.iloc[-1]
    return {name: float(last[f"money_{name}"]) for name in ("received", "spent", "leaked", "balance")}


def _ends(table: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the first and of the last week, by key and in the table's order."""
    first, last = (table[table.week == week].set_index(keys) for week in (table.week.min(), table.week.max()))
    return first, last


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _lost(rows: Sequence[Mapping[str, Any]], outcomes: Sequence[str], untold: Sequence[str]) -> dict[str, int | None]:
    """How many have less than at the start, by outcome (None of those untold), and how many there are."""
    fell = {name: None if name in untold else sum(row[name] < 0.0 for row in rows) for name in outcomes}
    return {"of": len(rows), **fell}
