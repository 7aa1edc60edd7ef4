"""One design in several ways, beside a bare loop over its runs."""

from __future__ import annotations

from typing import Any

from benchmarks.errors import say
from benchmarks.markdown import Table, kept, short
from benchmarks.plan import Plan
from benchmarks.processes import measure

OVERHEAD_LIMIT = 1.05
EFFICIENCY_LIMIT = 0.9
GROWTH_LIMIT_MB = 100.0

WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "bare loop": ("loop", {"reuse": False}),
    "bare loop, built cities used again": ("loop", {"reuse": True}),
    "two bare loops side by side": ("loops_at_once", {"at_once": 2}),
    "Mahalle, in the same process": ("sweep", {"executor": "here", "workers": 1}),
    "Mahalle, 1 worker": ("sweep", {"executor": "processes", "workers": 1}),
    "Mahalle, 2 workers": ("sweep", {"executor": "processes", "workers": 2}),
    "Mahalle, Dask with 2 workers": ("sweep", {"executor": "dask", "workers": 2}),
    "`mesa.batch_run`, 1 process": ("mesa_batch", {"workers": 1}),
    "`mesa.batch_run`, 2 processes": ("mesa_batch", {"workers": 2}),
    "EMA workbench, sequential": ("ema_workbench", {"workers": 1}),
    "EMA workbench, 2 processes": ("ema_workbench", {"workers": 2}),
}


def sweeps(plan: Plan) -> Table:
    """Overhead, parallel efficiency and memory of sweeps, and other runners on the same design."""
    scale, weeks, replications = plan.sweep
    best: dict[str, dict[str, Any]] = {}
    for number in range(plan.sweep_rounds):
        for name, (case, arguments) in WAYS.items():
            say(f"a design at scale {scale:g}, {weeks} weeks, {name} ({number + 1} of {plan.sweep_rounds})")
            size = {"scale": scale, "weeks": weeks, "replications": replications}
            found = measure(f"sweep_cases.{case}", **size, **arguments)
            if name not in best or found["seconds"] < best[name]["seconds"]:
                best[name] = found
    loop = best["bare loop"]["seconds"]
    rows = [
        (
            name,
            short(found["seconds"] / loop),
            short(found["seconds"] / found["runs"]),
            f"{found['runs']:,}",
            f"{found['numbers']:,}",
            short(found["main_mb"]),
            short(found["all_mb"]),
        )
        for name, found in best.items()
    ]
    header = (
        "way",
        "time, bare loop = 1",
        "s per run",
        "runs",
        "numbers kept",
        "peak MB, main process",
        "peak MB, all processes",
    )
    return Table("sweeps", header, rows, (*_limits(best), _memory(plan)))


def _limits(best: dict[str, dict[str, Any]]) -> tuple[str, str]:
    seconds = {name: found["seconds"] for name, found in best.items()}
    overhead = seconds["Mahalle, in the same process"] / seconds["bare loop, built cities used again"]
    efficiency = seconds["Mahalle, 1 worker"] / (2.0 * seconds["Mahalle, 2 workers"])
    possible = seconds["bare loop"] / (2.0 * seconds["two bare loops side by side"])
    return (
        f"In the same process, a sweep takes {overhead:.2f} times as long as the loop that uses built cities again; "
        f"the limit of {OVERHEAD_LIMIT:g} is {kept(overhead <= OVERHEAD_LIMIT)}.",
        f"Two workers do {efficiency:.0%} of twice what one does, their start-up included; the limit of "
        f"{EFFICIENCY_LIMIT:.0%} is {kept(efficiency >= EFFICIENCY_LIMIT)}. Two bare loops side by side, which share "
        f"nothing but the machine, do {possible:.0%}.",
    )


def _memory(plan: Plan) -> str:
    few, many = plan.tiny_runs
    say(f"sweeps of {few:,} and {many:,} tiny runs")
    peak = {runs: measure("sweep_cases.tiny_runs", runs=runs, workers=2)["main_mb"] for runs in plan.tiny_runs}
    grown = peak[many] - peak[few]
    return (
        f"Between {few:,} and {many:,} runs of a tiny city, the peak of the sweep's own process grows by "
        f"{short(max(grown, 0.0))} MB; the limit of {GROWTH_LIMIT_MB:g} MB is {kept(grown <= GROWTH_LIMIT_MB)}."
    )
