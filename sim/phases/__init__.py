"""The nine phases of a week: each reads the city, calls rules, and stores what they return."""

from sim.phases.budgets import pay_instalments, support_cost_per_year
from sim.phases.delivery import deliver_works, expected_duration, open_works_in_progress
from sim.phases.hearings import hold_hearings
from sim.phases.hubs import gather_at_hubs
from sim.phases.learning import learn
from sim.phases.participation import take_part
from sim.phases.programme import advance_programme
from sim.phases.trust import update_trust

__all__ = [
    "advance_programme",
    "deliver_works",
    "expected_duration",
    "gather_at_hubs",
    "hold_hearings",
    "learn",
    "open_works_in_progress",
    "pay_instalments",
    "support_cost_per_year",
    "take_part",
    "update_trust",
]
