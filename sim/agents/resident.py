"""Residents aged twelve and over, one to one at scale 1; Youth are those born in the Iranian 1380s."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.columns import Column, TableAgent, columns_of

if TYPE_CHECKING:
    from sim.agents.council import Council


class Sex(StrEnum):
    """Names of `Resident.sex`; as texts they are what an agent's attribute reads, and columns may be compared with."""

    MAN = auto()
    WOMAN = auto()


class Cohort(StrEnum):
    """By year of birth, Solar Hijri: 1380 and later; 1370-1379; 1340-1369; before 1340."""

    YOUTH = auto()
    YOUNG_ADULT = auto()
    ADULT = auto()
    ELDER = auto()


class Standing(StrEnum):
    """A citizen, or a migrant without standing."""

    CITIZEN = auto()
    WITHOUT_STANDING = auto()


class Attendance(StrEnum):
    """Whether a resident goes to the city's customary hub."""

    ATTENDER = auto()
    NON_ATTENDER = auto()


class Role(StrEnum):
    """The office that a resident holds."""

    NONE = auto()
    COUNCIL = auto()
    LIAISON = auto()
    WOMENS_COUNCIL = auto()
    TEEN_MANAGER = auto()
    MAYOR = auto()


def _names(labels: type[StrEnum]) -> tuple[str, ...]:
    """The names in the order of their codes, as plain texts."""
    return tuple(label.value for label in labels)


SEXES, COHORTS, STANDINGS, ATTENDANCES, ROLES = map(_names, (Sex, Cohort, Standing, Attendance, Role))


class Resident(TableAgent):
    """A resident: a view of one row of `city.residents`; its attributes read and write the arrays."""

    table_name: ClassVar[str] = "residents"

    neighbourhood = Column(np.int32, "number of the neighbourhood, from 0", fixed=True)
    household = Column(np.int32, "number of the household")
    sex = Column(np.int8, "sex", labels=SEXES, fixed=True)
    cohort = Column(np.int8, "birth cohort", labels=COHORTS, fixed=True)
    standing = Column(np.int8, "citizen, or a migrant without standing", labels=STANDINGS, fixed=True)
    attendance = Column(np.int8, "whether he or she goes to the city's customary hub", labels=ATTENDANCES, fixed=True)
    birth_year = Column(np.int16, "year of birth, Solar Hijri", unit="year")
    resources = Column(float, "education, free time and money", unit="share")
    attendance_propensity = Column(float, "probability of going to a hub of the policy in a week", unit="share")
    need_weights = Column(float, "weight of each of the six service categories; sums to 1", unit="share", width=6)
    propensity = Column(float, "own leaning to take part", unit="logit")
    threshold = Column(float, "share of active ties at which he or she joins; below 0 always, above 1 never")
    trust_in_municipality = Column(float, "trust in the municipality", unit="share")
    trust_in_council = Column(float, "trust in the neighbourhood council, or in the idea of one", unit="share")
    trust_in_people = Column(float, "trust in people generally", unit="share")
    evidence_of_municipality = Column(
        float, "evidence: what experience adds to the disposition of trust in it", unit="log odds"
    )
    evidence_of_council = Column(
        float, "evidence: what experience adds to the disposition of trust in it", unit="log odds"
    )
    evidence_of_people = Column(
        float, "evidence: what experience adds to the disposition of trust in them", unit="log odds"
    )
    news_of_municipality = Column(float, "signed weight of what the week brought of it, to be told", unit="experiences")
    news_of_council = Column(float, "signed weight of what the week brought of it, to be told", unit="experiences")
    contact_rate = Column(float, "contacts with the municipality, before earlier ones count", unit="per week")
    answered_chance = Column(float, "probability that a contact is answered", unit="share")
    answered_last = Column(np.int8, "whether the last contact was answered", low=0, high=1)
    initiative = Column(float, "how many times as often as on average he or she helps and signs", unit="ratio")
    listed = Column(np.int8, "whether on the list of those who are known and asked again", low=0, high=1)
    performance = Column(float, "perceived performance of services, weighted by own needs", unit="share")
    expectation = Column(float, "expected performance of services", unit="share")
    belonging = Column(float, "sense of belonging to the neighbourhood", unit="share")
    hope = Column(float, "hope", unit="share")
    evidence_of_belonging = Column(
        float, "evidence: what experience adds to the disposition of belonging", unit="log odds"
    )
    evidence_of_hope = Column(float, "evidence: what experience adds to the disposition of hope", unit="log odds")
    habit = Column(float, "habit of taking part", unit="share")
    fatigue = Column(float, "fatigue after burning out", unit="share")
    civic_skill = Column(float, "civic skill", unit="share")
    initial_skill = Column(float, "civic skill at the start", unit="share")
    usual_performance = Column(float, "performance that one has long been used to", unit="share")
    acts = Column(np.int32, "weeks in which he or she took part in anything", low=0)
    last_part_week = Column(np.int32, "last week of taking part in anything, -1000 if none")
    last_act_week = Column(np.int32, "last week of taking part with others, -1000 if none")
    last_work = Column(np.int32, "number of the council's work last volunteered on, -1 if none")
    role = Column(np.int8, "office held", labels=ROLES)

    @property
    def ties(self) -> list[Resident]:
        """The residents this one is tied to, as agents."""
        city = self.model
        start, degree = int(city.ties.starts[self.row]), int(city.ties.degree[self.row])
        return [city.resident(int(row)) for row in city.ties.neighbours[start : start + degree]]

    @property
    def council(self) -> Council:
        """The council of this resident's neighbourhood, convened or not."""
        council: Council = self.model.institutions.council_agents[self.neighbourhood]
        return council

    @property
    def is_active(self) -> bool:
        """Whether the resident took part with others in the last four weeks."""
        return bool(self.model.week - self.last_act_week < 4)


class Youth(Resident):
    """A resident born in 1380 Solar Hijri or later: learns civic skill from mentors, and may join the talent pool."""

    @property
    def in_talent_pool(self) -> bool:
        """Whether civic skill has passed the threshold from which mayors are drawn."""
        return bool(self.civic_skill >= self.model.config.behaviour.learning.talent_threshold)


def cohort_of(birth_year: NDArray[np.int16]) -> NDArray[np.int8]:
    """Code of the cohort (index into `COHORTS`) for years of birth, Solar Hijri; shape kept."""
    return np.select([birth_year >= 1380, birth_year >= 1370, birth_year >= 1340], [0, 1, 2], 3).astype(np.int8)


def generation_of(cohort: NDArray[np.int8]) -> NDArray[np.int8]:
    """1 for youths, 2 for older adults (born before 1370), 0 for those between; shape kept.

    A pair is across generations if the product of both is 2.
    """
    return np.select([cohort == 0, cohort >= 2], [1, 2], 0).astype(np.int8)


def refuse_own_columns(*kinds: type[Resident]) -> None:
    """Refuse classes of residents that have columns which the table of residents has not.

    Raises:
        TypeError: one of them has.
    """
    for kind in kinds:
        if own := sorted(set(columns_of(kind)) - set(columns_of(Resident))):
            raise TypeError(f"{kind.__name__} cannot add columns ({', '.join(own)}): use plain attributes")
