"""The city whose programme was reported: what is claimed and assumed of its levers is said of no other city."""

from __future__ import annotations

from functools import cache

from sim.config import Config
from sim.policies import Label
from sim.shipped import CITY
from sim.yaml_text import read_yaml

PROGRAMME = "full_programme"
"""The shipped policy that sets all levers as they were reported."""


def is_reported(city: Config) -> bool:
    """Whether it is the city whose programme was reported, by its name."""
    return city.city.title == _reported()


@cache
def _reported() -> Label:
    return Label.model_validate(read_yaml(CITY).data["city"]["title"])
