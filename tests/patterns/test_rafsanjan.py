"""What must hold of the default city over ten seeds at a tenth of full scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim import City, load_config

SEEDS = range(1, 11)


@pytest.fixture(scope="module")
def histories() -> list[pd.DataFrame]:
    config = load_config("configs/cities/rafsanjan.yaml", values={"run.scale": 0.1})
    return [City(config, rng=seed).run().history.set_index("week") for seed in SEEDS]


def in_at_least_nine(hits: list[bool]) -> bool:
    return sum(hits) >= 9


def test_pattern_1_office_holders(histories: list[pd.DataFrame]) -> None:
    """Council members, teen managers and mayors are 0.7-1.2 % of residents."""
    shares = [(h.loc[215, "council_members"] + h.loc[215, "neighbourhood_mayors"]) / 162_000 for h in histories]
    assert in_at_least_nine([0.007 <= share <= 0.012 for share in shares]), shares


def test_pattern_2_roll_out(histories: list[pd.DataFrame]) -> None:
    """28-32 councils at week 84, all 50 by week 135, mayors from about then on and not before week 131."""
    hits = [
        28 <= h.loc[84, "councils"] <= 32
        and h.loc[135, "councils"] == 50
        and h.loc[130, "neighbourhood_mayors"] == 0
        and h.loc[135, "neighbourhood_mayors"] > 0
        for h in histories
    ]
    assert in_at_least_nine(hits), [(h.loc[84, "councils"], h.loc[135, "councils"]) for h in histories]


def test_pattern_3_output_claimed(histories: list[pd.DataFrame]) -> None:
    """By week 215: 200 construction projects of the councils and 1,500 programmes, each within a quarter."""
    found = [(h.loc[215, "council_projects_finished"], h.loc[215, "programmes_held"]) for h in histories]
    assert in_at_least_nine([150 <= works <= 250 and 1125 <= held <= 1875 for works, held in found]), found


@pytest.mark.xfail(strict=True, reason="three quarters of people take part never or rarely, since civic life counts")
def test_pattern_5_participation_is_unequal(histories: list[pd.DataFrame]) -> None:
    """In the last year 85-97 % take part never or rarely, 3-14 % sometimes, 0.3-3 % are the core."""
    found = [tuple(h.loc[260, ["never_or_rarely_share", "sometimes_share", "core_share"]]) for h in histories]
    hits = [0.85 <= never <= 0.97 and 0.03 <= some <= 0.14 and 0.003 <= core <= 0.03 for never, some, core in found]
    assert in_at_least_nine(hits), found


def test_participation_grows_in_an_s(histories: list[pd.DataFrame]) -> None:
    """Slow at first, fastest in between, flat at the end; the active core stays under 5 %."""
    for history in histories:
        h = history.loc[4:]  # a rate of four weeks: nobody has taken part before week 0
        smooth = h["participation_rate"].rolling(13, center=True, min_periods=1).mean()
        growth = smooth.diff(26).dropna()
        fastest = growth.idxmax()
        assert 27 <= fastest <= 190  # the half-year of fastest growth ends a quarter or more after the roll-out begins
        early = smooth[30] - smooth[4]
        # Half-years a year apart: at this scale one week's rate carries a sampling error of a fifteenth.
        late = h.loc[235:, "participation_rate"].mean() - h.loc[183:208, "participation_rate"].mean()
        assert growth.max() > 1.2 * early > 0.0  # an S rather than a line is for validation, pattern 21
        assert abs(late) < 0.5 * growth.max()
        assert h["core_share"].max() < 0.05


def test_trust_does_not_collapse_to_a_mean(histories: list[pd.DataFrame]) -> None:
    """After four years the standard deviation of each trust is at least 60 % of the initial one."""
    for h in histories:
        for kind in ("municipality", "council", "people"):
            column = f"trust_in_{kind}_sd"
            assert h.loc[208, column] >= 0.6 * h.loc[0, column]


def test_no_outcome_saturates(histories: list[pd.DataFrame]) -> None:
    """No share that the model moves ends at 0 or 1."""
    moved = [
        "trust_in_municipality", "trust_in_council", "trust_in_people", "expectation", "performance", "belonging",
        "hope", "participation_rate", "ever_participated_rate", "habit", "service_level", "service_gini",
        "spending_need_match", "youth_skill", "adult_skill", "mayor_skill", "funded_share", "voice_heard_share",
    ]  # fmt: skip
    for h in histories:
        last = h.loc[260, moved]
        assert ((last > 0.001) & (last < 0.98)).all(), last[(last <= 0.001) | (last >= 0.98)]


def test_money_is_conserved(histories: list[pd.DataFrame]) -> None:
    for h in histories:
        left = h["money_received"] - h["money_spent"] - h["money_leaked"] - h["money_balance"]
        assert np.abs(left).max() < 1e-6
