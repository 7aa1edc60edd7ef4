"""Random valid configs of tiny cities: every switch, every parameter over its whole range."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim import policies
from sim.config import Config
from sim.errors import ConfigError
from sim.parameters import Registered, register
from sim.policies import HUB_KINDS

TINY = {
    "city.population.total": 1_500,
    "city.neighbourhoods.count": 4,
    "city.finance.works_budget_per_year": 30.0,
    "policy.rollout.milestones": [{"week": 1, "share": 0.5}, {"week": 6, "share": 1.0}],
    "behaviour.choice.first_round_after_weeks": 4,
    "behaviour.choice.round_interval_weeks": 26,
    "run.scale": 0.3,
}
"""A city in which much happens within a few weeks, where the drawn values leave it alone."""

DEFAULTS = Config()

_LEFT_ALONE = ("city.population.total", "city.neighbourhoods.count", "run.", "city.start_date")
"""What decides how much there is to compute."""


def _values_of(row: Registered) -> st.SearchStrategy[Any] | None:
    """All values of a parameter, its ends often; None where it is a text, a file or a list."""
    if row.choices:
        return st.sampled_from(row.choices)
    if isinstance(row.default, bool):
        return st.booleans()
    if row.low is None or row.high is None:
        return None
    ends = st.sampled_from([row.low, row.high])
    if isinstance(row.default, int):
        return ends.map(int) | st.integers(int(row.low), int(row.high))
    return ends.map(float) | st.floats(row.low, row.high)


WAYS = {
    row.key: values
    for row in register(Config)
    if not row.key.startswith(_LEFT_ALONE) and (values := _values_of(row)) is not None
}
LEVERS = tuple(key for key in WAYS if key.startswith("policy."))


def _some(keys: tuple[str, ...], most: int) -> st.SearchStrategy[dict[str, Any]]:
    """Values of some of the keys."""
    chosen = st.lists(st.sampled_from(keys), unique=True, max_size=most)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: WAYS[name] for name in names}))


def _later(levers: dict[str, Any], weeks: tuple[int, int], kind: str | None, size: float) -> dict[str, Any]:
    start, length = weeks
    part = {"start": start, "end": start + length, "set": {key.removeprefix("policy."): levers[key] for key in levers}}
    shock = {} if kind is None else {"shocks": [{"kind": kind, "week": start, "size": size}]}
    return part | shock


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """A valid config: some parameters or all somewhere in their ranges, hubs, a change midway, a shock."""
    values = dict(TINY)
    values["policy.hub.kinds"] = draw(st.lists(st.sampled_from(HUB_KINDS), unique=True, max_size=3))
    values["run.scale"] = draw(st.sampled_from([0.05, 0.3, 1.0]))
    values |= draw(_some(tuple(WAYS), 40) | st.fixed_dictionaries(WAYS))
    config = _valid(values)
    change = draw(_some(LEVERS, 8))
    weeks = draw(st.tuples(st.integers(1, 8), st.integers(1, 8)))
    kind, size = draw(st.sampled_from([None, *policies.SHOCKS])), draw(st.floats(0.1, 1.0))
    try:
        return config.with_values({"timeline": [_later(change, weeks, kind, size)]})
    except ConfigError:
        return config


def _valid(values: dict[str, Any], config: Config = DEFAULTS) -> Config:
    """The config with as many of the values as go together: halves that do not are tried by halves."""
    try:
        return config.with_values(values)
    except ConfigError:
        if len(values) == 1:
            return config
    keys = list(values)
    for half in (keys[: len(keys) // 2], keys[len(keys) // 2 :]):
        config = _valid({key: values[key] for key in half}, config)
    return config
