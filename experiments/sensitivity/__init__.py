"""Which assumptions matter: Morris screening, then Sobol' indices; the noise floor.

`analyse(SWEEP)` reads a sweep whose design is morris or sobol; `indices` and `luck` are pure functions of points and
values, which serve any function in place of the city.
"""

from experiments.sensitivity.analysis import Findings, analyse
from experiments.sensitivity.indices import IncompleteDesignError, indices
from experiments.sensitivity.screening import Choice, chosen

__all__ = ["Choice", "Findings", "IncompleteDesignError", "analyse", "chosen", "indices"]
