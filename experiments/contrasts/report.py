"""A comparison printed: the answer in words, differences with intervals, who loses and who gains, and the cautions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.answers.answer import answer_of
from experiments.answers.findings import sentence_of
from experiments.answers.lines import group_lines
from experiments.answers.texts import Text
from experiments.contrasts.cautions import cautions, no_councils, runs_of
from experiments.contrasts.comparison import Comparison
from experiments.contrasts.report_tables import Tables
from experiments.contrasts.shown import chance, per_cent
from experiments.contrasts.spreads import (
    ASSUMPTIONS,
    LUCK,
    PLACES,
    PLACES_AND_ASSUMPTIONS,
    names_are_labels,
    spread_over,
)
from experiments.languages import texts_of, which, written
from experiments.least import INDEX, OF_THE_BASE, SURVEY
from experiments.screen import Screen
from experiments.statistics import LEAST, LEAST_IN_SD
from experiments.study.runner import RETRY
from experiments.sweeps.tables import Sweep
from experiments.units import in_words as outcome_in_words
from experiments.words import Effect
from sim.outcome import CITY, LOWEST, Language

WIDTH = 136
"""Of the table of outcomes, where the output is no terminal."""


def print_comparison(found: Comparison, language: Language = "en") -> None:
    """Print a comparison, in colour on a terminal and as plain text elsewhere.

    The answer comes first. Who loses stands before who gains.
    """
    _Report(found, language).print()


def print_failures(screen: Screen, sweep: Sweep, language: Language) -> None:
    """Print how many runs failed, if any did, and what numbers are from."""
    if len(sweep.failures):
        count = written(f"{len(sweep.failures)}", language)
        screen.print(texts_of(_TEXTS, language)("failed", count=count, retry=RETRY))


class _Report:
    """The parts of what is printed of one comparison."""

    def __init__(self, found: Comparison, language: Language) -> None:
        self.found, self.language = found, language
        self.screen, self.text = Screen(WIDTH), texts_of(_TEXTS, language)
        self.titles: dict[Language, dict[str, str]] = {"en": found.titles_in("en"), "fa": found.titles_in("fa")}
        self.tables = Tables(found, language, self.screen)
        self.names, self.week = self.tables.names, self.tables.week

    def print(self) -> None:
        found, language = self.found, self.language
        titles: dict[str, Text] = {
            name: {language: titles[name] for language, titles in self.titles.items()} for name in self.names
        }
        answer = answer_of(found, source="run", titles=titles)
        for policy, own in zip(found.policies, answer["policies"], strict=True):
            self._print_answer(policy, own)
        self._print_runs()
        for policy, own in zip(found.policies, answer["policies"], strict=True):
            less = {"policy": self.names[policy], "base": self.names[found.base]}
            failed = len(found.sweep.failures)
            pairs = self.text("pairs", pairs=self._whole(found.pairs[policy])) if failed else ""
            self._head(self.text("less", **less) + pairs)
            if found.pairs[policy]:
                self._print_policy(policy, own)
        self.screen.print("")
        self.screen.print(self._chance_of_base())
        if found.councilless:
            self.screen.print(no_councils([self.names[name] for name in found.councilless], language))
        self.screen.print(" ".join(cautions(found.sweep.experiment, language)))
        if found.geography is not None:
            labels = names_are_labels(found.sweep.experiment, language)
            self.screen.print(self.text("selected", labels=labels).rstrip())
        self.screen.print(self._conventions())

    def _print_answer(self, policy: str, answer: Mapping[str, Any]) -> None:
        """What a policy changes: the headline, and the outcome that ranks in a sentence."""
        name, title = self.names[policy], self.titles[self.language][policy]
        named = title if name == title else f"{name}: {title}"
        self.screen.print(self.text("answer", policy=named, week=self._whole(self.week)), style="bold")
        if answer["changes"][self.language]:
            self.screen.print(answer["changes"][self.language])
        self.screen.print(answer["headline"][self.language])
        ranking = self.tables.differences[policy].get(self.found.ranked_by)
        if ranking is not None and self.found.pairs[policy]:
            self.screen.print(sentence_of(ranking)[self.language])
        if answer["worn_out"][self.language]:
            self.screen.print(answer["worn_out"][self.language])
        self.screen.print("")

    def _print_runs(self) -> None:
        """What was run, and how."""
        found, experiment = self.found, self.found.sweep.experiment
        comma = which((", ", "، "), self.language)
        policies = comma.join(self.names[name] for name in found.policies)
        names = {"policies": policies, "base": self.names[found.base]}
        self.screen.print(self.text("compared", week=self._whole(self.week), **names), style="bold")
        base = self.titles[self.language][found.base]
        if base != self.names[found.base]:
            self.screen.print(f"{self.names[found.base]}: {base}")
        stopped = self.text("stopped") if found.settled else ""
        self.screen.print(runs_of(experiment, found.replications, self.language) + stopped)
        if found.settled:
            self.screen.print(self.text("early"))
        if experiment.posterior is not None:
            caution = experiment.posterior.caution(self.language)
            self.screen.print(self.text("posterior", file=experiment.posterior.path.name, caution=caution))
        print_failures(self.screen, found.sweep, self.language)

    def _print_policy(self, policy: str, answer: Mapping[str, Any]) -> None:
        """The tables of one policy."""
        found = self.found
        self.screen.print(self.tables.outcomes(policy))
        self._head(self.text("groups", policy=self.names[policy], base=self.names[found.base]))
        for line in (answer["groups_text"], *group_lines(answer["losers"]), *group_lines(answer["gainers"])):
            if line[self.language]:
                self.screen.print(line[self.language])
        self.screen.print(self.tables.groups(policy))
        for counted in self.tables.places(policy):
            self.screen.print(counted)
        if (named := self.tables.neighbourhoods(policy)) is not None:
            heading, beyond, table = named
            self._head(heading)
            self.screen.print(beyond)
            self.screen.print(table)

    def _head(self, text: str) -> None:
        self.screen.print(f"\n{text}", style="bold")

    def _whole(self, number: int) -> str:
        return written(f"{number}", self.language)

    def _chance_of_base(self) -> str:
        """How probable it is that the base is best in the ranking outcome, where some policy differs from it.

        It is 1 minus the sum of the policies' probabilities.
        """
        found = self.found
        ranked = found.ranked_by if self.language == "en" else outcome_in_words(found.ranked_by, self.language)
        names = {"base": self.names[found.base], "outcome": ranked}
        own = [self.tables.differences[policy].get(found.ranked_by) for policy in found.policies]
        differences = [one for one in own if one is not None and one.difference == one.difference]
        if differences and all(one.effect == Effect.LITTLE for one in differences):
            return self.text("none best", **names)
        rows = found.contrasts
        rows = rows[(rows.outcome == found.ranked_by) & (rows.week == self.week) & (rows.group == "")]
        left = 1.0 - float(rows.probability_best.sum(skipna=False))
        if left != left or any(one.low != one.low for one in differences):
            return self.text("base not known", **names)
        over = self.text(f"over {spread_over(found.sweep.experiment)}")
        return self.text("base best", chance=chance(left, self.language), over=over, **names)

    def _conventions(self) -> str:
        """What the columns and words of the tables mean."""
        language = self.language
        lowest = [name for name in CITY.compared if CITY.outcomes[name].better == LOWEST]
        shown = lowest if language == "en" else [outcome_in_words(name, language) for name in lowest]
        over = spread_over(self.found.sweep.experiment)
        return " ".join([
            self.text("words mean", survey=written(f"{SURVEY:g}", language), index=written(f"{INDEX:g}", language),
                      of_base=per_cent(OF_THE_BASE, language)),
            self.text("best means", head=" ".join(self.tables.text(f"best {over}").split()),
                      over=self.text(f"over {over}")),
            self.text("ends", lowest=which((", ", "، "), language).join(shown)),
            self.text("higher means", sd=written(f"{LEAST_IN_SD:g}", language), least=written(f"{LEAST:g}", language),
                      base=self.names[self.found.base]),
            self.text("units"),
        ])  # fmt: skip


_TEXTS: dict[str, tuple[str, str]] = {
    "answer": ("{policy}, after {week} weeks", "{policy}، پس از {week} هفته"),
    "compared": ("{policies} compared with {base}, week {week}", "{policies} در مقایسه با «{base}»، هفته {week}"),
    "stopped": (
        "; stopped early, because one of those compared is ahead of all others, by however little",
        "؛ اجراها زودتر پایان یافت، زیرا یکی از گزینه‌ها، هرچند اندک، از همه پیش است",
    ),
    "early": (
        "Early stopping favours the replications in which the leader does well, so differences are overestimated: for "
        "results to publish, use --all-replications.",
        "توقف زودهنگام به سود تکرارهایی است که سیاست پیشتاز در آن‌ها خوب است؛ پس تفاوت‌ها بزرگ‌تر از واقع برآورد "
        "می‌شود. برای نتایجی که منتشر می‌شود --all-replications را به کار برید.",
    ),
    "posterior": (
        "Behaviour is drawn from a posterior, {file}. {caution}",
        "رفتار از توزیع پسین گرفته شده است: {file}. {caution}",
    ),
    "failed": (
        "{count} runs failed: see failures.parquet; {retry} repeats them. Numbers are from the replications in which "
        "all the runs needed succeeded.",
        "{count} اجرا ناموفق بود: failures.parquet را ببینید؛ {retry} آن‌ها را تکرار می‌کند. ارقام از تکرارهایی است که "
        "همه اجراهای لازم در آن‌ها کامل شد.",
    ),
    "less": ("{policy} less {base}", "«{policy}» منهای «{base}»"),
    "pairs": (
        ", {pairs} replications in which both runs succeeded",
        "، {pairs} تکرار که هر دو اجرا در آن‌ها کامل شد",
    ),
    "groups": (
        "Who loses and who gains: {policy} less {base}",
        "چه کسانی زیان می‌بینند و چه کسانی سود می‌برند: «{policy}» منهای «{base}»",
    ),
    "none best": (
        "In {outcome} no policy differs from {base} by as much as matters: none is called best.",
        "{outcome}: هیچ سیاستی به اندازه‌ای که مهم باشد با «{base}» تفاوت ندارد؛ پس هیچ‌یک بهترین خوانده نمی‌شود.",
    ),
    "base best": (
        "Probability that {base} itself is best in {outcome}: {chance}, {over}",
        "احتمال اینکه خود «{base}» در «{outcome}» بهترین باشد: {chance}، {over}",
    ),
    "base not known": (
        "Probability that {base} itself is best in {outcome}: not known, there are too few pairs of runs",
        "احتمال اینکه خود «{base}» در «{outcome}» بهترین باشد: نامعلوم، شمار جفت‌های اجرا کم است",
    ),
    f"over {LUCK}": ("over replications and not over assumptions", "در تکرارها و نه در فرض‌ها"),
    f"over {PLACES}": (
        "over places and replications and not over assumptions",
        "در مکان‌ها و تکرارها و نه در فرض‌ها",
    ),
    f"over {ASSUMPTIONS}": (
        "over replications and the assumptions drawn",
        "در تکرارها و فرض‌های نمونه",
    ),
    f"over {PLACES_AND_ASSUMPTIONS}": (
        "over places, replications and the assumptions drawn",
        "در مکان‌ها، تکرارها و فرض‌های نمونه",
    ),
    "selected": (
        "The neighbourhoods named are selected because they are extreme, so their differences are overestimates; their "
        "intervals are simultaneous: they hold for all neighbourhoods together. {labels}",
        "محله‌های نام‌برده از آن رو انتخاب شده‌اند که تفاوتشان از همه بیشتر یا کمتر است؛ پس این تفاوت‌ها بزرگ‌تر از واقع "
        "برآورد می‌شود. بازه‌هایشان "
        "هم‌زمان است: برای همه محله‌ها با هم برقرار است. {labels}",
    ),
    "words mean": (
        "Words compare the interval with the least difference that matters, by convention {survey} for shares and "
        "means from 0 to 1, {index} for indices and {of_base} of the base for counts and money.",
        "عبارت‌ها بازه را با کمترین تفاوت مهم می‌سنجد که قراردادی است: {survey} برای سهم‌ها و میانگین‌های ۰ تا ۱، "
        "{index} برای شاخص‌ها و {of_base} از مبنا برای شمارش‌ها و وجوه.",
    ),
    "best means": (
        "“{head}” is the probability that the policy's mean is the best of those compared, {over}; it is left out "
        "where there is little or no difference.",
        "«{head}» احتمال آن است که میانگین این سیاست بهترینِ سیاست‌های مقایسه‌شده باشد، {over}؛ آنجا که تفاوت ناچیز است "
        "نمی‌آید.",
    ),
    "ends": (
        "By convention the best value is the highest; for {lowest} it is the lowest.",
        "به قرارداد، بیشترین مقدار بهترین است؛ برای این پیامدها کمترین مقدار: {lowest}.",
    ),
    "higher means": (
        "By convention a neighbourhood is higher or lower if it differs by more than {sd} standard deviations between "
        "neighbourhoods under {base}, and by more than {least}.",
        "به قرارداد، محله‌ای بالاتر یا پایین‌تر است که تفاوت آن بیش از {sd} انحراف معیار میان محله‌ها در «{base}» و بیش "
        "از {least} باشد.",
    ),
    "units": (
        "Shares of people are in per cent, differences of them in percentage points (% points); trust, services and "
        "other outcomes without a unit are from 0 to 1, or counts. Sentences tell these as points of 100.",
        "سهم‌های جمعیت به درصد و تفاوت آن‌ها به واحد درصد است؛ اعتماد، خدمات و دیگر پیامدهای بدون واحد از ۰ تا ۱ یا "
        "شمارش است. جمله‌ها این‌ها را به صورت امتیاز از ۱۰۰ می‌گویند.",
    ),
}
