"""Civic life goes on in every arm alike: no policy touches it, and no kind of hub is favoured by it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from sim import City, Config
from tests.conftest import SMALL

WEEKS = 30
STATUS_QUO = {"policy.authority.mode": "top_down"}
OF_ONES_OWN_ACCORD = ("helpers", "petitioners", "contacts", "answered")


def run(**values: Any) -> tuple[City, list[dict[str, list[int]]]]:
    """A city after some weeks, and what residents did of their own accord in each of them."""
    city, weeks = City(Config(), rng=3, **{**SMALL, **values}), []
    for _ in range(WEEKS):
        city.run(1)
        weeks.append({name: getattr(city.last_week, name).tolist() for name in OF_ONES_OWN_ACCORD})
    return city, weeks


@pytest.mark.parametrize(
    "programme",
    [
        {},
        {"policy.authority.mode": "consultation"},
        {"policy.council.selection": "elected", "policy.choice.rule": "ballot_equal_shares"},
        {"policy.hub.kinds": ["school", "online"]},
    ],
)
def test_help_petitions_and_contacts_are_the_same_people_in_every_arm(programme: dict[str, Any]) -> None:
    own, alike = run(**programme), run(**STATUS_QUO)
    assert own[1] == alike[1]
    for name in OF_ONES_OWN_ACCORD:
        assert sum(len(week[name]) for week in alike[1]) > 10, name
    assert own[0].history.participation_rate.iloc[-1] > alike[0].history.participation_rate.iloc[-1]


def test_gatherings_are_where_they_are_whoever_has_a_council() -> None:
    planned = []
    for values in ({}, STATUS_QUO):
        city = City(Config(), rng=3, **{**SMALL, **values, "behaviour.civic.gathering_reach": 1.0})
        city.run(WEEKS)
        often = city.config.behaviour.civic.gatherings_per_year / 52.0
        lots = [city.streams.uniform("gathering", week, city.neighbourhoods) for week in range(1, WEEKS + 1)]
        planned.append((np.array(lots) < often).sum())
        came = city.history.gatherings_attended.iloc[1:].to_numpy()
        assert ((came > 0) <= (np.array(lots) < often).any(axis=1)).all()
        assert came.sum() > 0
    assert planned[0] == planned[1] > 0


def test_without_civic_life_the_list_is_all_that_is_left() -> None:
    rates = ("gatherings_per_year", "help_per_year", "petitions_per_year")
    city, weeks = run(**STATUS_QUO, **{f"behaviour.civic.{name}": 0.0 for name in rates})
    assert not any(week["helpers"] or week["petitioners"] for week in weeks)
    assert city.history.gatherings_attended.sum() == 0.0
    assert city.history.listed.iloc[0] == 0.0


def test_a_hub_by_another_name_is_the_same_hub() -> None:
    """A mosque with a school's parameters: the list, help and gatherings do not ask for the kind."""
    profile = Config().city.hubs.school.model_dump()
    mosque = {f"city.hubs.mosque.{key}": value for key, value in profile.items()}
    same = {"city.customary_hub": "community_centre"}
    one, _ = run(**same, **mosque, **{"policy.hub.kinds": ["mosque"]})
    other, _ = run(**same, **{"policy.hub.kinds": ["school"]})
    assert_frame_equal(one.history, other.history, check_exact=True)
