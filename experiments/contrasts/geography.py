"""The one map of an experiment: whether neighbourhood 17 is the same in all its runs."""

from __future__ import annotations

from experiments.sweeps.experiment import PLACE_SEED, Experiment
from experiments.sweeps.outcomes import NEIGHBOURHOOD
from sim.neighbourhoods import Geography, build_geography
from sim.place import Foundations
from sim.randomness import Streams

MAP_KEYS = "city.neighbourhoods."
"""Beginning of the keys that decide which neighbourhoods there are and what they are like: points that set one of them
have maps of their own."""

_KEPT = Foundations(4)
"""The page asks for the same map with every answer."""


def identified(experiment: Experiment) -> bool:
    """Whether a neighbourhood's number stands for the same neighbourhood at all points and in all replications."""
    if any(key.startswith(MAP_KEYS) for key in experiment.keys):
        return False
    parameters = experiment.base.city.neighbourhoods
    given = parameters.data_file is not None or parameters.polygons_file is not None
    return given or len(_place_seeds(experiment)) == 1


def map_of(experiment: Experiment) -> Geography:
    """The neighbourhoods of an experiment in which they are `identified`.

    Raises:
        ConfigError: a faulty file.
    """
    config = experiment.base.with_values({PLACE_SEED: min(_place_seeds(experiment))})
    return _KEPT.geography(build_geography, config, Streams(config.run.place_seed))


def _place_seeds(experiment: Experiment) -> set[int]:
    """Seeds of the places of all points."""
    own = experiment.base.run.place_seed
    return {point.values.get(PLACE_SEED, own) for point in experiment.points}


def is_neighbourhood(group: str) -> bool:
    """Whether a group is a single neighbourhood, such as ``neighbourhood=17``."""
    return group.startswith(f"{NEIGHBOURHOOD}=")


def number_of(group: str) -> int:
    """Number of the neighbourhood that a group is."""
    return int(group.partition("=")[2])
