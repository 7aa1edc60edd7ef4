"""Whether a policy ever has councils, told from its config: before it runs, and without a run."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from sim.config import Config
from sim.outcome import known
from sim.phases.programme import turns
from sim.place import geography_of
from sim.policies import Policy, in_force
from sim.seats import council_seats


def may_have_councils(config: Config) -> bool:
    """Whether a neighbourhood's turn to have a council comes in some week of the run, under the policy of that week.

    A week goes by before an elected council sits. Hosts, who convene councils, are taken to do so when the turn comes.
    """
    last, count = config.run.weeks, _neighbourhoods(config)
    ends = (week for timed in config.timeline for week in (timed.start, timed.end) if week is not None)
    changes = sorted({1, *(week for week in ends if 1 < week <= last)})
    called = False
    for start, end in pairwise((*changes, last + 1)):
        policy = in_force(config.policy, config.timeline, start)
        if policy.authority.mode == "top_down":
            called = False
            continue
        wait = int(_any_elected(policy))
        if called or (end - 1 - wait >= start and turns(policy.rollout, count, end - 1 - wait) > 0):
            return True
        called = turns(policy.rollout, count, end - 1) > 0
    return False


def _any_elected(policy: Policy) -> bool:
    return "elected" in council_seats(policy.council).selection


def _neighbourhoods(config: Config) -> int:
    own = config.city.neighbourhoods
    if own.data_file is None and own.polygons_file is None:
        return own.count
    return len(geography_of(config).names)


def saying_nothing(outcomes: Collection[str]) -> tuple[str, ...]:
    """Those of some outcomes that say nothing where there is no council (`sim.outcome.Outcome.needs_councils`)."""
    return tuple(name for name in outcomes if (declared := known(name)) is not None and declared.needs_councils)
