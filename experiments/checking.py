"""Which kind a file is of, and every fault of it, without running anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.config import Config
from sim.elections import open_elections
from sim.errors import ConfigError
from sim.known import faults_of_own_people
from sim.outcome import CITY
from sim.pabulib import read_election
from sim.place import Foundations, build_place, geography_of
from sim.policies import Policy, TimedPolicy
from sim.reading import flatten, merge, nearest, nest, problems
from sim.wording import Place
from sim.yaml_text import Document, read_yaml


def faults_of(path: Path) -> tuple[str, list[ConfigError]]:
    """What kind of file it is, by its content, and everything that is wrong with it."""
    if is_election(path):
        try:
            read_election(path)
        except ConfigError as error:
            return "election", [error]
        return "election", []
    try:
        document = read_yaml(path)
    except ConfigError as error:
        return "unreadable", [error]
    if is_calibration(document.data):
        from experiments.calibration.reader import (
            faults_of_calibration,  # here, because scipy.stats takes long to import
        )

        return "calibration", faults_of_calibration(document, path)
    if is_experiment(document.data):
        from experiments.sweeps.reader import faults_of_experiment  # here, because scipy.stats takes long to import

        return "experiment", faults_of_experiment(document, path)
    if is_policy(document.data):
        return "policy", _faults_of_policy(document)
    return "city", _faults_of_city(document, path)


EXPERIMENT_KEYS = frozenset({"base", "policies", "levers", "uncertainties", "design", "replications", "outcomes"})
"""Keys that neither a city nor a policy has."""


def is_experiment(data: dict[str, Any]) -> bool:
    """Whether a file's content is an experiment: it has a base and what is done with it, or several keys of its own."""
    return len(EXPERIMENT_KEYS & set(data)) > 1


CALIBRATION_KEYS = frozenset({"parameters", "patterns", "thresholds", "population", "least_acceptance"})
"""Keys that no other file has."""


def is_calibration(data: dict[str, Any]) -> bool:
    """Whether a file's content is a calibration: it has several keys of one."""
    return len(CALIBRATION_KEYS & set(data)) > 1


def is_policy(data: dict[str, Any]) -> bool:
    """Whether a file's content is a policy rather than a city: it changes levers, and describes no city."""
    keys = set(data)
    if keys & {"city", "policy", "behaviour", "run", "timeline"}:
        return False
    return bool(keys & set(TimedPolicy.model_fields))


def is_election(path: Path) -> bool:
    """Whether a file is an election in the Pabulib format: it begins with the section META."""
    try:
        with open(path, "rb") as file:
            start = file.read(1_000)
    except OSError:  # whoever reads the file says why it cannot be read
        return False
    return start.removeprefix(b"\xef\xbb\xbf").split(maxsplit=1)[:1] == [b"META"]


COMMANDS = {
    "city": "a city config: mahalle run takes it, or an experiment as its base",
    "policy": "a policy: give it to mahalle run with --policy, to mahalle compare, or to an experiment",
    "experiment": "an experiment: give it to mahalle sweep",
    "calibration": "a calibration: give it to mahalle calibrate",
    "election": "an election in the Pabulib format: give it to mahalle count, or name it in a city config",
}
"""What each kind of file is for."""


def kind_of(data: dict[str, Any]) -> str:
    """What kind of file a content is of: city, policy, experiment or calibration."""
    if is_calibration(data):
        return "calibration"
    if is_experiment(data):
        return "experiment"
    return "policy" if is_policy(data) else "city"


def read_of_kind(kind: str, path: str | Path) -> Document:
    """The YAML file that a command was given; one that is plainly of another kind is refused.

    Only what is plain is refused here: a calibration or an experiment without most of its keys is for its own reader,
    which says what is missing.

    Raises:
        ConfigError: what the file is, and what takes it; or it cannot be read.
    """
    if is_election(Path(path)):
        raise ConfigError(f"is {COMMANDS['election']}", source=path)
    document = read_yaml(path)
    found, keys = kind_of(document.data), set(document.data)
    unsure = (kind == "calibration" and keys & CALIBRATION_KEYS) or (kind == "experiment" and "base" in keys)
    if keys and found != kind and (found == "calibration" or not unsure):
        raise ConfigError(f"is {COMMANDS[found]}", source=document.source)
    return document


def refuse_unless_election(path: Path) -> None:
    """Refuse a YAML file where an election is asked for.

    Raises:
        ConfigError: what it is, and what takes it.
    """
    if path.is_file() and not is_election(path):
        raise ConfigError(f"is {COMMANDS[kind_of(read_yaml(path).data)]}", source=path)


def faults_of_claims(config: Config, outcomes: Sequence[str], document: Document | None = None) -> list[ConfigError]:
    """Claims about outcomes that the city's weekly table does not have."""
    faults = []
    for place, claim in enumerate(config.city.claims):
        if claim.outcome not in outcomes:
            advice = nearest(claim.outcome, outcomes) or "; see docs/odd.md, outcomes"
            path = ("city", "claims", place, "outcome")
            faults.append(
                ConfigError(
                    f'no such outcome: "{claim.outcome}"{advice}',
                    source=None if document is None else document.source,
                    line=None if document is None else document.line_of(path),
                    key=f"city.claims[{place}].outcome",
                )
            )
    return faults


def _faults_of_policy(document: Document) -> list[ConfigError]:
    data = dict(document.data)
    levers = data.get("set", {})
    flat = flatten(levers) if isinstance(levers, dict) else levers
    faults = problems(TimedPolicy, {**data, "set": flat}, document)
    if isinstance(levers, dict):
        try:
            nested = nest(flat)
        except ConfigError as error:
            return [*faults, _in_set(error, f"set.{error.key}", document)]
        found = problems(Policy, merge(Policy().model_dump(), nested), document, at=("set",))
        faults += [_in_set(error, error.key or "set", document) for error in found]
    return sorted(faults, key=lambda fault: fault.line or 0)


def _in_set(error: ConfigError, key: str, document: Document) -> ConfigError:
    """The fault of a lever with its line, whether the file writes the lever as one dotted key or as nested keys."""
    place: Place = ("set",)
    data, names = document.data["set"], key.removeprefix("set.").replace("[", ".").replace("]", "").split(".")
    while names:
        lengths = range(len(names), 0, -1) if isinstance(data, dict) else ()
        found = next((length for length in lengths if ".".join(names[:length]) in data), 0)
        step: str | int = ".".join(names[:found])
        if not found:
            if not (isinstance(data, list) and names[0].isdigit()):
                break
            found, step = 1, int(names[0])
        place, data, names = (*place, step), data[step], names[found:]
    return ConfigError(error.problem, source=document.source, line=document.line_of(place), key=key)


def _faults_of_city(document: Document, path: Path) -> list[ConfigError]:
    data = {**document.data, "base_folder": str(path.parent)}
    faults = problems(Config, data, document)
    if faults:
        return faults
    config = Config.model_validate(data)
    faults = faults_of_claims(config, CITY.columns, document) if config.city.claims else []
    try:
        geography = geography_of(config)
        open_elections(config.city.elections, geography.names, Path(config.base_folder))
    except ConfigError as error:
        return [*faults, _in_city(error, document)]
    if config.city.population.data_file is None and config.city.network.file is None:
        return faults
    found = faults_of_own_people(config, geography)
    try:
        if not found:  # who lives where decides which ties there can be
            build_place(config, Foundations(0))
    except ConfigError as error:
        found = [error]
    return [*faults, *(_in_city(error, document) for error in found)]


def _in_city(error: ConfigError, document: Document) -> ConfigError:
    """A fault of a key with its line in the city's file; a fault in a data file has its own place already."""
    if error.source is not None:
        return error
    place = tuple(int(step) if step.isdigit() else step for step in re.findall(r"\w+", error.key or ""))
    return ConfigError(error.problem, source=document.source, line=document.line_of(place), key=error.key)
