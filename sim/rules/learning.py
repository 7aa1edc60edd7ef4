"""Learning: habit, civic skill, and ties across groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class LearningParameters(Parameters):
    """What taking part does to those who do, and what time undoes."""

    habit_rate: float = parameter(
        0.04,
        "Weekly step of habit towards what was done that week (a).",
        unit="per week",
        range=(0.0, 0.3),
        source="direction: habit forms over weeks to months (Lally et al. 2010); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    skill_rate: float = parameter(
        0.02,
        "Gain of civic skill from one act with a full-time mentor (ℓ).",
        unit="per event",
        range=(0.0, 0.3),
        source="experiential learning with mentoring (DuBois et al. 2011): small to moderate effects",
        tag="assumption",
        null=0.0,
        effect=Effect("youth_skill", +1),
    )
    adult_learning_share: float = parameter(
        0.3,
        "How fast adults learn, as a share of youths' rate.",
        unit="share",
        range=(0.0, 1.0),
        source="civic skills form early (Jennings and Stoker 2004)",
        tag="assumption",
        effect=Effect("adult_skill", +1),
    )
    skill_decay_per_week: float = parameter(
        0.002,
        "Weekly return of civic skill that is not used to its starting level (δ).",
        unit="per week",
        range=(0.0, 0.02),
        source="a tenth a year",
        tag="assumption",
        null=0.0,
        effect=Effect("youth_skill", -1),
    )
    mentor_hours_of_elders: float = parameter(
        0.5,
        "Hours a week that each elder on the council gives to youths.",
        unit="hours per week",
        range=(0.0, 5.0),
        source="the pipeline named by the municipality: mosque, associations, student councils, managers",
        tag="assumption",
        effect=Effect("youth_skill", +1),
    )
    mentor_hours_of_facilitator: float = parameter(
        6.0,
        "Hours a week that a fully engaged facilitator gives to youths.",
        unit="hours per week",
        range=(0.0, 20.0),
        source="part of a working week",
        tag="assumption",
        effect=Effect("youth_skill", +1),
    )
    mentor_hours_of_youth_mayor: float = parameter(
        1.0,
        "Hours a week that a youth mayor gives to other youths.",
        unit="hours per week",
        range=(0.0, 10.0),
        source="peer mentoring",
        tag="assumption",
        effect=Effect("youth_skill", +1),
    )
    hours_for_half_mentor: float = parameter(
        0.5,
        "Mentor hours per active youth and week at which mentoring is half as good as it can be.",
        unit="hours per week",
        range=(0.05, 5.0),
        source="returns of mentoring fall with hours",
        tag="assumption",
        effect=Effect("youth_skill", -1),
    )
    initial_skill: float = parameter(
        0.15,
        "Mean civic skill at the start.",
        unit="share",
        range=(0.02, 0.5),
        source="few have organised anything",
        tag="assumption",
        effect=Effect("youth_skill", +1, reduce="first"),
    )
    talent_threshold: float = parameter(
        0.5,
        "Civic skill from which a youth counts as talent.",
        unit="share",
        range=(0.2, 0.9),
        source="a label; the pool is drawn on for mayors",
        tag="assumption",
        effect=Effect("talent_pool", -1),
    )
    initial_belonging: float = parameter(
        0.5,
        "Mean belonging at the start.",
        unit="share",
        range=(0.1, 0.9),
        source="middling in Iranian city surveys",
        tag="assumption",
        effect=Effect("belonging", +1, reduce="first"),
    )
    initial_hope: float = parameter(
        0.45,
        "Mean hope at the start.",
        unit="share",
        range=(0.1, 0.9),
        source="a little under the middle",
        tag="assumption",
        effect=Effect("hope", +1, reduce="first"),
    )
    bridging_probability: float = parameter(
        0.3,
        "Probability that two volunteers of different groups who work side by side become tied (b).",
        unit="per event",
        range=(0.0, 1.0),
        source="joint work forms weak ties",
        tag="assumption",
        null=0.0,
        effect=Effect("bridging_ties", +1),
    )


def habit_step(habit: Floats, acted: Floats, habit_rate: float) -> Floats:
    """Habit a week later: h + a (act - h); its mean under acting with probability p each week tends to p."""
    return habit + habit_rate * (acted - habit)


def mentor_quality(hours: Floats, active_youths: Floats, hours_for_half: float) -> Floats:
    """Quality of mentoring in [0, 1): x / (x + x_half), with x the hours per active youth; 0 without hours."""
    per_youth = hours / np.maximum(active_youths, 1.0)
    return per_youth / (per_youth + hours_for_half)


def skill_gain(skill: Floats, skill_rate: Floats | float, mentor: Floats) -> Floats:
    """Civic skill after an act: k + ℓ m (1 - k), shares of equal shape."""
    return skill + skill_rate * mentor * (1.0 - skill)


def skill_decay(skill: Floats, initial: Floats | float, decay_per_week: float) -> Floats:
    """Civic skill after a week: k - δ (k - k0); what was there before the programme is not forgotten.

    Without this anchor the skill of a city in which nothing happens would fall from the first week. With acts at
    rate p, k tends to (ℓmp + δ k0) / (ℓmp + δ).
    """
    return skill - decay_per_week * (skill - initial)
