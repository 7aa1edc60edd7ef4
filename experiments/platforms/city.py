"""The city that holds the elections of an export: a city of the user's with these elections, or the default city."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from experiments.faults import faults_of
from experiments.kinds import read_of_kind
from experiments.resolved import OWN_FILES, plain_yaml
from sim.config import read_config
from sim.errors import ConfigError
from sim.loading import KEY, location_of
from sim.neighbourhoods import CATEGORIES
from sim.shipped import find, is_installed

CITY = "elections.yaml"
RULE = "ballot_greedy"
"""The only rule of choice that counts totals of votes."""

Data = dict[str, Any]


def elections_in(names: Mapping[str, str], mapping: Mapping[str, str | None]) -> list[Data]:
    """`city.elections`: one item for each file, each in a round of choice of its own.

    Args:
        names: of the files, by budget.
        mapping: our category for each of the export's; None where it is still to be said.
    """
    return [
        {"file": name, "neighbourhoods": [], "round": number, "categories": dict(mapping)}
        for number, name in enumerate(names.values(), 1)
    ]


def city_text(elections: list[Data], platform: str, city: str | None, folder: Path) -> str:
    """The file of a city that holds elections; it runs as it stands once all categories are mapped.

    Args:
        elections: as `elections_in` gives them.
        platform: name of the platform that they come from.
        city: the city in which they are held, by name or file; None means the default city.
        folder: in which the file will stand; its paths are relative to it.

    Raises:
        ConfigError: the city cannot be read, or holds elections already.
    """
    if city is None:
        heading = [
            f"# Elections from an export of {platform}, in the default city: people, neighbourhoods and money are",
            "# those of Rafsanjan, and nothing but the elections comes from the export. To hold them in a city of your",
            "# own, import with `--city FILE`, or copy `elections` and `rule` there.",
        ]
        data: Data = {"city": {"title": _default_title(platform)}}
    else:
        file = find("city", city)
        document = read_of_kind("city", file)
        read_config(document, file.parent)
        data = _moved(deepcopy(document.data), file, folder)
        heading = [
            f"# The city of {_named(file, folder)} as it was at the import, with elections from {platform}.",
            "# Later changes of that file are not here. Comments were left away.",
        ]
    own, policy = _part(data, "city"), _part(data, "policy")
    if own.get("elections"):
        raise ConfigError("holds elections already: take them out, or name another city", source=f"--city {city}")
    own["elections"] = elections
    _part(policy, "choice")["rule"] = RULE
    heading += [
        f"# categories: each must be one of {', '.join(CATEGORIES)}.",
        "# neighbourhoods: names of those in which the election is held; none means all.",
        "# round: which round of choice of a neighbourhood; two elections cannot be held in the same one.",
        "# rule: the file has totals of votes, no ballots, which only ballot_greedy can count.",
    ]
    return "\n".join([*heading, "", plain_yaml(data)])


def refuse_faults(file: Path, city: str | None) -> None:
    """Refuse a city that cannot hold the elections.

    Args:
        file: of the city with the elections, as it was written.
        city: as it was named.

    Raises:
        ConfigError: the first fault.
    """
    _, faults = faults_of(file)
    if faults:
        key = f"{faults[0].key}: " if faults[0].key else ""
        raise ConfigError(f"cannot hold the elections: {key}{faults[0].problem}", source=f"--city {city}")


def _default_title(platform: str) -> Data:
    return {
        "en": f"Default city (as Rafsanjan), elections from {platform}",
        "fa": f"شهر پیش‌فرض (مانند رفسنجان)، رأی‌گیری‌های {platform}",
    }


def _part(data: Data, key: str) -> Data:
    """A part of a config's data, made where there is none."""
    if data.get(key) is None:
        data[key] = {}
    part: Data = data[key]
    return part


def _moved(data: Data, file: Path, folder: Path) -> Data:
    """The data of a city's file with paths relative to another folder."""
    for key in OWN_FILES:
        *groups, last = key.split(".")
        group: Any = data
        for name in groups:
            group = (group or {}).get(name)
        if group and group.get(last) is not None:
            group[last] = _relative(file.parent / group[last], folder)
    if data.get(KEY):
        data[KEY] = [_extension(text, file.parent, folder) for text in data[KEY]]
    return data


def _extension(text: str, before: Path, folder: Path) -> str:
    location = location_of(text, before)
    if location == text:  # a module's name
        return text
    place, _, name = location.rpartition(":")
    return f"{_relative(Path(place), folder)}:{name}"


def _relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder; files that came with the program keep their whole path."""
    whole = path.resolve()
    return str(whole) if is_installed(whole) else os.path.relpath(whole, folder.resolve())


def _named(file: Path, folder: Path) -> str:
    """The city's file as readers of the new file would find it."""
    return file.name if is_installed(file) else _relative(file, folder)
