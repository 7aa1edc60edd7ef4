"""JSON Schemas: every shipped file names its own, which it meets; a misspelt key does not."""

import json

import jsonschema
import pytest
from ruamel.yaml import YAML

from experiments.cli import main
from experiments.schemas import LINE, TITLES, file_of, schema_of
from sim.shipped import folder_of, shipped

FILES = [(kind, path) for kind in TITLES for path in shipped(kind).values()]


def content(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validators():
    found = {kind: jsonschema.Draft202012Validator(schema_of(kind)) for kind in TITLES}
    for validator in found.values():
        validator.check_schema(validator.schema)
    return found


@pytest.mark.parametrize(("kind", "path"), FILES, ids=[path.stem for _, path in FILES])
def test_a_shipped_file_names_its_schema_and_meets_it(kind, path, validators):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    place = first.removeprefix(LINE.format(place=""))
    assert first == LINE.format(place=place)
    assert (path.parent / place).resolve() == file_of(kind).resolve()
    assert json.loads(file_of(kind).read_text(encoding="utf-8")) == validators[kind].schema
    validators[kind].validate(content(path))
    misspelt = {**content(path), "titel": {"en": "A title"}}
    assert not validators[kind].is_valid(misspelt)


def test_no_shipped_file_is_left_out():
    assert {path for _, path in FILES} == set(folder_of().rglob("*.yaml"))


@pytest.mark.parametrize(
    ("kind", "name", "path", "wrong"),
    [
        ("experiment", "delegated_share", ("levers",), {"policy.authority.delegated_shar": [0, 1]}),
        ("experiment", "delegated_share", ("design",), {"kind": "gird"}),
        ("experiment", "delegated_share", ("run",), {"week": 3}),
        ("experiment", "what_matters", ("uncertainties",), {"behavior.trust": {"uniform": [0, 1]}}),
        ("calibration", "rafsanjan", ("parameters",), {"behaviour.trust.loss_to_gain": "range"}),
        ("calibration", "rafsanjan", ("patterns", 0), {"pattern": 1, "claimed": 1.0, "tolerance": 0.1}),
        ("plan", "rafsanjan", ("hypotheses", "trust", "expected"), "rise"),
        ("figure", "hubs", ("width",), "wide"),
    ],
)
def test_what_is_wrong_within_a_file_is_found(kind, name, path, wrong, validators):
    data = content(shipped(kind)[name])
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    assert not validators[kind].is_valid(data)


def test_keys_of_extensions_are_not_refused(validators):
    data = content(shipped("experiment")["delegated_share"])
    data["levers"] = {"policy.own.strength": [0, 1]}
    assert not validators["experiment"].is_valid(data)
    assert validators["experiment"].is_valid({**data, "extensions": ["mine.py:MINE"]})


@pytest.mark.parametrize("kind", TITLES)
def test_schema_prints_what_is_shipped(kind, capsys):
    assert main(["schema", kind]) == 0
    assert capsys.readouterr().out == file_of(kind).read_text(encoding="utf-8")
