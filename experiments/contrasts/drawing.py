"""The figures of `mahalle compare`: what is drawn of a comparison, in words and with where it comes from."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten

import pandas as pd

from experiments.contrasts.cautions import cautions, no_councils, runs_of
from experiments.contrasts.comparison import RANKED_BY, Comparison
from experiments.contrasts.neighbourhoods import at_last_week
from experiments.contrasts.shown import sort_groups
from experiments.contrasts.spreads import assumptions_vary, names_are_labels, speaks_of
from experiments.figure_files import files_of_figure
from experiments.figures.contrasts import Compared, contrast_figure
from experiments.figures.neighbourhoods import Mapped, neighbourhood_figure
from experiments.figures.pictures import stamp_of, write_figure
from experiments.figures.sheet import Sheet
from experiments.languages import texts_of, written
from experiments.least import INDEX, OF_THE_BASE, SURVEY, least_that_matters
from experiments.statistics import LEAST, LEAST_IN_SD
from sim.outcome import GROUPS, Language

FIGURE, MAPS = "contrasts", "neighbourhoods"

TITLE_WIDTH = 100
"""Letters of the base's title in the heading."""


def with_least(contrasts: pd.DataFrame, means: pd.DataFrame, base: str) -> pd.DataFrame:
    """Rows of the last week of the city and its groups, with the level under the base and the least that matters.

    Args:
        contrasts, means: of a comparison.
        base: the policy compared with.

    Returns:
        Its columns, `level`, and `least` (nan where no size can be called small).
    """
    rows = contrasts[contrasts.week == contrasts.week.max()]
    levels = means[means.policy == base].set_index(["outcome", "week", "group"])["mean"]
    keys = list(zip(rows.outcome, rows.week, rows.group, strict=True))
    level = levels.reindex(pd.MultiIndex.from_tuples(keys, names=levels.index.names)).to_numpy()
    least = [least_that_matters(outcome, value) for outcome, value in zip(rows.outcome, level, strict=True)]
    found: pd.DataFrame = rows.assign(level=level, least=least)
    return found


def draw(found: Comparison, folder: Path, language: Language) -> list[str]:
    """Write the figure of the differences, and the maps where the neighbourhoods are the same in all runs.

    Args:
        found: the comparison.
        folder: where to.
        language: of the words.

    Returns:
        The files written.
    """
    text, experiment = texts_of(_TEXTS, language), found.sweep.experiment
    contrasts = found.contrasts[found.contrasts.policy.map(found.pairs) > 0]
    titles = found.titles_in(language)
    base = shorten(titles[found.base], TITLE_WIDTH, placeholder=" …")
    city = experiment.base.city.title
    name = (city.en if language == "en" else city.fa or city.en) or text("city")
    runs = runs_of(experiment, found.replications, language)

    def note(week: int) -> str:
        return text("note", city=name, week=written(str(week), language), runs=runs)

    asked = {"asked": experiment.digest, "n": found.replications}
    stamps = {name: stamp_of(name, "mahalle compare", language, experiment.base, **asked) for name in (FIGURE, MAPS)}
    for stamp in stamps.values():
        stamp["seed"] = experiment.seed
    groups = sort_groups([group for group in contrasts.group.unique() if group])
    compared = Compared(
        with_least(contrasts, found.means, found.base),
        found.neighbourhoods,
        titles,
        found.ends_of(contrasts.outcome.unique()),
        found.ranked_by if found.ranked_by in GROUPS.compared else RANKED_BY,
        groups,
    )
    told = note(int(found.contrasts.week.max()))
    sheet = Sheet(language, title=text("title", base=base), note=told, money=found.money)
    caption = _caption(found, language)
    write_figure(lambda on: contrast_figure(compared, on), sheet, folder, FIGURE, stamps[FIGURE], caption)
    single = at_last_week(contrasts)
    if found.geography is None or single.empty:
        for file in files_of_figure(MAPS):
            (folder / file).unlink(missing_ok=True)
        return list(files_of_figure(FIGURE))
    names = found.geography.names if language == "en" else found.geography.names_fa
    mapped = Mapped(contrasts, found.geography.polygons, names, titles, found.named_by)
    sheet = Sheet(language, title=text("map title", base=base), note=note(int(single.week.max())), money=found.money)
    caption = _caption_of_maps(found, language)
    write_figure(lambda on: neighbourhood_figure(mapped, on), sheet, folder, MAPS, stamps[MAPS], caption)
    return [*files_of_figure(FIGURE), *files_of_figure(MAPS)]


def _caption(found: Comparison, language: Language) -> str:
    text = texts_of(_TEXTS, language)
    lines = [*cautions(found.sweep.experiment, language)]
    if found.more_than_luck_varies:
        lines.append(text("pale"))
    lines += _of_posterior(found, language)
    if found.councilless:
        lines.append(no_councils(found.councilless, language))
    numbers = {"survey": SURVEY, "index": INDEX, "percent": 100.0 * OF_THE_BASE, "sd": LEAST_IN_SD, "least": LEAST}
    values = {name: written(f"{value:g}", language) for name, value in numbers.items()}
    return " ".join([*lines, text("band", **values), text("in neighbourhoods", **values)])


def _caption_of_maps(found: Comparison, language: Language) -> str:
    text, experiment = texts_of(_TEXTS, language), found.sweep.experiment
    count = written(str(at_last_week(found.contrasts).neighbourhood.nunique()), language)
    looks = text("looks", looks=written(str(found.looks), language)) if found.looks > 1 else ""
    lines = [
        text("hatching", count=count, looks=looks),
        text("intervals", over=speaks_of(experiment, language)),
        text("selected"),
        names_are_labels(experiment, language),
    ]
    if assumptions_vary(experiment):
        lines.append(text("average"))
    return " ".join(filter(None, [*lines, *_of_posterior(found, language)]))


def _of_posterior(found: Comparison, language: Language) -> list[str]:
    posterior = found.sweep.experiment.posterior
    if posterior is None:
        return []
    return [texts_of(_TEXTS, language)("posterior", caution=posterior.caution(language))]


_TEXTS: dict[str, tuple[str, str]] = {
    "city": ("City", "شهر"),
    "title": ("Difference from: {base}", "تفاوت با «{base}»"),
    "map title": ("Difference by neighbourhood from: {base}", "تفاوت با «{base}»، محله به محله"),
    "note": ("{city}, week {week}, {runs}", "{city}، هفته {week}، {runs}"),
    "pale": ("Pale bars: the 5-95 % range.", "میله‌های کم‌رنگ: دامنه ۵ تا ۹۵٪."),
    "posterior": (
        "Behaviour is drawn from a posterior. {caution}",
        "رفتار از توزیع پسین نمونه‌گیری شده است. {caution}",
    ),
    "band": (
        "Grey band: below the least difference that matters, by convention {survey} for shares and means from 0 to 1, "
        "{index} for indices, {percent} % of the base's level for others; where the base is 0 no size can be called "
        "small, and the number stands alone. One scale for all outcomes; an arrow: it lies beyond the axis.",
        "نوار خاکستری: کمتر از کمترین تفاوت مهم، طبق قرارداد {survey} برای سهم‌ها و میانگین‌های ۰ تا ۱، {index} برای "
        "شاخص‌ها و {percent}٪ مقدار مبنا برای بقیه؛ اگر مبنا ۰ باشد هیچ تفاوتی را نمی‌توان کوچک خواند و تنها عدد "
        "می‌آید. مقیاس همه پیامدها یکی است؛ پیکان: مقدار بیرون از محور است.",
    ),
    "in neighbourhoods": (
        "A neighbourhood counts as higher or lower beyond {sd} standard deviations between neighbourhoods and {least}.",
        "محله‌ای بیشتر یا کمتر شمرده می‌شود که تفاوتش از {sd} انحراف معیار بین محله‌ها و از {least} بیشتر باشد.",
    ),
    "hatching": (
        "Hatching and ± use simultaneous 95 % intervals for all {count} neighbourhoods of an outcome and a policy "
        "(Bonferroni){looks}; a neighbourhood is hatched if its interval contains 0.",
        "هاشور و ± بر پایه بازه‌های هم‌زمان ۹۵٪ برای همه {count} محله هر پیامد و سیاست است (بونفرونی){looks}؛ محله‌ای "
        "هاشور دارد که بازه آن صفر را در بر دارد.",
    ),
    "looks": (", corrected for {looks} looks as well", "، با تصحیح برای {looks} بار بررسی"),
    "intervals": (
        "Intervals are of paired differences over {over}, with common random numbers, under the model's assumptions; "
        "they do not cover how far the model is from the real city.",
        "بازه‌ها از تفاوت‌های جفت‌شده است، بر پایه {over}، با اعداد تصادفی یکسان و با فرض‌های مدل؛ فاصله مدل از شهر واقعی "
        "را در بر نمی‌گیرد.",
    ),
    "selected": (
        "The neighbourhoods named are selected because they are extreme, so their differences are overestimates. Each "
        "outcome has one scale for all policies. Which end is better is a convention.",
        "محله‌های نام‌برده به دلیل بیشترین یا کمترین تفاوت انتخاب شده‌اند و تفاوت آن‌ها بیش‌برآورد است. هر پیامد برای همه "
        "سیاست‌ها یک مقیاس دارد. این که کدام سو بهتر است قراردادی است.",
    ),
    "average": (
        "Assumptions differ between replications (or rows of a sample): intervals are for their average.",
        "فرض‌ها در تکرارها (یا ردیف‌های نمونه) یکسان نیست: بازه‌ها برای میانگین آن‌هاست.",
    ),
}
