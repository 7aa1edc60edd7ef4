"""What every worker would do first, done once in the server that workers are forked from."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from functools import partial

import experiments.cli  # by the script `mahalle`, which is every worker's main module
import experiments.study.executors
import experiments.sweeps.reader  # noqa: F401
from experiments.cautions import in_a_line
from experiments.study.fork_server import hush_unwanted_workers
from sim.city import City
from sim.config import Config
from sim.place import Foundations

hush_unwanted_workers()
# What is wrong is told by the runs: the server must not end over it.
with suppress(Exception), in_a_line(partial(print, file=sys.stderr, flush=True)):
    # Weeks with councils, and tables, as workers have them: all that is compiled and all of pandas is at hand then.
    City(Config().with_values({"run.scale": 0.001}), foundations=Foundations()).run(40).group_history  # noqa: B018
gc.freeze()  # what stays need not be looked through in every worker again: a fifteenth of the time of a run
