"""From the outcomes of a sweep to contrasts: long tables of differences from a base."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.contrasts.arms import Arms, Asked, Runs, arm_named, arms_of, settings_of, split_label
from experiments.contrasts.bases import bases_of, levers_of
from experiments.contrasts.geography import identified, is_neighbourhood, map_of, number_of
from experiments.contrasts.spreads import spread_over
from experiments.statistics import (
    LEAST,
    LEAST_IN_SD,
    bonferroni,
    least_difference,
    middle_range,
    probability_best,
    shares_better_and_worse,
    variance_reduction,
)
from experiments.sweeps.agreeing import column_of
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import NEIGHBOURHOOD
from experiments.sweeps.stopping import looks
from sim.cautions import caution
from sim.outcome import HIGHEST

Floats = NDArray[np.float64]

SHARE_COLUMNS = [
    "policy", "base", "outcome", "week", "direction", "better", "share", "low", "high", "replications", "sample_rows",
    "confidence", "least",
]  # fmt: skip

KEYS = ["policy", "base", "outcome", "week", "group"]
COLUMNS = [
    *KEYS, "difference", "low", "high", "probability_best", "variance_reduction", "replications", "sample_rows",
    "confidence", "spread_low", "spread_high", "share_better", "share_worse", "spread_over", "name",
    "simultaneous_low", "simultaneous_high",
]  # fmt: skip

NO_PLACE = ("", float("nan"), float("nan"))
"""Name and simultaneous interval of a group that is no neighbourhood."""


def _say_if_luck_is_unknown(arms: Arms) -> None:
    if arms.sampled and arms.values.shape[2] < 2:
        caution(
            "rows of a sample, and places, share their seeds: with one replication luck is not known, so there are no "
            "intervals"
        )


def level_of(experiment: Experiment, confidence: float = 0.95) -> float:
    """Level of each interval; higher if a ranking may stop the runs, so that `confidence` holds over all looks.

    It does not depend on whether the runs did stop early: an interval at the last look has passed the earlier looks.
    """
    return bonferroni(confidence, looks(experiment.replications))


def contrasts(sweep: Runs, base: Asked, confidence: float = 0.95, arms: Arms | None = None) -> pd.DataFrame:
    """Differences of every arm of a sweep from a base, paired by replication (or row of the sample, see `Arms`).

    A replication counts for an arm if both the arm and the base have a value. There is no correction for the number of
    comparisons: without any effect, one in twenty 95 % intervals excludes 0. The one exception is a second interval
    of single neighbourhoods, which is simultaneous for all neighbourhoods of an outcome, arm and week (Bonferroni), so
    that the best and the worst may be selected from them. If points have different maps (`identified`), single
    neighbourhoods are left out.

    Rows of a sample share the seeds of their replications, so the noise does not average out over rows: their interval
    is from the crossed layout of rows and replications (`crossed_interval`); with one replication there is none.

    The interval is for the mean difference and narrows with more replications. The spread is that of the single
    differences and does not narrow: if assumptions are sampled or drawn from a posterior, it shows how much the
    differences vary, noise included, and the shares say in how many of them the policy is better and worse.

    Args:
        sweep: a sweep; its arms are its policies, with the values of its levers.
        base: the arm to compare with: its name, the name or title of its policy, or what is set there (`arm_named`). If
            several arms fit, as of a policy crossed with levers, each arm is compared with the one of the same levers
            (`bases_of`); arms without such a one are left out, and a caution names them.
        confidence: of the intervals; where a ranking may stop the runs, over all its looks together (`level_of`).
        arms: of the sweep, if they are known already.

    Returns:
        One row an arm, outcome, week (-1: over weeks) and group (such as ``cohort=youth``; empty for the city): policy,
        base, outcome, week, group, difference, low, high (units of the outcome), probability_best (among all arms, the
        base included; nan where no end is better, see `better_end`), variance_reduction, replications and sample_rows
        (where both have a value; one row where nothing is sampled); confidence (of low and high), spread_low,
        spread_high (5 and 95 % quantiles of the single differences), share_better, share_worse (of the single
        differences; nan where no end is better), spread_over (`spreads.LUCK` and so on); name (English, of a
        neighbourhood; empty for other groups), simultaneous_low, simultaneous_high (nan for other groups); then a
        column for each lever by its key, with the policy's value (lists as JSON).

    Raises:
        ConfigError: no such arm, or a faulty file of neighbourhoods.
    """
    arms, bases = arms or arms_of(sweep), bases_of(sweep.experiment, base)
    _say_if_some_are_left_out(arms, bases)
    _say_if_luck_is_unknown(arms)
    of_neighbourhoods = _of_neighbourhoods(arms)
    names = map_of(sweep.experiment).names if of_neighbourhoods and identified(sweep.experiment) else ()
    level, over = level_of(sweep.experiment, confidence), spread_over(sweep.experiment)
    places = {name: place for place, name in enumerate(arms.names)}
    rows = []
    for (label, week), cells in zip(arms.labels, arms.values, strict=True):
        outcome, group = split_label(label)
        single = is_neighbourhood(group)
        if single and not names:
            continue
        for_all = bonferroni(level, len(of_neighbourhoods[outcome, week])) if single else level
        end = arms.end_of(outcome)
        best = _probabilities(arms, cells, end)
        for name, own_base in bases.items():
            if name == own_base:
                continue
            pair = cells[..., [places[own_base], places[name]]]
            units = arms.units(pair)
            differences = units[:, 1] - units[:, 0]
            laid_out = arms.laid_out(pair)
            gained = variance_reduction(laid_out[..., 0], laid_out[..., 1])
            apart = pair[..., 1] - pair[..., 0]
            mean = arms.interval(apart, level)
            place = (names[number_of(group)], *arms.interval(apart, for_all)[1:]) if single else NO_PLACE
            means_of_them = (*mean, best[places[name]], gained, *arms.counts(pair), level)
            singly = (*middle_range(differences), *_better_and_worse(differences, end), over)
            rows.append((name, own_base, outcome, week, group, *means_of_them, *singly, *place))
    return _with_levers(_with_common_widths(pd.DataFrame(rows, columns=COLUMNS)), sweep.experiment)


def _say_if_some_are_left_out(arms: Arms, bases: Mapping[str, str]) -> None:
    if alone := [name for name in arms.names if name not in bases]:
        caution(f"the base was not run at the same levers as {'; '.join(alone)}: no difference from it")


def _with_levers(table: pd.DataFrame, experiment: Experiment) -> pd.DataFrame:
    """The table with a column for each lever, as the table of runs has them."""
    settings = settings_of(experiment)
    values = {key: column_of([settings[name].get(key) for name in table.policy]) for key in levers_of(experiment)}
    return table.assign(**{key: column.to_pandas() for key, column in values.items()})


def _with_common_widths(table: pd.DataFrame) -> pd.DataFrame:
    """Widen simultaneous intervals to the root mean square width of all neighbourhoods of an outcome, week and policy.

    The tails of Student's t are valid only for normal differences. Differences of a neighbourhood are often skewed or
    discrete, and intervals with a spread that is small by chance then miss the true value. So each spread is taken to
    be at least the average one. If every replication has the same value under both policies, nothing is widened.
    """
    single = table.group.map(is_neighbourhood).astype(bool)
    half = 0.5 * (table.simultaneous_high - table.simultaneous_low).where(single)
    squares = half.pow(2).groupby([table[name] for name in ("policy", "outcome", "week")])
    common = np.sqrt(squares.transform("mean"))
    wider = half.where((half >= common) | ((half == 0.0) & (table.difference == 0.0)), common)
    return table.assign(
        simultaneous_low=(table.difference - wider).where(single & half.notna()),
        simultaneous_high=(table.difference + wider).where(single & half.notna()),
    )


def means(sweep: Runs, arms: Arms | None = None) -> pd.DataFrame:
    """Mean of each outcome in each arm: policy, outcome, week, group, mean, replications, sample_rows."""
    arms, rows = arms or arms_of(sweep), []
    for (label, week), cells in zip(arms.labels, arms.values, strict=True):
        outcome, group = split_label(label)
        for place, name in enumerate(arms.names):
            own = arms.units(cells[..., [place]])
            mean = float(own.mean()) if own.size else float("nan")
            rows.append((name, outcome, week, group, mean, *arms.counts(cells[..., [place]])))
    return pd.DataFrame(rows, columns=["policy", "outcome", "week", "group", "mean", "replications", "sample_rows"])


def contrast_of_contrasts(
    sweep: Runs, first: tuple[Asked, Asked], second: tuple[Asked, Asked], confidence: float = 0.95
) -> pd.DataFrame:
    """Difference of two differences: (a - b) - (c - d), paired by replication.

    For example, whether delegation has a larger effect with a school than with a mosque. A replication has common
    random numbers in all four arms and counts if all four have a value. The interval is as for contrasts.

    Args:
        sweep: a sweep.
        first: the arms a and b, as `arm_named` takes them.
        second: the arms c and d.
        confidence: of the intervals; there is no correction for the number of comparisons.

    Returns:
        One row an outcome, week (-1: over weeks) and group: outcome, week, group, first, second (mean of a - b and of
        c - d), difference (of these two), low, high, replications, sample_rows, confidence.

    Raises:
        ConfigError: no such arm.
    """
    arms = arms_of(sweep)
    _say_if_luck_is_unknown(arms)
    four = [arms.names.index(arm_named(sweep.experiment, asked)) for asked in (*first, *second)]
    level, rows = level_of(sweep.experiment, confidence), []
    for (label, week), cells in zip(arms.labels, arms.values, strict=True):
        own = cells[..., four]
        units = arms.units(own).mean(axis=0) if arms.units(own).size else np.full(4, np.nan)
        apart = (own[..., 0] - own[..., 1]) - (own[..., 2] - own[..., 3])
        means_of_them = (units[0] - units[1], units[2] - units[3], *arms.interval(apart, level))
        rows.append((*split_label(label), week, *means_of_them, *arms.counts(own), level))
    columns = ["outcome", "group", "week", "first", "second", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "replications", "sample_rows", "confidence"])


def neighbourhood_shares(
    sweep: Runs, base: Asked, confidence: float = 0.95, least_in_sd: float = LEAST_IN_SD, least: float = LEAST
) -> pd.DataFrame:
    """In how many neighbourhoods an outcome is higher, lower or about the same as under the base: shares of them.

    Within a replication the neighbourhoods are the same under all policies, so each is compared with itself; only the
    shares are averaged over replications (and rows of a sample), whether or not these have one map (`identified`). A
    difference counts if it is larger than the least one, the same for all policies.
    Without an effect, equally many are higher and lower by chance.

    Args:
        sweep, base, confidence: as for `contrasts`.
        least_in_sd: least difference, in standard deviations between neighbourhoods under the base (`spread_between`).
        least: least difference in units of the outcome, whatever the deviation; with both 0 any difference counts.

    Returns:
        One row an arm, outcome, week and direction (higher, lower, same): policy, base, outcome, week, direction,
        better (whether the direction is the better end; None if there is none), share, low, high, replications,
        sample_rows, confidence (of low and high), least (units of the outcome).

    Raises:
        ConfigError: no such arm.
    """
    arms, base = arms_of(sweep), arm_named(sweep.experiment, base)
    _say_if_luck_is_unknown(arms)
    level, place_of_base = level_of(sweep.experiment, confidence), arms.names.index(base)
    rows = []
    if not _of_neighbourhoods(arms):
        caution(f"no outcome of neighbourhoods was kept: put name[{NEIGHBOURHOOD}=*] among the outcomes")
    for (outcome, week), slices in _of_neighbourhoods(arms).items():
        values = arms.values[slices]
        of_base = values[..., place_of_base]
        if np.isnan(of_base).all():
            continue
        enough = least_difference(of_base, least_in_sd, least)
        for place, name in enumerate(arms.names):
            if name == base or np.isnan(values[..., place]).all():
                continue
            for direction, shares in _shares_of_directions(values[..., place] - of_base, enough).items():
                share, low, high = arms.interval(shares, level)
                bounds = (share, max(low, 0.0), min(high, 1.0), *arms.counts(shares[..., None]), level, enough)
                rows.append(
                    (name, base, outcome, week, direction, _is_better(arms.end_of(outcome), direction), *bounds)
                )
    return pd.DataFrame(rows, columns=SHARE_COLUMNS)


def _shares_of_directions(differences: Floats, enough: float) -> dict[str, Floats]:
    """Of each row and replication, shares of neighbourhoods whose difference is above, below and within the least.

    Args:
        differences: (neighbourhoods, rows, replications), nan where there is none.

    Returns:
        by direction (rows, replications), nan where no neighbourhood has a difference.
    """
    known = ~np.isnan(differences)
    number = known.sum(axis=0)
    higher, lower = differences > enough, differences < -enough
    flags = {"higher": higher, "lower": lower, "same": known & ~higher & ~lower}
    nothing = np.full(number.shape, np.nan)
    return {
        name: np.divide(counted.sum(axis=0), number, out=nothing.copy(), where=number > 0)
        for name, counted in flags.items()
    }


def _is_better(end: str | None, direction: str) -> bool | None:
    """Whether a direction is the better end of an outcome; None if neither is."""
    return None if end is None or direction == "same" else (direction == "higher") == (end == HIGHEST)


def _better_and_worse(differences: Floats, end: str | None) -> tuple[float, float]:
    if end is None:
        return float("nan"), float("nan")
    return shares_better_and_worse(differences, highest=end == HIGHEST)


def _of_neighbourhoods(arms: Arms) -> dict[tuple[str, int], list[int]]:
    """Where the neighbourhoods of each outcome and week stand among the labels."""
    found: dict[tuple[str, int], list[int]] = {}
    for place, (label, week) in enumerate(arms.labels):
        outcome, group = split_label(label)
        if is_neighbourhood(group):
            found.setdefault((outcome, week), []).append(place)
    return found


def _probabilities(arms: Arms, cells: Floats, end: str | None) -> Floats:
    """Of each arm to be best, (arms,); nan where neither end of the outcome is."""
    if end is None:
        return np.full(len(arms.names), np.nan)
    return probability_best(arms.laid_out(cells), highest=end == HIGHEST)
