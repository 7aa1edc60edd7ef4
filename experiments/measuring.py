"""Measure each pattern in one run: values by part, or the reason why the pattern is not testable in that run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from experiments.growth import growth_of
from experiments.results import Run
from sim.policies import in_force

Measured = Mapping[str, float]

YEAR = 52
LAST_FULL_YEAR_FROM = 208
WEEKS_OF_A_RATE = 4


class NotTestable(Exception):
    """The pattern is not testable in this run; the message says why."""


def needs(reason: str) -> Callable[[Run], Measured]:
    """A measure for patterns that no single run can show."""

    def measure(run: Run) -> Measured:
        raise NotTestable(reason)

    return measure


def office_holders(run: Run) -> Measured:
    """Filled seats, mayors included, over residents of all ages, at the end."""
    if not any(claim.outcome == "council_members" for claim in run.config.city.claims):
        raise NotTestable("nothing is reported about council_members in this city")
    last = run.city.iloc[-1]
    if not last.councils:
        raise NotTestable("there is no council at the end of this run")
    return {"share of residents": float(last.council_members + last.neighbourhood_mayors) / run.start["people"]}


def rollout(run: Run) -> Measured:
    """Councils and mayors by the reported weeks, and how well served those were that came first."""
    _needs_claim(run, "councils", 84)
    _needs_claim(run, "councils", 135)
    mayors = run.city.loc[run.city.neighbourhood_mayors > 0, "week"]
    table = run.neighbourhoods
    services = table.loc[table.week == 0, "service_level"].to_numpy()
    early = table.loc[table.week == 84, "council"].to_numpy(dtype=bool)
    gap = services[early].mean() - services[~early].mean() if early.any() and not early.all() else float("nan")
    return {
        "councils at week 84": _at(run, "councils", 84),
        "councils at week 135": _at(run, "councils", 135),
        "first week with a mayor": float(mayors.min()),
        "services at the start, with less without a council at week 84": float(gap),
    }


def delivered(run: Run) -> Measured:
    """Council projects finished and programmes held by week 215."""
    _needs_claim(run, "council_projects_finished", 215)
    _needs_claim(run, "programmes_held", 215)
    return {
        "council projects finished": _at(run, "council_projects_finished", 215),
        "programmes held": _at(run, "programmes_held", 215),
    }


def turnout(run: Run) -> Measured:
    """Mean turnout over weeks with a ballot."""
    return {"mean turnout": _mean_of_ballots(run, "turnout")}


def participation_levels(run: Run) -> Measured:
    """Shares by level in the last full year, once the programme has run for four."""
    last = run.city.iloc[-1]
    if last.week < LAST_FULL_YEAR_FROM:
        raise NotTestable(f"the run ends before week {LAST_FULL_YEAR_FROM}")
    return {
        "never or rarely": float(last.never_or_rarely_share),
        "sometimes": float(last.sometimes_share),
        "core": float(last.core_share),
    }


def women_in_elections(run: Run) -> Measured:
    """Mean share of women among voters, and among candidates for seats that no quota keeps for women."""
    candidates = run.city.candidates_women_share.iloc[-1]
    shares = {"of voters": _mean_of_ballots(run, "voters_women_share")}
    return shares if pd.isna(candidates) else {**shares, "of candidates": float(candidates)}


def young_voters(run: Run) -> Measured:
    """Mean turnout of people aged 18 to 25 over that of all who may vote."""
    return {"ratio": _mean_of_ballots(run, "turnout_18_25_ratio")}


def vote_inequality(run: Run) -> Measured:
    """Mean Gini of votes over projects."""
    return {"Gini": _mean_of_ballots(run, "vote_gini")}


def funded(run: Run) -> Measured:
    """Projects chosen over projects proposed, over the whole run."""
    share = run.city.funded_share.iloc[-1]
    if pd.isna(share):
        raise NotTestable("no project is proposed in this run")
    return {"share funded": float(share)}


def voters_without_winner(run: Run) -> Measured:
    """Mean share of voters none of whose projects won, if ballots are counted greedily."""
    config, mean = run.config, _mean_of_ballots(run, "voters_without_winner_share")
    weeks = run.city.week[run.city.voters_without_winner_share.notna()].tolist()
    if {in_force(config.policy, config.timeline, week).choice.rule for week in weeks} != {"ballot_greedy"}:
        raise NotTestable("ballots are not counted by the greedy rule in this run")
    return {"share of voters": mean}


def trusting_people(run: Run) -> Measured:
    """Share with trust in people above one half at week 0."""
    return {"share of residents": run.start["trusting_people_share"]}


def exits(run: Run) -> Measured:
    """Exits of volunteers and members in a year, per person at risk."""
    rate = run.city.exit_rate_per_year.iloc[-1]
    if pd.isna(rate):
        raise NotTestable("nobody volunteers in this run")
    return {"exits a year": float(rate)}


def services_and_support(run: Run) -> Measured:
    """Change of services and of trust in the municipality over the run."""
    change = run.city.iloc[-1] - run.city.iloc[0]
    return {
        "change of services": float(change.service_level),
        "change of trust in the municipality": float(change.trust_in_municipality),
    }


def growth_of_participation(run: Run) -> Measured:
    """Growth, how much better a logistic fits than a line and where its middle is, and the last year's change.

    The rate is that of four weeks, so every fourth week is fitted. That noise in neighbouring values goes together is
    left out of account, which makes the difference of AIC larger than it should be. The change is that between the
    halves of the last year, over the standard deviation between weeks.
    """
    weeks = len(run.city) - 1
    if weeks < 3 * YEAR:
        raise NotTestable("the run is shorter than three years")
    rate = run.city.participation_rate.to_numpy(dtype=np.float64)[1:]
    fitted = growth_of(rate[WEEKS_OF_A_RATE - 1 :: WEEKS_OF_A_RATE])
    last, before = rate[-YEAR // 2 :], rate[-YEAR : -YEAR // 2]
    noise = float(np.sqrt((last.var(ddof=1) + before.var(ddof=1)) / 2.0))
    change = float(last.mean() - before.mean())
    return {
        "growth": float(rate[-YEAR:].mean() - rate[:YEAR].mean()),
        "AIC of a line less that of a logistic": fitted.advantage,
        "middle of the logistic, share of the run": fitted.middle,
        "last year's change over its noise": change / noise if noise > 0.0 else 0.0,
        "core": float(run.city.core_share.iloc[-1]),
    }


def clustering(run: Run) -> Measured:
    """Moran's I of the neighbourhoods' mean trust in the municipality, mean over the last year."""
    return {"Moran's I": float(run.city.trust_morans_i.iloc[-YEAR:].mean())}


def _needs_claim(run: Run, outcome: str, week: int) -> None:
    """Go on only if the config records what was reported for this outcome and week, and the run reaches it."""
    if not any(claim.outcome == outcome and claim.week == week for claim in run.config.city.claims):
        raise NotTestable(f"nothing is reported about {outcome} at week {week} in this city")
    if run.city.week.iloc[-1] < week:
        raise NotTestable(f"the run ends before week {week}")


def _at(run: Run, outcome: str, week: int) -> float:
    return float(run.city.loc[run.city.week == week, outcome].iloc[0])


def _mean_of_ballots(run: Run, outcome: str) -> float:
    values = run.city[outcome].dropna()
    if values.empty:
        raise NotTestable("residents do not vote in this run")
    return float(values.mean())
