"""What a comparison was made of, and what its intervals cover and do not, in sentences of both languages."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.contrasts.shown import per_cent
from experiments.contrasts.spreads import assumptions_vary, speaks_of
from experiments.councils import saying_nothing
from experiments.languages import LANGUAGES, texts_of, which, written
from experiments.statistics import bonferroni
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.stopping import looks
from experiments.units import in_words
from sim.outcome import CITY, Language


def runs_of(experiment: Experiment, replications: int, language: Language = "en") -> str:
    """How often each policy was run, where, and at which scale, such as ``20 replications of each policy in one …``."""
    text, run = texts_of(_TEXTS, language), experiment.base.run
    one = experiment.places == 1
    number = str(run.place_seed if one else experiment.places)
    where = text("in one place" if one else "in places", number=written(number, language))
    values = {"replications": str(replications), "scale": f"{run.scale:g}"}
    return text("runs", where=where, **{name: written(value, language) for name, value in values.items()})


def level_in_words(experiment: Experiment) -> dict[Language, str]:
    """Level of each interval, such as ``95 %``; higher where a ranking may stop the runs (`looks`)."""
    level = bonferroni(0.95, looks(experiment.replications))
    return {language: per_cent(level, language) for language in LANGUAGES}


def cautions(experiment: Experiment, language: Language = "en") -> tuple[str, ...]:
    """What the intervals of an experiment cover, and what they do not, one sentence each."""
    text, seen, several = texts_of(_TEXTS, language), looks(experiment.replications), experiment.places > 1
    lines = [
        text(
            "several places" if several else "one place",
            level=level_in_words(experiment)[language],
            over=speaks_of(experiment, language),
        ),
        text("many"),
    ]
    if seen > 1:
        lines += [text("looks", looks=written(str(seen), language))]
    if several:
        lines += [text("single places")]
    elif assumptions_vary(experiment):
        lines += [text("assumptions differ"), text("single replications")]
    return tuple(lines)


def no_councils(policies: Sequence[str], language: Language = "en") -> str:
    """Which of the reported outcomes are not ranked because there are no councils, and why."""
    names = saying_nothing(CITY.compared)
    comma = which((", ", "، "), language)
    outcomes = [name if language == "en" else in_words(name, language) for name in names]
    return texts_of(_TEXTS, language)(
        "no council" if len(names) == 1 else "no councils", outcomes=comma.join(outcomes), policies=comma.join(policies)
    )


_TEXTS: dict[str, tuple[str, str]] = {
    "runs": (
        "{replications} replications of each policy in {where}, scale {scale}",
        "{replications} تکرار از هر سیاست در {where}، مقیاس {scale}",
    ),
    "in one place": ("one place (seed {number})", "یک مکان (بذر مکان {number})"),
    "in places": ("each of {number} places", "هر یک از {number} مکان"),
    "one place": (
        "Intervals are {level} confidence intervals of paired differences over {over}, with common random numbers, "
        "under the model's assumptions; they do not cover what happens in other places, or how far the model is from "
        "the real city.",
        "هر بازه، بازه اطمینان {level} برای تفاوت‌های جفت‌شده است، بر پایه {over}، با اعداد تصادفی یکسان و با فرض‌های "
        "مدل؛ آنچه در مکان‌های دیگر رخ می‌دهد و فاصله مدل از شهر واقعی را در بر نمی‌گیرد.",
    ),
    "several places": (
        "Intervals are {level} confidence intervals of paired differences over {over}, with common random numbers, "
        "under the model's assumptions; they do not cover how far the model is from the real city.",
        "هر بازه، بازه اطمینان {level} برای تفاوت‌های جفت‌شده است، بر پایه {over}، با اعداد تصادفی یکسان و با فرض‌های "
        "مدل؛ فاصله مدل از شهر واقعی را در بر نمی‌گیرد.",
    ),
    "many": (
        "There is no correction for the number of intervals: without any effect, one in twenty 95 % intervals still "
        "excludes 0.",
        "برای شمار بازه‌ها تصحیحی نشده است: حتی اگر هیچ اثری نباشد، از هر بیست بازه اطمینان ۹۵٪ یکی صفر را در بر ندارد.",
    ),
    "looks": (
        "Intervals are widened by a Bonferroni correction for {looks} looks, so that they hold at 95 % although the "
        "runs may stop early.",
        "بازه‌ها با تصحیح بونفرونی برای {looks} بار بررسی پهن‌تر شده است تا با وجود توقف زودهنگام اجراها در سطح ۹۵٪ "
        "برقرار باشد.",
    ),
    "single places": (
        "The 5-95 % range and the shares of better and worse are over single places, each the mean over its "
        "replications.",
        "دامنه ۵ تا ۹۵٪ و سهم‌های بهتر و بدتر از تک‌تک مکان‌هاست که هر یک میانگین تکرارهای خود است.",
    ),
    "assumptions differ": (
        "Assumptions differ between replications (or rows of a sample): an interval is for their average.",
        "فرض‌ها در تکرارها (یا ردیف‌های نمونه) یکسان نیست: هر بازه برای میانگین آن‌هاست.",
    ),
    "single replications": (
        "The 5-95 % range and the shares of better and worse are over single replications (or rows), random variation "
        "included.",
        "دامنه ۵ تا ۹۵٪ و سهم‌های بهتر و بدتر از تک‌تک تکرارها (یا ردیف‌ها) است و نوسان تصادفی را نیز در بر دارد.",
    ),
    "no council": (
        "{outcomes} is not ranked: without councils ({policies}) it has no meaning.",
        "این پیامد رتبه‌بندی نمی‌شود: {outcomes}؛ بدون شورا ({policies}) معنایی ندارد.",
    ),
    "no councils": (
        "{outcomes} are not ranked: without councils ({policies}) they have no meaning.",
        "این پیامدها رتبه‌بندی نمی‌شود: {outcomes}؛ بدون شورا ({policies}) معنایی ندارد.",
    ),
}
