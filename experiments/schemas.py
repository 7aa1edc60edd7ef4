"""JSON Schemas (Draft 2020-12) of all kinds of YAML files, for editors: cities, policies, experiments and so on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.config import Config
from sim.loading import KEY
from sim.parameters import register
from sim.policies import TimedPolicy
from sim.shipped import Kind, folder_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXTENSIONS = "Extensions, such as my_rule.py:NAME beside this file; their own keys are not in this schema."
TITLES: dict[Kind, str] = {
    "city": "Mahalle: a city config",
    "policy": "Mahalle: a policy file",
    "experiment": "Mahalle: an experiment",
    "calibration": "Mahalle: a calibration",
    "plan": "Mahalle: a plan of a study",
    "figure": "Mahalle: a figure of the paper",
}
LINE = "# yaml-language-server: $schema={place}"
"""First line of a YAML file by which editors find its schema, as a path relative to the file."""

PARTS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "experiment": {"levers": ("city", "policy"), "uncertainties": ("city", "policy", "behaviour")},
    "calibration": {"parameters": ("city", "policy", "behaviour")},
}
"""Entries of a file whose keys are parameters, and the parts of the city that these may be of."""


def schema_of(kind: Kind) -> dict[str, Any]:
    """The schema of one kind of file, with descriptions, bounds, units, sources and evidence tags."""
    city = Config.model_json_schema()
    definitions: dict[str, Any] = city.pop("$defs")
    _name_levers(definitions)
    if kind == "city":
        whole = city
        whole["properties"].pop("base_folder")  # where the file lies, which is not for the user to say
        whole["properties"][KEY] = {"type": "array", "items": {"type": "string"}, "description": EXTENSIONS}
    elif kind == "policy":
        whole = {"$ref": f"#/$defs/{TimedPolicy.__name__}"}
    else:
        whole = _form_of(kind).model_json_schema()
        definitions |= whole.pop("$defs")
        if "run" in whole["properties"]:
            whole["properties"]["run"] = {"$ref": "#/$defs/RunParameters"}
        _name_parameters(whole, PARTS.get(kind, {}))
    _forget_shared_defaults(whole, definitions)
    used = _reachable(whole, definitions)
    head = {"$schema": DIALECT, "title": TITLES[kind]}
    return {**head, **whole, "title": TITLES[kind], "$defs": {name: definitions[name] for name in used}}


def text_of(kind: Kind) -> str:
    """The schema of one kind of file, as it is printed."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def file_of(kind: Kind) -> Path:
    """The schema that comes with the program, which the first line of the shipped files names."""
    return folder_of() / "schemas" / f"{kind}.json"


def _form_of(kind: Kind) -> type[BaseModel]:
    """The class by which files of a kind are read."""
    if kind == "experiment":
        from experiments.sweeps.form import ExperimentForm

        return ExperimentForm
    if kind == "calibration":
        from experiments.calibration.form import CalibrationForm

        return CalibrationForm
    if kind == "plan":
        from experiments.plan.plan import PlanForm

        return PlanForm
    from experiments.paper.form import FigureForm

    return FigureForm


def _name_levers(definitions: dict[str, Any]) -> None:
    """Let a policy's `set` hold exactly the levers there are, by dotted key or by nested keys."""
    groups: dict[str, Any] = definitions["Policy"]["properties"]
    levers: dict[str, Any] = {}
    for group, reference in groups.items():
        name = reference["$ref"].rpartition("/")[2]
        levers[group] = {"$ref": f"#/$defs/{name}"}
        for lever in definitions[name]["properties"]:
            levers[f"{group}.{lever}"] = {"$ref": f"#/$defs/{name}/properties/{lever}"}
    for name in ("TimedPolicy", "Change"):
        definitions[name]["properties"]["set"] |= {"properties": levers, "additionalProperties": False}


def _name_parameters(whole: dict[str, Any], parts: dict[str, tuple[str, ...]]) -> None:
    """Let some entries have exactly the keys of parameters, or of groups of them, unless extensions bring others."""
    keys = [row.key for row in register(Config)]
    groups = [".".join(key.split(".")[:length]) for key in keys for length in range(1, key.count(".") + 1)]
    known = dict.fromkeys([*keys, *groups])
    named = {
        entry: {"propertyNames": {"enum": [key for key in known if key.partition(".")[0] in roots]}}
        for entry, roots in parts.items()
    }
    if named:
        whole["if"] = {"not": {"required": [KEY]}}
        whole["then"] = {"properties": named}


def _forget_shared_defaults(whole: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Leave the defaults out of groups that stand in several places with different ones, such as profiles of hubs."""
    text = json.dumps([whole, definitions])
    for name, definition in definitions.items():
        if text.count(f'"#/$defs/{name}"') > 1 and name != "Policy":
            for lever in definition.get("properties", {}).values():
                lever.pop("default", None)


def _reachable(whole: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """Names of the definitions that a schema needs, in alphabetical order."""
    found: set[str] = set()
    text = json.dumps(whole)
    while True:
        new = {name for name in definitions if name not in found and f'"#/$defs/{name}' in text}
        if not new:
            return sorted(found)
        found |= new
        text = json.dumps([definitions[name] for name in new])
