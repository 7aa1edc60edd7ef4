"""A question of the page: a baseline and policies, as the experiment that `mahalle compare` would run for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from experiments.answers.asked import outcomes_at, weeks_of
from experiments.answers.texts import Text, both, of_label
from experiments.languages import digits
from experiments.sweeps.designs import Design
from experiments.sweeps.experiment import Experiment, Fixed, Point
from experiments.sweeps.outcomes import Outcome, parse
from experiments.timelines import weeks_of_change
from sim.config import Config
from sim.errors import ConfigError
from sim.extension import tables_of
from sim.policies import Label, TimedPolicy, in_force
from sim.reading import merge, nest, problems

MOST_POLICIES = 4
PAIRS = 20
"""Pairs of runs that answer a question."""

MOST_CHANGES = 20
"""Most entries of `later` and `shocks` in one policy: nobody needs more, and each makes a run slower."""


class QuestionForm(BaseModel):
    """A question as the page sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: dict[str, Any]
    policies: list[dict[str, Any]] = Field(min_length=1, max_length=MOST_POLICIES)


@dataclass(frozen=True)
class Asked:
    """One policy of a question.

    Attributes:
        timeline: what it puts on the city's timeline.
        title: in both languages.
    """

    timeline: tuple[TimedPolicy, ...]
    title: Text


@dataclass(frozen=True)
class Question:
    """A question: policies of a city and what they are compared with.

    Attributes:
        city: the city with its scale and length of run.
        base: the baseline.
        policies: one to four.
        pairs: how many pairs of runs answer it.
    """

    city: Config
    base: Asked
    policies: tuple[Asked, ...]
    pairs: int = PAIRS

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment that answers it; its runs have the seeds of `mahalle compare`."""
        named = {BASE: self.base.timeline, **{_name(place): one.timeline for place, one in enumerate(self.policies)}}
        points = tuple(Point(number, name, {}) for number, name in enumerate(named))
        return Experiment(
            title=Label(), description=Label(), source=None, base=self.city, policies=named, points=points,
            outcomes=asked_of(self.city), replications=Fixed(self.pairs), seed=0, design=Design("grid"), content={},
        )  # fmt: skip

    @property
    def titles(self) -> dict[str, Text]:
        """Title of each policy of the experiment, numbered where two have the same."""
        every = [self.base.title, *(one.title for one in self.policies)]
        names = [BASE, *(_name(place) for place in range(len(self.policies)))]
        found: dict[str, Text] = {}
        for place, (name, title) in enumerate(zip(names, every, strict=True)):
            again = sum(title == other for other in every[:place])
            number = f" ({again + 1})" if again else ""
            found[name] = {"en": title["en"] + number, "fa": title["fa"] + digits(number, "fa")}
        return found


BASE = "base"


def _name(place: int) -> str:
    return f"policy {place + 1}"


def asked_of(city: Config) -> tuple[Outcome, ...]:
    """Outcomes of the runs that answer questions about a city."""
    last, tables = city.run.weeks, tables_of(city.extended_by)
    return tuple(parse(item, last, None, tables) for item in outcomes_at(weeks_of(last), last))


def question_of(content: Any, city: Config, pairs: int = PAIRS) -> Question:
    """A question, read from what the page sent.

    Args:
        content: plain data.
        city: the city that the page is about.
        pairs: how many pairs of runs answer it.

    Raises:
        ConfigError: something in it is not allowed.
    """
    faults = problems(QuestionForm, content)
    if faults:
        raise faults[0]
    form = QuestionForm.model_validate(content)
    return Question(city, policy_of(form.base, city), tuple(policy_of(one, city) for one in form.policies), pairs)


def policy_of(content: Any, city: Config) -> Asked:
    """A policy in the shape of a policy file, checked against the city's levers.

    Raises:
        ConfigError: with the key that is not allowed.
    """
    if not isinstance(content, Mapping):
        raise ConfigError("a policy must be a mapping of keys to values")
    faults = problems(TimedPolicy, dict(content))
    if faults:
        raise faults[0]
    difference = TimedPolicy.model_validate(dict(content))
    if len(difference.later) + len(difference.shocks) > MOST_CHANGES:
        raise ConfigError(f"at most {MOST_CHANGES} changes and shocks in one policy", key="later")
    kind, levers = type(city.policy), city.policy.model_dump()
    for place, own in [
        (("set",), difference.set),
        *((("later", n, "set"), one.set) for n, one in enumerate(difference.later)),
    ]:
        wrong = problems(kind, merge(levers, nest(own)), at=place)
        if wrong:
            raise wrong[0]
    untitled = difference.model_copy(update={"title": Label(), "description": Label()})
    title = of_label(difference.title)
    return Asked(untitled.parts(), title if title["en"] else both(lambda language: UNTITLED[language]))


UNTITLED: Text = {"en": "A policy of one's own", "fa": "سیاست ساخته‌شده"}


def key_of(city: Config, timeline: Sequence[TimedPolicy]) -> str:
    """What decides the runs of a policy: two policies that set the same levers in the same weeks have one key.

    Args:
        city: the city.
        timeline: what the policy puts on its timeline.

    Returns:
        sixteen letters of a SHA-256.
    """
    whole = (*city.timeline, *timeline)
    levers: list[Any] = []
    for week in weeks_of_change(whole, city.run.weeks):
        now = in_force(city.policy, whole, week).model_dump(mode="json")
        if not levers or levers[-1][1] != now:
            levers.append([week, now])
    shocks = [
        shock.model_dump(mode="json") for timed in whole for shock in timed.shocks if shock.week <= city.run.weeks
    ]
    text = json.dumps([levers, shocks], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
