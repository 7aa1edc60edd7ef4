"""Ways that should not matter to a conclusion, and what becomes of each hypothesis under them.

Some ways must give the very same numbers: other names for the policies, another order of them, more tables kept. Others
draw the world again: other luck, another place, fewer agents. Under these, numbers differ and conclusions should not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from experiments.languages import written
from experiments.words import Answer

SAME_TO = 1e-12
"""Numbers that should be the very same may differ by so much, of 1: sums may be taken in another order."""

RENAMED = "renamed "
"""Before the names of policies that are renamed."""

SMALLEST = 0.01


class Word(StrEnum):
    """What becomes of a hypothesis."""

    ROBUST = "ROBUST"
    SHIFTED = "SHIFTED"
    FRAGILE = "FRAGILE"


@dataclass(frozen=True)
class Way:
    """A way of asking again.

    Attributes:
        name: of its folder.
        words, persian: what is done, in English and in Persian.
        exact: whether it must give the very same numbers.
        settings: laid over the experiment's content.
    """

    name: str
    words: str
    persian: str
    exact: bool
    settings: Mapping[str, Any]


def ways(content: Mapping[str, Any], run: Mapping[str, Any]) -> list[Way]:
    """All ways for an experiment.

    Args:
        content: of the experiment, its paths absolute.
        run: `run` of its base with the experiment's own settings: seed, place_seed, scale, snapshot_weeks.
    """
    seed = int(content.get("seed", 0))
    place = int(run["place_seed"]) + 1
    smaller = max(SMALLEST, 0.5 * float(run["scale"]))
    found = [
        Way("tables", "more tables are kept", "جدول‌های بیشتر نگه داشته می‌شود", True, {"run": {"snapshot_weeks": [1]}}),
        Way(
            "luck",
            f"other luck (seed {seed + 1})",
            f"تصادفی دیگر (بذر تصادفی {_persian(seed + 1)})",
            False,
            {"seed": seed + 1},
        ),
        Way(
            "place",
            f"another place (seed {place})",
            f"مکانی دیگر (بذر مکان {_persian(place)})",
            False,
            {"run": {"place_seed": place}},
        ),
        Way(
            "scale",
            f"fewer agents (scale {smaller:g})",
            f"کارگزاران کمتر (مقیاس {_persian(smaller)})",
            False,
            {"run": {"scale": smaller}},
        ),
    ]
    policies = content.get("policies")
    if isinstance(policies, Mapping) and len(policies) > 1:
        names = list(reversed(policies))
        turned = {f"{RENAMED}{name}": policies[name] for name in names}
        settings: dict[str, Any] = {"policies": turned}
        points = content.get("design", {}).get("points")
        if points is not None:
            settings["design"] = {"points": [_renamed(point) for point in points]}
        words = "other names and another order of the policies"
        found.insert(0, Way("names", words, "نام‌ها و ترتیب دیگر برای سیاست‌ها", True, settings))
    return found


def _persian(number: float) -> str:
    return written(f"{number:.12g}", "fa")


def _renamed(point: Mapping[str, Any]) -> dict[str, Any]:
    return {key: f"{RENAMED}{value}" if key == "policy" else value for key, value in point.items()}


def renamed(asked: str | Mapping[str, Any]) -> str | dict[str, Any]:
    """A policy as a plan names it, under its other name."""
    if isinstance(asked, str):
        return f"{RENAMED}{asked}"
    return _renamed(asked)


def word_of(before: Mapping[str, Any], after: Mapping[str, Any], *, exact: bool) -> Word:
    """What becomes of a hypothesis: rows of `experiments.plan.report`.

    - ROBUST: the same effect in words; where numbers must be the same, the same numbers.
    - FRAGILE: where numbers must be the same, others; else an answer turned round (supported, not supported), or a
      difference that leaves out 0 to the other side.
    - SHIFTED: whatever else changed.
    """
    if exact:
        apart = [abs(float(before[name]) - float(after[name])) for name in ("difference", "low", "high")]
        same = all(distance <= SAME_TO or pd.isna(distance) for distance in apart)
        return Word.ROBUST if same and before["effect"] == after["effect"] else Word.FRAGILE
    if before["effect"] == after["effect"]:
        return Word.ROBUST
    answers = {str(before["answer"]), str(after["answer"])}
    turned = answers == {str(Answer.SUPPORTED), str(Answer.NOT_SUPPORTED)}
    other_side = (before["low"] > 0.0 and after["high"] < 0.0) or (before["high"] < 0.0 and after["low"] > 0.0)
    return Word.FRAGILE if turned or other_side else Word.SHIFTED
