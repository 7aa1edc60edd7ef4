"""A comparison printed: differences with intervals, who gains and who loses, and what the intervals do not say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from rich.table import Table

from experiments.calibration.posterior import CAUTION
from experiments.contrasts.comparison import Comparison
from experiments.contrasts.geography import is_neighbourhood
from experiments.contrasts.mechanisms import BOTH, CHANNELS, FIRST, GAP, INTERACTION, LAST, LEFT, Attribution
from experiments.contrasts.neighbourhoods import (
    GAINS,
    HIGHER,
    LOSES,
    LOWER,
    at_last_week,
    count_beyond,
    end_in,
    extremes,
    in_a_line,
)
from experiments.contrasts.spreads import assumptions_vary, names_are_labels, speaks_of
from experiments.councils import saying_nothing
from experiments.languages import group_in_words
from experiments.screen import Screen
from experiments.statistics import LEAST, LEAST_IN_SD, bonferroni
from experiments.study.runner import RETRY
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import KINDS
from experiments.sweeps.stopping import looks
from experiments.sweeps.tables import Sweep
from experiments.units import POINTS, factor_of, in_per_cent, in_words, unit_of
from sim.outcome import CITY, LOWEST, known

KIND_ORDER = [kind for kind in KINDS if kind != "neighbourhood"]
MOST_GAIN = 1_000.0
"""Largest variance reduction by pairing that is printed as a number."""

MOST_DIGITS = 9

UNITS_WRITTEN = (POINTS, "bn toman", "people", "ties")
"""Units that do not follow from an outcome's name."""

SHOWN_BY_GROUP = {
    "trust_in_municipality": "trust in municipality",
    "participation_rate": f"participation, {POINTS}",
    "performance": "services as perceived",
    "below_floor_share": f"badly served, {POINTS}",
}
"""Outcomes printed by group, and the heads of their columns."""

MOST_MOVED = {GAINS: "gains most", LOSES: "loses most", HIGHER: "highest", LOWER: "lowest"}

OUTCOMES_OF_MECHANISMS = ("trust_in_municipality", "participation_rate", "hope")


def per_cent(share: float) -> str:
    """A level in per cent, such as ``98.3 %``."""
    return f"{100.0 * share:.3g} %"


def runs_of(experiment: Experiment, replications: int) -> str:
    """How often each policy was run, where, and at which scale, such as ``20 replications each in one place (…)``."""
    run = experiment.base.run
    where = f"one place (seed {run.place_seed})" if experiment.places == 1 else f"each of {experiment.places} places"
    return f"{replications} replications of each policy in {where}, scale {run.scale:g}"


def cautions(experiment: Experiment) -> tuple[str, ...]:
    """What the intervals of an experiment cover, and what they do not, one sentence each."""
    seen = looks(experiment.replications)
    unsaid = "how far the model is from the real city"
    if experiment.places == 1:
        unsaid = f"what happens in other places, or {unsaid}"
    lines = [
        f"Intervals are {per_cent(bonferroni(0.95, seen))} confidence intervals of paired differences over "
        f"{speaks_of(experiment)}, with common random numbers, under the model's assumptions; they do not cover "
        f"{unsaid}.",
        "There is no correction for the number of intervals: without any effect, one in twenty 95 % intervals still "
        "excludes 0.",
    ]
    if seen > 1:
        lines += [
            f"Intervals are widened by a Bonferroni correction for {seen} looks, so that they hold at 95 % although "
            "the runs may stop early."
        ]
    singly = "The 5-95 % range and the shares of better and worse are over single"
    if experiment.places > 1:
        lines += [f"{singly} places, each the mean over its replications."]
    elif assumptions_vary(experiment):
        lines += [
            "Assumptions differ between replications (or rows of a sample): an interval is for their average.",
            f"{singly} replications (or rows), random variation included.",
        ]
    return tuple(lines)


def named_with_unit(outcome: str) -> str:
    """An outcome with its unit, unless the unit is a scale from 0 to 1 or a count that follows from the name."""
    unit = unit_of(outcome)
    return f"{outcome}, {unit}" if unit in UNITS_WRITTEN else outcome


def no_councils(policies: Sequence[str]) -> str:
    """Which of the reported outcomes are not ranked because there are no councils, and why."""
    names = saying_nothing(CITY.compared)
    one = len(names) == 1
    return (
        f"{', '.join(names)} {'is' if one else 'are'} not ranked: without councils ({', '.join(policies)}) "
        f"{'it has' if one else 'they have'} no meaning."
    )


def group_name(group: str) -> str:
    """A group in words."""
    return group_in_words(group, "en")


def sort_groups(groups: Sequence[str]) -> list[str]:
    """Groups in the order in which they are shown; single neighbourhoods are not shown among them."""
    order = {f"{kind}={name}": place for place, (kind, name) in enumerate((k, n) for k in KIND_ORDER for n in KINDS[k])}
    shown = [group for group in groups if not is_neighbourhood(group)]
    return sorted(shown, key=lambda group: order.get(group, len(order)))


def signed(value: float, digits: int) -> str:
    """A difference with its sign; 0 has none."""
    text = f"{value:+,.{digits}f}"
    return text.lstrip("+-") if float(text.replace(",", "")) == 0.0 else text


def digits_of(*values: float) -> int:
    """Decimals that show two figures of the largest of the sizes; four where they do."""
    sizes = [abs(value) for value in values if value == value and value != 0.0]
    if not sizes:
        return 3
    largest = max(sizes)
    if largest >= 1.0:
        return 0 if largest >= 100.0 else 1 if largest >= 10.0 else 2
    return max(4, min(MOST_DIGITS, 1 - math.floor(math.log10(largest))))


def in_unit(outcome: str, *values: float) -> tuple[int, list[float]]:
    """Values in the unit in which an outcome is shown, and with how many decimals; a share of 0.0123 is 1.23 %."""
    digits = digits_of(*values)
    if not in_per_cent(outcome):
        return digits, list(values)
    return max(digits - 2, 0), [100.0 * value for value in values]


def interval(difference: float, low: float, high: float, outcome: str = "") -> str:
    """Such as ``+0.0123 (+0.0045 to +0.0201)``; without bounds where all replications differ by the same.

    Args:
        difference, low, high: as tables have them.
        outcome: whose; in percentage points if it is a share of people.
    """
    digits, (difference, low, high) = in_unit(outcome, difference, low, high)
    if difference != difference:
        return ""
    if low == high == 0.0:
        return "the same"
    if low != low:
        return signed(difference, digits)
    if low == high:
        return f"{signed(difference, digits)} each time"
    return f"{signed(difference, digits)} ({signed(low, digits)} to {signed(high, digits)})"


def level(value: float, outcome: str) -> str:
    """A level, such as ``0.5123``; of a share of people in per cent, ``1.23 %``."""
    digits, (shown,) = in_unit(outcome, value)
    return f"{shown:,.{digits}f}" + (" %" if in_per_cent(outcome) else "")


def give_or_take(difference: float, low: float, high: float, outcome: str = "") -> str:
    """Such as ``+0.0123 ± 0.0078``; arguments as for `interval`."""
    digits, (difference, low, high) = in_unit(outcome, difference, low, high)
    if difference != difference:
        return ""
    if low == high == 0.0:
        return "the same"
    if low != low:
        return signed(difference, digits)
    if low == high:
        return f"{signed(difference, digits)} each time"
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
    console.print(f"{', '.join(found.policies)} compared with {found.base}, week {week}", style="bold")
    for name, title in found.titles.items():
        if title != name:
            console.print(f"{name}: {title}")
    stopped = "; stopped early, because the best policy is known" if found.settled else ""
    posterior = found.sweep.experiment.posterior
    console.print(f"{runs_of(found.sweep.experiment, found.replications)}{stopped}")
    if found.settled:
        console.print("Early stopping favours the replications in which the leader does well, so differences are")
        console.print("overestimated: for results to publish, use --all-replications.")
    if posterior is not None:
        console.print(f"Behaviour is drawn from a posterior, {posterior.path.name}. {CAUTION}")
    _print_failures(console, found.sweep)
    for policy in found.policies:
        pairs = found.pairs[policy]
        with_failures = f", {pairs} replications in which both runs succeeded" if len(found.sweep.failures) else ""
        console.print(f"\n{policy} less {found.base}{with_failures}", style="bold")
        if not pairs:
            continue
        console.print(_outcomes(found, policy, week, console))
        console.print(f"\nWho gains and who loses: {policy} less {found.base}", style="bold")
        console.print(_groups(found, policy, week, console))
        for line in _places(found, policy):
            console.print(line)
        _print_named(found, policy, console)
    console.print("")
    console.print(_chance_of_base(found, week))
    if found.councilless:
        console.print(no_councils(found.councilless))
    console.print(" ".join(cautions(found.sweep.experiment)))
    if found.geography is not None:
        console.print(
            "The neighbourhoods named are selected because they are extreme, so their differences are overestimates; "
            "their intervals are simultaneous: they hold for all neighbourhoods together. "
            + names_are_labels(found.sweep.experiment)
        )
    console.print(
        f"By convention the best value is the highest; for {', '.join(_lowest_is_best())} it is the lowest. "
        "Probabilities of being best refer to the mean, under these assumptions. By convention a neighbourhood "
        f"is higher or lower if it differs by more than {LEAST_IN_SD:g} standard deviations between neighbourhoods "
        f"under {found.base}, and by more than {LEAST:g}. Shares of people are in per cent, differences of them in "
        f"percentage points ({POINTS}); trust, services and other outcomes without a unit are from 0 to 1, or counts."
    )


def _lowest_is_best() -> list[str]:
    """Reported outcomes whose lowest value is the best."""
    return [name for name in CITY.compared if CITY.outcomes[name].better == LOWEST]


def print_attribution(found: Attribution) -> None:
    """Print the decomposition of a gap."""
    console = Screen()
    table = found.table
    week = int(table.week.max())
    console.print(f"Where the gap comes from: {found.policy} less {found.base}, week {week}", style="bold")
    _print_failures(console, found.sweep)
    city = table[(table.group == "") & (table.week == week)]
    for outcome in OUTCOMES_OF_MECHANISMS:
        console.print("")
        console.print(_parts(city[city.outcome == outcome], outcome, console))
    console.print("")
    uneven = city.replications.nunique() > 1
    if uneven:
        console.print(
            "In brackets: number of replications with all runs that a part needs. Parts from different replications "
            "need not sum to the gap."
        )
    console.print(
        f"{'Up to ' if uneven else ''}{int(city.replications.max())} replications of every variant, "
        f"scale {found.sweep.experiment.base.run.scale:g}. A channel is switched off under both policies. Left out of "
        "the whole, its part is the whole gap less the gap without it; alone, its part is the gap with this channel "
        "only less the gap without any channel. Together with the remainder and the interaction of channels, each "
        "column sums to the gap. If the interaction is large, or a channel differs between the columns, the "
        "decomposition has no clear meaning; a small interaction does not prove that it has. For what each channel "
        "switches off, see docs/contrasts.md."
    )
    console.print(" ".join(cautions(found.sweep.experiment)))


def _parts(rows: pd.DataFrame, outcome: str, screen: Screen) -> Table:
    """Parts of one outcome's gap: a row each, the two ways of counting side by side."""
    table, uneven = screen.table([named_with_unit(outcome), LAST, FIRST]), rows.replications.nunique() > 1
    for part in (GAP, *CHANNELS, LEFT, INTERACTION):
        by = rows[rows.part == part].set_index("counted")
        names = [name if name in by.index else BOTH for name in (LAST, FIRST)]
        counts = [f" [{by.replications[name]}]" if uneven else "" for name in names]
        cells = [interval(*_numbers(by, name, "value"), outcome) for name in names]
        table.add_row(part, *(cell + count for cell, count in zip(cells, counts, strict=True)))
    return table


def _print_failures(console: Screen, sweep: Sweep) -> None:
    if len(sweep.failures):
        console.print(
            f"{len(sweep.failures)} runs failed: see failures.parquet; {RETRY} repeats them. Numbers are from the "
            "replications in which all the runs needed succeeded."
        )


def _outcomes(found: Comparison, policy: str, week: int, screen: Screen) -> Table:
    rows = found.contrasts
    rows = rows[(rows.policy == policy) & (rows.week == week) & (rows.group == "")]
    of_base = found.means
    of_base = of_base[(of_base.policy == found.base) & (of_base.week == week) & (of_base.group == "")]
    bases = of_base.set_index("outcome")["mean"]
    more = ["5-95 % range", "better/worse"] if found.more_than_luck_varies else ["pairing gains"]
    sure = per_cent(bonferroni(0.95, found.looks))
    table = screen.table(["", found.base, f"difference ({sure} interval)", "likely best", *more])
    for _, row in rows.iterrows():
        outcome = str(row.outcome)
        table.add_row(
            named_with_unit(outcome),
            level(float(bases[outcome]), outcome),
            interval(row.difference, row.low, row.high, outcome),
            "" if row.low == row.high else chance(row.probability_best),
            *(_singly(row) if found.more_than_luck_varies else [_gain(row.variance_reduction)]),
        )
    return table


def _chance_of_base(found: Comparison, week: int) -> str:
    """Probability that the base is best in the ranking outcome: 1 minus the sum of the policies' probabilities."""
    rows = found.contrasts
    rows = rows[(rows.outcome == found.ranked_by) & (rows.week == week) & (rows.group == "")]
    left = 1.0 - float(rows.probability_best.sum(skipna=False))
    return f"Probability that {found.base} itself is best in {found.ranked_by}: {chance(left) or 'not known'}"


def _gain(times: float) -> str:
    if times > MOST_GAIN:
        return f"over {MOST_GAIN:,.0f} times"
    return "" if times != times else f"{times:,.1f} times" if times < 100.0 else f"{times:,.0f} times"


def _singly(row: pd.Series) -> list[str]:
    """Of single differences: their 5-95 % range, and the percentages in which the policy is better and worse."""
    if not any((row.spread_low, row.spread_high, row.share_better, row.share_worse)):
        return ["the same", ""]
    digits, (low, high) = in_unit(str(row.outcome), row.spread_low, row.spread_high)
    spread = f"{signed(low, digits)} to {signed(high, digits)}"
    ranked = row.share_better == row.share_better
    return [spread, f"{100.0 * row.share_better:.0f}/{100.0 * row.share_worse:.0f} %" if ranked else ""]


def _groups(found: Comparison, policy: str, week: int, screen: Screen) -> Table:
    rows = found.contrasts
    rows = rows[(rows.policy == policy) & (rows.week == week) & rows.outcome.isin(SHOWN_BY_GROUP) & (rows.group != "")]
    table = screen.table(["", *SHOWN_BY_GROUP.values()])
    for group in sort_groups(list(rows.group.unique())):
        own = rows[rows.group == group].set_index("outcome")
        table.add_row(group_name(group), *(give_or_take(*_numbers(own, name), name) for name in SHOWN_BY_GROUP))
    return table


def _numbers(rows: pd.DataFrame, name: str, value: str = "difference") -> tuple[float, float, float]:
    """Difference, low and high of the row of a name."""
    found = rows.loc[[name], [value, "low", "high"]].to_numpy(dtype=float)[0]
    return float(found[0]), float(found[1]), float(found[2])


def _print_named(found: Comparison, policy: str, screen: Screen) -> None:
    """Print which neighbourhoods gain and lose most under a policy, if they are the same in all runs."""
    outcome = found.named_by
    rows = at_last_week(found.contrasts)
    rows = rows[(rows.policy == policy) & (rows.outcome == outcome)]
    if rows.difference.isna().all():
        return
    ranked = end_in(rows, outcome) is not None
    ends = "gain most / lose most" if ranked else "are highest / lowest"
    screen.print(
        f"\nNeighbourhoods that {ends}: {SHOWN_BY_GROUP.get(outcome, in_words(outcome))}, {policy} less {found.base} "
        f"(week {rows.week.iloc[0]}; simultaneous intervals for all {len(rows)})",
        style="bold",
    )
    said = in_a_line(count_beyond(found.contrasts, policy, outcome), ranked=ranked)
    screen.print(said)
    table = screen.table(["", "neighbourhood", "difference (interval)", "interval excludes 0"])
    table.columns[1].justify = "left"
    named = extremes(found.contrasts, policy, outcome)
    for direction in (GAINS, LOSES) if ranked else (HIGHER, LOWER):
        own = named[named.direction == direction]
        if own.empty:
            table.add_row(MOST_MOVED[direction], "none", "", "")
        for place, (_, row) in enumerate(own.iterrows()):
            low, high = row.simultaneous_low, row.simultaneous_high
            told = "not known" if low != low else "yes" if row.leaves_out_0 else "no"
            first = MOST_MOVED[direction] if place == 0 else ""
            table.add_row(first, str(row["name"]), interval(row.difference, low, high, outcome), told)
    screen.print(table)


def _places(found: Comparison, policy: str) -> list[str]:
    """In how many neighbourhoods each outcome is better and worse."""
    shares = found.neighbourhoods
    lines = []
    for outcome, rows in shares[shares.policy == policy].groupby("outcome", sort=False):
        by = rows.set_index("direction")
        unit = f" {POINTS}" if in_per_cent(str(outcome)) else ""
        least, parts = f"{factor_of(str(outcome)) * rows.least.iloc[0]:.2g}{unit}", []
        for name in by.index:
            share, low, high = (100.0 * value for value in _numbers(by, str(name), "share"))
            what = f"within ±{least} of it" if name == "same" else str(name)
            parts.append(f"{what} in {share:.0f} %" + (f" ({low:.0f} to {high:.0f})" if low < high else ""))
        declared = known(str(outcome))
        best = "; lowest is best" if declared is not None and declared.better == LOWEST else ""
        lines.append(f"{outcome}, week {rows.week.iloc[0]}: {', '.join(parts)} of neighbourhoods{best}")
    return lines
