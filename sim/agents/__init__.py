"""The agents: state and decisions. Their rules are the pure functions of `sim.rules`."""

from sim.agents.council import Council
from sim.agents.facilitator import Facilitator, Imam
from sim.agents.mayor import NeighbourhoodMayor
from sim.agents.municipality import Municipality
from sim.agents.resident import Resident, Youth
from sim.agents.team import MunicipalTeam

__all__ = [
    "Council",
    "Facilitator",
    "Imam",
    "MunicipalTeam",
    "Municipality",
    "NeighbourhoodMayor",
    "Resident",
    "Youth",
]
