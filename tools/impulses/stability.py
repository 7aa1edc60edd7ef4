"""How much of trust is still what it was: variance explained by the start, correlation over two years, spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.impulses import ARMS
from experiments.patterns import KINDS_OF_TRUST
from experiments.validation.cities import Cities
from experiments.validation.companions.memory import RELIABILITY, STATUS_QUO
from sim.city import City
from sim.config import Config
from sim.place import Foundations

START, EARLY, LATE, END = 0, 104, 208, 260
FINDINGS = {
    "explained": f"share of the variance in week {END} that trust at the start explains",
    "state": f"correlation between weeks {EARLY} and {LATE}",
    "answers": "the same of answers to a survey item",
    "spread": f"spread in week {END} over that at the start",
    "drift": f"mean in week {END} less that at the start",
}


def stability(config: Config, seeds: Sequence[int]) -> pd.DataFrame:
    """What trust keeps over five years: columns arm, kind, seed and those of `FINDINGS`.

    Answers are trust plus an error that leaves a reliability of `RELIABILITY`.

    Args:
        config: the city; decisions are the municipality's in the second arm.
        seeds: seeds of the replications.
    """
    rows, foundations = [], Foundations()
    alone = Cities(config).under(STATUS_QUO)
    for arm, settings in zip(ARMS, (config, alone), strict=True):
        for seed in seeds:
            city = City(settings, rng=seed, foundations=foundations, measured_weeks=())
            seen = {}
            for week in (START, EARLY, LATE, END):
                city.run(week - city.week)
                seen[week] = {kind: city.residents[f"trust_in_{kind}"].copy() for kind in KINDS_OF_TRUST}
            for kind in KINDS_OF_TRUST:
                start, early, late, end = (seen[week][kind] for week in (START, EARLY, LATE, END))
                error = np.sqrt(1.0 / RELIABILITY - 1.0)
                answers = [
                    trust + trust.std() * error * city.luck.normal(f"answer about {kind}", week, trust.size)
                    for week, trust in ((EARLY, early), (LATE, late))
                ]
                rows.append(
                    {
                        "arm": arm,
                        "kind": kind,
                        "seed": seed,
                        "explained": float(np.corrcoef(start, end)[0, 1] ** 2),
                        "state": float(np.corrcoef(early, late)[0, 1]),
                        "answers": float(np.corrcoef(*answers)[0, 1]),
                        "spread": float(end.std() / start.std()),
                        "drift": float(end.mean() - start.mean()),
                    }
                )
    return pd.DataFrame(rows)
