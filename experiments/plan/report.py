"""The report of a locked plan: each hypothesis answered by its interval, and everything marked that was not planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.contrasts.arms import arm_named, split_label
from experiments.contrasts.tables import contrasts, means
from experiments.figures.sheet import hundredfold
from experiments.languages import digits, group_in_words, marked, number, texts_of, which
from experiments.least import least_that_matters
from experiments.plan.lock import Lock, changes_since
from experiments.plan.plan import HypothesisForm, Plan, PlanForm, outcome_and_group
from experiments.statistics import bonferroni
from experiments.study.shards import SHARDS
from experiments.sweeps.tables import Sweep
from experiments.units import in_words as outcome_in_words
from experiments.words import Answer, Effect, answer_of, effect_of, expected_in_words
from experiments.words import in_words as said
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
        changes: what has changed since the lock, and whatever else departs from the plan; a sentence each.
    """

    plan: Plan
    lock: Lock
    table: pd.DataFrame
    exploratory: pd.DataFrame
    changes: tuple[str, ...]


def report_of(plan: Plan, lock: Lock, sweep: Sweep, faults: Sequence[str] = ()) -> Report:
    """Answer the hypotheses of a plan: those that were locked, as they were locked, and those that came later, marked.

    Args:
        plan: the plan as it is now.
        lock: its lock.
        sweep: its runs.
        faults: what verifying the runs' folder found.
    """
    locked = PlanForm.model_validate(lock.content["plan"])
    later = {name: form for name, form in plan.form.hypotheses.items() if name not in locked.hypotheses}
    asked = locked.model_copy(update={"hypotheses": {**locked.hypotheses, **later}})
    level = _level(locked)
    table = answers(sweep, asked, level)
    table.insert(1, "planned", [name in locked.hypotheses for name in table.hypothesis])
    table.loc[~table.planned, "answer"] = NOT_PLANNED
    found = contrasts(sweep, locked.base, locked.confidence)  # of what was not planned each interval holds alone
    changes = [*changes_since(lock, plan), *_of_runs(lock, sweep), *(f"the runs: {fault}" for fault in faults)]
    return Report(plan, lock, table, _exploratory(sweep, found, asked.hypotheses), tuple(changes))


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


def _of_runs(lock: Lock, sweep: Sweep) -> list[str]:
    """What departs from the plan in the folder of the runs."""
    found = []
    copy = sweep.folder / COPY
    if not copy.exists():
        found.append("the runs: nothing shows that the plan was locked before them")
    elif copy.read_bytes() != lock.path.read_bytes():
        found.append("the runs: they were begun under another lock")
    early = [
        file.name
        for file in sorted((sweep.folder / SHARDS).glob("*.parquet"))
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) < lock.moment.replace(microsecond=0)
    ]
    if early:
        found.append(f"the runs: {len(early)} of their files are older than the lock")
    models = sorted(set(sweep.runs.model) - {""})
    if len(models) > 1:
        found.append(f"the runs: they were made by {len(models)} versions of the model")
    failed = len(sweep.failures)
    if failed:
        found.append(f"the runs: {failed} failed")
    if not sweep.complete:
        found.append("the runs: some are missing")
    return found


# ---------------------------------------------------------------- in words

_TEXTS: dict[str, tuple[str, str]] = {
    "locked": ("Locked on {day}, digest {digest}.", "قفل‌شده در {day}، چکیده {digest}."),
    "none": (
        "Nothing has changed since the plan was locked.",
        "از هنگام قفل شدن برنامه پژوهش چیزی تغییر نکرده است.",
    ),
    "changed": (
        "CHANGED SINCE THE LOCK: what follows is not what was planned.",
        "تغییر پس از قفل: آنچه در پی می‌آید با آنچه برنامه‌ریزی شده بود تفاوت دارد.",
    ),
    "aims": ("Aims", "هدف‌ها"),
    "known": ("Known beforehand", "دانسته‌های پیشین"),
    "hypotheses": ("Hypotheses", "فرضیه‌ها"),
    "not_planned": ("NOT PLANNED", "برنامه‌ریزی‌نشده"),
    "answer": (
        "Expected: {outcome}: {expected}. In the model: {effect}; difference {difference} ({low} to {high}), "
        "least that matters {least}. The hypothesis is {answer}.",
        "انتظار: {outcome}: {expected}. در مدل: {effect}؛ تفاوت {difference} ({low} تا {high})، "
        "کمترین تفاوت مهم {least}. فرضیه {answer}.",
    ),
    "later": (
        "Expected: {outcome}: {expected}. In the model: {effect}; difference {difference} ({low} to {high}), "
        "least that matters {least}.{answer}",
        "انتظار: {outcome}: {expected}. در مدل: {effect}؛ تفاوت {difference} ({low} تا {high})، کمترین تفاوت مهم "
        "{least}.{answer}",
    ),
    "bold": (
        "Intervals hold at {confidence} % for all planned hypotheses together ({n} paired replications).",
        "بازه‌ها در سطح اطمینان {confidence} درصد برای همه فرضیه‌های برنامه‌ریزی‌شده با هم برقرار است ({n} تکرار جفت‌شده).",
    ),
    "single": (
        "Intervals hold at {confidence} % for each hypothesis alone ({n} paired replications).",
        "بازه‌ها در سطح اطمینان {confidence} درصد برای هر فرضیه به‌تنهایی برقرار است ({n} تکرار جفت‌شده).",
    ),
    "exploratory": ("Not planned: other differences", "برنامه‌ریزی‌نشده: تفاوت‌های دیگر"),
    "exploratory_note": (
        "These were not planned. Each interval holds at {confidence} % alone, so that by chance some leave out 0. "
        "They may raise questions and answer none.",
        "این‌ها برنامه‌ریزی نشده بود. هر بازه به‌تنهایی در سطح اطمینان {confidence} درصد برقرار است؛ پس برخی بر اثر تصادف "
        "صفر را در بر ندارند. شاید پرسش برانگیزند، اما پاسخ نمی‌دهند.",
    ),
    "columns": (
        "| policy | outcome | difference | low | high |",
        "| سیاست | پیامد | تفاوت | کران پایین | کران بالا |",
    ),
    "means": (
        "All of this is what the model does under its assumptions, not what a city did.",
        "همه این‌ها رفتار مدل با فرض‌های آن است، نه آنچه در شهری رخ داده است.",
    ),
}


def as_markdown(report: Report, language: Language = "en") -> str:
    """The report as Markdown."""
    text = texts_of(_TEXTS, language)
    form = PlanForm.model_validate(report.lock.content["plan"])
    lines = [f"# {_label(form.title.en, form.title.fa, language)}", ""]
    lines += [text("locked", day=str(report.lock.content["locked"]), digest=report.lock.digest), ""]
    lines += [text("changed"), "", *(f"- {change}" for change in report.changes)] if report.changes else [text("none")]
    lines += ["", f"## {text('aims')}", "", _label(form.aims.en, form.aims.fa, language)]
    if form.known.en:
        lines += ["", f"## {text('known')}", "", _label(form.known.en, form.known.fa, language)]
    lines += ["", f"## {text('hypotheses')}", ""]
    counts = digits(f"{report.table.replications[report.table.planned].min():,}", language)
    level = digits(f"{100.0 * form.confidence:g}", language)
    lines += [text("bold" if form.correction == "bonferroni" else "single", confidence=level, n=counts), ""]
    for place, row in enumerate(report.table.to_dict("records"), 1):
        hypothesis = {**report.plan.form.hypotheses, **form.hypotheses}[str(row["hypothesis"])]
        mark = "" if row["planned"] else f" **{text('not_planned')}**"
        lines += [f"{digits(str(place), language)}. **{_label(hypothesis.en, hypothesis.fa, language)}**{mark}", ""]
        lines += [f"   {_answer(row, language)}", ""]
    lines += [
        f"## {text('exploratory')}",
        "",
        text("exploratory_note", confidence=level),
        "",
        text("columns"),
        "|---|---|---|---|---|",
    ]
    for row in report.exploratory.to_dict("records"):
        lines.append(_exploratory_row(row, language))
    return "\n".join([*lines, "", text("means"), ""])


def _answer(row: Mapping[Any, Any], language: Language) -> str:
    label = str(row["outcome"])
    values = {name: _shown(label, row[name], language) for name in ("difference", "low", "high")}
    template = _TEXTS["answer" if row["planned"] else "later"]
    return which(template, language).format(
        outcome=_outcome(label, language),
        expected=expected_in_words(str(row["expected"]), language),
        effect=said(Effect(str(row["effect"])), language),
        least=number(float(str(row["least"])) * hundredfold(label), language),
        answer=said(Answer(str(row["answer"])), language) if row["planned"] else "",
        **values,
    )


def _exploratory_row(row: Mapping[Any, Any], language: Language) -> str:
    label = f"{row['outcome']}"
    name = _outcome(f"{label.partition(':')[0]}[{row['group']}]" if row["group"] else label, language)
    values = [_shown(label, row[key], language) for key in ("difference", "low", "high")]
    return f"| {row['policy']} | {name} | {' | '.join(values)} |"


def _shown(label: str, value: object, language: Language) -> str:
    """A difference in points of a hundred for shares and means, else in its own unit."""
    return marked(number(float(str(value)) * hundredfold(label), language, sign=True), language)


def _outcome(label: str, language: Language) -> str:
    name, group = split_label(label)
    words = outcome_in_words(name.partition(":")[0], language)
    return f"{words} ({group_in_words(group, language)})" if group else words


def _label(english: str, persian: str, language: Language) -> str:
    return persian if language == "fa" and persian else english


def report_path(folder: Path, language: Language) -> Path:
    """Where the report of a language goes."""
    return folder / f"report.{language}.md"
