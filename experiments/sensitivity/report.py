"""What `mahalle sensitivity` prints: the assumptions with the largest effects, and what is noise."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.contrasts.arms import label_in_words
from experiments.contrasts.titles import titles_of
from experiments.languages import digits, texts_of, which
from experiments.narrow import frame_in_text
from experiments.sensitivity.analysis import SETTING, Findings
from experiments.sensitivity.indices import step_of
from experiments.sensitivity.screening import Choice, relative
from experiments.sensitivity.store import FIGURE, LUCK, TABLE, name_for
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.tables import Sweep
from experiments.titles import title_of
from sim.outcome import Language

FACTORS_SHOWN = 8
"""Of each outcome, on the screen."""

_TEXTS: dict[str, tuple[str, str]] = {
    "rule": ("Rule: {rule}.", "قاعده (به انگلیسی): {rule}."),
    "none": (
        "No factor meets it: there is nothing for a Sobol' analysis.",
        "هیچ عاملی این قاعده را برآورده نمی‌کند: برای تحلیل سوبول چیزی نمی‌ماند.",
    ),
    "one": ("1 factor meets it", "۱ عامل آن را برآورده می‌کند"),
    "several": ("{count} factors meet it", "{count} عامل آن را برآورده می‌کند"),
    "taken": (
        "{meet}; the Sobol' analysis takes {count}: {factors}.",
        "{meet}؛ تحلیل سوبول {count} عامل را بررسی می‌کند: {factors}.",
    ),
    "others": (
        "All other factors keep the base's values in it.",
        "عامل‌های دیگر در آن همان مقدارهای شهر مبنا را دارند.",
    ),
    "under": ("{outcome} under {policy}{against}{where}", "{outcome} در «{policy}»{against}{where}"),
    "against": (" less {base}", "، منهای «{base}»"),
    "counted": ("({kept} of {of} {what}; {luck})", "({kept} از {of} {what}؛ {luck})"),
    "trajectories": ("trajectories", "مسیر"),
    "blocks": ("blocks", "بلوک"),
    "still": (
        "it does not vary: no assumption affects it",
        "تغییری نمی‌کند: هیچ فرضی بر آن اثر ندارد",
    ),
    "once": (
        "noise not measured: one replication; {option} measures it",
        "اثر تصادف سنجیده نشده است: تنها یک تکرار؛ {option} آن را می‌سنجد",
    ),
    "no noise": (
        "noise could not be measured: fewer than two points have all their runs",
        "سنجش اثر تصادف ممکن نبود: کمتر از دو نقطه همه اجراهای خود را دارند",
    ),
    "noise": (
        "noise is {luck} of the variance of runs, {noise} of the variance of what is analysed{by}",
        "سهم تصادف از واریانس اجراها {luck} و از واریانس آنچه تحلیل شده {noise} است{by}",
    ),
    "by": (", from {count} repeated points", "، بر پایه {count} نقطه تکرارشده"),
    "floor": (
        "floor: noise floor, the index of a factor without any effect; effects above twice the floor count.",
        "floor: کف نوفه، یعنی شاخص عاملی که هیچ اثری ندارد؛ اثر بزرگ‌تر از دو برابر آن به حساب می‌آید.",
    ),
    "files": ("Files: {folder} ({files})", "پرونده‌ها: {folder} ({files})"),
}
_MORRIS: tuple[tuple[str, str], ...] = (
    (
        "mu_star, low, high: mean absolute change of the outcome and its 95 % interval; for a number, over its",
        "mu_star، low، high: میانگین قدر مطلق تغییر پیامد و بازه اطمینان ۹۵٪؛ برای عدد، در سراسر",
    ),
    (
        "whole range, extrapolated linearly from a step of {step} of the range; for a",
        "دامنه آن، با برون‌یابی خطی از گامی برابر {step} دامنه؛ برای",
    ),
    ("choice, per change of name, as observed;", "گزینه، به ازای هر تغییر گزینه، چنان‌که دیده شده؛"),
    (
        "mu: mean signed change; sigma: dependence on the position in the range and on the other factors;",
        "mu: میانگین تغییر با علامت؛ sigma: وابستگی به جای عامل در دامنه و به عامل‌های دیگر؛",
    ),
    ("share: of the outcome's largest mu_star.", "share: نسبت به بزرگ‌ترین mu_star همان پیامد."),
)
_SOBOL = (
    "S1: first-order index; ST: total-order index, with all interactions of the factor; 95 % intervals.",
    "S1: شاخص مرتبه اول؛ ST: شاخص کل، با همه برهم‌کنش‌های عامل؛ بازه‌های اطمینان ۹۵٪.",
)


def described(choice: Choice, language: Language = "en") -> str:
    """What the choice was, and by which rule."""
    text, comma = texts_of(_TEXTS, language), which((", ", "، "), language)
    lines = [text("rule", rule=choice.rule)]
    if not choice.keys:
        return "\n".join([*lines, text("none")])
    meet = text("one") if choice.passed == 1 else text("several", count=_whole(choice.passed, language))
    factors = comma.join(_factor(key, language) for key in choice.keys)
    lines.append(text("taken", meet=meet, count=_whole(len(choice.keys), language), factors=factors))
    return "\n".join([*lines, text("others")])


def report(sweep: Sweep, findings: Findings, base: str | None, language: Language = "en") -> str:
    """The factors with the largest effects on each outcome, the noise, what was dropped, and where the files are.

    In Persian outcomes, policies and factors go by their titles; symbols of the method, notes on what is missing and
    names of files stay as they are.
    """
    experiment, text = sweep.experiment, texts_of(_TEXTS, language)
    morris = experiment.design.kind == "morris"
    lines = [which((experiment.title.en, experiment.title.fa or experiment.title.en), language)]
    for head in findings.luck.to_dict("records"):
        setting = [head[name] for name in SETTING]
        against = text("against", base=_policy(experiment, head["against"], language)) if head["against"] else ""
        where = which((", ", "، "), language) + head["levers"] if head["levers"] else ""
        named = {"outcome": _outcome(head["outcome"], language), "against": against, "where": where}
        lines += ["", text("under", policy=_policy(experiment, head["policy"], language), **named)]
        counts = {name: _whole(head[name], language) for name in ("kept", "of")}
        of = text("trajectories" if morris else "blocks")
        lines += [text("counted", what=of, luck=_luck(head, language), **counts)]
        if head["sd"] == 0.0:
            continue
        table = relative(findings) if morris else _sobol_wide(findings)
        own = table[(table[list(SETTING)] == setting).all(axis=1)]
        by = "mu_star" if morris else "ST"
        shown = own.sort_values(by, ascending=False, kind="stable").head(FACTORS_SHOWN)
        shown = shown.drop(columns=[*SETTING, *(["beyond_luck"] if morris else [])])
        if shown["floor"].isna().all():
            shown = shown.drop(columns="floor")
        shown = shown.assign(factor=[_factor(str(key), language) for key in shown["factor"]])
        with pd.option_context("display.width", 200, "display.max_columns", 20, "display.max_colwidth", 60):
            table_text = frame_in_text(shown, ".3g")
        lines.append(table_text if language == "en" else digits(table_text, language))
    lines += ["", *_meaning(experiment, language), *findings.notes]
    files = ", ".join(name_for(file, base) for file in (TABLE, LUCK, FIGURE))
    lines.append(text("files", folder=str(sweep.folder), files=files))
    return "\n".join(lines)


def _whole(value: Any, language: Language) -> str:
    return digits(f"{int(value)}", language)


def _factor(key: str, language: Language) -> str:
    """A factor: by its key in English, as files have it; by its title in Persian."""
    return key if language == "en" else title_of(key, language)


def _policy(experiment: Experiment, name: str, language: Language) -> str:
    if language == "en":
        return name
    return titles_of(experiment, language).get(name, name)


def _outcome(label: str, language: Language) -> str:
    """An outcome: by its label in English, in words in Persian."""
    return label if language == "en" else label_in_words(label, language)


def _luck(head: Mapping[Hashable, Any], language: Language) -> str:
    text = texts_of(_TEXTS, language)
    if head["sd"] == 0.0:
        return text("still")
    if head["repeated"] == 0:
        return text("once", option="--luck 20")
    if np.isnan(head["noise_share"]):
        return text("no noise")
    by = text("by", count=_whole(head["repeated"], language)) if head["replications"] == 1 else ""
    shares = {name: _per_cent(head[f"{name}_share"], language) for name in ("luck", "noise")}
    return text("noise", by=by, **shares)


def _per_cent(share: float, language: Language, decimals: int = 1) -> str:
    shown = f"{share:.{decimals}%}"
    return shown if language == "en" else digits(shown, language)


def _meaning(experiment: Experiment, language: Language) -> list[str]:
    floor = texts_of(_TEXTS, language)("floor")
    if experiment.design.kind != "morris":
        return [which(_SOBOL, language), floor]
    step = _per_cent(step_of(experiment.design), language, 0)
    return [*(which(line, language).format(step=step) for line in _MORRIS), floor]


def _sobol_wide(findings: Findings) -> pd.DataFrame:
    """One row per factor: ST with its interval and floor, and S1 with its interval."""
    keys = [*SETTING, "factor"]
    table = findings.table[findings.table["other"] == ""]
    parts = []
    for index in ("ST", "S1"):
        own = table.loc[table["index"] == index, [*keys, "value", "low", "high"]]
        names = {"value": index, "low": f"{index}_low", "high": f"{index}_high"}
        parts.append(own.rename(columns=names))
    floors = table.loc[table["index"] == "ST", [*keys, "floor"]]
    return parts[0].merge(floors, on=keys).merge(parts[1], on=keys)
