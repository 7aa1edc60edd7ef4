"""What a city's numbers say that its author may not mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from experiments.register import value_at
from experiments.sweeps.outcomes import EVERY, NEIGHBOURHOOD, Outcome
from sim.cautions import caution
from sim.config import UNIT_OF_MONEY, Config
from sim.names import quoted
from sim.neighbourhoods import build_geography
from sim.parameters import register
from sim.place import geography_of
from sim.randomness import Streams

ENOUGH_RESIDENTS = 100
"""Simulated residents of a neighbourhood below which its numbers are mostly noise: with a standard deviation between
residents of 0.2, as of trust, the mean of 100 has a standard error of 0.02, which is the least difference that matters
(`experiments.least.SURVEY`)."""


def say_if_neighbourhoods_are_small(city: Config, outcomes: Iterable[Outcome]) -> None:
    """Say as a caution that single neighbourhoods are asked for and too few residents are simulated in them."""
    asked = {outcome.group for outcome in outcomes if outcome.group_kind == NEIGHBOURHOOD}
    if asked and (text := few_residents(city, asked)):
        caution(text)


def few_residents(
    city: Config,
    asked: Iterable[str] = (EVERY,),
    why: str = "single neighbourhoods are asked for",
    key: str = "run.scale",
) -> str:
    """Whether fewer than `ENOUGH_RESIDENTS` are simulated in a neighbourhood, and what to do; or empty.

    Of neighbourhoods asked for by number the one with the fewest counts, unless the city is simulated in full, one to
    one; of every neighbourhood (`EVERY`) the average counts.

    Args:
        city: with the scale of its runs.
        asked: numbers of neighbourhoods, or `EVERY`.
        why: their residents matter.
        key: what sets the scale.
    """
    geography, asked = geography_of(city), set(asked)
    in_full = geography.population * city.city.population.agent_share
    named = [int(number) for number in asked - {EVERY} if int(number) < in_full.size and city.run.scale < 1.0]
    fewest = min(named, key=lambda number: (in_full[number], number), default=None)
    least, where = float(in_full.mean()), "each"
    if fewest is not None and (EVERY not in asked or in_full[fewest] < least):
        least, where = float(in_full[fewest]), quoted(geography.names[fewest])
    elif EVERY not in asked:
        return ""
    there = least * city.run.scale
    if there >= ENOUGH_RESIDENTS:
        return ""
    scale = min(1.0, math.ceil(100.0 * ENOUGH_RESIDENTS / least) / 100.0)
    raised = f": raise {key} to {scale:g}" if scale > city.run.scale else ""
    return (
        f"{why}, and about {there:.0f} residents are simulated in {where}; below "
        f"{ENOUGH_RESIDENTS} a number of one neighbourhood is mostly noise (the standard error of its mean trust is "
        f"{0.2 / math.sqrt(max(there, 1.0)):.2f}){raised}"
    )


def say_what_is_unlikely(city: Config) -> None:
    """Say as cautions what looks like a mistake in a city, although it can be run."""
    for text in filter(
        None, (amounts_in_another_unit(city), hub_of_another_city(city), more_money_than_proposals(city))
    ):
        caution(text)


def amounts_in_another_unit(city: Config) -> str:
    """Which amounts a city that names a unit of money leaves at those of the default city; empty if none."""
    unit = city.city.finance.unit.en
    if unit == Config().city.finance.unit.en:
        return ""
    left = [
        row.key
        for row in register(type(city))
        if row.unit.startswith(UNIT_OF_MONEY) and row.default and value_at(city, row.key) == row.default
    ]
    if not left:
        return ""
    return f"money is in {unit}, but these amounts are still those of Rafsanjan in {UNIT_OF_MONEY}: {', '.join(left)}"


def hub_of_another_city(city: Config) -> str:
    """Whether a city with neighbourhoods of its own leaves the customary hub at Rafsanjan's and works through others.

    A city that sets `customary_hub` means it, whatever hubs its policy works through: nothing is said of it.
    """
    hub = city.city.customary_hub
    own = city.city.neighbourhoods.data_file is not None and "customary_hub" not in city.city.model_fields_set
    if not own or hub in city.policy.hub.kinds or not city.policy.hub.kinds:
        return ""
    kinds = ", ".join(city.policy.hub.kinds)
    return (
        f"the customary hub is that of Rafsanjan, {hub}, and the policy works through {kinds}: set "
        "city.customary_hub to where residents of your city go by custom"
    )


def more_money_than_proposals(city: Config) -> str:
    """Whether neighbourhoods have more money than what they may propose costs, so that much is never spent; or empty.

    The works budget of a round of choice is compared with the mean cost of all projects that a council puts up in it.
    Where real elections are held these are the proposals, and nothing is said.
    """
    finance, choice = city.city.finance, city.behaviour.choice
    if city.city.elections or city.policy.authority.mode == "top_down":
        return ""
    geography = build_geography(
        city.city.neighbourhoods, city.city.population.total, Streams(city.run.place_seed), Path(city.base_folder)
    )
    number = geography.population.size
    works = finance.works_budget_per_year / number * choice.round_interval_weeks / 52.0 / finance.project_cost_mean
    if works <= choice.proposals_per_round:
        return ""
    return (
        f"a neighbourhood's part of the works budget pays for {works:.0f} projects a round, and its council puts up "
        f"{choice.proposals_per_round}: much money stays unspent and services suffer. Neighbourhoods have "
        f"{geography.population.mean():,.0f} residents here; divide them, raise behaviour.choice.proposals_per_round "
        "or city.finance.project_cost_mean"
    )
