"""Mahalle: an agent-based simulation of participatory governance in the neighbourhoods of a city."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "Attendance": "sim.agents.resident",
    "City": "sim.city",
    "Cohort": "sim.agents.resident",
    "Config": "sim.config",
    "ConfigError": "sim.errors",
    "Council": "sim.agents",
    "Facilitator": "sim.agents",
    "Foundations": "sim.place",
    "Imam": "sim.agents",
    "MunicipalTeam": "sim.agents",
    "Municipality": "sim.agents",
    "NeighbourhoodMayor": "sim.agents",
    "Resident": "sim.agents",
    "Role": "sim.agents.resident",
    "Sex": "sim.agents.resident",
    "Standing": "sim.agents.resident",
    "Youth": "sim.agents",
    "branch": "sim.branching",
    "load_config": "sim.config",
}


def __getattr__(name: str) -> Any:
    """Import late: commands that only read files need neither Mesa nor the compiler."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What can be had from here, for completion in an editor or a notebook."""
    return sorted({*globals(), *__all__})
