"""Levers, events and presets as the page shows them: words from content.yaml, bounds and defaults from the register."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from experiments.answers.texts import Text, both
from experiments.register import value_at
from experiments.reported import is_reported
from experiments.titles import title_of, unit_of
from sim.config import Config
from sim.parameters import Registered, register
from sim.reading import validate
from sim.yaml_text import read_yaml

CONTENT = Path(__file__).parent / "content.yaml"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Form):
    """A text in both languages."""

    en: str
    fa: str

    @property
    def text(self) -> Text:
        """As answers have it."""
        return {"en": self.en, "fa": self.fa}


class ChoiceForm(Words):
    """A level of a lever that is a list, and its name."""

    value: list[str]


class LeverForm(_Form):
    """A lever of the page."""

    key: str
    group: str
    meaning: Words
    evidence: Words
    elsewhere: Words | None = None
    percent: bool = False
    step: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    stored: list[int | float] = Field(default_factory=list)
    choices: dict[str, Words] | list[ChoiceForm] = Field(default_factory=list)

    @property
    def levels(self) -> list[Any]:
        """Values at which an answer is stored: five numbers, every choice, both of a flag."""
        if isinstance(self.choices, dict):
            return list(self.choices)
        if self.choices:
            return [choice.value for choice in self.choices]
        return list(self.stored) or [False, True]


class SizeForm(_Form):
    """How strong an event may be."""

    minimum: float
    maximum: float
    step: float
    default: float
    name: Words


class EventForm(_Form):
    """Something that may happen in a week: levers set from then on, or a shock."""

    kind: str
    name: Words
    meaning: Words
    later: dict[str, Any] | None = None
    shock: dict[str, Any] | None = None
    size: SizeForm | None = None


class ContentForm(_Form):
    """The file of the page's words."""

    levers: list[LeverForm]
    groups: dict[str, Words]
    own: Words
    events: list[EventForm]
    week: int
    pairs: list[dict[str, Any]]
    examined: list[str]
    assumptions: dict[str, list[Any]]
    baselines: list[str] = Field(min_length=1)
    first: list[str] = Field(min_length=1)


@cache
def content() -> ContentForm:
    """What the page shows of levers and events."""
    document = read_yaml(CONTENT)
    return validate(ContentForm, dict(document.data), document)


def levers_of(city: Config, *, stored: bool = True) -> list[dict[str, Any]]:
    """The levers: `Lever` of the page's contract.

    Args:
        city: the city.
        stored: whether answers about it are stored.
    """
    rows = {row.key: row for row in register(type(city))}
    return [_lever(form, rows[f"policy.{form.key}"], city, stored) for form in content().levers]


def _lever(form: LeverForm, row: Registered, city: Config, stored: bool) -> dict[str, Any]:
    words = content()
    tag = row.tag if is_reported(city) else "assumption"
    default = value_at(city, row.key)
    lever: dict[str, Any] = {
        "key": form.key,
        "group": words.groups[form.group].text,
        "name": _sentence_case(both(lambda language: title_of(row.key, language))),
        "meaning": form.meaning.text,
        "evidence": _evidence(form, city),
        "tag": tag,
        "kind": _kind(form),
        "default": list(default) if isinstance(default, tuple) else default,
        "unit": both(lambda language: unit_of(row.unit, language)),
        "percent": form.percent,
        "stored": form.levels if stored else [],
    }
    if lever["kind"] == "number":
        lever |= {
            "minimum": form.minimum if form.minimum is not None else row.low,
            "maximum": form.maximum if form.maximum is not None else row.high,
            "step": form.step,
        }
    if lever["kind"] == "choice":
        lever["choices"] = [{"value": value, "name": name} for value, name in _choices(form)]
    return lever


def _evidence(form: LeverForm, city: Config) -> Text:
    """Why a lever has its value in a city, and what has been published of other places."""
    own = form.evidence if is_reported(city) else content().own
    texts = [own.text, *([form.elsewhere.text] if form.elsewhere is not None else [])]
    return both(lambda language: " ".join(text[language] for text in texts))


def _kind(form: LeverForm) -> Literal["number", "choice", "flag"]:
    return "number" if form.stored else "choice" if form.choices else "flag"


def _choices(form: LeverForm) -> list[tuple[Any, Text]]:
    if isinstance(form.choices, dict):
        return [(value, words.text) for value, words in form.choices.items()]
    return [(choice.value, choice.text) for choice in form.choices]


def _sentence_case(text: Text) -> Text:
    """A name as a label has it: without its article, with a capital letter."""
    english = text["en"].removeprefix("the ")
    return {"en": english[:1].upper() + english[1:], "fa": text["fa"]}


def events(weeks: int) -> list[dict[str, Any]]:
    """What may happen in a week of a run of some weeks: `Event` of the page's contract."""
    found = []
    for form in content().events:
        event: dict[str, Any] = {
            "kind": form.kind, "name": form.name.text, "meaning": form.meaning.text,
            "week": min(content().week, max(0, weeks - 1)),
        }  # fmt: skip
        if form.size is not None:
            event["size"] = {**form.size.model_dump(exclude={"name"}), "name": form.size.name.text}
        if form.later is not None:
            event["later"] = form.later
        if form.shock is not None:
            event["shock"] = form.shock
        found.append(event)
    return found


def policy_with(event: EventForm, week: int) -> dict[str, Any]:
    """A policy in which nothing but an event happens, at its usual size."""
    size = None if event.size is None else event.size.default
    policy: dict[str, Any] = {"set": {}, "later": [], "shocks": []}
    if event.later is not None:
        own = {key: size if value == "size" else value for key, value in event.later.items()}
        policy["later"] = [{"start": week, "set": own}]
    if event.shock is not None:
        policy["shocks"] = [{"week": week, "size": size if size is not None else 1.0, **event.shock}]
    return policy


def as_policy(data: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a policy file in the page's one form: what starts later stands under `later`.

    Args:
        data: of a policy file, with dotted levers.
    """
    policy: dict[str, Any] = {
        "title": data["title"], "set": {}, "later": list(data.get("later", ())), "shocks": list(data.get("shocks", ())),
    }  # fmt: skip
    own = dict(data.get("set", {}))
    if own and (data.get("start", 0) or data.get("end") is not None):
        change = {"start": data.get("start", 0), "set": own}
        policy["later"] = [change | ({"end": data["end"]} if data.get("end") is not None else {}), *policy["later"]]
    else:
        policy["set"] = own
    return policy
