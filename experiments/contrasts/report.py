"""A comparison printed: differences with intervals, who gains and who loses, and what the intervals do not say."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.table import Table

from experiments.contrasts.comparison import Comparison
from experiments.contrasts.mechanisms import Attribution
from experiments.contrasts.tables import BEST
from experiments.report import GROUP_NAMES
from experiments.screen import Screen
from experiments.sweeps.outcomes import KINDS
from experiments.sweeps.tables import Sweep

KIND_ORDER = [kind for kind in KINDS if kind != "neighbourhood"]
CAUTIONS = (
    "Intervals are 95 % over replications of the model under its assumptions, paired on the same luck; they do not say",
    "how far the model is from the city. Nothing is adjusted for their number: of twenty about 0, one misses it.",
)


def group_name(group: str) -> str:
    """A group in words."""
    kind, _, name = group.partition("=")
    return f"{name} deprived fifth" if kind == "deprivation" else GROUP_NAMES.get(name, name)


def sort_groups(groups: Sequence[str]) -> list[str]:
    """Groups in the order in which they are shown."""
    order = {f"{kind}={name}": place for place, (kind, name) in enumerate((k, n) for k in KIND_ORDER for n in KINDS[k])}
    return sorted(groups, key=lambda group: order.get(group, len(order)))


def signed(value: float, digits: int) -> str:
    """A difference with its sign; 0 has none."""
    text = f"{value:+,.{digits}f}"
    return text.lstrip("+-") if float(text.replace(",", "")) == 0.0 else text


def digits_of(*values: float) -> int:
    """Decimals that show two figures of the smallest of the sizes."""
    sizes = [abs(value) for value in values if value == value and value != 0.0]
    if not sizes:
        return 3
    largest = max(sizes)
    return 0 if largest >= 100.0 else 1 if largest >= 10.0 else 2 if largest >= 1.0 else 4


def interval(difference: float, low: float, high: float) -> str:
    """Such as ``+0.0123 (+0.0045 to +0.0201)``."""
    digits = digits_of(difference, low, high)
    if low == high == 0.0:
        return "the same"
    if low != low:
        return signed(difference, digits)
    return f"{signed(difference, digits)} ({signed(low, digits)} to {signed(high, digits)})"


def give_or_take(difference: float, low: float, high: float) -> str:
    """Such as ``+0.0123 ± 0.0078``."""
    digits = digits_of(difference, low, high)
    if low == high == 0.0:
        return "the same"
    return f"{signed(difference, digits)} ± {0.5 * (high - low):,.{digits}f}"


def chance(probability: float) -> str:
    """A probability in per cent; never 0 or 100, which no number of replications shows."""
    if probability != probability:
        return ""
    if not 0.01 <= probability <= 0.99:
        return "<1 %" if probability < 0.5 else ">99 %"
    return f"{100.0 * probability:.0f} %"


def print_comparison(found: Comparison) -> None:
    """Print a comparison, in colour on a terminal and as plain text elsewhere."""
    console = Screen()
    week = int(found.contrasts.week.max())
    console.print(f"{', '.join(found.policies)} beside {found.base}, week {week}", style="bold")
    stopped = "; stopped, for the best is known" if found.settled else ""
    console.print(f"{found.replications} replications each, scale {found.sweep.experiment.base.run.scale:g}{stopped}")
    if found.settled:
        console.print("Sweeps stop early where luck favours the leader, so differences are overstated: for figures to")
        console.print("report, give --all-replications.")
    _print_failures(console, found.sweep)
    for policy in found.policies:
        console.print(f"\n{policy} less {found.base}", style="bold")
        console.print(_outcomes(found, policy, week, console))
        console.print(f"\nWho gains and who loses: {policy} less {found.base}", style="bold")
        console.print(_groups(found, policy, week, console))
        for line in _places(found, policy):
            console.print(line)
    console.print("")
    for line in CAUTIONS:
        console.print(line)
    console.print(
        "Best is the highest, of service_gini, below_floor_share and late works the lowest: a convention. "
        "Probabilities are those of the mean, under these assumptions. A neighbourhood is higher or lower however "
        "little it differs."
    )


def print_attribution(found: Attribution) -> None:
    """Print the parts of a gap."""
    console = Screen()
    table = found.table
    week = int(table.week.max())
    console.print(f"Where the gap comes from: {found.policy} less {found.base}, week {week}", style="bold")
    _print_failures(console, found.sweep)
    city = table[(table.group == "") & (table.week == week)]
    shown = [name for name in ("trust_in_municipality", "participation_rate", "hope") if name in set(city.outcome)]
    printed = console.table(["", *shown])
    for part in dict.fromkeys(city.part):
        own = city[city.part == part].set_index("outcome")
        cells = [interval(*_numbers(own, name, "value")) for name in shown]
        printed.add_row(str(part), *cells)
    console.print(printed)
    console.print(
        f"{int(city.replications.min())} replications of every variant, "
        f"scale {found.sweep.experiment.base.run.scale:g}. A channel's part is the whole gap less the gap without it, "
        "under both policies. What channels do only together is the interaction: where it is large, the split has no "
        "clear meaning; a small one is no proof that it has. Names say more than is switched off: see "
        "docs/contrasts.md."
    )
    for line in CAUTIONS:
        console.print(line)


def _print_failures(console: Screen, sweep: Sweep) -> None:
    if len(sweep.failures):
        console.print(f"{len(sweep.failures)} runs failed; replications with one are left out: see failures.parquet")


def _outcomes(found: Comparison, policy: str, week: int, screen: Screen) -> Table:
    rows = found.contrasts
    rows = rows[(rows.policy == policy) & (rows.week == week) & (rows.group == "")]
    of_base = found.means
    of_base = of_base[(of_base.policy == found.base) & (of_base.week == week) & (of_base.group == "")]
    bases = of_base.set_index("outcome")["mean"]
    table = screen.table(["", found.base, "difference (95 % interval)", "probably best", "pairing gains"])
    for _, row in rows.iterrows():
        gain = row.variance_reduction
        level = bases[row.outcome]
        table.add_row(
            str(row.outcome),
            f"{level:,.{digits_of(level)}f}",
            interval(row.difference, row.low, row.high),
            "" if row.low == row.high else chance(row.probability_best),
            "" if gain != gain else f"{gain:,.1f} times" if gain < 100.0 else f"{gain:,.0f} times",
        )
    return table


def _groups(found: Comparison, policy: str, week: int, screen: Screen) -> Table:
    shown = ("trust_in_municipality", "participation_rate", "performance", "below_floor_share")
    rows = found.contrasts
    rows = rows[(rows.policy == policy) & (rows.week == week) & rows.outcome.isin(shown) & (rows.group != "")]
    table = screen.table(["", "trust in municipality", "participation", "services as perceived", "badly served"])
    for group in sort_groups(list(rows.group.unique())):
        own = rows[rows.group == group].set_index("outcome")
        table.add_row(group_name(group), *(give_or_take(*_numbers(own, name)) for name in shown))
    return table


def _numbers(rows: pd.DataFrame, name: str, value: str = "difference") -> tuple[float, float, float]:
    """Difference, low and high of the row of a name."""
    found = rows.loc[[name], [value, "low", "high"]].to_numpy(dtype=float)[0]
    return float(found[0]), float(found[1]), float(found[2])


def _places(found: Comparison, policy: str) -> list[str]:
    """In how many neighbourhoods each outcome is better and worse."""
    shares = found.neighbourhoods
    lines = []
    for outcome, rows in shares[shares.policy == policy].groupby("outcome", sort=False):
        by = rows.set_index("direction")
        parts = []
        for name in by.index:
            share, low, high = (100.0 * value for value in _numbers(by, str(name), "share"))
            parts.append(f"{name} in {share:.0f} %" + (f" ({low:.0f} to {high:.0f})" if low < high else ""))
        best = "; lowest is best" if BEST.get(str(outcome)) == "lowest" else ""
        lines.append(f"{outcome}, week {rows.week.iloc[0]}: {', '.join(parts)} of neighbourhoods{best}")
    return lines
