"""Print the summary of one run: claimed and simulated figures side by side, and who lost and who gained."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from experiments.answers.claimed import figure_of
from experiments.elections_held import heading_of_elections, notes_on_elections, table_of_elections
from experiments.folders import CONFIG
from experiments.languages import group_in_words, signed, texts_of, which, written
from experiments.pattern_names import accepted_in_words, part_in_words, pattern_in_words, value_in_words
from experiments.patterns import PATTERNS
from experiments.screen import Screen
from experiments.units import POINTS, money_in_words
from sim.outcome import Language
from sim.policies import Label

EXTREMES = 3
"""How many neighbourhoods are shown at each end."""

ESTIMATE = ("mahalle", "compare", "status_quo", "as_is", "--city")
"""The command that runs both policies many times with common random numbers, but for the city."""


def print_summary(
    summary: Mapping[str, Any],
    timing: Mapping[str, float],
    folder: Path,
    language: Language = "en",
    names: Sequence[str] = (),
) -> None:
    """Print the summary of a run and its times, in colour on a terminal and as plain text elsewhere.

    Args:
        summary: as `summary.json` holds it; heading and timeline in the language.
        timing: seconds of building, running and writing, and the number of residents.
        folder: of the results.
        language: English or Persian.
        names: of the neighbourhoods in the language; those of the summary if there are none.
    """
    _Summary(summary, language, names).print(timing, folder)


class _Summary:
    """The parts of what is printed of one run."""

    def __init__(self, summary: Mapping[str, Any], language: Language, names: Sequence[str]) -> None:
        self.summary, self.language, self.names = summary, language, names
        self.text, self.screen = texts_of(_TEXTS, language), Screen()
        self.unit = money_in_words(Label(**summary["unit_of_money"]), language)

    def print(self, timing: Mapping[str, float], folder: Path) -> None:
        summary, text, console = self.summary, self.text, self.screen
        numbers = {
            name: written(str(summary[name]), self.language) for name in ("place_seed", "seed", "weeks", "minimum_age")
        }
        numbers |= {
            "residents": written(f"{int(timing['residents']):,}", self.language),
            "scale": written(f"{summary['scale']:g}", self.language),
        }
        console.print(text("run", heading=summary["heading"], **numbers), style="bold")
        if summary["settings"]:
            console.print(text("set", settings=", ".join(summary["settings"])))
        if len(summary["timeline"]) > 1:
            console.print(text("policies"))
            for line in summary["timeline"]:
                console.print(f"  {line}", overflow="fold")
        changes = summary["changes"]
        if summary["claims"]:
            console.print(f"\n{text('claims')}", style="bold")
            console.print(self._claims(summary["claims"]))
        console.print(f"\n{text('groups')}", style="bold")
        console.print(text("changes"))
        console.print(shlex.join([*ESTIMATE, str(folder / CONFIG)]), soft_wrap=True)
        for part in ("meaning", "participation"):
            console.print(text(part))
        console.print(self._groups(changes["groups"]))
        console.print(f"\n{text('neighbourhoods')}", style="bold")
        if summary["names_are_labels"]:
            console.print(text("labels"))
        console.print(self._neighbourhoods(changes["neighbourhoods"]))
        self._print_elections(summary["elections"])
        for line in self._lines(timing, folder):
            console.print(line, overflow="fold")

    def _print_elections(self, records: Sequence[Mapping[str, Any]]) -> None:
        """What became of the real elections that the city holds; nothing where it holds none."""
        if any(record["times"] for record in records):
            self.screen.print(f"\n{heading_of_elections(self.language)}", style="bold")
            self.screen.print(table_of_elections(records, self.unit, self.language, self.screen.table))
        elif records:
            self.screen.print("")
        for line in notes_on_elections(records, self.language):
            self.screen.print(line, overflow="fold")

    def _claims(self, claims: Sequence[Mapping[str, Any]]) -> Table:
        table = self.screen.table(["", *map(self.text, ("week", "simulated", "claimed"))])
        for claim in claims:
            name = claim["name"] if self.language == "en" else claim["name_fa"] or claim["name"]
            simulated, claimed = (self._figure(claim["outcome"], claim[of]) for of in ("simulated", "claimed"))
            table.add_row(name, written(str(claim["week"]), self.language), simulated, claimed)
        return table

    def _figure(self, outcome: str, value: float | None) -> str:
        """A figure to three places, shares of a hundred; a dash where the run has none."""
        return "–" if value is None or value != value else figure_of(outcome, value, 3)[self.language]

    def _groups(self, groups: Sequence[Mapping[str, Any]]) -> Table:
        table = self.screen.table(["", *map(self.text, ("residents", "trust", "rate", "performance"))])
        for number, row in enumerate(groups):
            kind = row["group_kind"]
            ends = number + 1 == len(groups) or groups[number + 1]["group_kind"] != kind
            table.add_row(
                group_in_words(f"{kind}={row['group']}", self.language),
                written(f"{row['residents']:,.0f}", self.language),
                self._change(row["trust_in_municipality"]),
                self._points(row["participation_rate"]),
                self._change(row["performance"]),
                end_section=ends and self.screen.terminal,
            )
        return table

    def _neighbourhoods(self, places: Sequence[Mapping[str, Any]]) -> Table:
        """Those whose trust falls most, then those in which it rises most."""
        table = self.screen.table(["", *map(self.text, ("trust", "rate", "services"))])
        names = self.names or [row["name"] for row in places]
        named = sorted(zip(names, places, strict=True), key=lambda pair: pair[1]["trust_in_municipality"])
        shown = named if len(named) <= 2 * EXTREMES else [*named[:EXTREMES], None, *named[-EXTREMES:]]
        for pair in shown:
            if pair is None:
                table.add_row("…", "", "", "")
                continue
            name, row = pair
            trust, rate = self._change(row["trust_in_municipality"]), self._points(row["participation_rate"])
            table.add_row(name, trust, rate, self._change(row["service_level"]))
        return table

    def _lines(self, timing: Mapping[str, float], folder: Path) -> list[str]:
        summary, text = self.summary, self.text
        lost = summary["lost"]
        places, groups = lost["neighbourhoods"], lost["groups"]
        files = [path for path in folder.iterdir() if path.is_file()]
        size = written(f"{sum(path.stat().st_size for path in files) / 1e6:.1f}", self.language)
        fell = [
            text(
                "fell of",
                outcome=text(f"fell {name}"),
                places=self._whole(places[name]),
                groups=self._whole(groups[name]),
            )
            for name in ("trust_in_municipality", "trust_in_council", "trust_in_people", "performance")
            if places[name] is not None
        ]
        amounts = [
            f"{text(f'money {name}')} {written(f'{amount:,.1f}', self.language)}"
            for name, amount in summary["money"].items()
        ]
        times = {name: written(f"{timing[f'{name}_s']:.1f}", self.language) for name in ("build", "run", "write")}
        return [
            "",
            text("fell", places=self._whole(places["of"]), groups=self._whole(groups["of"]),
                 parts=which(("; ", "؛ "), self.language).join(fell)),
            *([text("no council")] if places["trust_in_council"] is None else []),
            "",
            *self._patterns(summary["patterns"]),
            "",
            text("money", unit=self.unit, amounts=which((", ", "، "), self.language).join(amounts)),
            text("files", folder=str(folder), count=self._whole(len(files)), size=size),
            text("time", **times),
        ]  # fmt: skip

    def _patterns(self, patterns: Sequence[Mapping[str, Any]]) -> list[str]:
        text = self.text

        def listed(rows: list[Mapping[str, Any]]) -> str:
            comma = which((", ", "، "), self.language)
            return comma.join(self._whole(row["number"]) for row in rows) or text("none")

        lines = [
            text(
                "patterns",
                met=listed([row for row in patterns if row["met"]]),
                untold=listed([row for row in patterns if row["met"] is None]),
            ),
            text("weak", patterns=listed([row for row in patterns if row["fitted"] or row["in_view"]])),
        ]
        for row in patterns:
            if row["met"] is False:
                name = pattern_in_words(row["number"], row["what"], self.language)
                parts = which(("; ", "؛ "), self.language).join(self._part(row, part) for part in row["accept"])
                lines.append(text("not met", number=self._whole(row["number"]), pattern=name, parts=parts))
        return lines

    def _part(self, row: Mapping[str, Any], part: str) -> str:
        accept = PATTERNS[row["number"] - 1].accept[part]
        return self.text(
            "part",
            part=part_in_words(part, self.language),
            shown=value_in_words(accept, row["value"][part], self.language),
            accept=written(accepted_in_words(accept, self.language), self.language),
        )

    def _whole(self, number: int) -> str:
        return written(str(number), self.language)

    def _change(self, value: float) -> str:
        return signed(value, 3, self.language)

    def _points(self, share: float) -> str:
        """A difference of shares in percentage points."""
        return signed(100.0 * share, 1, self.language)


_TEXTS: dict[str, tuple[str, str]] = {
    "run": (
        "{heading} · place seed {place_seed} · seed {seed} · {weeks} weeks · {residents} residents aged {minimum_age} "
        "and over as agents, scale {scale}",
        "{heading} · بذر مکان {place_seed} · بذر تصادفی {seed} · {weeks} هفته · شبیه‌سازی {residents} ساکن "
        "{minimum_age}ساله و بالاتر، مقیاس {scale}",
    ),
    "set": ("Set for this run: {settings}", "تنظیم‌های این اجرا: {settings}"),
    "policies": ("Policies in force:", "سیاست‌های برقرار:"),
    "claims": ("Simulated and claimed", "شبیه‌سازی‌شده و ادعاشده"),
    "week": ("week", "هفته"),
    "simulated": ("simulated", "شبیه‌سازی‌شده"),
    "claimed": ("claimed (not verified)", "ادعاشده (راستی‌آزمایی‌نشده)"),
    "groups": (
        "Who lost and who gained since week 0 in this run, by group",
        "گروه‌هایی که در این اجرا از هفته ۰ زیان یا سود دیده‌اند",
    ),
    "changes": (
        "These are changes, not effects of the policy: some change would happen anyway. To estimate an effect:",
        "این‌ها تغییر است، نه اثر سیاست: بخشی از تغییر در هر حال رخ می‌داد. برای برآورد اثر:",
    ),
    "meaning": ("Trust and services range from 0 to 1.", "اعتماد و خدمات از ۰ تا ۱ است."),
    "participation": (
        "Participation, in percentage points, is the share of residents who took part in anything in the last four "
        "weeks, office holders included.",
        "مشارکت، به واحد درصد، سهم ساکنانی است که در چهار هفته گذشته در چیزی شرکت کرده‌اند، همراه با صاحبان کرسی‌ها.",
    ),
    "residents": ("residents", "ساکنان"),
    "trust": ("trust in municipality", "اعتماد به شهرداری"),
    "rate": (f"participation, {POINTS}", "مشارکت، واحد درصد"),
    "performance": ("services as perceived", "خدمات از نگاه ساکنان"),
    "services": ("services", "خدمات"),
    "neighbourhoods": (
        "Neighbourhoods with the largest fall and rise of trust since week 0",
        "محله‌هایی با بیشترین کاهش و بیشترین افزایش اعتماد از هفته ۰",
    ),
    "labels": (
        "Names are labels only: sizes, locations and needs of these neighbourhoods were drawn at random.",
        "نام‌ها تنها برچسب است: اندازه، مکان و نیازهای این محله‌ها به تصادف تعیین شده است.",
    ),
    "fell": (
        "Fell since week 0, in how many of {places} neighbourhoods and {groups} groups: {parts}.",
        "کاهش از هفته ۰، در چند محله از {places} محله و چند گروه از {groups} گروه: {parts}.",
    ),
    "fell of": ("{outcome} {places} and {groups}", "{outcome} {places} و {groups}"),
    "fell trust_in_municipality": ("trust in the municipality", "اعتماد به شهرداری"),
    "fell trust_in_council": ("trust in the council", "اعتماد به شورای محله"),
    "fell trust_in_people": ("trust in people", "اعتماد به مردم"),
    "fell performance": ("services as perceived", "خدمات از نگاه ساکنان"),
    "no council": (
        "There is no council in any week of this run: trust in it is left out; only hearsay affects it.",
        "در هیچ هفته‌ای از این اجرا شورایی نیست: اعتماد به شورا نیامده است؛ تنها شنیده‌ها بر آن اثر دارد.",
    ),
    "none": ("none", "هیچ"),
    "patterns": (
        "Patterns (mahalle validate tells them and judges all) met: {met}; not testable in one run: {untold}",
        "الگوهای برآورده (mahalle validate همه را شرح می‌دهد و می‌سنجد): {met}؛ آزمون‌ناپذیر در یک اجرا: {untold}",
    ),
    "weak": (
        "Weak evidence (defaults were chosen with these patterns known): {patterns}",
        "شواهد ضعیف (مقدارهای پیش‌فرض با دانستن این الگوها انتخاب شده است): {patterns}",
    ),
    "not met": ("Not met: {number} {pattern}: {parts}", "برآورده نشده: {number} {pattern}: {parts}"),
    "part": ("{part} {shown} (accepted {accept})", "{part} {shown} (دامنه پذیرفته: {accept})"),
    "money": ("Money, {unit}: {amounts}", "وجوه، {unit}: {amounts}"),
    "money received": ("received", "دریافت‌شده"),
    "money spent": ("spent", "هزینه‌شده"),
    "money leaked": ("leaked", "نشت‌کرده"),
    "money balance": ("balance", "مانده"),
    "files": ("Files: {folder} ({count} files, {size} MB)", "پرونده‌ها: {folder} ({count} پرونده، {size} مگابایت)"),
    "time": (
        "Time: {build} s to build, {run} s to run, {write} s to draw and write",
        "زمان: ساخت {build} ثانیه، اجرا {run} ثانیه، رسم و نوشتن {write} ثانیه",
    ),
}
