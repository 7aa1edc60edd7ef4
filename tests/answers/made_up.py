"""Made-up results: single differences, and whole comparisons without a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from experiments.answers.asked import BY_GROUP, CURVES, FINDINGS, GROUP_KINDS, ON_MAPS
from experiments.answers.findings import Difference
from experiments.contrasts.comparison import Comparison
from experiments.page.question import BASE, question_of
from experiments.page.runs import in_memory
from experiments.sweeps.outcomes import KINDS
from sim.config import load_config
from sim.outcome import known

ROOT = Path(__file__).parents[2]
PERSIAN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬−", "0123456789.,-")
NUMBER = re.compile(r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?")

LEVERS = {"title": {"en": "Top down", "fa": "از بالا"}, "set": {"authority.mode": "top_down"}}
COUNCILS = {"title": {"en": "Councils", "fa": "شوراها"}, "set": {"authority.mode": "delegated"}}


def numbers_in(text):
    """The numbers of a text in either language, in order."""
    plain = text.replace("\u200e", "").replace("−", "-").translate(PERSIAN)
    return [float(found.replace(",", "")) for found in NUMBER.findall(plain)]


def places_after_point(text):
    return len(re.match(r"\d*", text.translate(PERSIAN).partition(".")[2])[0])


@st.composite
def differences(draw, outcome=None, interval=True):
    """A difference of an outcome: any size from far below the least that matters to far above, ends in order."""
    name = outcome or draw(st.sampled_from(FINDINGS))
    share = known(name).unit in ("share", "index")
    base = draw(st.floats(0.0, 1.0) if share else st.one_of(st.just(0.0), st.floats(1e-3, 5e5)))
    reach = 0.2 if share else draw(st.sampled_from([base, max(base, 1.0)]))
    sizes = st.one_of(st.just(0.0), st.floats(-reach, reach), st.floats(-reach / 50, reach / 50))
    low, middle, high = sorted(draw(st.tuples(sizes, sizes, sizes)))
    better = draw(st.sampled_from(["highest", "lowest", None]))
    if not interval:
        low = high = float("nan")
    return Difference(name, base, middle, low, high, better)


@dataclass(frozen=True, eq=False)
class MadeUp(Comparison):
    """A comparison whose differences are made up."""

    table: pd.DataFrame
    levels: pd.DataFrame
    number: int

    @property
    def contrasts(self):
        return self.table

    @property
    def means(self):
        return self.levels

    @property
    def pairs(self):
        return dict.fromkeys(self.policies, self.number)


@cache
def question(money=None):
    """A question about a city, whose unit of money is called by the English name given."""
    own = {} if money is None else {"city.finance.unit": {"en": money, "fa": ""}}
    city = load_config(ROOT / "configs/cities/rafsanjan.yaml").with_values({"run.weeks": 52, **own})
    return question_of({"base": LEVERS, "policies": [COUNCILS]}, city, 20)


def groups():
    return [f"{kind}={name}" for kind in GROUP_KINDS for name in KINDS[kind]]


def comparison(seed, *, pairs=10, missing=0.0, without=(), weeks=(13, 26, 39, 52), money=None):
    """A comparison of one policy with a baseline.

    Args:
        seed: of what is made up.
        pairs: of runs.
        missing: share of the rows that have no value.
        without: outcomes that nobody asked for.
        weeks: of curves.
        money: English name of the city's unit of money.
    """
    draw, rows = np.random.default_rng(seed), []
    cells = [(name, week, "") for name in CURVES for week in weeks]
    cells += [(name, weeks[-1], "") for name in FINDINGS if name not in CURVES]
    cells += [(name, weeks[-1], group) for name in BY_GROUP for group in groups()]
    cells += [(name, weeks[-1], f"neighbourhood={place}") for name in ON_MAPS for place in range(50)]
    for name, week, group in cells:
        if name in without:
            continue
        share = known(name).unit in ("share", "index")
        base = draw.random() if share else float(draw.choice([0.0, 10.0 ** draw.uniform(-1, 5)]))
        reach = (0.02 if share else 0.05 * max(base, 1.0)) * 10.0 ** draw.uniform(-1.5, 1.0)
        low, middle, high = np.sort(draw.uniform(-reach, reach, 3)) + draw.choice([-1.0, 0.0, 1.0]) * reach
        if draw.random() < missing:
            low = middle = high = base = float("nan")
        rows.append(
            (name, week, group, base, middle, low, high, low, high, draw.integers(0, pairs + 1) / max(pairs, 1))
        )
    columns = ["outcome", "week", "group", "mean", "difference", "low", "high", "simultaneous_low", "simultaneous_high",
               "share_worse"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    levels = table[["outcome", "week", "group", "mean"]].assign(policy=BASE)
    table = table.drop(columns="mean").assign(policy="policy 1", base=BASE, replications=pairs)
    empty = pd.DataFrame(columns=["run_id", "replication", "outcome", "week", "value"])
    runs = in_memory(question(money).experiment, empty)
    return MadeUp(runs, BASE, "trust_in_municipality", table, levels, pairs)
