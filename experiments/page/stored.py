"""Stored answers: differences that were worked out beforehand, and what of the model they were worked out with.

They are made by `python -m tools.answers`. The table has one row for each baseline, policy, outcome, week and group;
`manifest.json` beside it says of which model, city and runs they are, and holds some values of single runs by which a
drift is noticed. They are read and never written here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from experiments.answers.certainty import Evidence, Flip
from experiments.answers.texts import Text
from experiments.contrasts.comparison import Comparison
from experiments.contrasts.geography import is_neighbourhood
from experiments.page.question import BASE, Question, key_of
from experiments.page.runs import in_memory
from experiments.sweeps.experiment import what_counts
from experiments.words import Effect
from sim.config import Config

FOLDER = Path(__file__).parent / "store"
TABLE, LEVELS, MANIFEST = "answers.parquet", "levels.parquet", "manifest.json"
RANKED_BY = "trust_in_municipality"
KEPT = ("difference", "half", "share_worse")
"""Columns of numbers: the difference, half of its interval's width, and the share of pairs that are worse."""

LOST_BITS = 10
"""Bits of a number's mantissa that are not kept; four significant figures are."""


class PatternForm(BaseModel):
    """A pattern that was not considered when defaults were chosen, and its verdict."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    fa: str
    verdict: str


class FlipForm(BaseModel):
    """An assumption's other value that changes a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: str
    key: str
    value: float | str
    word: Effect


class ExaminedForm(BaseModel):
    """What trying other values of assumptions on a comparison gave."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pairs: int
    tried: list[str]
    flips: list[FlipForm]


class ClaimedForm(BaseModel):
    """What the model has where something is claimed: over pairs' runs of the city as it is configured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: str
    week: int
    runs: int
    mean: float
    lowest: float
    highest: float


class ManifestForm(BaseModel):
    """What stored answers are of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    made: str
    version: str
    model: str
    city: str
    city_digest: str
    scale: float
    pairs: int
    seed: int
    cells: list[dict[str, Any]]
    patterns: list[PatternForm]
    movers: dict[str, tuple[int, int]]
    examined: dict[str, ExaminedForm]
    drift: list[dict[str, Any]]
    claimed: list[ClaimedForm] = []


@dataclass(frozen=True)
class Stored:
    """Stored answers of one city.

    Attributes:
        manifest: what they are of.
        table: base, policy (keys), outcome, week, group, and `KEPT`.
        levels: base, outcome, week, group and level: means under the baselines.
    """

    manifest: ManifestForm
    table: pd.DataFrame
    levels: pd.DataFrame

    @cached_property
    def _rows(self) -> dict[tuple[str, str], pd.DataFrame]:
        grouped = self.table.groupby(["base", "policy"], observed=True, sort=False)
        return {(str(base), str(policy)): rows for (base, policy), rows in grouped}

    def answers(self, question: Question) -> Comparison | None:
        """The comparison of a question, if all of it is stored; None otherwise."""
        base = key_of(question.city, question.base.timeline)
        keys = [key_of(question.city, one.timeline) for one in question.policies]
        found = [self._rows.get((base, key)) for key in keys]
        if any(rows is None for rows in found):
            return None
        names = [name for name in question.experiment.policies if name != BASE]
        parts = [rows.assign(policy=name) for name, rows in zip(names, found, strict=True) if rows is not None]
        levels = self.levels[self.levels.base == base]
        return _comparison(question, pd.concat(parts, ignore_index=True), levels, self.manifest.pairs)

    def evidence(self, question: Question) -> dict[str, Evidence]:
        """What is known besides the runs, of each policy of a question; under "" of any policy."""
        base = key_of(question.city, question.base.timeline)
        names = [name for name in question.experiment.policies if name != BASE]
        found = {"": self._evidence(None)}
        for name, one in zip(names, question.policies, strict=True):
            found[name] = self._evidence(self.manifest.examined.get(f"{base}-{key_of(question.city, one.timeline)}"))
        return found

    def evidence_of(self, found: Comparison) -> dict[str, Evidence]:
        """What is known besides the runs of a comparison that `mahalle compare` made, as `evidence` has it.

        Verdicts on patterns hold for any comparison of this model. Which assumptions matter, and what was tried on
        them, counts only for this city; what was tried also only for the same policy and baseline.
        """
        experiment = found.sweep.experiment
        known = self._evidence(None)
        if any(not self.manifest.model.startswith(model) for model in set(found.sweep.runs.model) - {""}):
            return {}
        if self.manifest.city_digest != city_digest(experiment.base):
            return {"": replace(known, movers={})}
        keys = {name: key_of(experiment.base, timeline) for name, timeline in experiment.policies.items()}
        tried = {name: self.manifest.examined.get(f"{keys[found.base]}-{keys[name]}") for name in found.policies}
        return {"": known, **{name: self._evidence(examined) for name, examined in tried.items()}}

    def _evidence(self, examined: ExaminedForm | None) -> Evidence:
        def named(verdict: str) -> tuple[Text, ...]:
            return tuple({"en": one.en, "fa": one.fa} for one in self.manifest.patterns if one.verdict == verdict)

        flips = () if examined is None else tuple(Flip(**one.model_dump()) for one in examined.flips)
        return Evidence(
            failed=named("not met"),
            undecided=named("inconclusive"),
            counted=len(self.manifest.patterns),
            movers=dict(self.manifest.movers),
            examined=None if examined is None else tuple(examined.tried),
            pairs=0 if examined is None else examined.pairs,
            flips=flips,
        )


def load_stored(folder: Path = FOLDER) -> Stored | None:
    """The stored answers of a folder; None if there are none."""
    if not all((folder / name).is_file() for name in (MANIFEST, TABLE, LEVELS)):
        return None
    manifest = ManifestForm.model_validate(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    return Stored(manifest, pd.read_parquet(folder / TABLE), pd.read_parquet(folder / LEVELS))


def rows_to_keep(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of one policy's differences as they are stored.

    Single neighbourhoods keep their simultaneous interval, all other groups their own.

    Args:
        rows: of `experiments.answers.answer.differences_of`.
    """
    single = rows.group.map(is_neighbourhood).astype(bool)
    kept = pd.DataFrame({"outcome": rows.outcome, "week": rows.week.astype("int16"), "group": rows.group})
    kept["difference"] = rows.difference
    high = rows.high.where(~single, rows.simultaneous_high)
    kept["half"] = high - rows.difference  # intervals are symmetric
    kept["share_worse"] = rows.share_worse.where((rows.group == "") & (rows.week == rows.week.max()))
    for name in KEPT:
        kept[name] = shortened(kept[name].to_numpy())
    return kept


def shortened(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Numbers without the last `LOST_BITS` bits of their mantissa, rounded, so that they take little room."""
    half, mask = np.uint32(1 << (LOST_BITS - 1)), np.uint32(~((1 << LOST_BITS) - 1) & 0xFFFFFFFF)
    short = values.astype(np.float32)
    rounded = ((short.view(np.uint32) + half) & mask).view(np.float32)
    return np.where(np.isfinite(short), rounded, short)


def city_digest(city: Config) -> str:
    """What of a city decides its runs, in sixteen letters."""
    text = json.dumps(what_counts(city), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_KEYS: dict[str, Any] = {"outcome": object, "group": object, "week": "int64"}


@dataclass(frozen=True, eq=False)
class _Kept(Comparison):
    """A comparison whose differences are read and not worked out."""

    table: pd.DataFrame
    levels: pd.DataFrame
    number: int

    @property
    def contrasts(self) -> pd.DataFrame:
        return self.table

    @property
    def means(self) -> pd.DataFrame:
        return self.levels

    @property
    def pairs(self) -> dict[str, int]:
        return dict.fromkeys(self.policies, self.number)


def _comparison(question: Question, rows: pd.DataFrame, levels: pd.DataFrame, pairs: int) -> Comparison:
    rows = rows.astype({name: "float64" for name in KEPT} | _KEYS)
    single = rows.group.map(is_neighbourhood).astype(bool)
    nothing = float("nan")
    table = rows.assign(
        base=BASE,
        low=rows.difference - rows.half,
        high=rows.difference + rows.half,
        simultaneous_low=(rows.difference - rows.half).where(single, nothing),
        simultaneous_high=(rows.difference + rows.half).where(single, nothing),
        replications=pairs,
    ).drop(columns="half")
    levels = levels.astype({"level": "float64"} | _KEYS).rename(columns={"level": "mean"}).assign(policy=BASE)
    nobody = in_memory(question.experiment, pd.DataFrame(columns=["run_id", "replication", "outcome", "week", "value"]))
    return _Kept(nobody, BASE, RANKED_BY, table, levels, pairs)


def drifted(stored: Stored, values: Mapping[tuple[str, str], float]) -> list[str]:
    """Which values of single runs are others now, a line each.

    Args:
        stored: the stored answers.
        values: by cell and outcome, worked out anew.
    """
    lines = []
    for one in stored.manifest.drift:
        now = values[one["cell"], one["outcome"]]
        if now != one["value"]:
            lines.append(f"cell {one['cell']}, {one['outcome']}: {one['value']!r} then, {now!r} now")
    return lines
