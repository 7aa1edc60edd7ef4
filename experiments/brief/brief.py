"""The brief as one HTML file: one A4 page a policy, no script, nothing fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from experiments import directions
from experiments.answers.lines import at_most, group_lines
from experiments.answers.texts import Text, begun, both, joined, said, shown
from experiments.brief.figure import curve_svg, in_years
from experiments.brief.fonts import faces_for
from experiments.brief.provenance import Provenance
from experiments.brief.words import NO_USES, USES, word
from experiments.calendars import date_in_words, date_of_week
from experiments.languages import digits
from sim.outcome import Language

MOST_CURVES = 3
MOST_SENTENCES = 3
"""Sentences of what would change the answer."""

MOST_CLAIMS = 3
MOST_LETTERS: dict[Language, tuple[int, ...]] = {"en": (3_400, 4_300, 4_900), "fa": (2_950, 3_650, 4_350)}
"""Letters of the sentences of a page beyond which the next smaller size is printed, so that all stays on one page."""

_ISOLATED = re.compile(
    r"(?=[0-9A-Za-z]*[A-Za-z])(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]+"  # a digest
    "|\u200e?[+−]?[0-9\u06f0-\u06f9]+(?:[.,\u066b\u066c][0-9\u06f0-\u06f9]+)*%?"  # a number, or a version
)


def brief_html(answer: Mapping[str, Any], language: Language, provenance: Provenance) -> str:
    """The brief of an answer.

    Args:
        answer: `Answer` of the page's contract (`experiments.answers.answer.answer_of`).
        language: English or Persian.
        provenance: where the numbers come from.

    Returns:
        an HTML document that needs nothing else: a section for each policy, which prints on one A4 page.
    """
    content = {
        "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "title": word("page", city=provenance.city)[language],
        "pages": [
            _page(answer, policy, provenance, language, f"p{number}")
            for number, policy in enumerate(answer["policies"], 1)
        ],
        "say": lambda key: word(key)[language],
    }
    page = _templates().get_template("brief.html.j2")
    fonts = "" if language == "en" else faces_for(page.render(**content, fonts=""))
    return page.render(**content, fonts=Markup(fonts))


def isolated(text: object) -> Markup:
    """A text for HTML, numbers and digests each in an element of its own: so signs stay before numbers in Persian."""
    whole = directions.shown(str(text))
    parts, at = [], 0
    for found in _ISOLATED.finditer(whole):
        parts += [escape(whole[at : found.start()]), Markup("<bdi>{}</bdi>").format(found.group())]
        at = found.end()
    return Markup("").join([*parts, escape(whole[at:])])


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("experiments.brief", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["isolated"] = isolated
    return environment


def _page(
    answer: Mapping[str, Any], policy: Mapping[str, Any], provenance: Provenance, language: Language, mark: str
) -> dict[str, Any]:
    """One policy's page: all texts in one language."""
    names = {"policy": policy["title"], "base": answer["base"]["title"], "city": provenance.city}
    certainty = policy["certainty"]
    reasons = [] if certainty is None else certainty["reasons"]
    worn = policy["worn_out"]
    told = any(group["low"] is not None for group in policy["groups"])
    curves = _curves(policy)
    leasts = {finding["outcome"]: finding["least"] for finding in policy["findings"]}
    year = bool(curves) and in_years(curves[0]["weeks"][-1])
    texts = {
        "question": word("question", **names),
        "horizon": _horizon(answer["week"], provenance),
        "changes": policy["changes"] if policy["changes"]["en"] else None,
        "headline": policy["headline"],
        "sure": None if certainty is None else word("how_sure", level=certainty["title"]),
        "groups_text": policy["groups_text"] if policy["groups"] else word("no_groups"),
        "difference": word("difference", level=answer["level"]),
        "rounded": word("rounded"),
        "key": word("key", unit=word("years" if year else "weeks"), level=answer["level"]),
        "no_gainers": word("no_gainers") if told and not policy["gainers"] else None,
        "places": _places(policy),
        "labels": provenance.labels if policy["maps"] else None,
        "claims": _claims(answer["week"], provenance),
    }
    lists = {
        "losers": [
            *([worn] if worn["en"] else []),
            *group_lines(policy["losers"]),
        ],  # where there are none, the answer's own sentence says so
        "gainers": group_lines(policy["gainers"]),
        "flips": _flips(policy["flips"]),
        "reasons": [one for one in reasons if one not in policy["flips"]],
        "construction": policy["construction"],
        "money": policy["money"] or [word("no_money")],
        "uses": [said(one) for one in USES],
        "no_uses": [said(one, city=provenance.city) for one in NO_USES],
        "runs": _runs(answer, provenance),
        "cautions": answer["cautions"],
    }
    letters = sum(len(text[language]) for every in lists.values() for text in every)
    letters += sum(len(text[language]) for text in texts.values() if text)
    return {
        "mark": mark,
        "size": sum(letters > most for most in MOST_LETTERS[language]),
        **{name: text and text[language] for name, text in texts.items()},
        **{name: [text[language] for text in every] for name, every in lists.items()},
        "findings": [_row(finding, language) for finding in policy["findings"]],
        "curves": [
            {
                "title": _with_unit(curve, policy)[language],
                "svg": Markup(curve_svg(curve, leasts.get(curve["outcome"]), language, f"{mark}-{place}")),
            }
            for place, curve in enumerate(curves)
        ],
        "again": word(_again(answer, provenance))[language],
        "command": provenance.command,
    }


def _again(answer: Mapping[str, Any], provenance: Provenance) -> str:
    if answer["source"] == "run":
        return "again"
    return "again_saved" if provenance.saved else "again_page"


def _row(finding: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A finding as a row of the table."""
    numbers = {name: text[language] for name, text in finding["shown"].items()}
    sides = {"better": "better", "may be better": "better", "worse": "worse", "may be worse": "worse"}
    side = sides.get(finding["verdict"])
    return {
        "outcome": begun(finding["title"])[language],
        "unit": finding["unit"][language],
        "side": side or "none",
        "sided": "" if side is None else word(side)[language],
        "effect": finding["effect"][language],
        "certainty": finding["certainty"][language],
        "interval": numbers["interval"] if finding["low"] is not None else "",
        **{name: numbers[name] for name in ("base", "policy", "difference")},
    }


def _flips(told: Sequence[Text]) -> list[Text]:
    """The first sentences of what would change the answer; the last says of all of them how they were tried."""
    *flips, how = told
    return [*at_most(flips, MOST_SENTENCES), how]


def _horizon(week: int, provenance: Provenance) -> Text:
    start = date_of_week(provenance.start_date, 0)
    end = date_in_words(start + timedelta(weeks=week))
    return word("horizon", weeks=shown(week, 0), start=date_in_words(start), end=end)


def _places(policy: Mapping[str, Any]) -> Text | None:
    """The sentence of the map with most neighbourhoods worse off; of the first if there are none."""
    maps = policy["maps"]
    if not maps:
        return None
    worse = [sum(place["verdict"] == "worse" for place in one["places"]) for one in maps]
    text: Text = maps[worse.index(max(worse))]["text"]
    return text


def _curves(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The curves that are drawn: outcomes that change come first, losses before gains, in the order of the answer."""
    ranks = {"worse": 0, "may be worse": 1, "better": 2, "may be better": 3, "changed": 4, "unknown": 5, "none": 6}
    verdicts = {finding["outcome"]: finding["verdict"] for finding in policy["findings"]}
    drawn = [curve for curve in policy["curves"] if len(curve["weeks"]) > 1 and None not in curve["difference"]]
    chosen = sorted(drawn, key=lambda curve: ranks[verdicts.get(curve["outcome"], "none")])[:MOST_CURVES]
    return [curve for curve in drawn if curve in chosen]


def _with_unit(curve: Mapping[str, Any], policy: Mapping[str, Any]) -> Text:
    finding = next((one for one in policy["findings"] if one["outcome"] == curve["outcome"]), None)
    if finding is None:
        return {"en": curve["outcome"], "fa": curve["outcome"]}
    title = begun(finding["title"])
    return said(("{title}, {unit}", "{title}، {unit}"), title=title, unit=finding["unit"])


def _claims(week: int, provenance: Provenance) -> Text | None:
    """What is claimed of the city in the weeks compared, the newest, marked as claimed."""
    own = [text for of_week, text in provenance.claims if of_week <= week][-MOST_CLAIMS:]
    return word("claims", claims=joined(own)) if own else None


def _runs(answer: Mapping[str, Any], provenance: Provenance) -> list[Text]:
    """Sentences on the runs."""

    def number(value: int) -> Text:
        return both(lambda language: digits(str(value), language))  # a seed has no thousands

    several = provenance.places > 1
    found = [
        word("model", version=provenance.version, models=", ".join(provenance.models)),
        word(
            "runs",
            pairs=shown(answer["pairs"], 0),
            seed=number(provenance.seed),
            places=word("places", number=number(provenance.places)) if several else word("one_place"),
            place_seed=number(provenance.place_seed),
            scale=both(lambda language: digits(f"{100.0 * provenance.scale:g}", language)),
            made=date_in_words(provenance.made),
        ),
    ]
    return [*found, word("posterior")] if provenance.posterior else found
