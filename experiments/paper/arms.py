"""How a figure's file names the policies that it shows, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from experiments.contrasts.arms import Asked, arm_named
from experiments.contrasts.given import AS_IT_IS
from experiments.contrasts.titles import title_in
from experiments.languages import LANGUAGES, which
from experiments.lever_values import levers_in_words
from experiments.sweeps.experiment import PLACE_SEED, Experiment
from experiments.sweeps.pairs import positions
from sim.outcome import Language
from sim.policies import Label


class ArmForm(Label):
    """A policy, or a point of the experiment, with its name in the figure (en, fa)."""

    at: str | dict[str, Any] = Field(
        description="Which: its name, or what is set there, {policy: NAME, KEY: VALUE}, as much as tells it."
    )
    apart: bool = Field(False, description="Whether a line sets it apart from the one above, in rows of policies.")


def asked_of(arm: ArmForm) -> Asked:
    """The policy as `arm_named` takes it."""
    return arm.at


def words_of(experiment: Experiment, asked: Asked) -> Label:
    """What a policy of an experiment is called: the title of its policy, and the levers that are set beside it."""
    name, sampled = arm_named(experiment, asked), {PLACE_SEED, *(factor.key for factor in experiment.design.factors)}
    for place, point in zip(positions(experiment), experiment.points, strict=True):
        if f"{place.policy} {place.levers}".strip() == name:
            levers = {key: value for key, value in point.values.items() if key not in sampled}
            words = {language: _words(experiment, place.policy, levers, language) for language in LANGUAGES}
            return Label(**words)
    raise ValueError(name)


def _words(experiment: Experiment, policy: str, levers: Mapping[str, Any], language: Language) -> str:
    timeline = experiment.policies[policy]
    parts = [title_in(policy if timeline else AS_IT_IS, timeline, experiment.base, language)]
    if levers:
        own = levers_in_words(levers, experiment.base, language)
        parts = [*(parts if timeline else []), own]
    return which(("; ", "؛ "), language).join(parts)
