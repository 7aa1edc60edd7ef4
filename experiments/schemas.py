"""JSON Schemas (Draft 2020-12) of city configs and policy files, for editors."""

from __future__ import annotations

import json
from typing import Any, Literal

from sim.config import Config
from sim.loading import KEY
from sim.policies import TimedPolicy

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXTENSIONS = "Extensions, such as my_rule.py:NAME beside this file; their own keys are not in this schema."
TITLES = {"city": "Mahalle: a city config", "policy": "Mahalle: a policy file"}


def schema_of(kind: Literal["city", "policy"]) -> dict[str, Any]:
    """The schema of one kind of file, with descriptions, bounds, units, sources and evidence tags."""
    whole = Config.model_json_schema()
    definitions: dict[str, Any] = whole.pop("$defs")
    whole["properties"].pop("base_folder")  # where the file lies, which is not for the user to say
    whole["properties"][KEY] = {"type": "array", "items": {"type": "string"}, "description": EXTENSIONS}
    _name_levers(definitions)
    if kind == "policy":
        whole = {"$ref": f"#/$defs/{TimedPolicy.__name__}"}
    _forget_shared_defaults(whole, definitions)
    used = _reachable(whole, definitions)
    return {"$schema": DIALECT, **whole, "title": TITLES[kind], "$defs": {name: definitions[name] for name in used}}


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
