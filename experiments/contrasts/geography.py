"""The one place of an experiment: whether neighbourhood 17 is the same in all its runs, and its map."""

from __future__ import annotations

from pathlib import Path

from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import NEIGHBOURHOOD
from sim.config import Config
from sim.neighbourhoods import Geography, build_geography
from sim.randomness import Streams

MAP_KEYS = tuple(f"city.neighbourhoods.{name}" for name in ("count", "data_file", "polygons_file", "names"))
"""Keys that decide which neighbourhoods there are; points that set one of them have maps of their own."""

PLACE_SEED = "run.place_seed"
"""Seed of the map where no file gives it."""


def identified(experiment: Experiment) -> bool:
    """Whether a neighbourhood's number stands for the same neighbourhood at all points and in all replications."""
    if set(experiment.keys) & set(MAP_KEYS):
        return False
    parameters = experiment.base.city.neighbourhoods
    given = parameters.data_file is not None or parameters.polygons_file is not None
    return given or len(_place_seeds(experiment)) == 1


def is_neighbourhood(group: str) -> bool:
    """Whether a group is a single neighbourhood, such as ``neighbourhood=17``."""
    return group.startswith(f"{NEIGHBOURHOOD}=")


def number_of(group: str) -> int:
    """Number of the neighbourhood that a group is."""
    return int(group.partition("=")[2])


def geography_of(config: Config) -> Geography:
    """The neighbourhoods of a city, without the rest of it.

    Raises:
        ConfigError: a faulty file.
    """
    city = config.city
    return build_geography(
        city.neighbourhoods, city.population.total, Streams(config.run.seed), Path(config.base_folder)
    )


def map_of(experiment: Experiment) -> Geography:
    """The neighbourhoods of an experiment in which they are `identified`.

    Raises:
        ConfigError: a faulty file.
    """
    (place_seed, *_) = _place_seeds(experiment)
    base = experiment.base
    return geography_of(base if place_seed is None else base.with_values({PLACE_SEED: place_seed}))


def _place_seeds(experiment: Experiment) -> set[int | None]:
    """Seeds of the map that the points set, None for that of the base; all of them alike if there is one."""
    own = getattr(experiment.base.run, "place_seed", None)
    found = {point.values.get(PLACE_SEED) for point in experiment.points}
    return found if len(found) == 1 else {own if seed is None else seed for seed in found}
