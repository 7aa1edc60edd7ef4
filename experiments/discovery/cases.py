"""The cases of scenario discovery: points of a sweep, what was assumed at each, and whether the policy failed there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.contrasts.arms import label_in_words
from experiments.contrasts.titles import titles_of
from experiments.discovery.words import persian_number
from experiments.sensitivity.analysis import values_of, without_meaning
from experiments.statistics import half_width, one_sided
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.pairs import partners
from experiments.sweeps.tables import Sweep
from experiments.titles import title_of
from sim.errors import ConfigError
from sim.reading import nearest
from sim.wording import printable

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cases:
    """Points of one policy, and where it fails.

    Attributes:
        assumptions: one row per point, one column per key that varies among them.
        values: of the outcome, averages over replications, or differences from the base, (points,).
        fails: whether the policy clearly fails, (points,).
        unclear: whether a point is inconclusive because of noise, (points,).
        by_luck: share of points at the threshold that fail by chance; 0 if noise is not accounted for.
        outcome, policy, base: what was judged; `base` is empty where the outcome itself was.
        sentence: the criterion, such as "hope:last of base is below 0.4".
        threshold: beyond which a point fails.
        below: whether less than that fails; else more.
        notes: what was left out, or should be known of the criterion.
        sentence_fa, notes_fa: the same in Persian.
    """

    assumptions: pd.DataFrame
    values: Floats
    fails: Flags
    unclear: Flags
    by_luck: float
    outcome: str
    policy: str
    base: str
    sentence: str
    notes: tuple[str, ...]
    sentence_fa: str
    notes_fa: tuple[str, ...]
    threshold: float = 0.0
    below: bool = True


def cases(
    sweep: Sweep,
    outcome: str,
    *,
    below: float | None = None,
    above: float | None = None,
    policy: str | None = None,
    base: str | None = None,
    confidence: float = 0.95,
) -> Cases:
    """Judge each point of a policy by the confidence interval of the average over its replications.

    A point fails if the one-sided confidence bound of the average, by Student's t over its own replications, is beyond
    the threshold. It holds if the bound on the other side is on the good side of the threshold. In between it is
    inconclusive (`unclear`) and does not count as a failure. The spread is estimated for each point separately, because
    the noise differs between points: where the policy changes little, pairs of runs hardly differ.

    Args:
        sweep: with any design of several points.
        outcome: an outcome's label, or its column where only one outcome has it.
        below, above: it fails where the outcome is below or above this; exactly one of the two. With a base,
            `below` is 0 if neither is given.
        policy: which, if there are several.
        base: judge the paired difference from this policy: same assumptions, same levers, same seed.
        confidence: of the bound; 0.5 judges by the average alone, and so is a sweep of one replication judged.

    Raises:
        ConfigError: outcome, policy, base, threshold or confidence do not fit the sweep.
    """
    if base is not None and below is None and above is None:
        below = 0.0
    if (below is None) == (above is None):
        raise ConfigError("give one of --fails-below and --fails-above")
    if not 0.5 <= confidence < 1.0:
        raise ConfigError(f"must be at least 0.5 and below 1, not {confidence:g}", source="--confidence")
    arrays = values_of(sweep)
    label = _label(outcome, list(arrays))
    policy = _judged_policy(sweep, policy, base)
    values, places = arrays[label], _places(sweep, policy)
    if base is not None:
        values = values - values[partners(sweep.experiment, base)]
    values = values[places]
    there = np.isfinite(values)
    counted = there.any(axis=1)
    averages, margins = _averages(values[counted], confidence)
    frame, gaps = _assumptions(sweep, places[counted])
    threshold = above if above is not None else below
    assert threshold is not None
    beyond = averages - threshold if above is not None else threshold - averages
    titles = {name: _in_persian(sweep.experiment, name) for name in (policy, base) if name is not None}
    sentence, sentence_fa = _sentences(label, policy, base, below is not None, threshold, titles)
    fails, holds = beyond > margins, beyond <= -margins
    by_luck = 0.0 if there.shape[1] == 1 or confidence == 0.5 else 1.0 - confidence
    empty = base if base is not None and label in without_meaning(sweep.experiment, base) else ""
    notes = tuple(_notes(counted, there, by_luck, gaps, empty, titles))
    unclear = ~(fails | holds)
    return Cases(
        frame,
        averages,
        fails,
        unclear,
        by_luck,
        label,
        policy,
        base or "",
        sentence,
        tuple(english for english, _ in notes),
        sentence_fa,
        tuple(persian for _, persian in notes),
        threshold,
        below is not None,
    )


def _judged_policy(sweep: Sweep, policy: str | None, base: str | None) -> str:
    """The policy to judge: the one named, or the only one beside the base."""
    names = list(dict.fromkeys(point.policy for point in sweep.experiment.points))
    others = [name for name in names if name != base]
    if base is not None:
        _refuse_unknown(base, names, "--base")
        if not others:
            raise ConfigError(f"{base} is the sweep's only policy; there is none to compare with it", source="--base")
    if policy is None and len(others) != 1:
        raise ConfigError(f"the sweep has several policies; name one: {', '.join(others)}", source="--policy")
    policy = others[0] if policy is None else policy
    if policy == base:
        raise ConfigError(f"{policy} is the base itself; allowed here: {', '.join(others)}", source="--policy")
    _refuse_unknown(policy, others, "--policy")
    return policy


def _in_persian(experiment: Experiment, policy: str) -> str:
    return titles_of(experiment, "fa").get(policy, policy)


def _sentences(
    label: str, policy: str, base: str | None, is_below: bool, threshold: float, titles: Mapping[str, str]
) -> tuple[str, str]:
    """What failing means, in English by names and in Persian by titles."""
    less, less_fa = (f" less that of {base}", f" منهای همان در «{titles[base]}»") if base is not None else ("", "")
    than = f"{'کمتر' if is_below else 'بیشتر'} از {persian_number(threshold)}"
    english = f"{label} of {policy}{less} is {'below' if is_below else 'above'} {threshold:g}"
    return english, f"{label_in_words(label, 'fa')} در «{titles[policy]}»{less_fa} {than} باشد"


def _averages(values: Floats, confidence: float) -> tuple[Floats, Floats]:
    """The average of each point, and how far from it a one-sided confidence bound lies.

    Args:
        values: (points, replications), NaN where a run failed; at least one value a point.
        confidence: of the bound.

    Returns:
        averages and margins, (points,). A margin is infinite where one value is left of several, and 0 if no point was
        run more than once.
    """
    counts = np.isfinite(values).sum(axis=1)
    averages = np.nanmean(values, axis=1)
    if values.shape[1] == 1 or confidence == 0.5:
        return averages, np.zeros_like(averages)
    freedom = np.maximum(counts - 1, 1)
    variances = np.nansum((values - averages[:, None]) ** 2, axis=1) / freedom
    margins = half_width(np.sqrt(variances), np.maximum(counts, 2), one_sided(confidence))
    return averages, np.where(counts > 1, margins, np.inf)


def _label(outcome: str, labels: Sequence[str]) -> str:
    found = [label for label in labels if label == outcome] or [
        label for label in labels if label.partition(":")[0] == outcome
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"stands for {', '.join(found)}; write one of them", source="--outcome")
    near = nearest(outcome, labels) or f"; the sweep has {', '.join(labels)}"
    raise ConfigError(f'no such outcome in the sweep: "{printable(outcome)}"{near}', source="--outcome")


def _refuse_unknown(name: str, names: Sequence[str], option: str) -> None:
    if name not in names:
        near = nearest(name, names) or f"; allowed here: {', '.join(names)}"
        raise ConfigError(f'no such policy in the sweep: "{printable(name)}"{near}', source=option)


def _places(sweep: Sweep, policy: str) -> NDArray[np.int64]:
    return np.array([point.number for point in sweep.experiment.points if point.policy == policy])


def _assumptions(sweep: Sweep, places: NDArray[np.int64]) -> tuple[pd.DataFrame, list[str]]:
    """Values by key at some points: numbers as numbers, all else as text; and the keys that some points lack.

    Keys that do not vary are left out, and so are those that some points lack.
    """
    table = sweep.runs.drop_duplicates("point").set_index("point").loc[places, list(sweep.experiment.keys)]
    columns, gaps = {}, []
    for key in table.columns:
        column = table[key]
        if column.isna().all():
            continue
        if column.isna().any():
            gaps.append(str(key))
            continue
        if column.nunique() < 2:
            continue
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        columns[str(key)] = column.astype(float) if numeric else column.map(str).astype(object)
    if not columns:
        lacking = f" (some points have no value of {', '.join(gaps)})" if gaps else ""
        raise ConfigError(
            f"nothing varies between the points of this policy: there is no space to look for boxes in{lacking}"
        )
    return pd.DataFrame(columns).reset_index(drop=True), gaps


def _notes(
    counted: Flags, there: Flags, by_luck: float, gaps: Sequence[str], empty: str, titles: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What should be known of the cases, in English and Persian.

    Args:
        counted: which points have a value.
        there: which of their runs have.
        by_luck: see `Cases`.
        gaps: keys that some points lack.
        empty: the base, if a difference from it has no meaning, because it has no councils.
        titles: Persian ones of policies.
    """
    if empty:
        yield (
            f"This difference means nothing: under {empty} there is no council to trust.",
            f"این تفاوت معنایی ندارد: در «{titles[empty]}» شورایی نیست که بتوان به آن اعتماد کرد.",
        )
    if by_luck == 0.0:
        once = there.shape[1] == 1
        why, why_fa = ("one replication", "تنها یک تکرار") if once else ("a confidence of 0.5", "سطح اطمینان ۰٫۵")
        yield (
            f"Noise is not accounted for ({why}): points near the threshold fail or hold by chance.",
            f"نوفه به حساب نیامده است ({why_fa}): نقطه‌های نزدیک آستانه بر اثر تصادف ناکام است یا نیست.",
        )
    if gaps:
        yield (
            f"left out, because some points have no value: {', '.join(gaps)}",
            f"کنار گذاشته شد، زیرا در برخی نقطه‌ها مقدار ندارد: {'، '.join(title_of(key, 'fa') for key in gaps)}",
        )
    lost = int((~counted).sum())
    if lost:
        verb = "has" if lost == 1 else "have"
        left = "is" if lost == 1 else "are"
        yield (
            f"{lost} of {counted.size} points {verb} no value in any run and {left} left out",
            f"{persian_number(lost)} نقطه از {persian_number(counted.size)} نقطه در هیچ اجرایی مقدار ندارد و کنار "
            "گذاشته شد",
        )
    fewer = int((there[counted].sum(axis=1) < there.shape[1]).sum())
    if fewer:
        yield (
            f"{fewer} {'point is' if fewer == 1 else 'points are'} judged by fewer replications than there should be",
            f"درباره {persian_number(fewer)} نقطه با تکرارهایی کمتر از آنچه باید داوری شد",
        )
