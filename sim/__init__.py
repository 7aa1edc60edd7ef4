"""Mahalle: an agent-based simulation of participatory governance in the neighbourhoods of a city."""

from sim.agents import (
    Council,
    Facilitator,
    Imam,
    Municipality,
    MunicipalTeam,
    NeighbourhoodMayor,
    Resident,
    Youth,
)
from sim.agents.resident import Attendance, Cohort, Role, Sex, Standing
from sim.branching import branch
from sim.city import City
from sim.config import Config, load_config
from sim.errors import ConfigError
from sim.place import Foundations

__all__ = [
    "Attendance",
    "City",
    "Cohort",
    "Config",
    "ConfigError",
    "Council",
    "Facilitator",
    "Foundations",
    "Imam",
    "MunicipalTeam",
    "Municipality",
    "NeighbourhoodMayor",
    "Resident",
    "Role",
    "Sex",
    "Standing",
    "Youth",
    "branch",
    "load_config",
]
