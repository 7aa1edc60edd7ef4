"""Every fault of a file, whatever kind it is of, without running anything.

What reads a kind is imported when a file of that kind is met: a policy needs neither the compiler nor the outcomes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from experiments.kinds import is_election, kind_of
from experiments.linting import findings_in
from experiments.missing import missing_files
from sim.config import class_of
from sim.elections import open_elections
from sim.errors import ConfigError
from sim.extension import tables_of
from sim.known import faults_of_own_people
from sim.loading import KEY, extensions_at, load, source_at, source_of
from sim.pabulib import read_election
from sim.policies import Policy, Timeline
from sim.policy_files import faults_of_policy
from sim.reading import problems
from sim.yaml_text import Document, read_yaml


def faults_of(path: Path, policy: type[Policy] = Policy) -> tuple[str, list[ConfigError]]:
    """What kind of file it is, by its content, and everything that is wrong with it.

    Args:
        path: the file.
        policy: class with the levers that a policy file may set; those of extensions, maybe.
    """
    if is_election(path):
        try:
            read_election(path)
        except ConfigError as error:
            return "election", list(error.all)
        return "election", []
    try:
        document = read_yaml(path)
    except ConfigError as error:
        return "unreadable", [error]
    kind = kind_of(document.data)
    if kind == "policy":
        return kind, faults_of_policy(document, policy())
    return kind, _READERS[kind](document, path)


def is_extension(text: str) -> bool:
    """Whether a text names the source of an extension: a .py file, with or without a name, or a module and a name."""
    place, colon, name = text.rpartition(":")
    return text.endswith(".py") or bool(colon and name.isidentifier() and not os.path.exists(text) and place)


def look_at_extension(text: str) -> tuple[list[str], bool, str]:
    """What the linter finds in an extension's source, then whether it can be loaded.

    Args:
        text: ``my_rule.py``, ``my_rule.py:NAME`` or ``package.module:NAME``.

    Returns:
        A line for each finding, whether nothing is sure to be wrong, and a line of what is there.
    """
    path = Path(text if text.endswith(".py") else text.rpartition(":")[0])
    findings = findings_in(source_at(path)) if os.path.exists(path) else []
    lines, sure = [str(finding) for finding in findings], any(finding.sure for finding in findings)
    if sure:  # it is read, not run, until that is mended
        return lines, False, ""
    try:
        loaded = [load(f"{text}:{name}") for name in extensions_at(path)] if text.endswith(".py") else [load(text)]
        for one in loaded:
            class_of({KEY: [one.location]}, ".")
    except ValueError as error:
        return [*lines, f"{text}: {getattr(error, 'problem', error)}"], False, ""
    if not loaded:
        return [*lines, f"{text}: holds no sim.extension.Extension"], False, ""
    if not os.path.exists(path):
        findings = findings_in(source_of(text))
        lines = [str(finding) for finding in findings]
        if any(finding.sure for finding in findings):
            return lines, False, ""
    return lines, True, f"{text}: ok (extension {', '.join(dict.fromkeys(one.name for one in loaded))})"


def _faults_of_calibration(document: Document, path: Path) -> list[ConfigError]:
    from experiments.calibration.reader import faults_of_calibration

    return faults_of_calibration(document, path)


def _faults_of_experiment(document: Document, path: Path) -> list[ConfigError]:
    from experiments.sweeps.reader import faults_of_experiment, load_experiment
    from sim.place import geography_of

    faults = faults_of_experiment(document, path)
    if not faults:  # the tables of its city, which are read when it runs
        base = load_experiment(path).base
        try:
            faults = faults_of_own_people(base, geography_of(base))
        except ConfigError as error:
            faults = list(error.all)
    return faults


def _faults_of_plan(document: Document, path: Path) -> list[ConfigError]:
    from experiments.plan.plan import faults_of_plan

    return faults_of_plan(document, path)


def _faults_of_figure(document: Document, path: Path) -> list[ConfigError]:
    from experiments.paper.figure import faults_of_figure

    return faults_of_figure(document, path)


def _faults_of_city(document: Document, path: Path) -> list[ConfigError]:
    from experiments.claims import faults_of_claims
    from sim.place import Foundations, build_place, geography_of

    data = {**document.data, "base_folder": str(path.parent)}
    try:
        kind = class_of(data, path.parent, document)
    except ConfigError as error:  # without them nobody knows which keys there are
        return [error]
    faults = problems(kind, data, document)
    if faults:
        return faults
    config = kind.model_validate(data)
    if missing := missing_files(config, document):
        return missing
    outcomes = tables_of(config.extended_by)["city"].columns
    faults = faults_of_claims(config, outcomes, document) if config.city.claims else []
    try:
        geography = geography_of(config)
        ways = Timeline(config.policy, config.timeline).ways_of_choosing
        open_elections(config.city.elections, geography.names, Path(config.base_folder), ways)
    except ConfigError as error:
        return [*faults, *(_in_city(one, document) for one in error.all)]
    if config.city.population.data_file is None and config.city.network.file is None:
        return faults
    found = faults_of_own_people(config, geography)
    try:
        if not found:  # who lives where decides which ties there can be
            build_place(config, Foundations(0))
    except ConfigError as error:
        found = list(error.all)
    return [*faults, *(_in_city(error, document) for error in found)]


def _in_city(error: ConfigError, document: Document) -> ConfigError:
    """A fault of a key with its line in the city's file; a fault in a data file has its own place already."""
    if error.source is not None:
        return error
    place = tuple(int(step) if step.isdigit() else step for step in re.findall(r"\w+", error.key or ""))
    return ConfigError(error.problem, source=document.source, line=document.line_of(place), key=error.key)


_READERS: dict[str, Callable[[Document, Path], list[ConfigError]]] = {
    "calibration": _faults_of_calibration,
    "experiment": _faults_of_experiment,
    "plan": _faults_of_plan,
    "figure": _faults_of_figure,
    "city": _faults_of_city,
}
