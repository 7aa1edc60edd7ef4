"""What every worker would do first, done once in the server that workers are forked from."""

from __future__ import annotations

import experiments.checking
import experiments.cli  # by the script `mahalle`, which is every worker's main module
import experiments.sweeps.executors
import experiments.sweeps.reader  # noqa: F401
from experiments.sweeps.outcomes import known_outcomes

known_outcomes()  # found by building a tiny city, and kept
