"""An experiment that grew: with more levels or policies than the one whose runs a folder holds."""

from __future__ import annotations

import json
from pathlib import Path

from experiments.study.growing import Growth
from experiments.study.watching import some
from experiments.sweeps.experiment import EXPERIMENT, Experiment, Point, what_counts
from experiments.sweeps.reader import load_experiment
from sim.errors import ConfigError


def growth_of(new: Experiment, folder: Path, digest: str) -> Growth | str:
    """How the experiment grew from the one in a folder; or, in words, why its runs cannot be kept.

    Args:
        new: the experiment.
        folder: of a sweep.
        digest: of the experiment whose runs the folder holds.
    """
    try:
        old = load_experiment(folder / EXPERIMENT)
        unchanged = old.digest == digest
    except (ConfigError, OSError):
        unchanged = False
    if not unchanged:
        return "the earlier one cannot be read as it was"
    for what, one, other in (
        ("the base city", what_counts(old.base), what_counts(new.base)),
        ("the seed", old.seed, new.seed),
        ("the posterior", old.posterior and old.posterior.sha256, new.posterior and new.posterior.sha256),
    ):
        if one != other:
            return f"{what} is another"
    for name, parts in old.policies.items():
        if name in new.policies and _said(new, name) != _said(old, name):
            return f"the policy {name} is another" if parts else "the base city is another"
    if why := _other_outcomes([one.label for one in old.outcomes], [one.label for one in new.outcomes]):
        return why
    numbers = {_key(point): point.number for point in new.points}
    if len(numbers) < len(new.points) or len({_key(point) for point in old.points}) < len(old.points):
        return "it has a point twice"
    gone = sum(_key(point) not in numbers for point in old.points)
    if gone:
        return f"{some(gone, 'point')} of {len(old.points):,} {'is' if gone == 1 else 'are'} left out"
    return Growth(tuple(numbers[_key(point)] for point in old.points), len(new.points))


def _other_outcomes(old: list[str], new: list[str]) -> str:
    """Why runs that kept some outcomes are none of an experiment that keeps others; empty if they are."""
    if missing := [label for label in old if label not in new]:
        return f"the outcome {missing[0]} is left out"
    if added := [label for label in new if label not in old]:
        return f"the outcome {added[0]} is new, and a run keeps only the outcomes asked for"
    return "" if old == new else "its outcomes are in another order"


def _key(point: Point) -> tuple[str, str]:
    return point.policy, json.dumps(dict(point.values), sort_keys=True, default=str)


def _said(experiment: Experiment, policy: str) -> list[object]:
    """What a policy sets, without its title."""
    return [part.model_dump(mode="json", exclude={"title", "description"}) for part in experiment.policies[policy]]
