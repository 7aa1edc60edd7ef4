"""The report of a plan, and what a lock says, in words: English and Persian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.answers.texts import of_label
from experiments.calendars import date_in_words
from experiments.contrasts.arms import split_label, statistic_in_words
from experiments.languages import digits, group_in_words, marked, number, texts_of, which
from experiments.plan.lock import Lock, changes_since
from experiments.plan.plan import Plan, PlanForm
from experiments.plan.report import Report
from experiments.units import in_hundredths, unit_in_words
from experiments.units import in_words as outcome_in_words
from experiments.words import Answer, Effect, expected_in_words
from experiments.words import in_words as said
from sim.outcome import Language
from sim.policies import Label

_TEXTS: dict[str, tuple[str, str]] = {
    "locked": ("Locked on {day}, digest {digest}.", "قفل‌شده در {day}، چکیده {digest}."),
    "moment": ("{day}, {time} UTC", "{day}، ساعت {time} به وقت جهانی"),
    "none": (
        "Nothing has changed since the plan was locked.",
        "از هنگام قفل شدن برنامه پژوهش چیزی تغییر نکرده است.",
    ),
    "changes": (
        "CHANGED SINCE THE LOCK. The locked hypotheses are answered as they were locked, but this has changed:",
        "تغییر پس از قفل. فرضیه‌های قفل‌شده همان‌گونه که قفل شده بودند پاسخ داده شده‌اند، اما این‌ها تغییر کرده است:",
    ),
    "departures": (
        "THE RUNS DEPART FROM WHAT WAS LOCKED, or are not shown to follow it:",
        "اجراها با آنچه قفل شده بود یکی نیست، یا یکی بودنشان نشان داده نشده است:",
    ),
    "mended": (
        "ALTERED AND MENDED. Files of the runs had been altered. They were made again before anything was answered:",
        "تغییریافته و ترمیم‌شده. پرونده‌هایی از اجراها تغییر داده شده بود. پیش از هر پاسخی دوباره ساخته شد:",
    ),
    "runs": ("What was run", "آنچه اجرا شد"),
    "aims": ("Aims", "هدف‌ها"),
    "known": ("Known beforehand", "دانسته‌های پیشین"),
    "hypotheses": ("Hypotheses", "فرضیه‌ها"),
    "not_planned": ("NOT PLANNED", "برنامه‌ریزی‌نشده"),
    "expected": ("Expected: {outcome}: {expected}.", "انتظار: {outcome}: {expected}."),
    "found": (
        "In the model: {effect}; difference {difference} ({low} to {high}), least that matters {least}.",
        "در مدل: {effect}؛ تفاوت {difference} ({low} تا {high})، کمترین تفاوت مهم {least}.",
    ),
    "answer": ("The hypothesis is {answer}.", "فرضیه {answer}."),
    "bold": (
        "Intervals hold at {confidence} % for all planned hypotheses together ({n} paired replications).",
        "بازه‌ها در سطح اطمینان {confidence}٪ برای همه فرضیه‌های برنامه‌ریزی‌شده با هم برقرار است ({n} تکرار جفت‌شده).",
    ),
    "single": (
        "Intervals hold at {confidence} % for each hypothesis alone ({n} paired replications).",
        "بازه‌ها در سطح اطمینان {confidence}٪ برای هر فرضیه به‌تنهایی برقرار است ({n} تکرار جفت‌شده).",
    ),
    "exploratory": ("Not planned: other differences", "برنامه‌ریزی‌نشده: تفاوت‌های دیگر"),
    "exploratory_note": (
        "These were not planned. Each interval holds at {confidence} % alone, so that by chance some leave out 0. "
        "They may raise questions and answer none.",
        "این‌ها برنامه‌ریزی نشده بود. هر بازه به‌تنهایی در سطح اطمینان {confidence}٪ برقرار است؛ پس برخی بر اثر تصادف "
        "صفر را در بر ندارند. شاید پرسش برانگیزند، اما پاسخ نمی‌دهند.",
    ),
    "columns": (
        "| policy | outcome, unit of the difference | difference | low | high |",
        "| سیاست | پیامد، واحد تفاوت | تفاوت | کران پایین | کران بالا |",
    ),
    "means": (
        "All of this is what the model does under its assumptions, not what a city did.",
        "همه این‌ها رفتار مدل با فرض‌های آن است، نه آنچه در شهری رخ داده است.",
    ),
    "shown": ("{title}: locked on {day}, digest {digest}", "{title}: قفل‌شده در {day}، چکیده {digest}"),
    "since": ("CHANGED SINCE: {change}", "تغییر پس از قفل: {change}"),
    "files": ("Files: {folder} ({names})", "پرونده‌ها: {folder} ({names})"),
    "as locked": ("nothing has changed since", "از آن پس چیزی تغییر نکرده است"),
}


def as_markdown(report: Report, language: Language = "en") -> str:
    """The report as Markdown."""
    text = texts_of(_TEXTS, language)
    form = PlanForm.model_validate(report.lock.content["plan"])
    lines = [f"# {_label(form.title, language)}", ""]
    lines += [text("locked", day=_moment(report.lock, language), digest=report.lock.digest), ""]
    lines += _departing(report, language) or [text("none"), ""]
    lines += [f"## {text('aims')}", "", _label(form.aims, language)]
    if form.known.en:
        lines += ["", f"## {text('known')}", "", _label(form.known, language)]
    lines += ["", f"## {text('runs')}", "", " ".join(one[language] for one in report.runs)]
    lines += ["", f"## {text('hypotheses')}", ""]
    counts = digits(f"{report.table.replications[report.table.planned].min():,}", language)
    level = digits(f"{100.0 * form.confidence:g}", language)
    lines += [text("bold" if form.correction == "bonferroni" else "single", confidence=level, n=counts), ""]
    for place, row in enumerate(report.table.to_dict("records"), 1):
        hypothesis = {**report.plan.form.hypotheses, **form.hypotheses}[str(row["hypothesis"])]
        mark = "" if row["planned"] else f" **{text('not_planned')}**"
        lines += [f"{digits(str(place), language)}. **{_label(hypothesis, language)}**{mark}", ""]
        lines += [f"   {_answer(report, row, language)}", ""]
    if not report.exploratory.empty:
        lines += [f"## {text('exploratory')}", "", text("exploratory_note", confidence=level), ""]
        lines += [text("columns"), "|---|---|---|---|---|"]
        lines += [_exploratory_row(report, row, language) for row in report.exploratory.to_dict("records")]
        lines.append("")
    return "\n".join([*lines, text("means"), ""])


def _departing(report: Report, language: Language) -> list[str]:
    """What is not as it was locked, each kind under its own heading; empty if all is."""
    text = texts_of(_TEXTS, language)
    kinds = {"changes": report.changes, "departures": report.departures, "mended": report.mended}
    lines = []
    for kind, found in kinds.items():
        if found:
            lines += [text(kind), "", *(f"- {one[language]}" for one in found), ""]
    return lines


def what_is_locked(plan: Plan, lock: Lock, language: Language = "en") -> tuple[str, bool]:
    """What a lock says of its plan in a few lines, and whether all is as it was locked."""
    text = texts_of(_TEXTS, language)
    title = _label(plan.form.title, language)
    lines = [text("shown", title=title, day=_moment(lock, language), digest=lock.digest)]
    for name, one in plan.form.hypotheses.items():
        if language == "en":
            lines.append(f"  {name}: {one.en} [{one.outcome} {one.expected}]")
        else:
            expected = f"{_outcome(one.outcome, language)}: {expected_in_words(one.expected, language)}"
            lines.append(f"  {_label(one, language)} ({expected})")
    changes = changes_since(lock, plan)
    lines += [text("since", change=change[language]) for change in changes] or [text("as locked")]
    return "\n".join(lines), not changes


def files_in_words(folder: Path, names: Sequence[str], language: Language) -> str:
    """Where the results are, in a line."""
    return texts_of(_TEXTS, language)("files", folder=str(folder), names=which((", ", "، "), language).join(names))


def _moment(lock: Lock, language: Language) -> str:
    """When it was locked, as the language writes dates."""
    moment = lock.moment
    day, time = date_in_words(moment.date())[language], digits(f"{moment:%H:%M:%S}", language)
    return texts_of(_TEXTS, language)("moment", day=day, time=time)


def _answer(report: Report, row: Mapping[Any, Any], language: Language) -> str:
    text = texts_of(_TEXTS, language)
    outcome, _ = split_label(str(row["outcome"]))
    difference, low, high = (_number(outcome, row[name], language) for name in ("difference", "low", "high"))
    unit = _unit(report, outcome, language)
    parts = [
        text(
            "expected",
            outcome=_outcome(str(row["outcome"]), language),
            expected=expected_in_words(str(row["expected"]), language),
        ),
        text(
            "found",
            effect=said(Effect(str(row["effect"])), language),
            difference=f"{difference} {unit}".rstrip(),
            low=low,
            high=high,
            least=_number(outcome, row["least"], language, sign=False),
        ),
    ]
    if row["planned"]:
        parts.append(text("answer", answer=said(Answer(str(row["answer"])), language)))
    return " ".join(parts)


def _exploratory_row(report: Report, row: Mapping[Any, Any], language: Language) -> str:
    outcome = str(row["outcome"])
    unit = _unit(report, outcome, language)
    words = [_outcome(outcome, language, str(row["group"])), *([unit] if unit else [])]
    cells = [report.titles[row["policy"]][language], which((", ", "، "), language).join(words)]
    cells += [_number(outcome, row[name], language) for name in ("difference", "low", "high")]
    return f"| {' | '.join(cells)} |"


def _number(outcome: str, value: object, language: Language, *, sign: bool = True) -> str:
    """A difference in hundredths for shares and means, else in its own unit."""
    factor = 100.0 if in_hundredths(_name(outcome)) else 1.0
    return marked(number(factor * float(str(value)), language, sign=sign), language)


def _unit(report: Report, outcome: str, language: Language) -> str:
    money = report.plan.experiment.base.city.finance.unit
    return unit_in_words(_name(outcome), language, money=money)


def _outcome(label: str, language: Language, group: str = "") -> str:
    """An outcome in words, with its group and its statistic, without which two of a plan might look alike."""
    outcome, own = split_label(label)
    group = group or own
    words = outcome_in_words(_name(outcome), language)
    named = f"{words} ({group_in_words(group, language)})" if group else words
    return which((", ", "، "), language).join(filter(None, [named, statistic_in_words(label, language)]))


def _name(outcome: str) -> str:
    """Name of an outcome without its statistic."""
    return outcome.partition(":")[0]


def _label(label: Label, language: Language) -> str:
    return of_label(label)[language]
