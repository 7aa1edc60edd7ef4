"""`mahalle init`, step by step: read the city, write the study beside its place, check it, put it in place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.faults import faults_of
from experiments.missing import load_city
from experiments.new_folders import filling, refuse_folder
from experiments.new_study.notebook import STUDY, notebook
from experiments.provenance import version_of
from experiments.resolved import own_files
from experiments.schemas import LINE, TITLES, text_of
from sim.config import UNIT_OF_MONEY, Config
from sim.errors import ConfigError, escaped
from sim.names import cleaned
from sim.neighbourhoods import CATEGORIES
from sim.own_data import read_table
from sim.parameters import register
from sim.place import geography_of
from sim.policies import HUBS
from sim.shipped import find
from sim.yaml_text import read_text

RESIDENTS = 16_000
"""People of the city in the experiments of a new study, about: they are done in a minute."""

CLAIMS = "calibration_claims.yaml"
"""Written only where something is claimed of the city."""

WRITTEN = {
    "README.md": "README.md.j2",
    "Makefile": "Makefile.j2",
    "CITATION.cff": "CITATION.cff.j2",
    "policies/own_policy.yaml": "policy.yaml.j2",
    "experiments/programme.yaml": "programme.yaml.j2",
    "experiments/delegated_share.yaml": "delegated_share.yaml.j2",
    "calibration.yaml": "calibration.yaml.j2",
    "survey_made_up.csv": "survey_made_up.csv.j2",
    CLAIMS: "calibration_claims.yaml.j2",
    "figures/programme.yaml": "figure.yaml.j2",
    "plan.yaml": "plan.yaml.j2",
}
"""Files of a study, and the templates that they are made from."""

LONGEST_TITLE = 200


@dataclass(frozen=True)
class Origin:
    """The city that a study begins with.

    Attributes:
        title: of the study.
        files: content of the city's files by their names in the study.
        people: how many live there.
        claims: whether something is claimed of the city, which a calibration can be fitted to.
        said: what its city.yaml says, as data.
        governed_as_usual: whether its block `policy` is that of Rafsanjan, for the user to change.
    """

    title: str
    files: dict[str, bytes]
    people: int
    claims: bool
    said: Mapping[str, Any]
    governed_as_usual: bool = False


PARTS = {"population": "people", "neighbourhoods": "neighbourhoods", "finance": "money"}
"""Blocks of a city, in words."""

UNSAID = {
    "ages": "the ages of its people",
    "household_size": "households",
    "migrant_share": "migrants",
    "policy": "how it is governed now",
}
"""What a city may leave out, in words."""


def carry_out(folder: Path, source: str = "rafsanjan", title: str | None = None) -> list[str]:
    """Make the study, and return the names of its files.

    Args:
        folder: a new or an empty one.
        source: city, by name or file, or a table of neighbourhoods (CSV).
        title: of the study; that of the city, or the name of the folder, if None.

    Raises:
        ConfigError: the folder is not empty, or the city cannot be read.
    """
    refuse_folder(folder)
    origin = origin_of(source, title, folder)
    with filling(folder) as partial:
        for name, content in files_of(origin):
            file = partial / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        _refuse_faults(partial)
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def origin_of(source: str, title: str | None, folder: Path) -> Origin:
    """Read the city, or the table of neighbourhoods, that a study begins with.

    Raises:
        ConfigError: what is wrong with it.
    """
    if Path(source).suffix.lower() == ".csv":
        return _from_table(Path(source), _title(title or folder.resolve().name))
    return _from_city(find("city", source), title)


def files_of(origin: Origin) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a study."""
    scale = min(1.0, max(0.01, round(RESIDENTS / origin.people, 2)))
    yield from origin.files.items()
    values = {
        "title": json.dumps(origin.title, ensure_ascii=False),
        "heading": origin.title.replace("`", "'").replace("<", "‹"),
        "scale": f"{scale:g}",
        "claims": origin.claims,
        **_in_words(origin),
        "version": version_of("mahalle") or "unknown",
    }
    for name, template in WRITTEN.items():
        if name == CLAIMS and not origin.claims:
            continue
        yield name, _filled(template, **values)
    yield "study.ipynb", notebook([(kind, text.replace("SCALE", f"{scale:g}")) for kind, text in STUDY]).encode()
    for kind in TITLES:
        yield f"schemas/{kind}.json", text_of(kind).encode()


def _in_words(origin: Origin) -> dict[str, Any]:
    """What the README says of city.yaml: what it says, what it does not, and which files it reads."""
    city = origin.said.get("city", {})
    people = city.get("population", {})
    parts = [words for key, words in PARTS.items() if key in city]
    governed = "policy" in origin.said
    until = ", Rafsanjan's until you change it" if origin.governed_as_usual else ""
    set_ = {*people, *(["policy"] if governed else [])}
    return {
        "said": ", ".join(parts) + (f"; how it is governed now (`policy`{until})" if governed else ""),
        "unsaid": ", ".join(words for key, words in UNSAID.items() if key not in set_),
        "assumptions": b"[assumption]" in origin.files["city.yaml"],
        "own": [name for name in origin.files if name != "city.yaml"],
    }


def _from_table(table: Path, title: str) -> Origin:
    read = read_table(table, None, CATEGORIES)
    assert read.population is not None  # the reader refuses a table without
    people = int(read.population.sum())
    usual = Config()
    budget = usual.city.finance.works_budget_per_year * people / usual.city.population.total
    each, each_usually = people / len(read.names), usual.city.population.total / usual.city.neighbourhoods.count
    written = _filled(
        "city.yaml.j2",
        residents=f"{each:,.0f}",
        usual_residents=f"{each_usually:,.0f}",
        proposals=proposals_for(each / each_usually),
        usual_proposals=usual.behaviour.choice.proposals_per_round,
        title=json.dumps(title, ensure_ascii=False),
        city=usual.city,
        policy=usual.policy,
        hubs=", ".join(HUBS),
        unit=UNIT_OF_MONEY,
        budget=f"{budget:.3g}",
    )
    files = {"city.yaml": written, "neighbourhoods.csv": table.read_bytes()}
    return Origin(title, files, people, claims=False, said=_as_data(written.decode()), governed_as_usual=True)


def proposals_for(times: float) -> int | None:
    """Projects that a council should put up in a round, within the bounds; None where the usual number is enough.

    Args:
        times: residents of a mean neighbourhood, as a multiple of Rafsanjan's.
    """
    row = next(row for row in register(Config) if row.key == "behaviour.choice.proposals_per_round")
    wanted = min(round(row.default * times), int(row.high or row.default))
    return wanted if wanted > row.default else None


def _from_city(file: Path, title: str | None) -> Origin:
    config = load_city(file)
    text = file.read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    text = f"{LINE.format(place='schemas/city.json')}\n{rest if first.startswith(LINE.format(place='')) else text}"
    files = {"city.yaml": text.encode()}
    for key, path in own_files(config).items():
        if not path.resolve().is_relative_to(file.parent.resolve()):
            raise ConfigError("lies outside the folder of the city; copy it there first", source=str(path), key=key)
        files[path.resolve().relative_to(file.parent.resolve()).as_posix()] = path.read_bytes()
    people = int(geography_of(config).population.sum())  # of a table of its own, where it has one
    return Origin(_title(title or config.city.title.en), files, people, bool(config.city.claims), _as_data(text))


def _as_data(text: str) -> Mapping[str, Any]:
    """A city's YAML, which was read before, as data."""
    data: Mapping[str, Any] = read_text(text, "city.yaml").data
    return data


def _title(text: str) -> str:
    """A title in one line, without what a terminal or an editor would act on."""
    return escaped(cleaned(text))[:LONGEST_TITLE] or "A city"


def _filled(template: str, **values: object) -> bytes:
    environment = Environment(
        loader=PackageLoader("experiments.new_study"), undefined=StrictUndefined, keep_trailing_newline=True,
        autoescape=False,
    )  # fmt: skip
    return environment.get_template(template).render(values).encode()


def _refuse_faults(study: Path) -> None:
    """Raise the first fault of a study's files; there is one if what it was made from cannot be used."""
    for file in sorted(study.rglob("*.yaml")):
        _, faults = faults_of(file)
        if faults:
            name = file.relative_to(study).as_posix()
            raise ConfigError(f"{name}: {faults[0].problem}", key=faults[0].key)
