"""The report of a locked plan: each hypothesis answered by its interval, and everything marked that was not planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from experiments.answers.texts import Text, said, shown
from experiments.contrasts.arms import arm_named
from experiments.contrasts.tables import contrasts, means
from experiments.contrasts.titles import titles_of
from experiments.least import least_that_matters
from experiments.lever_values import levers_in_words
from experiments.plan.lock import Lock, changes_since
from experiments.plan.plan import HypothesisForm, Plan, PlanForm, outcome_and_group
from experiments.plan.runs import Repeated, of_runs
from experiments.statistics import bonferroni
from experiments.study.shards import SHARDS
from experiments.study.verifying import Verdict
from experiments.sweeps.experiment import PLACE_SEED, Experiment
from experiments.sweeps.pairs import positions
from experiments.sweeps.tables import Sweep
from experiments.words import answer_of, effect_of
from sim.outcome import Language

COPY = ".plan.lock.json"
"""Copy of the lock in the folder of the runs, made before the first of them."""


NOT_PLANNED = "not planned"
"""Answer to a hypothesis that came after the lock: it may raise a question and answers none."""


@dataclass(frozen=True)
class Report:
    """What a plan's runs say.

    Attributes:
        plan: the plan as it is now.
        lock: its lock.
        table: one row a hypothesis: hypothesis, planned, outcome, difference, low, high, confidence, least, base,
            effect, expected, answer, replications.
        exploratory: one row for each other difference of the last week: policy, outcome, group, difference, low, high.
        titles: of each arm in both languages; in English its name, as the plan has it.
        runs: what the runs were; a sentence each.
        changes: what has changed since the lock; a sentence each.
        departures: in what the runs depart from what was locked, or are not shown to follow it; a sentence each.
        mended: files of the runs that had been altered, and were made again; a sentence each.
    """

    plan: Plan
    lock: Lock
    table: pd.DataFrame
    exploratory: pd.DataFrame
    titles: Mapping[str, Text]
    runs: tuple[Text, ...]
    changes: tuple[Text, ...]
    departures: tuple[Text, ...]
    mended: tuple[Text, ...]

    @property
    def as_planned(self) -> bool:
        """Whether all is as it was locked."""
        return not (self.changes or self.departures or self.mended)


def report_of(
    plan: Plan, lock: Lock, sweep: Sweep, verdict: Verdict | None = None, altered: Sequence[str] = ()
) -> Report:
    """Answer the hypotheses of a plan: those that were locked, as they were locked, and those that came later, marked.

    Args:
        plan: the plan as it is now.
        lock: its lock.
        sweep: its runs.
        verdict: what verifying the runs' folder found; None if it was not verified.
        altered: what had been altered in the folder before runs that were missing were done.
    """
    locked = PlanForm.model_validate(lock.content["plan"])
    later = {name: form for name, form in plan.form.hypotheses.items() if name not in locked.hypotheses}
    asked = locked.model_copy(update={"hypotheses": {**locked.hypotheses, **later}})
    level = _level(locked)
    table = answers(sweep, asked, level)
    table.insert(1, "planned", [name in locked.hypotheses for name in table.hypothesis])
    table.loc[~table.planned, "answer"] = NOT_PLANNED
    found = contrasts(sweep, locked.base, locked.confidence)  # of what was not planned each interval holds alone
    faults = () if verdict is None else (*verdict.faults, *verdict.notes)
    departures = (*_of_runs(lock, sweep), *(said(_FAULT, fault=fault) for fault in faults))
    mended = tuple(said(_FILE, fault=fault) for fault in altered if fault not in faults)
    repeated = None if verdict is None else Repeated(len(verdict.repeated), same=not verdict.faults)
    return Report(
        plan, lock, table, _exploratory(sweep, found, asked.hypotheses), titles_of_arms(sweep.experiment),
        tuple(of_runs(sweep, repeated)), tuple(changes_since(lock, plan)), departures, mended,
    )  # fmt: skip


def _level(form: PlanForm) -> float:
    """Level of each interval."""
    many = len(form.hypotheses) if form.correction == "bonferroni" else 1
    return bonferroni(form.confidence, many)


def answers(sweep: Sweep, form: PlanForm, level: float | None = None) -> pd.DataFrame:
    """The hypotheses of a plan, answered by the runs of a sweep.

    Args:
        sweep: the runs.
        form: what is asked.
        level: of each interval; by the plan's correction for all its hypotheses if None.

    Returns:
        one row a hypothesis: hypothesis, outcome, difference, low, high, confidence, least, base, effect, expected,
        answer, replications.
    """
    found, levels = contrasts(sweep, form.base, _level(form) if level is None else level), means(sweep)
    rows = [_row(sweep, name, one, form, found, levels) for name, one in form.hypotheses.items()]
    return pd.DataFrame(rows)


def _row(
    sweep: Sweep,
    name: str,
    form: HypothesisForm,
    plan: PlanForm,
    found: pd.DataFrame,
    levels: pd.DataFrame,
) -> dict[str, object]:
    outcome, group = outcome_and_group(form)
    policy, base = arm_named(sweep.experiment, form.policy), arm_named(sweep.experiment, plan.base)
    own = found[(found.policy == policy) & (found.outcome == outcome) & (found.group == group)].sort_values("week")
    level = levels[(levels.policy == base) & (levels.outcome == outcome) & (levels.group == group)].sort_values("week")
    base_level = float(level["mean"].iloc[-1]) if len(level) else float("nan")
    row = own.iloc[-1] if len(own) else None
    low, high = (float(row.low), float(row.high)) if row is not None else (float("nan"), float("nan"))
    least = form.least if form.least is not None else least_that_matters(form.outcome, base_level)
    effect = effect_of(low, high, least)
    return {
        "hypothesis": name,
        "outcome": form.outcome,
        "difference": float(row.difference) if row is not None else float("nan"),
        "low": low,
        "high": high,
        "confidence": float(row.confidence) if row is not None else float("nan"),
        "least": least,
        "base": base_level,
        "effect": str(effect),
        "expected": form.expected,
        "answer": str(answer_of(effect, form.expected)),
        "replications": int(row.replications) if row is not None else 0,
    }


def _exploratory(sweep: Sweep, found: pd.DataFrame, asked: dict[str, HypothesisForm]) -> pd.DataFrame:
    """Differences at the last week that no hypothesis asks for."""
    wanted = {(arm_named(sweep.experiment, form.policy), *outcome_and_group(form)) for form in asked.values()}
    last = found.sort_values("week").groupby(["policy", "outcome", "group"], sort=False).tail(1)
    last = last[~last.group.str.startswith("neighbourhood=")]
    keys = list(zip(last.policy, last.outcome, last.group, strict=True))
    own = last[[key not in wanted for key in keys]].sort_values(["policy", "outcome"], kind="stable")
    return own[["policy", "outcome", "group", "week", "difference", "low", "high", "replications"]].reset_index(
        drop=True
    )


def _of_runs(lock: Lock, sweep: Sweep) -> list[Text]:
    """What departs from the plan in the folder of the runs."""
    found = []
    copy = sweep.folder / COPY
    if not copy.exists():
        found.append(said(_RUNS["no lock"]))
    elif copy.read_bytes() != lock.path.read_bytes():
        found.append(said(_RUNS["other lock"]))
    early = [
        file.name
        for file in sorted((sweep.folder / SHARDS).glob("*.parquet"))
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) < lock.moment.replace(microsecond=0)
    ]
    if early:
        found.append(said(_RUNS["early"], count=shown(len(early), 0)))
    models = sorted(set(sweep.runs.model) - {""})
    if len(models) > 1:
        found.append(said(_RUNS["models"], count=shown(len(models), 0)))
    if len(sweep.failures):
        found.append(said(_RUNS["failed"], count=shown(len(sweep.failures), 0)))
    if not sweep.complete:
        found.append(said(_RUNS["missing"]))
    return found


_FAULT = ("the runs: {fault}", "اجراها (پیام بررسی به انگلیسی است): `{fault}`")
_FILE = ("{fault}", "پیام بررسی به انگلیسی: `{fault}`")
_RUNS: dict[str, tuple[str, str]] = {
    "no lock": (
        "the runs: nothing shows that the plan was locked before them",
        "اجراها: نشانه‌ای نیست که برنامه پژوهش پیش از آن‌ها قفل شده باشد",
    ),
    "other lock": ("the runs: they were begun under another lock", "اجراها: با قفلی دیگر آغاز شده است"),
    "early": (
        "the runs: {count} of their files are older than the lock",
        "اجراها: {count} پرونده آن‌ها از قفل قدیمی‌تر است",
    ),
    "models": (
        "the runs: they were made by {count} versions of the model",
        "اجراها: با {count} نسخه از مدل انجام شده است",
    ),
    "failed": ("the runs: {count} failed", "اجراها: {count} اجرا ناموفق بود"),
    "missing": ("the runs: some are missing", "اجراها: برخی انجام نشده است"),
}


def titles_of_arms(experiment: Experiment) -> dict[str, Text]:
    """What each arm is called: in English by its name, in Persian by titles of its policy and levers."""
    sampled = {PLACE_SEED, *(factor.key for factor in experiment.design.factors)}
    found: dict[str, Text] = {}
    titles = titles_of(experiment, "fa")
    for place, point in zip(positions(experiment), experiment.points, strict=True):
        name = f"{place.policy} {place.levers}".strip()
        levers = {key: value for key, value in point.values.items() if key not in sampled}
        parts = [titles[place.policy]]
        if levers:
            parts.append(levers_in_words(levers, experiment.base, "fa"))
        found[name] = {"en": name, "fa": "؛ ".join(parts)}
    return found


def report_path(folder: Path, language: Language) -> Path:
    """Where the report of a language goes."""
    return folder / f"report.{language}.md"
