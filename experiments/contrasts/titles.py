"""What a policy is called: by the title of its files; the city as it is by that of the policy that its levers are."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.answers.construction import do_the_same
from experiments.answers.texts import of_label
from experiments.contrasts.given import AS_IT_IS
from experiments.languages import which
from experiments.lever_values import levers_in_words
from experiments.reported import PROGRAMME, is_reported
from experiments.sweeps.experiment import Experiment
from sim.config import Config, with_policy
from sim.outcome import Language
from sim.policies import TimedPolicy
from sim.reading import flatten
from sim.shipped import shipped
from sim.yaml_text import read_yaml

CITY_AS_IT_IS = ("The city as configured", "شهر با تنظیم‌های کنونی")
"""Title of the city's config as it is, in English and Persian, where its levers are no policy that has a title."""


def title_in(name: str, timeline: Sequence[TimedPolicy], city: Config, language: Language) -> str:
    """Title of a policy in a language: that of its files; in English where they have none.

    A policy that sets nothing is the city as it is, whatever its name. Where there is no title at all, English has the
    policy's name, and Persian the levers that it sets.

    Args:
        name: of the policy, or `AS_IT_IS`.
        timeline: what it puts on the city's timeline.
        city: the city, without the policy.
        language: English or Persian.
    """
    given = [item.title.en if language == "en" else item.title.fa or item.title.en for item in timeline]
    titled = which((", ", "، "), language).join(dict.fromkeys(filter(None, given)))
    if titled or name == AS_IT_IS or not timeline:
        return titled or _city_as_it_is(city, language)
    levers = {f"policy.{key}": value for item in timeline for key, value in flatten(item.set).items()}
    return levers_in_words(levers, city, language) if levers and language == "fa" else name


def titles_of(experiment: Experiment, language: Language) -> dict[str, str]:
    """Titles of all policies of an experiment by their names; where two agree, the name follows in brackets.

    A policy that sets nothing itself is no programme as reported if points set levers under it.
    """
    set_under = {point.policy for point in experiment.points if any(key.startswith("policy.") for key in point.values)}
    found = {
        name: which(CITY_AS_IT_IS, language)
        if name in set_under and not items
        else title_in(name, items, experiment.base, language)
        for name, items in experiment.policies.items()
    }
    twice = {title for title in found.values() if list(found.values()).count(title) > 1}
    return {name: f"{title} ({name})" if title in twice else title for name, title in found.items()}


def _city_as_it_is(city: Config, language: Language) -> str:
    """The title that the page has for it: that of the reported programme, if its levers are as they were reported."""
    if is_reported(city):
        programme = with_policy(city, read_yaml(shipped("policy")[PROGRAMME]))
        if do_the_same(city, programme):
            return of_label(programme.timeline[-1].title)[language]
    return which(CITY_AS_IT_IS, language)
