"""Branches of a run: the same history up to a week, other policies from then on."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from sim.city import City
from sim.config import with_policy
from sim.policies import Timeline
from sim.shipped import find
from sim.yaml_text import read_yaml


def branch(city: City, *policies: str | Path) -> City:
    """A copy of a city that goes on under further policies from its next week on; the city itself is left as it is.

    Both have the same seed, so they differ by the policies alone (common random numbers). The copy's config holds the
    policies with the week in which they start: a city built from it has the same history.

    Args:
        city: between two weeks.
        policies: policy files, or names of shipped policies, put on the timeline in this order; one that starts later
            than next week does so.

    Raises:
        ConfigError: a faulty file, or one that ends or has a shock in a week that is over.
    """
    other = deepcopy(city)
    for policy in policies:
        other.config = with_policy(other.config, read_yaml(find("policy", policy)), city.week + 1)
    if policies:
        other.timeline = Timeline(other.config.policy, other.config.timeline)
    return other
