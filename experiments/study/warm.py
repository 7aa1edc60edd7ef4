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
from experiments.study.warming import run_once

hush_unwanted_workers()
# What is wrong is told by the runs: the server must not end over it.
with suppress(Exception), in_a_line(partial(print, file=sys.stderr, flush=True)):
    run_once()  # all that is compiled and all of pandas is at hand then
gc.freeze()  # what stays need not be looked through in every worker again: a fifteenth of the time of a run
