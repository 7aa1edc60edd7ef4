"""What the intervals of an experiment cover: random variation in one place, or also other places and assumptions."""

from __future__ import annotations

from experiments.sweeps.experiment import Experiment

LUCK, ASSUMPTIONS = "luck", "luck and assumptions"
PLACES, PLACES_AND_ASSUMPTIONS = "luck and places", "luck, places and assumptions"
"""Sources of variation between the runs of an arm; "luck" is the random seed of a replication in a given place."""


def spread_over(experiment: Experiment) -> str:
    """What differs between the runs of an arm."""
    if experiment.places > 1:
        return PLACES_AND_ASSUMPTIONS if assumptions_vary(experiment) else PLACES
    return ASSUMPTIONS if assumptions_vary(experiment) else LUCK


def assumptions_vary(experiment: Experiment) -> bool:
    """Whether assumptions are sampled or drawn from a posterior."""
    return experiment.posterior is not None or bool(experiment.design.factors)


def more_than_luck_varies(experiment: Experiment) -> bool:
    """Whether places or assumptions differ, too, so that single differences are worth showing."""
    return spread_over(experiment) != LUCK


def speaks_of(experiment: Experiment) -> str:
    """What intervals are taken over, in words that follow "over"."""
    if experiment.places > 1:
        return f"{experiment.places} places and the replications in them (a two-way layout)"
    sample = "rows of the sample and " if experiment.design.factors else ""
    return f"{sample}replications in one place (place seed {experiment.base.run.place_seed})"


def names_are_labels(experiment: Experiment) -> str:
    """A caution where the map is drawn, in a line; empty where files give it."""
    parameters = experiment.base.city.neighbourhoods
    if parameters.data_file is not None or parameters.polygons_file is not None:
        return ""
    seed = experiment.base.run.place_seed
    return f"The map is drawn (place seed {seed}): names are labels and say nothing about a real neighbourhood."
