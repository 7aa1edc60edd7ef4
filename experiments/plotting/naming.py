"""What the options of `mahalle plot` name: factors, outcomes, and the base of differences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.contrasts.arms import POLICY, Asked, settings_of
from experiments.contrasts.bases import levers_of
from experiments.sweeps.experiment import Experiment
from sim.errors import ConfigError
from sim.reading import nearest

NOT_SET = "not set"
"""Stands for the value of a lever at points that do not set it: there it is the base's or the policy's."""

BASE = "--base"


@dataclass(frozen=True)
class Base:
    """What differences are taken from.

    Attributes:
        asked: it, as `experiments.contrasts.bases.bases_of` takes it.
        given: how the option names it, in full: a policy, the name of an arm, or ``LEVER=VALUE``.
        policy: name of its policy; empty where only a lever is named.
        levers: values by key, as far as they are named.
    """

    asked: Asked
    given: str
    policy: str = ""
    levers: Mapping[str, Any] = field(default_factory=dict)


def base_of(given: str, experiment: Experiment, varied: Sequence[str]) -> Base:
    """The base that is meant by the name or title of a policy, by an arm's name, or by ``LEVER=VALUE``.

    Raises:
        ConfigError: there is no such policy, lever or level.
    """
    arms = settings_of(experiment)
    policies = list(dict.fromkeys(own[POLICY] for own in arms.values()))
    titled = [
        name
        for name in policies
        if given in [part for item in experiment.policies.get(name, ()) for part in (item.title.en, item.title.fa)]
    ]
    if given in policies or len(titled) == 1:
        name = given if given in policies else titled[0]
        own = [arm for arm, set_there in arms.items() if set_there[POLICY] == name]
        return Base({POLICY: name}, name, name, _set_in(experiment, arms[own[0]]) if len(own) == 1 else {})
    if given in arms:
        return Base(given, given, arms[given][POLICY], _set_in(experiment, arms[given]))
    key, equals, value = (part.strip() for part in given.partition("="))
    if not equals:
        lever = next((name for name in varied if name in levers_of(experiment)), "")
        level = f"; for a level of a lever: {BASE} {lever}={_levels(arms, lever)[0]}" if lever else ""
        near = nearest(given, policies)
        raise ConfigError(f'no such policy: "{given}"{near}; there are: {", ".join(policies)}{level}', source=BASE)
    key = factor_named(key, varied, BASE)
    if key == POLICY:
        return base_of(value, experiment, varied)
    if key not in levers_of(experiment):
        raise ConfigError(f"{key} is sampled or the place: it has no levels to compare with", source=BASE)
    for arm in arms.values():
        if key in arm and _is_level(value, arm[key]):
            return Base({key: arm[key]}, f"{key}={_in_text(arm[key])}", levers={key: arm[key]})
    raise ConfigError(f'no level of {key}: "{value}"; there are: {", ".join(_levels(arms, key))}', source=BASE)


def factor_named(given: str, known: Sequence[str], option: str) -> str:
    """The factor that is meant by a key, or by the end of one.

    Raises:
        ConfigError: there is none, or several end so.
    """
    if given in known:
        return given
    ends = [name for name in known if name.endswith(f".{given}")]
    if len(ends) == 1:
        return ends[0]
    listed = ", ".join(known[:8]) or "nothing"
    raise ConfigError(f'"{given}" was not varied{nearest(given, known)}; varied: {listed}', source=option)


def outcome_named(given: str, labels: Sequence[str], asked: Sequence[str]) -> str:
    """The label that is meant by a label, or by an outcome's name; its last value where there are several.

    Args:
        given: a label or a name.
        labels: of outcomes that have a value.
        asked: labels of all outcomes that the experiment keeps.

    Raises:
        ConfigError: there is none, several are meant, or it has no value.
    """
    found = [given] if given in labels else [label for label in labels if label.partition(":")[0] == given]
    last = [label for label in found if label.endswith(":last")]
    if len(found) == 1 or last:
        return last[0] if last else found[0]
    if found:
        raise ConfigError(f"which one? {', '.join(found)}", source="--y")
    for label in asked:
        if given in (label, label.partition(":")[0]):
            raise ConfigError(f'"{label}" has no value in any run', source="--y")
    names = sorted({label.partition(":")[0] for label in labels})
    raise ConfigError(f'no such outcome: "{given}"{nearest(given, names)}; kept: {", ".join(names[:8])}', source="--y")


def plain(value: Any) -> Any:
    """A value of a factor in the table of runs that can be grouped by: lists are words, and so is what is not set."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return NOT_SET
    if isinstance(value, str) and value.startswith("["):  # lists are kept as JSON
        return ", ".join(map(str, json.loads(value)))
    return value.item() if isinstance(value, np.generic) else value


def _set_in(experiment: Experiment, arm: Mapping[str, Any]) -> dict[str, Any]:
    return {key: arm[key] for key in levers_of(experiment) if key in arm}


def _is_level(text: str, level: Any) -> bool:
    """Whether a text spells a level: a number in any way, a list with or without brackets."""
    if isinstance(level, int | float) and not isinstance(level, bool):
        try:
            return float(text) == level
        except ValueError:
            return False
    return text in (_in_text(level), json.dumps(level))


def _levels(arms: Mapping[str, Mapping[str, Any]], key: str) -> list[str]:
    return list(dict.fromkeys(_in_text(own[key]) for own in arms.values() if key in own))


def _in_text(value: Any) -> str:
    """A level as it is typed: numbers as they are usually written, items of a list joined by commas."""
    if isinstance(value, list):
        return ",".join(map(_in_text, value))
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else json.dumps(value)
