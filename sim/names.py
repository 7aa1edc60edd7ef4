"""Names of the columns of the three weekly tables, in order; a test holds them to the tables of a city.

They are written down, so that a file that names some can be checked without building a city first.
"""

from __future__ import annotations

OF_CITY = (
    "week", "phase", "trust_in_municipality", "trust_in_municipality_sd", "trust_in_council", "trust_in_council_sd",
    "trust_in_people", "trust_in_people_sd", "trust_polarisation", "trust_morans_i", "expectation", "performance",
    "belonging", "hope", "fatigue", "below_floor_share", "national_mood", "national_mood_size", "disposition_moved",
    "participation_rate", "ever_participated_rate", "habit", "never_or_rarely_share", "sometimes_share",
    "core_share", "hub_visits", "informed", "asked", "listed", "attended", "volunteers", "gatherings_attended",
    "helpers", "petitioners", "organised", "exits", "exit_rate_per_year", "contacts", "contacts_answered_share",
    "news_heard", "hours_given_per_head", "councils", "council_members", "neighbourhood_mayors", "mayor_skill",
    "mayor_women_share", "council_women_share", "council_youth_share", "council_resources", "council_attendance",
    "seats_filled", "construction_projects_pledged", "construction_projects_finished", "construction_projects_late",
    "construction_projects_failed", "council_projects_pledged", "council_projects_finished",
    "central_projects_finished", "projects_active", "captured_projects", "project_cost_sd", "programmes_held",
    "programme_attendance", "hearings", "speakers", "voice_heard_share", "rounds", "rounds_disputed",
    "projects_proposed", "projects_chosen", "projects_vetoed", "funded_share", "proposal_concentration", "turnout",
    "voters_women_share", "turnout_18_25_ratio", "candidates", "candidates_women_share", "vote_gini",
    "voters_without_winner_share", "agenda_need_match", "service_level", "service_built_by_councils",
    "service_gini", "service_theil", "spending_need_match", "council_need_match", "central_need_match",
    "youth_skill", "adult_skill", "talent_pool", "bonding_ties", "bridging_ties", "help_per_head",
    "help_per_head_most_deprived", "trust_gap_of_youths", "youth_speakers_ratio", "youth_heard_ratio",
    "ties_across_generations", "joint_work_across_generations", "money_received", "money_spent", "money_leaked",
    "money_balance", "money_delegated_paid", "money_on_programmes", "money_on_support", "money_contributed",
    "money_saved_on_prices", "money_from_revenue", "scandals", "participants_resources", "participants_trust",
    "participants_belonging",
)  # fmt: skip
"""Columns of `city.history`."""

OF_NEIGHBOURHOODS = (
    "week", "neighbourhood", "name", "phase", "trust_in_municipality", "trust_in_council", "trust_in_people",
    "expectation", "performance", "belonging", "hope", "habit", "fatigue", "civic_skill", "participation_rate",
    "ever_participated_rate", "below_floor_share", "informed", "attended", "volunteers", "council",
    "council_members", "mayor", "service_level", "money_contributed", "balance", "arrears", "projects_active",
    "projects_finished", "projects_late", "projects_failed",
)  # fmt: skip
"""Columns of `city.neighbourhood_history`."""

OF_GROUPS = (
    "week", "group_kind", "group", "residents", "trust_in_municipality", "trust_in_council", "trust_in_people",
    "expectation", "performance", "belonging", "hope", "habit", "fatigue", "civic_skill", "participation_rate",
    "ever_participated_rate", "below_floor_share", "informed_rate", "attended_rate", "volunteered_rate",
    "organised_rate",
)  # fmt: skip
"""Columns of `city.group_history`."""
