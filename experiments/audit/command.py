"""`mahalle audit`: the hypotheses of a plan as planned, and again in each way that should not matter."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.audit.audit import Way, Word, renamed, ways, word_of
from experiments.escaping import say
from experiments.languages import marked, number, texts_of
from experiments.paper.sources import Hands, SweepSource
from experiments.plan.plan import Plan, PlanForm, load_plan, outcome_and_group
from experiments.plan.report import answers
from experiments.results import write_table_atomically
from experiments.study import request as study
from experiments.study.watching import announce_compiling, watching
from experiments.units import in_hundredths, unit_in_words
from experiments.words import Effect, in_words
from sim.outcome import Language
from sim.reading import merge

TABLE = "audit.parquet"
AS_PLANNED = Way("planned", "as planned", "طبق برنامه پژوهش", True, {})


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle audit`.

    Attributes:
        plan: the plan, locked or not.
        replications: of each policy in each way; the experiment's own if None.
    """

    plan: Path
    replications: int | None = None


def carry_out(request: Request) -> bool:
    """Ask in all ways, print a table, and return whether nothing is fragile.

    Raises:
        ConfigError: the plan is faulty.
        FailedRunError: a run failed.
        StoppedEarlyError: it was interrupted; the same command goes on.
    """
    plan = load_plan(request.plan)
    folder = request.out if request.out is not None else Path("results") / f"audit-{plan.name}"
    own = {} if request.replications is None else {"replications": request.replications}
    run = plan.experiment.base.run.model_dump()
    asked = [AS_PLANNED, *ways(plan.experiment.content, run)]
    announce_compiling(quiet=request.quiet, language=request.language)
    found: dict[str, pd.DataFrame] = {}
    with (
        request.open_executor() as (executor, workers),
        watching(quiet=request.quiet, language=request.language) as watch,
    ):
        hands = Hands(executor, workers, watch)
        for way in asked:
            if not request.quiet:
                say(way.persian if request.language == "fa" else f"{way.name}: {way.words}", file=sys.stderr)
            found[way.name] = _answered(plan, way, own, folder / way.name, hands)
    table = _judged(found, asked)
    write_table_atomically(table, folder / TABLE, csv=request.csv)
    if not request.quiet:
        say(_shown(table, plan, asked, request.language))
        say(texts_of(_TEXTS, request.language)("files", folder=str(folder), table=TABLE))
    return not (table.word == str(Word.FRAGILE)).any()


def _answered(plan: Plan, way: Way, own: dict[str, int], folder: Path, hands: Hands) -> pd.DataFrame:
    assert plan.experiment.source is not None  # it was read from a file
    source = SweepSource(plan.experiment.source, merge(dict(way.settings), own))
    source.make(folder, hands)
    form = _renamed(plan.form) if "policies" in way.settings else plan.form
    return answers(source.read(folder), form)


def _renamed(form: PlanForm) -> PlanForm:
    """The plan with the other names of policies."""
    hypotheses = {
        name: hypothesis.model_copy(update={"policy": renamed(hypothesis.policy)})
        for name, hypothesis in form.hypotheses.items()
    }
    return form.model_copy(update={"base": renamed(form.base), "hypotheses": hypotheses})


def _judged(found: dict[str, pd.DataFrame], asked: list[Way]) -> pd.DataFrame:
    """Rows hypothesis, way, words, exact, word, difference, low, high, effect, answer."""
    before = {row["hypothesis"]: row for row in _records(found[AS_PLANNED.name])}
    rows = []
    for way in asked[1:]:
        for row in _records(found[way.name]):
            planned = before[row["hypothesis"]]
            word = word_of(planned, row, exact=way.exact)
            shown = {name: row[name] for name in ("difference", "low", "high", "effect", "answer")}
            rows.append({
                "hypothesis": row["hypothesis"], "way": way.name, "words": way.words, "exact": way.exact,
                "word": str(word), **shown, "planned_difference": planned["difference"],
                "planned_effect": planned["effect"],
            })  # fmt: skip
    return pd.DataFrame(rows)


def _shown(table: pd.DataFrame, plan: Plan, asked: Sequence[Way], language: Language) -> str:
    """What became of each hypothesis; in English it goes by its name, in Persian by its sentence."""
    text, lines = texts_of(_TEXTS, language), []
    money = plan.experiment.base.city.finance.unit
    ways_in_words = {way.name: way.words if language == "en" else way.persian for way in asked}
    for name, rows in table.groupby("hypothesis", sort=False):
        hypothesis, first = str(name), rows.iloc[0]
        own = plan.form.hypotheses[hypothesis]
        outcome = outcome_and_group(own)[0].partition(":")[0]
        show = partial(_number, outcome, language, unit_in_words(outcome, language, money=money))
        planned = {
            "effect": _effect(first.planned_effect, language),
            "difference": show(first.planned_difference),
        }
        label = hypothesis if language == "en" else own.fa or own.en
        lines.append(text("planned", hypothesis=label, **planned))
        for row in rows.to_dict("records"):
            found = {"effect": _effect(row["effect"], language), "difference": show(row["difference"])}
            lines.append(text("again", word=text(row["word"]), way=ways_in_words[row["way"]], **found))
    return "\n".join([*lines, text("meaning"), text("order")])


def _effect(effect: str, language: Language) -> str:
    return in_words(Effect(effect), language)


def _number(outcome: str, language: Language, unit: str, difference: float) -> str:
    """A difference with its unit, in hundredths for shares and means."""
    shown = difference * (100.0 if in_hundredths(outcome) else 1.0)
    return f"{marked(number(shown, language, figures=3, sign=True), language)} {unit}".rstrip()


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, by column."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


_TEXTS: dict[str, tuple[str, str]] = {
    "planned": (
        "{hypothesis}: as planned {effect} ({difference})",
        "{hypothesis} طبق برنامه پژوهش: {effect} ({difference})",
    ),
    "again": ("  {word} {way}: {effect} ({difference})", "  {word} {way}: {effect} ({difference})"),
    str(Word.ROBUST): (f"{Word.ROBUST:8}", "استوار:"),
    str(Word.SHIFTED): (f"{Word.SHIFTED:8}", "جابه‌جا:"),
    str(Word.FRAGILE): (f"{Word.FRAGILE:8}", "شکننده:"),
    "meaning": (
        "ROBUST: the same in words (where numbers must be the same, the same numbers); FRAGILE: turned round,\n"
        "or other numbers where they must be the same; SHIFTED: anything between.",
        "استوار: همان عبارت (آنجا که ارقام باید یکسان باشد، همان ارقام)؛ شکننده: وارونه شده،\n"
        "یا ارقامی دیگر آنجا که باید یکسان باشد؛ جابه‌جا: هر چه میان این دو است.",
    ),
    "order": (
        "The order of residents is not among the ways: the model puts them in order itself, and luck goes with the\n"
        "person. Only ties and households are drawn along the order, so that another order is another place.",
        "ترتیب ساکنان در میان این شیوه‌ها نیست: مدل خود آنان را مرتب می‌کند و تصادف با هر فرد می‌ماند. تنها پیوندها و\n"
        "خانوارها در طول این ترتیب ساخته می‌شود، پس ترتیبی دیگر به معنای مکانی دیگر است.",
    ),
    "files": ("Files: {folder} ({table}; the runs of each way)", "پرونده‌ها: {folder} ({table}؛ اجراهای هر شیوه)"),
}
