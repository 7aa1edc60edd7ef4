"""Outcomes for people to read: their names in words, their units, and shares of people in per cent.

Tables in files keep their names and units (docs/odd.md); this is what is printed and drawn.
"""

from __future__ import annotations

IN_PER_CENT = frozenset(
    {"participation_rate", "ever_participated_rate", "below_floor_share", "voters_without_winner_share"}
)
"""Shares of people, shown in per cent; a difference of them in percentage points."""

POINTS = "% points"
"""How percentage points are written behind a name."""

FROM_0_TO_1, OWN = "0 to 1", "in its own unit"

_UNITS = {
    **dict.fromkeys(IN_PER_CENT, POINTS),
    **dict.fromkeys(("service_gini", "service_theil", "trust_polarisation"), "index"),
    **dict.fromkeys(("construction_projects_finished", "construction_projects_late"), "projects"),
    **dict.fromkeys(("money_spent", "money_leaked"), "bn toman"),
    **dict.fromkeys(("money_contributed", "money_saved_on_prices", "money_from_revenue"), "bn toman"),
    "rounds_disputed": "rounds of choice",
    "hours_given_per_head": "hours",
    "construction_projects_failed": "projects",
    **dict.fromkeys(("trust_in_municipality", "trust_in_council", "trust_in_people"), FROM_0_TO_1),
    **dict.fromkeys(
        ("belonging", "hope", "fatigue", "performance", "service_level", "service_built_by_councils"), FROM_0_TO_1
    ),
    **dict.fromkeys(("spending_need_match", "youth_skill", "civic_skill"), FROM_0_TO_1),
    **dict.fromkeys(("national_mood", "disposition_moved"), "log odds"),
    **dict.fromkeys(("contacts", "news_heard"), "people"),
    "programmes_held": "programmes",
    "exits": "people",
    **dict.fromkeys(("listed", "gatherings_attended", "helpers", "petitioners", "contacts", "volunteers"), "people"),
    "talent_pool": "people",
    **dict.fromkeys(("bonding_ties", "bridging_ties"), "ties"),
    **dict.fromkeys(("help_per_head", "help_per_head_most_deprived"), "weeks"),
    **dict.fromkeys(("trust_gap_of_youths", "ties_across_generations", "joint_work_across_generations"), "share"),
    **dict.fromkeys(("youth_speakers_ratio", "youth_heard_ratio"), "ratio"),
}

_IN_WORDS = {
    "trust_in_municipality": "trust in the municipality",
    "trust_in_council": "trust in the council",
    "national_mood": "mood from national politics",
    "disposition_moved": "dispositions moved",
    "contacts": "contacts with the municipality",
    "news_heard": "news heard from ties",
    "participation_rate": "participation in four weeks",
    "ever_participated_rate": "participation since week 0",
    "performance": "services as perceived",
    "service_level": "services",
    "service_gini": "inequality of services (Gini)",
    "service_theil": "inequality of services (Theil)",
    "below_floor_share": "badly served residents",
    "spending_need_match": "match of spending to need",
    "youth_skill": "civic skill of youth",
    "talent_pool": "youth with high civic skill",
    "construction_projects_finished": "projects finished",
    "construction_projects_late": "projects late",
    "construction_projects_failed": "projects failed",
    "exits": "volunteers and members burnt out",
    "listed": "people on the list",
    "gatherings_attended": "people at gatherings",
    "helpers": "people who help",
    "petitioners": "people who sign a petition",
    "money_contributed": "money contributed by residents",
    "money_from_revenue": "revenue from sharing the budget",
    "service_built_by_councils": "services built by councils",
    "hours_given_per_head": "hours given by each resident",
    "help_per_head": "weeks of help by each resident",
    "help_per_head_most_deprived": "weeks of help in the most deprived quarter",
    "trust_gap_of_youths": "trust of youths less that of older adults",
    "youth_speakers_ratio": "youths among speakers over their share",
    "youth_heard_ratio": "youths among those heard over their share",
    "ties_across_generations": "ties of youths and older adults",
    "joint_work_across_generations": "joint work of youths and older adults",
}


def in_words(outcome: str) -> str:
    """An outcome's name in words; without such, its own without underscores."""
    return _IN_WORDS.get(outcome, outcome.replace("_", " "))


def unit_of(outcome: str) -> str:
    """Unit of a difference as it is shown; `OWN` of outcomes not listed here, of which docs/odd.md has it."""
    return _UNITS.get(outcome, OWN)


def factor_of(outcome: str) -> float:
    """What a value is multiplied by to be shown: 100 for shares of people, 1 for others."""
    return 100.0 if outcome in IN_PER_CENT else 1.0
