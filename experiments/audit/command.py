"""`mahalle audit`: the hypotheses of a plan as planned, and again in each way that should not matter."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.audit.audit import Way, Word, renamed, ways, word_of
from experiments.escaping import say
from experiments.paper.sources import Hands, SweepSource
from experiments.plan.plan import Plan, PlanForm, load_plan
from experiments.plan.report import answers
from experiments.results import write_table_atomically
from experiments.study import request as study
from experiments.study.watching import announce_compiling, watching
from sim.reading import merge

TABLE = "audit.parquet"
AS_PLANNED = Way("planned", "as planned", True, {})


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
    announce_compiling(quiet=request.quiet)
    found: dict[str, pd.DataFrame] = {}
    with request.open_executor() as (executor, workers), watching(quiet=request.quiet) as watch:
        hands = Hands(executor, workers, watch)
        for way in asked:
            if not request.quiet:
                say(f"{way.name}: {way.words}", file=sys.stderr)
            found[way.name] = _answered(plan, way, own, folder / way.name, hands)
    table = _judged(found, asked)
    write_table_atomically(table, folder / TABLE, csv=request.csv)
    if not request.quiet:
        say(_shown(table))
        say(f"Files: {folder} ({TABLE}; the runs of each way)")
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


def _shown(table: pd.DataFrame) -> str:
    lines = []
    for hypothesis, rows in table.groupby("hypothesis", sort=False):
        first = rows.iloc[0]
        lines.append(f"{hypothesis}: as planned {first.planned_effect} ({first.planned_difference:+.3g})")
        lines += [f"  {row.word:8} {row.words}: {row.effect} ({row.difference:+.3g})" for row in rows.itertuples()]
    lines.append("ROBUST: the same in words (where numbers must be the same, the same numbers); FRAGILE: turned round,")
    lines.append("or other numbers where they must be the same; SHIFTED: anything between.")
    return "\n".join(lines)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, by column."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
