"""Phase 7. Learning: skill, habit, hope, belonging, and ties across groups; young people join the talent pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import learning as passes
from sim.phase import phase
from sim.phases.feelings import (
    belong_by_building,
    belong_by_meeting,
    hope_by_answers,
    hope_by_mastery,
    hope_by_works,
    let_feelings_fade,
)
from sim.rules.feelings import mastery
from sim.rules.learning import mentor_quality, skill_decay, skill_gain
from sim.rules.participation import ACTIVE_WEEKS
from sim.selection import average_skill

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]


@phase(
    reads=(
        "residents: cohort, initial_skill, last_act_week, need_weights, neighbourhood, role, sex; institutions: "
        "host_engagement, hubs, seats; projects"
    ),
    writes=(
        "residents: belonging, civic_skill, evidence_of_belonging, evidence_of_hope, fatigue, habit, hope, "
        "last_work; active_youths; crew_turn; crews; institutions: councils, mayors; mentoring; now; ties"
    ),
)
def learn(city: City) -> None:
    """Let everybody forget a little and those who took part learn."""
    residents, learning, acted = city.residents, city.config.behaviour.learning, city.now.acted
    did = np.zeros(len(residents), dtype=bool)
    did[acted] = True
    passes.fade(
        did,
        residents.habit,
        residents.fatigue,
        residents.civic_skill,
        residents.initial_skill,
        learning.habit_rate,
        city.config.behaviour.burnout.recovery_per_week,
        learning.skill_decay_per_week,
    )
    let_feelings_fade(city)
    rate = np.where(residents.cohort[acted] == 0, 1.0, learning.adult_learning_share) * learning.skill_rate
    mentor = city.mentoring = mentors(city)
    before = residents.civic_skill[acted]
    after = residents.civic_skill[acted] = skill_gain(before, rate, mentor[residents.neighbourhood[acted]])
    teach_mayors(city)
    average_skill(city)
    hope_by_mastery(city, acted, mastery(before, after))
    hope_by_answers(city)
    hope_by_works(city)
    belong_by_meeting(city)
    belong_by_building(city)
    make_bridging_ties(city)


def mentors(city: City) -> Floats:
    """Quality of mentoring in each neighbourhood: hours of elders, facilitators and youth mayors per active youth."""
    institutions = city.institutions
    residents, learning = city.residents, city.config.behaviour.learning
    learners = passes.count_learners(
        city.rows.first_of_peers,
        residents.last_act_week,
        residents.role,
        city.week - ACTIVE_WEEKS + 1,
        city.neighbourhoods,
    )
    others = learners / city.scale
    # Averaged over a quarter: at a small scale the count of a week says little.
    city.active_youths += (others - city.active_youths) / 13.0
    active = city.active_youths + institutions.councils.youth_share * institutions.councils.members
    convened = institutions.councils.convened
    elders = (1.0 - institutions.councils.youth_share) * institutions.councils.members
    hours = learning.mentor_hours_of_elders * elders * convened
    if institutions.hubs:
        hours = hours + learning.mentor_hours_of_facilitator * institutions.host_engagement * convened
    mayors = institutions.mayors
    hours = hours + learning.mentor_hours_of_youth_mayor * (mayors.in_office & mayors.youth)
    return mentor_quality(hours, active, learning.hours_for_half_mentor)


def teach_mayors(city: City) -> None:
    """Mayors learn in office, an act a week, by the rule that holds for residents of their age."""
    learning, mayors = city.config.behaviour.learning, city.institutions.mayors
    rate = np.where(mayors.youth, 1.0, learning.adult_learning_share) * learning.skill_rate * mayors.in_office
    mayors.skill[...] = skill_decay(mayors.skill, mayors.skill_at_start, learning.skill_decay_per_week)
    mayors.skill[...] = skill_gain(mayors.skill, rate, city.mentoring)


def make_bridging_ties(city: City) -> None:
    """A volunteer may become tied to one of another group in the crew: the last different people who volunteered there.

    A crew, and not the volunteers of the same week, because at a small scale few work in the same week. Pairs that work
    side by side are counted, and separately those of a youth and a person born before 1370.
    """
    rows = city.now.came["volunteering"]
    if not rows.size:
        return
    first, second, city.now.pairs, city.now.pairs_across = passes.work_side_by_side(
        rows,
        city.residents.neighbourhood,
        city.rows.cell,
        city.rows.generation,
        city.crews,
        city.crew_turn,
        city.config.behaviour.learning.bridging_probability,
        city.luck.keys(len(city.residents)),
        city.luck.key("side by side", city.week),
        city.luck.key("bridging", city.week),
    )
    city.ties.add_bridging(first, second)
