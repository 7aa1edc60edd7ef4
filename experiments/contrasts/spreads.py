"""What the intervals of an experiment cover: random variation in one place, or also other places and assumptions."""

from __future__ import annotations

from experiments.languages import texts_of, written
from experiments.sweeps.experiment import Experiment
from sim.outcome import Language

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


def speaks_of(experiment: Experiment, language: Language = "en") -> str:
    """What intervals are taken over, in words that follow "over"."""
    text = texts_of(_TEXTS, language)
    if experiment.places > 1:
        return text("places", places=written(str(experiment.places), language))
    sample = text("rows") if experiment.design.factors else ""
    return text("one place", sample=sample, seed=written(str(experiment.base.run.place_seed), language))


def names_are_labels(experiment: Experiment, language: Language = "en") -> str:
    """A caution where the map is drawn, in a line; empty where files give it."""
    parameters = experiment.base.city.neighbourhoods
    if parameters.data_file is not None or parameters.polygons_file is not None:
        return ""
    return texts_of(_TEXTS, language)("labels", seed=written(str(experiment.base.run.place_seed), language))


_TEXTS: dict[str, tuple[str, str]] = {
    "places": (
        "{places} places and the replications in them (a two-way layout)",
        "{places} مکان و تکرارهای آن‌ها (طرح دوسویه)",
    ),
    "one place": (
        "{sample}replications in one place (place seed {seed})",
        "{sample}تکرارها در یک مکان (بذر مکان {seed})",
    ),
    "rows": ("rows of the sample and ", "ردیف‌های نمونه و "),
    "labels": (
        "The map is drawn (place seed {seed}): names are labels and say nothing about a real neighbourhood.",
        "نقشه به تصادف ساخته شده است (بذر مکان {seed}): نام‌ها تنها برچسب است و درباره محله‌ای واقعی چیزی نمی‌گوید.",
    ),
}
