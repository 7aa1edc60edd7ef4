"""The one map of an experiment: whether neighbourhood 17 is the same in all its runs."""

from __future__ import annotations

from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import NEIGHBOURHOOD
from sim.neighbourhoods import Geography
from sim.place import geography_of

MAP_KEYS = tuple(f"city.neighbourhoods.{name}" for name in ("count", "data_file", "polygons_file", "names"))
"""Keys that decide which neighbourhoods there are; points that set one of them have maps of their own."""


def identified(experiment: Experiment) -> bool:
    """Whether a neighbourhood's number stands for the same neighbourhood at all points and in all replications."""
    parameters = experiment.base.city.neighbourhoods
    given = parameters.data_file is not None or parameters.polygons_file is not None
    return not set(experiment.keys) & set(MAP_KEYS) and (given or experiment.places == 1)


def map_of(experiment: Experiment) -> Geography:
    """The neighbourhoods of an experiment in which they are `identified`.

    Raises:
        ConfigError: a faulty file.
    """
    return geography_of(experiment.base)


def is_neighbourhood(group: str) -> bool:
    """Whether a group is a single neighbourhood, such as ``neighbourhood=17``."""
    return group.startswith(f"{NEIGHBOURHOOD}=")


def number_of(group: str) -> int:
    """Number of the neighbourhood that a group is."""
    return int(group.partition("=")[2])
