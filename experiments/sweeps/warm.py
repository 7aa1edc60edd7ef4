"""What every worker would do first, done once in the server that workers are forked from."""

from __future__ import annotations

import experiments.checking
import experiments.cli  # by the script `mahalle`, which is every worker's main module
import experiments.sweeps.executors
import experiments.sweeps.reader  # noqa: F401
from sim.city import City
from sim.config import Config

_CITY = City(Config().with_values({"run.scale": 0.001})).run(1)
_CITY.group_history  # noqa: B018  # with this week and its tables, all that is compiled and all of pandas is at hand
