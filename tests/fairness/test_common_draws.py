"""Policies share every draw that they do not touch: seats other policies do not have, keys they do not change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from sim import City, Config
from sim.rules.allocation import ALLOCATIONS
from sim.seats import MAYOR

SMALL: dict[str, Any] = {
    "run.scale": 0.3,
    "run.weeks": 40,
    "city.population.total": 6_000,
    "city.neighbourhoods.count": 6,
    "city.finance.works_budget_per_year": 12.0,
    "policy.rollout.order": "at_once",
    "policy.rollout.milestones": [{"week": 1, "share": 1.0}],
    "policy.mayor.from_week": 6,
    "behaviour.choice.first_round_after_weeks": 4,
}


def city(**values: Any) -> City:
    return City(Config(), rng=3, **SMALL, **values)


def deciding_holders(run: City) -> dict[int, int]:
    """Row of the holder of each deciding seat, by the seat's key."""
    seats = run.institutions.seats
    return dict(zip(seats.key[seats.deciding].tolist(), seats.donor[seats.deciding].tolist(), strict=True))


@pytest.mark.parametrize("change", [{"policy.council.teen_managers": 17}, {"policy.mayor.kind": "none"}])
def test_other_seats_do_not_change_who_is_considered(change: dict[str, Any]) -> None:
    """At the forming of councils the deciding seats go to the same people, in every neighbourhood."""
    one, other = city().run(3), city(**change).run(3)
    formed = one.institutions.councils.formed_week == other.institutions.councils.formed_week
    assert (formed & one.institutions.councils.convened).sum() >= 4
    own, theirs = deciding_holders(one), deciding_holders(other)
    same = [own[key] == theirs[key] for key in own if own[key] >= 0 and theirs[key] >= 0]
    # Not all: nobody holds two seats, so a teen manager more can move somebody; and some have left already.
    assert len(same) > 40
    assert np.mean(same) > 0.85


def test_a_change_of_mayors_leaves_the_councils_in_their_seats() -> None:
    """In the week of the change no council member loses a seat for it."""
    timeline = [{"start": 20, "set": {"mayor.kind": "none"}}]
    changed, kept = city(timeline=timeline).run(20), city().run(20)
    assert not changed.institutions.seats.filled[changed.institutions.seats.role == MAYOR].any()
    own, theirs = deciding_holders(changed), deciding_holders(kept)
    assert own.keys() == theirs.keys()
    assert np.mean([own[key] == theirs[key] for key in own]) > 0.9
    assert (changed.institutions.councils.term_end_week == kept.institutions.councils.term_end_week).all()


@pytest.mark.parametrize("rule", ALLOCATIONS.names)
def test_setting_levers_to_what_they_are_changes_nothing_under_any_key(rule: str) -> None:
    values = {"policy.allocation.rule": rule}
    nothing = [{"start": 10, "set": {"allocation.rule": rule}}, {"start": 15, "end": 19, "set": {}}]
    one, other = city(**values).run(), city(**values, timeline=nothing).run()
    assert_frame_equal(one.history, other.history, check_exact=True)
    assert_frame_equal(one.neighbourhood_history, other.neighbourhood_history, check_exact=True)
