"""What the page is told at its beginning: `Meta` of its contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from shapely.geometry import MultiPolygon, Polygon

from experiments.answers.asked import BY_GROUP, CURVES, ON_MAPS
from experiments.answers.claimed import day_of, figure_of, source_of
from experiments.answers.groups import map_note, place_name
from experiments.answers.texts import Text, both, factor_of, of_label, outcome_title, plain, said, shown, unit_of
from experiments.calendars import date_in_words, date_of_week
from experiments.languages import digits
from experiments.milestones import MILESTONES, milestones_of
from experiments.page.levers import Words, content, events, levers_of
from experiments.page.question import MOST_POLICIES, PAIRS
from experiments.page.stored import ManifestForm, city_digest
from experiments.provenance import circumstances
from experiments.reported import is_reported
from sim.config import Config
from sim.neighbourhoods import Geography
from sim.outcome import known
from sim.place import geography_of
from sim.policies import Shock
from sim.reading import flatten
from sim.yaml_text import read_yaml

WORDS = Path(__file__).parent / "words.yaml"
MOST_UPLOADED = 64_000
"""Bytes of a policy file that is loaded into the page."""

TOLERANCE = 0.02
"""km by which outlines are simplified for the page."""

_SIMULATED = (
    "{claim} In the model, with the city as it is configured: {mean} on average, {lowest} to {highest} in {runs} runs "
    "with {scale} % of the residents.",
    "{claim} در مدل، با تنظیم‌های کنونی شهر: میانگین {mean}؛ از {lowest} تا {highest} در {runs} اجرا با {scale}٪ "
    "ساکنان.",
)
_SIMULATED_ALIKE = (
    "{claim} In the model, with the city as it is configured: {mean} in each of {runs} runs with {scale} % of the "
    "residents.",
    "{claim} در مدل، با تنظیم‌های کنونی شهر: در هر {runs} اجرا {mean}، با {scale}٪ ساکنان.",
)
_CLAIMS = (
    "Claims stand beside the results and are no results. Where the model agrees with a claim, this confirms nothing.",
    "ادعاها کنار نتایج می‌آیند و خود نتیجه نیستند. نزدیک بودن مدل به یک ادعا چیزی را تأیید نمی‌کند.",
)
_CLAIMS_OF_REPORTED = (
    "Claims stand beside the results and are no results. The programme of this city was set up as it was reported, and "
    "a few of its settings were chosen so that the model comes near to these figures. Where the model agrees with a "
    "claim, this confirms nothing.",
    "ادعاها کنار نتایج می‌آیند و خود نتیجه نیستند. برنامه این شهر همان‌گونه که گزارش شده تنظیم شده است و چند تنظیم آن "
    "چنان انتخاب شده که مدل به این ارقام نزدیک شود. پس نزدیک بودن مدل به یک ادعا چیزی را تأیید نمی‌کند.",
)
_CLAIM = (
    "Claimed: {what}: {value} by {date}{source}. Nobody independent has checked it.",
    "ادعا: {what}: {value}، تا تاریخ {date}{source}. هیچ نهاد مستقلی آن را راستی‌آزمایی نکرده است.",
)


def meta_of(
    city: Config, presets: Mapping[str, Mapping[str, Any]], *, live: bool, model: str, stored: ManifestForm | None
) -> dict[str, Any]:
    """What the page is told at its beginning.

    Args:
        city: the city, at the scale of live runs.
        presets: by name.
        live: whether a server does live runs.
        model: digest of the model.
        stored: what is stored, if it is of this model.
    """
    geography = geography_of(city)
    form = content()
    return dict(plain({
        "version": str(circumstances()["version"]),
        "model": model[:12],
        "seed": 0,
        "city": {
            "title": of_label(city.city.title),
            "digest": city_digest(city),
            "residents": city.city.population.total,
            "note": map_note(city),
        },
        "weeks": city.run.weeks,
        "dates": [date_in_words(date_of_week(city.city.start_date, week)) for week in range(city.run.weeks + 1)],
        "phases": _phases(city),
        "levers": levers_of(city, stored=stored is not None),
        "shock": {name: field.default for name, field in Shock.model_fields.items() if not field.is_required()},
        "own": flatten(city.policy.model_dump(mode="json")),
        "events": events(city.run.weeks),
        "presets": list(presets.values()),
        "baseline": form.baselines[0],
        "first": [name for name in form.first if name in presets] or list(presets)[:1],
        "outcomes": [_outcome(name) for name in dict.fromkeys((*CURVES, *ON_MAPS, *BY_GROUP))],
        "places": _places(geography),
        "claims": [_claim(city, claim, stored) for claim in city.city.claims],
        "claims_meaning": said(_CLAIMS_OF_REPORTED if is_reported(city) else _CLAIMS),
        "words": words(),
        "limits": {"policies": MOST_POLICIES, "pairs": PAIRS, "upload": MOST_UPLOADED},
        "live": live,
    }))  # fmt: skip


def words() -> dict[str, Text]:
    """All words of the page by key."""
    read = TypeAdapter(dict[str, Words]).validate_python(dict(read_yaml(WORDS).data))
    return {key: one.text for key, one in read.items()}


def _outcome(name: str) -> dict[str, Any]:
    declared = known(name)
    return {
        "name": name,
        "title": outcome_title(name),
        "unit": unit_of(name),
        "factor": factor_of(name),
        "better": None if declared is None else declared.better,
        "meaning": {"en": "" if declared is None else declared.meaning or "", "fa": ""},
    }


def _places(geography: Geography) -> list[dict[str, Any]]:
    return [
        {
            "number": place,
            "name": place_name(geography, place),
            "rings": [[[round(x, 3), round(y, 3)] for x, y in ring.coords] for ring in _rings(geography, place)],
            "centre": [round(float(geography.x[place]), 3), round(float(geography.y[place]), 3)],
            "residents": int(geography.population[place]),
        }
        for place in range(len(geography.names))
    ]


def _rings(geography: Geography, place: int) -> list[Any]:
    outline = geography.polygons[place].simplify(TOLERANCE)
    parts = outline.geoms if isinstance(outline, MultiPolygon) else [outline]
    return [part.exterior for part in parts if isinstance(part, Polygon)]


def _claim(city: Config, claim: Any, stored: ManifestForm | None) -> dict[str, Any]:
    title = of_label(claim.title)
    source = source_of(claim)
    behind = said(("; source: {source}", "؛ منبع: {source}"), source=source) if source["en"] else ""
    text = said(
        _CLAIM, what=title, value=figure_of(claim.outcome, claim.value), date=day_of(claim, city), source=behind
    )
    for one in stored.claimed if stored is not None else ():
        if (one.outcome, one.week) == (claim.outcome, claim.week):
            values = {
                name: figure_of(one.outcome, getattr(one, name), 3, bare=name == "lowest")
                for name in ("mean", "lowest", "highest")
            }
            scale = both(lambda language: digits(f"{100.0 * city.run.scale:g}", language))
            words = _SIMULATED_ALIKE if one.lowest == one.highest else _SIMULATED
            text = said(words, claim=text, runs=shown(one.runs, 0), scale=scale, **values)
    return {"title": title, "claimed": claim.value, "outcome": claim.outcome, "week": claim.week, "text": text}


def _phases(city: Config) -> list[dict[str, Any]]:
    """Weeks that curves mark."""
    found = []
    for name, week in milestones_of(city.policy).items():
        if week > city.run.weeks:
            continue
        english, persian = MILESTONES[name]
        found.append({"start": week, "name": {"en": english, "fa": persian}})
    return found
