"""What `mahalle sweep` prints at the end: means with intervals, what failed, and where the files are."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from experiments.contrasts.arms import label_in_words
from experiments.contrasts.titles import titles_of
from experiments.languages import digits, texts_of, which
from experiments.narrow import frame_in_text
from experiments.study.runner import RETRY
from experiments.study.watching import some
from experiments.sweeps.experiment import EXPERIMENT, Experiment
from experiments.sweeps.tables import Sweep
from experiments.titles import title_of
from sim.outcome import Language

ROWS_SHOWN = 24

_TEXTS: dict[str, tuple[str, str]] = {
    "posterior": (
        "Behaviour is drawn from a posterior. {caution}",
        "رفتار از توزیع پسین برگرفته می‌شود. {caution}",
    ),
    "left out": (
        "… left out: {what}. All values: {folder}/outcomes.parquet; the whole table:",
        "… همه ردیف‌ها نیامده است ({what}). همه مقدارها: {folder}/outcomes.parquet؛ جدول کامل:",
    ),
    "interval": (
        "Mean and 95 % t-interval over replications: {of}; for a series, its last week.",
        "میانگین و بازه اطمینان ۹۵٪ بر پایه تکرارها: {of}؛ برای سری زمانی، هفته آخر آن.",
    ),
    "luck": ("random variation", "تصادف"),
    "luck and behaviour": ("random variation and behaviour", "تصادف و رفتار"),
    "one place": ("{what} in one place (seed {seed})", "{what} در یک مکان (بذر مکان {seed})"),
    "places": ("{what} in the place of the row", "{what} در مکان همان ردیف"),
    "share all": (
        "Points share random numbers and place:",
        "نقطه‌ها اعداد تصادفی و مکان یکسان دارند:",
    ),
    "share luck": ("Points share random numbers:", "نقطه‌ها اعداد تصادفی یکسان دارند:"),
    "paired": (
        "compare them by paired differences, experiments.load({folder}).differences(BASE)",
        "آن‌ها را با تفاوت‌های جفت‌شده مقایسه کنید: experiments.load({folder}).differences(BASE)",
    ),
    "whole": (
        "runs are missing: only the {whole} of {all} replications complete at every point are used",
        "برخی اجراها نیست: از {all} تکرار تنها {whole} تکرار که در همه نقطه‌ها کامل است به کار رفته",
    ),
    "done": ("{runs} done", "{runs} اجرا انجام شد"),
    "failed": ("{count} failed", "{count} اجرا ناموفق بود"),
    "missing": ("{count} missing", "{count} اجرا نیست"),
    "why": (
        "{runs} failed; the reasons are in {folder}/failures.parquet; to repeat them: the sweep's command with {retry}",
        "{runs} اجرا ناموفق بود؛ دلیل‌ها در {folder}/failures.parquet است؛ برای تکرار آن‌ها: همان دستور با {retry}",
    ),
    "debug": (
        "to debug one of them: mahalle run --from {folder} --run-id N --debug",
        "برای اشکال‌زدایی یکی از آن‌ها: mahalle run --from {folder} --run-id N --debug",
    ),
    "cut off": (
        "shards/{name} was altered or cut off and is left out: give the sweep's command again to repeat its runs",
        "shards/{name} دست‌کاری شده یا ناتمام است و کنار گذاشته شد: دستور را دوباره بدهید تا اجراهای آن تکرار شود",
    ),
    "files": (
        "Files: {folder} (runs, outcomes and failures as Parquet, {experiment}, manifest.json)",
        "پرونده‌ها: {folder} (runs، outcomes و failures به صورت Parquet، {experiment}، manifest.json)",
    ),
}
_COLUMNS = {
    "policy": "سیاست", "outcome": "پیامد", "runs": "اجراها", "mean": "میانگین", "low": "از", "high": "تا",
}  # fmt: skip
"""Columns of the table in Persian; in English they have the names of the file."""


def rows_shown(table: pd.DataFrame, order: Sequence[str], most: int = ROWS_SHOWN) -> tuple[pd.DataFrame, str]:
    """The rows of a summary to print, and in words what is left out (nothing if all are shown).

    Shows as many whole outcomes over all points as fit; if not even one fits, its first points under each policy, so
    that no policy is missing.

    Args:
        table: the summary.
        order: outcomes, the most important first: the one that decides when the runs stop, and those of the experiment.
        most: largest number of rows; every policy has at least one row.
    """
    if len(table) <= most:
        return table, ""
    there = list(dict.fromkeys(table["outcome"]))
    outcomes = list(dict.fromkeys([outcome for outcome in order if outcome in there] + there))
    points = table["point"].nunique()
    kept = outcomes[: max(1, most // points)]
    rows = table[table["outcome"].isin(kept)].copy()
    left_out = [f"{some(len(outcomes) - len(kept), 'other outcome')}"] if len(kept) < len(outcomes) else []
    if len(rows) > most:
        rows = rows.groupby("policy", sort=False).head(max(1, most // rows["policy"].nunique()))
        left_out.insert(0, f"{points - rows['point'].nunique():,} of {some(points, 'point')}")
    rows = rows.sort_values("outcome", key=lambda column: column.map(outcomes.index), kind="stable")
    return rows, f"{' and '.join(left_out)} ({len(table) - len(rows):,} of {len(table):,} rows)"


def speaks_of(experiment: Experiment, language: Language = "en") -> str:
    """What the interval of a point's mean covers, in words."""
    text = texts_of(_TEXTS, language)
    what = text("luck" if experiment.posterior is None else "luck and behaviour")
    if experiment.places == 1:
        return text("one place", what=what, seed=digits(str(experiment.base.run.place_seed), language))
    return text("places", what=what)


def about_failures(sweep: Sweep, language: Language = "en") -> str:
    """How many runs failed, which file gives the reasons, and how to repeat them."""
    runs = _runs(len(sweep.failures), language)
    return texts_of(_TEXTS, language)("why", runs=runs, folder=str(sweep.folder), retry=RETRY)


def report(sweep: Sweep, language: Language = "en") -> str:
    """Means with 95 % intervals, failed and missing runs, and where the files are.

    In Persian policies, outcomes and what is set go by their titles; the reasons of failures stay English.
    """
    experiment, text = sweep.experiment, texts_of(_TEXTS, language)
    folder = str(sweep.folder)
    lines = [which((experiment.title.en, experiment.title.fa or experiment.title.en), language), ""]
    if experiment.posterior is not None:
        lines += [text("posterior", caution=experiment.posterior.caution(language)), ""]
    table = sweep.summary()
    ranked = getattr(experiment.replications, "of", "")
    shown, left_out = rows_shown(table, [ranked, *(outcome.label for outcome in experiment.outcomes)])
    with pd.option_context("display.width", 200, "display.max_columns", 20, "display.max_colwidth", 40):
        lines.append(_in_text(shown.drop(columns="point"), experiment, language))
    if left_out:
        lines.append(text("left out", what=left_out, folder=folder))
        lines.append(f"experiments.load({folder!r}).summary()")
    lines += ["", text("interval", of=speaks_of(experiment, language))]
    lines.append(text("share all" if experiment.places == 1 else "share luck"))
    lines.append(text("paired", folder=repr(folder)))
    return "\n".join([*lines, *_about_runs(sweep, language), text("files", folder=folder, experiment=EXPERIMENT)])


def _about_runs(sweep: Sweep, language: Language) -> list[str]:
    """How many runs are done, failed and missing, and what to do about it."""
    text, counts = texts_of(_TEXTS, language), sweep.runs.status.value_counts()
    done, failed, missing = (int(counts.get(name, 0)) for name in ("done", "failed", "missing"))
    lines = []
    whole, of_all = len(sweep.whole_replications), sweep.runs.replication.nunique()
    if whole < of_all:
        lines.append(text("whole", whole=_count(whole, language), all=_count(of_all, language)))
    others = [
        text(name, count=_count(count, language)) for name, count in (("failed", failed), ("missing", missing)) if count
    ]
    lines.append(which((", ", "، "), language).join([text("done", runs=_runs(done, language)), *others]))
    for failure in sweep.failures.head(3).itertuples():
        lines.append(f"run {failure.run_id} failed: {failure.error}: {failure.message}")
    if failed:
        lines += [about_failures(sweep, language), text("debug", folder=str(sweep.folder))]
    return [*lines, *(text("cut off", name=name) for name in sweep.left_out)]


def _in_text(shown: pd.DataFrame, experiment: Experiment, language: Language) -> str:
    """The table of means as text, in Persian with titles instead of keys."""
    if language == "en":
        return frame_in_text(shown, ".4g")
    titles = titles_of(experiment, language)
    named = shown.assign(outcome=[label_in_words(str(label), language) for label in shown["outcome"]])
    if "policy" in named:
        named = named.assign(policy=[titles.get(name, name) for name in named["policy"]])
    heads = {key: _COLUMNS.get(str(key)) or title_of(str(key), language) for key in named.columns}
    return digits(frame_in_text(named.rename(columns=heads), ".4g"), language)


def _count(count: int, language: Language) -> str:
    return digits(f"{count:,}", language)


def _runs(count: int, language: Language) -> str:
    return some(count, "run") if language == "en" else _count(count, language)
