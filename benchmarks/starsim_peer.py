"""Starsim's SIR on its random network; runs in the environment of the peers, where only Starsim is installed."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import starsim as ss

from benchmarks.processes import peak_mb
from benchmarks.spread import ILL_AT_START, MEAN_TIES, RISK_PER_TIE, WEEKS_ILL


def run_spread(people: int, steps: int) -> dict[str, Any]:
    """The illness of `spread`; compilation is done beforehand, in a small run."""
    town(500, 10).run()
    sim = town(people, steps)
    sim.init()
    began = time.perf_counter()
    sim.run()
    seconds = time.perf_counter() - began
    results = sim.results["sir"]
    ever_ill = 1.0 - float(results["n_susceptible"][-1]) / people
    return {
        "people": people,
        "steps": len(results["n_susceptible"]),
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "ever_ill": ever_ill,
        "versions": f"Starsim {ss.__version__} with NumPy {np.__version__}",
    }


def town(people: int, steps: int) -> ss.Sim:
    """A simulation that is not begun; Starsim counts the first week as a step too."""
    return ss.Sim(
        n_agents=people,
        dt=ss.weeks(1),
        dur=ss.weeks(steps - 1),
        rand_seed=1,
        networks=ss.RandomNet(n_contacts=ss.constant(MEAN_TIES), dynamic=False),
        diseases=ss.SIR(
            init_prev=ss.bernoulli(p=ILL_AT_START),
            beta=ss.probperweek(RISK_PER_TIE),
            dur_inf=ss.constant(ss.weeks(WEEKS_ILL)),
            p_death=ss.bernoulli(p=0.0),
        ),
        verbose=0,
    )
