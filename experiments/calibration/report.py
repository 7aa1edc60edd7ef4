"""What `mahalle calibrate` prints: claimed and observed beside simulated, what was learned, and what cannot be."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from experiments.calibration.calibration import JUDGED, LEARNED, POSTERIOR, SIMULATED, figure_in
from experiments.calibration.finishing import Calibrated
from experiments.calibration.naming import Places, figures_in_words, place_of, with_names
from experiments.calibration.posterior import caution_of
from experiments.languages import LANGUAGES, texts_of, which, written
from experiments.narrow import frame_in_text
from experiments.study.watching import some
from experiments.sweeps.designs import inverse_cdf
from experiments.titles import title_of
from sim.outcome import Language

WIDTH = 110
PAIRS_SHOWN = 3

_TEXTS: dict[str, tuple[str, str]] = {
    "claims": ("Simulated by the posterior beside claimed", "آنچه با پسین شبیه‌سازی شده در کنار آنچه ادعا شده"),
    "surveys": (
        "Figures of your own beside simulated surveys (place: share of simulated surveys below what was observed)",
        "ارقام خود شما در کنار نظرسنجی‌های شبیه‌سازی‌شده (رتبه: سهم نظرسنجی‌های شبیه‌سازی‌شده کمتر از مشاهده)",
    ),
    "missing": ("Missing in the files: {figures}.", "در پرونده‌ها نیامده است: {figures}."),
    "verdict": (
        "{name}: {inside} of {all} lie in the 90 % interval of simulated surveys",
        "{name}: {inside} رقم از {all} رقم در بازه ۹۰٪ نظرسنجی‌های شبیه‌سازی‌شده قرار دارد",
    ),
    "fitted": ("Figures fitted", "ارقامی که برازش بر آن‌ها انجام شده"),
    "held out": ("Figures held out, judged after the fit", "ارقام کنارگذاشته که پس از برازش سنجیده شده"),
    "outside": ("; outside: {figures}.", "؛ بیرون از بازه: {figures}."),
    "learned": (
        "Prior and posterior (shrinkage: 1 - sd posterior / sd prior; shift of the mean in prior sds)",
        "پیشین و پسین (انقباض: ۱ منهای انحراف معیار پسین بر انحراف معیار پیشین؛ جابه‌جایی میانگین به واحد انحراف معیار "
        "پیشین)",
    ),
    "nothing": (
        "Nothing detected (no more than chance for {size} effective particles; "
        "values of these parameters drawn from the posterior are still assumptions): {keys}.",
        "چیزی درباره این پارامترها آموخته نشد (بیش از تصادف برای {size} ذره مؤثر نیست؛ مقدارهایی که از پسین برای آن‌ها "
        "برگرفته شود همچنان فرض است): {keys}.",
    ),
    "pressed": (
        "Pressed against a bound of the prior: {parameters}. Values beyond it may fit better, so the mean and the "
        "interval say where the prior ends. Widen the prior, with a reason; where the parameter's declared range "
        "ends there, or no reason can be given, doubt the figures that were fitted, or the model.",
        "چسبیده به مرز پیشین: {parameters}. شاید مقدارهای آن سوی مرز بهتر برازش شود؛ پس میانگین و بازه نشان می‌دهد "
        "که پیشین کجا پایان می‌یابد. پیشین را با دلیل گسترده‌تر کنید؛ اگر دامنه تعریف‌شده پارامتر همان‌جا پایان "
        "می‌یابد یا دلیلی در دست نیست، در ارقامی که برازش بر آن‌ها انجام شده، یا در مدل، تردید کنید.",
    ),
    "at_bound": ("{key} ({bound}, {value})", "{key} ({bound}، {value})"),
    "lower": ("lower bound", "مرز پایین"),
    "upper": ("upper bound", "مرز بالا"),
    "fixed": (
        "The same in every particle, whatever its behaviour, so that they teach nothing about it: {figures}.",
        "در همه ذره‌ها یکسان است، رفتار هر چه باشد، و پس چیزی درباره رفتار نمی‌آموزد: {figures}.",
    ),
    "pair": (
        "Only together: {one} and {other} (correlation {correlation}); one can make up for the other.",
        "تنها با هم: «{one}» و «{other}» (همبستگی {correlation})؛ یکی می‌تواند جای دیگری را بگیرد.",
    ),
    "emulator": (
        "Emulator: it predicts {middle} of the variance of runs it has not seen for the median figure, "
        "{least} for the worst ({worst}); what it misses is part of the likelihood.",
        "مدل جانشین: برای رقم میانه {middle} از واریانس اجراهایی را که ندیده است پیش‌بینی می‌کند، و برای بدترین رقم "
        "({worst}) {least}؛ آنچه پیش‌بینی نمی‌کند بخشی از درست‌نمایی است.",
    ),
    "no variance": ("nothing", "هیچ"),
    "generations": ("Generations", "نسل‌ها"),
    "given up": (
        "Given up: fewer than {least} of the runs came within the next threshold. The posterior is that of "
        "threshold {reached}, not of the last one asked for.",
        "کار به پایان نرسید: کمتر از {least} از اجراها به آستانه بعدی رسید. پسین از آن آستانه {reached} است، نه آخرین "
        "آستانه خواسته‌شده.",
    ),
    "files": ("Files: {folder} ({names})", "پرونده‌ها: {folder} ({names})"),
}

_HEADS: dict[str, tuple[str, str]] = {
    "pattern": ("pattern", "الگو"),
    "figure": ("figure", "رقم"),
    "claimed": ("claimed (not verified)", "ادعاشده (راستی‌آزمایی‌نشده)"),
    "tolerance": ("tolerance", "رواداری"),
    "simulated": ("simulated", "شبیه‌سازی"),
    "low": ("5 %", "صدک ۵"),
    "high": ("95 %", "صدک ۹۵"),
    "origin": ("origin", "منشأ"),
    "part": ("part", "کاربرد"),
    "observed": ("observed", "مشاهده"),
    "error": ("error", "خطا"),
    "place": ("place", "رتبه"),
    "inside": ("inside", "در بازه"),
    "key": ("key", "پارامتر"),
    "prior_mean": ("prior_mean", "میانگین پیشین"),
    "prior_sd": ("prior_sd", "انحراف معیار پیشین"),
    "posterior_mean": ("posterior_mean", "میانگین پسین"),
    "posterior_sd": ("posterior_sd", "انحراف معیار پسین"),
    "shrinkage": ("shrinkage", "انقباض"),
    "shrinkage_by_chance": ("shrinkage_by_chance", "انقباض بر اثر تصادف"),
    "shift": ("shift", "جابه‌جایی"),
    "shift_by_chance": ("shift_by_chance", "جابه‌جایی بر اثر تصادف"),
    "learned": ("learned", "آموخته"),
    "generation": ("generation", "نسل"),
    "threshold": ("threshold", "آستانه"),
    "runs": ("runs", "اجرا"),
    "acceptance": ("acceptance", "پذیرش"),
    "effective_size": ("effective_size", "اندازه مؤثر"),
}

_CELLS: dict[str, tuple[str, str]] = {
    "yes": ("yes", "بله"),
    "no": ("no", "نه"),
    "fitted": ("fitted", "برازش"),
    "held out": ("held out", "کنارگذاشته"),
    "survey": ("survey", "نظرسنجی"),
    "claimed": ("claimed", "ادعا"),
    "synthetic": ("synthetic", "ساختگی"),
}


def report(found: Calibrated, language: Language = "en") -> str:
    """Claimed and observed beside simulated, prior beside posterior, and what cannot be learned.

    In English figures and parameters go by their labels and keys, as the files have them; in Persian by their titles.
    """
    calibration, text = found.calibration, texts_of(_TEXTS, language)
    title = calibration.title.en if language == "en" else calibration.title.fa or calibration.title.en
    lines = [title, "", *_wrapped(caution_of(calibration.origins, language)), ""]
    if calibration.figures:
        lines += [text("claims"), _table(found.simulated, list(found.simulated.columns), language), ""]
    if calibration.targets:
        lines += [*_judged(found, language), ""]
    columns = ("key", "prior_mean", "prior_sd", "posterior_mean", "posterior_sd", "shrinkage", "shrinkage_by_chance")
    said = zip(_yes_or_no(found.learned.learned, language), found.learned.at_bound, strict=True)
    learned = found.learned.assign(learned=[text(bound) if bound else word for word, bound in said])
    lines += [text("learned"), _table(learned, [*columns, "shift", "shift_by_chance", "learned"], language)]
    unknown = what_cannot_be_learned(found, language)
    lines += ["", *unknown] if unknown else []
    if found.explained:
        lines += ["", *_wrapped(_of_emulator(found, language))]
    else:
        lines += ["", text("generations"), _table(found.generations, list(found.generations.columns), language)]
    if not found.complete:
        bounds = calibration.least_acceptance, found.generations.threshold.iloc[-1]
        least, reached = (written(f"{bound:g}", language) for bound in bounds)
        lines += ["", *_wrapped(text("given up", least=least, reached=reached))]
    judged = [JUDGED] if calibration.targets else []
    figures = ", ".join(f"{figure_in(one)}.png" for one in LANGUAGES)
    names = [POSTERIOR, SIMULATED, LEARNED, *judged, f"{figures} (.svg, .pdf)", "manifest.json"]
    return "\n".join([*lines, "", text("files", folder=str(found.folder), names=", ".join(names))])


def _judged(found: Calibrated, language: Language) -> list[str]:
    """Figures of one's own beside simulated surveys, and how many lie in their intervals."""
    text, own = texts_of(_TEXTS, language), found.judged
    places = found.calibration.places
    shown = own.assign(
        origin=[which(_CELLS[origin], language) for origin in own.origin],
        part=[which(_CELLS["held out" if held_out else "fitted"], language) for held_out in own.held_out],
        inside=_yes_or_no(own.inside, language),
    )
    columns = ["figure", "origin", "part", "observed", "error", "simulated", "low", "high", "place", "inside"]
    lines = [text("surveys"), _table(shown, columns, language, places)]
    lines += [line for said in verdict(own, language, places) for line in _wrapped(said)]
    count = found.calibration.missing
    missing = some(count, "figure") if language == "en" else f"{written(f'{count:,}', language)} رقم"
    return [*lines, text("missing", figures=missing)] if count else lines


def verdict(judged: pd.DataFrame, language: Language = "en", places: Places = ()) -> list[str]:
    """In words: how many figures lie in their 90 % interval, fitted and held out apart, and which do not.

    Args:
        judged: of `judging.judge`.
        language: of the words.
        places: names of the neighbourhoods; without them they go by number.
    """
    lines, text = [], texts_of(_TEXTS, language)
    for held_out, name in ((False, "fitted"), (True, "held out")):
        own = judged[judged.held_out == held_out]
        if own.empty:
            continue
        outside = own.loc[~own.inside, "figure"].to_list()
        counts = {"inside": len(own) - len(outside), "all": len(own)}
        said = {key: written(f"{count:,}", language) for key, count in counts.items()}
        line = text("verdict", name=text(name), **said)
        lines.append(line + (text("outside", figures=_listed(outside, language, places)) if outside else "."))
    return lines


def _of_emulator(found: Calibrated, language: Language) -> str:
    """How well the emulator predicts runs it has not seen."""
    text, ascending = texts_of(_TEXTS, language), sorted(found.explained.items(), key=lambda own: own[1])
    (worst, least), middle = ascending[0], ascending[len(ascending) // 2][1]
    # of a figure that hardly varies it may miss more than all of the variance
    lowest = written(f"{100 * least:.0f} %", language) if least > 0.0 else text("no variance")
    said = {"middle": written(f"{100 * middle:.0f} %", language), "least": lowest}
    return text("emulator", worst=_listed([worst], language, found.calibration.places), **said)


def what_cannot_be_learned(found: Calibrated, language: Language = "en") -> list[str]:
    """In words: parameters at a bound or not learned, figures that say nothing, and pairs that trade off."""
    text, comma = texts_of(_TEXTS, language), which((", ", "، "), language)
    nothing = _parameters(found.learned.loc[~found.learned.learned, "key"], language)
    spread = (found.simulated.high - found.simulated.low) / found.simulated.tolerance
    fixed = found.simulated.loc[spread == 0.0, "figure"].to_list()
    lines = _wrapped(text("pressed", parameters=pressed)) if (pressed := comma.join(_pressed(found, language))) else []
    if nothing:
        size = written(f"{found.generations.effective_size.iloc[-1]:.0f}", language)
        lines += _wrapped(text("nothing", size=size, keys=comma.join(nothing)))
    if fixed:
        lines += _wrapped(text("fixed", figures=_listed(fixed, language, found.calibration.places)))
    for pair in found.trade_offs.head(PAIRS_SHOWN).itertuples():
        one, other = _parameters([str(pair.one), str(pair.other)], language)
        correlation = written(f"{pair.correlation:+.2f}", language)
        lines += _wrapped(text("pair", one=one, other=other, correlation=correlation))
    return lines


def _pressed(found: Calibrated, language: Language) -> list[str]:
    """Parameters that are pressed against a bound of their prior, with the bound."""
    text, factors = texts_of(_TEXTS, language), {factor.key: factor for factor in found.calibration.factors}
    pressed = found.learned[found.learned.at_bound != ""]
    said = []
    for name, key, bound in zip(_parameters(pressed.key, language), pressed.key, pressed.at_bound, strict=True):
        end = inverse_cdf(factors[key], np.array([1.0 if bound == "upper" else 0.0]))[0]
        said.append(text("at_bound", key=name, bound=text(bound), value=written(f"{end:g}", language)))
    return said


def _yes_or_no(values: Iterable[bool], language: Language) -> list[str]:
    return [which(_CELLS["yes" if value else "no"], language) for value in values]


def _parameters(keys: Iterable[str], language: Language) -> list[str]:
    """Parameters: by their keys in English, as files have them; by their titles in Persian."""
    return [key.removeprefix("behaviour.") if language == "en" else title_of(key, language) for key in keys]


def _listed(figures: Sequence[str], language: Language, places: Places) -> str:
    return which(("; ", "؛ "), language).join(_figures(figures, language, places))


def _figures(labels: Sequence[str], language: Language, places: Places) -> list[str]:
    """Figures: by their labels in English, as files have them, with neighbourhoods by name; in words in Persian."""
    if language == "en":
        return [with_names(label, places) for label in labels]
    return figures_in_words(labels, language, places=[place_of(label, places, language) for label in labels])


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)


def _table(table: pd.DataFrame, columns: Sequence[str], language: Language, places: Places = ()) -> str:
    """Some columns of a table to be printed."""
    shown = table[list(columns)]
    if "key" in columns:
        shown = shown.assign(key=_parameters(shown.key, language))
    if "figure" in columns:
        shown = shown.assign(figure=_figures(shown.figure.to_list(), language, places))
    if language == "fa":
        shown = shown.assign(**{name: _numbers(shown[name]) for name in shown.select_dtypes(np.number).columns})
    shown = shown.rename(columns={name: which(_HEADS[name], language) for name in columns})
    with pd.option_context("display.width", 200, "display.max_columns", 20, "display.max_colwidth", 100):
        return frame_in_text(shown, ".4g")


def _numbers(values: pd.Series) -> list[str]:
    """Numbers of a column in Persian: whole ones whole, others to four significant figures, without powers of ten."""
    if pd.api.types.is_integer_dtype(values.dtype):
        return [written(f"{value:d}", "fa") for value in values]
    texts = [np.format_float_positional(value, precision=4, fractional=False, trim="-") for value in values]
    return ["–" if text == "nan" else written(text.replace("inf", "∞"), "fa") for text in texts]
