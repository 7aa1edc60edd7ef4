"""The cases of scenario discovery: points of a sweep, what was assumed at each, and whether the policy failed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sensitivity.analysis import values_of
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.reading import nearest
from sim.wording import printable

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cases:
    """Points of one policy, and where it fails.

    Attributes:
        assumptions: one row a point, one column a key that varies among them.
        values: of the outcome, averages over replications, or differences from the base, (points,).
        fails: whether the policy fails, (points,).
        outcome, policy, base: what was judged; `base` is empty where the outcome itself was.
        sentence: the criterion, such as "hope:last below 0.4".
        notes: what was left out.
    """

    assumptions: pd.DataFrame
    values: Floats
    fails: Flags
    outcome: str
    policy: str
    base: str
    sentence: str
    notes: tuple[str, ...]


def cases(
    sweep: Sweep,
    outcome: str,
    *,
    below: float | None = None,
    above: float | None = None,
    policy: str | None = None,
    base: str | None = None,
) -> Cases:
    """Judge each point of a policy by the average over its replications.

    Args:
        sweep: with any design of several points.
        outcome: an outcome's label, or its column where only one outcome has it.
        below, above: it fails where the outcome is below or above this; exactly one of the two. With a base,
            `below` is 0 if neither is given.
        policy: which, if there are several.
        base: judge the paired difference from this policy: same assumptions, same levers, same seed.

    Raises:
        ConfigError: outcome, policy, base or threshold do not fit the sweep.
    """
    if base is not None and below is None and above is None:
        below = 0.0
    if (below is None) == (above is None):
        raise ConfigError("give one of --fails-below and --fails-above")
    arrays = values_of(sweep)
    label = _label(outcome, list(arrays))
    names = list(dict.fromkeys(point.policy for point in sweep.experiment.points))
    others = [name for name in names if name != base]
    if base is not None:
        _refuse_unknown(base, names, "--base")
    if policy is None and len(others) != 1:
        raise ConfigError(f"the sweep has several policies; name one: {', '.join(others)}", source="--policy")
    policy = others[0] if policy is None else policy
    _refuse_unknown(policy, others, "--policy")
    places = _places(sweep, policy)
    values = arrays[label][places]
    if base is not None:
        values = values - arrays[label][_paired(sweep, places, base)]
    there = np.isfinite(values)
    counted = there.any(axis=1)
    averages = np.array([row[own].mean() for row, own in zip(values[counted], there[counted], strict=True)])
    frame = _assumptions(sweep, places[counted])
    fails = averages < below if below is not None else averages > above
    what = f"{label} of {policy}" + (f" less that of {base}" if base is not None else "")
    sentence = f"{what} is {'below' if below is not None else 'above'} {below if below is not None else above:g}"
    notes = tuple(_notes(counted, there))
    return Cases(frame, averages, np.asarray(fails), label, policy, base or "", sentence, notes)


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


def _paired(sweep: Sweep, places: NDArray[np.int64], base: str) -> NDArray[np.int64]:
    """The point of the base with the same values as each of the points."""
    points = sweep.experiment.points
    by_values = {str(sorted(point.values.items())): point.number for point in points if point.policy == base}
    try:
        return np.array([by_values[str(sorted(points[place].values.items()))] for place in places])
    except KeyError:
        raise ConfigError(
            f"{base} was not run at all the values of the other policy, so there are no pairs", source="--base"
        ) from None


def _assumptions(sweep: Sweep, places: NDArray[np.int64]) -> pd.DataFrame:
    """Values by key at some points: numbers as numbers, all else as text; keys that do not vary are left out."""
    table = sweep.runs.drop_duplicates("point").set_index("point").loc[places, list(sweep.experiment.keys)]
    columns = {}
    for key in table.columns:
        column = table[key]
        if column.isna().any() or column.nunique() < 2:
            continue
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        columns[str(key)] = column.astype(float) if numeric else column.map(str).astype(object)
    if not columns:
        raise ConfigError("nothing varies between the points of this policy: there is no space to look for boxes in")
    return pd.DataFrame(columns).reset_index(drop=True)


def _notes(counted: Flags, there: NDArray[np.bool_]) -> list[str]:
    notes = []
    if not counted.all():
        notes.append(f"{int((~counted).sum())} of {counted.size} points have no value in any run and are left out")
    fewer = int((there[counted].sum(axis=1) < there.shape[1]).sum())
    if fewer:
        notes.append(f"{fewer} points are judged by fewer replications than there should be")
    return notes
