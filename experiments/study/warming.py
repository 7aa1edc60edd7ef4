"""The model run once in small: what is timed, or forked, after it has compiled and imported everything."""

from __future__ import annotations

from sim.city import City
from sim.config import Config
from sim.place import Foundations


def run_once() -> None:
    """Run weeks with councils, and make tables, as any run does: on a fresh machine that takes some twenty seconds."""
    City(Config().with_values({"run.scale": 0.001}), foundations=Foundations()).run(40).group_history  # noqa: B018
