"""Which arm each arm of a sweep is compared with: one for all, or each with what the base has at the same levers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from experiments.contrasts.arms import POLICY, Asked, arms_named, settings_of
from experiments.sweeps.experiment import PLACE_SEED, Experiment
from sim.errors import ConfigError


def bases_of(experiment: Experiment, asked: Asked) -> dict[str, str]:
    """Of each arm the arm that it is compared with; without arms that the base was not run beside.

    If one arm is asked for, it is the base of all. If several are, such as a policy that was run at each level of a
    lever, each arm is compared with that one of them which has the same values of whatever else they set: a policy
    ``council`` at each level, or ``{"policy.hub.kinds": ["school"]}`` under each policy.

    Args:
        experiment: of the sweep.
        asked: the base, as for `experiments.contrasts.arms.arm_named`.

    Returns:
        Names of bases by names of arms; a base is its own.

    Raises:
        ConfigError: no arm fits, or two with the same levers do, such as two policies of one title.
    """
    found, settings = arms_named(experiment, asked), settings_of(experiment)
    if len(found) == 1:
        return dict.fromkeys(settings, found[0])
    named = {POLICY} if isinstance(asked, str) else set(asked)
    told_by = [key for key in (POLICY, *levers_of(experiment)) if key not in named]
    told_by = [key for key in told_by if any(key in settings[name] for name in found)]
    by_levers: dict[str, str] = {}
    for name in found:
        at = _at(settings[name], told_by)
        if at in by_levers:
            raise ConfigError(f'"{by_levers[at]}" and "{name}" both fit {asked}; name one of them')
        by_levers[at] = name
    return {name: by_levers[at] for name, own in settings.items() if (at := _at(own, told_by)) in by_levers}


def levers_of(experiment: Experiment) -> tuple[str, ...]:
    """The keys by which arms of one policy differ: what points set and is neither sampled nor the place."""
    sampled = {PLACE_SEED, *(factor.key for factor in experiment.design.factors)}
    return tuple(key for key in experiment.keys if key not in sampled)


def _at(settings: Mapping[str, Any], keys: Iterable[str]) -> str:
    return json.dumps([[key in settings, settings.get(key)] for key in keys])
