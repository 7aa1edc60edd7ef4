"""Whatever stands in a user's file, its reader gives a valid object or one clear line that is safe to print."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.calibration.posterior import read_posterior, write_posterior
from experiments.faults import faults_of
from experiments.manifest import manifest_in
from experiments.study.shards import SCHEMA, SHARDS, JournalEntry, Shard, read_shard, write_shard
from sim.cautions import CautionWarning
from sim.config import Config, load_config
from sim.errors import LONGEST_MESSAGE, ConfigError
from sim.neighbourhoods import CATEGORIES
from sim.network import read_ties
from sim.own_data import read_table
from sim.own_maps import read_polygons
from sim.own_people import read_people
from sim.pabulib import parse_election
from tests.conftest import examples

VILLAGE = Path(__file__).resolve().parents[2] / "configs" / "cities" / "own_data" / "village.yaml"
MAP = json.dumps(
    {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "EPSG:4326"}},
        "features": [
            {
                "type": "Feature",
                "properties": {"name": name, "population": 900, "deprivation": 0.2},
                "geometry": {"type": "Polygon", "coordinates": [[[x, 1], [x + 1, 1], [x + 1, 2], [x, 2], [x, 1]]]},
            }
            for name, x in (("علی آباد", 0), ("B", 1))
        ],
    },
    ensure_ascii=False,
    indent=1,
)
TABLE = "name,name_fa,population,deprivation,x,y,roads\nA,علی,900,0.2,0,0,0.5\nB,ب,۷۰۰,۰٫۵,1,0,0.25\n"
PEOPLE = "neighbourhood,sex,birth_year,hope,household\nA,man,1360,0.2,1\nA,woman,1370,,1\nB,woman,1350,0.9,\n"
EDGES = "Source,Target,Kind,Weight\n1,2,household,1.0\n2,3,,0.5\n# people: 0a1b\n"
GRAPHML = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="k" for="edge" attr.name="kind" attr.type="string"/>
<graph edgedefault="undirected"><node id="1"/><node id="2"/>
<edge source="1" target="2"><data key="k">household</data></edge></graph></graphml>
"""
ELECTION = (
    "META\nkey;value\nnum_votes;2\nbudget;100\nvote_type;scoring\ndefault_score;0\nPROJECTS\nproject_id;cost;name\n"
    '1;50;"a; b"\n2;60;x\nVOTES\nvoter_id;vote;points\na;1,2;3,1\nb;2;2.5\n'
)
CITY = "city: {population: {total: 20000}, neighbourhoods: {count: 5}}\nrun:\n  weeks: 4\n  scale: 0.01\n"
POLICY = "title: {en: A}\nset:\n  hub: {kinds: [school]}\n  council.size: 7\nshocks:\n  - {kind: scandal, week: 3}\n"
EXPERIMENT = (
    "title: {en: A}\nbase: city.yaml\nlevers: {policy.council.size: [5, 7]}\n"
    "uncertainties: {behaviour.trust.loss_to_gain_ratio: range}\ndesign: {kind: grid, levels: 2}\n"
    "replications: 2\nrun: {weeks: 4}\noutcomes: [hope, {service_gini: last}]\n"
)

CALIBRATION = (
    "title: {en: A}\nbase: city.yaml\nparameters: {behaviour.delivery.programme_success: range}\n"
    "patterns: [{pattern: 1, part: share of residents, claimed: 0.01, tolerance: 0.002}]\n"
    "thresholds: [3, 2]\npopulation: 10\nseed: 5\nrun: {scale: 0.01, weeks: 20}\n"
)
PLAN = (
    "title: {en: A}\naims: {en: To see.}\nexperiment: programme_and_status_quo\nbase: status_quo\nconfidence: 0.95\n"
    "correction: bonferroni\nknown: {en: Nothing.}\nhypotheses:\n  trust:\n    en: It rises.\n    policy: as_reported\n"
    '    outcome: "trust_in_municipality:every(13)"\n    expected: rises\n'
)
FIGURE = (VILLAGE.parents[2] / "figures" / "hubs.yaml").read_text(encoding="utf-8")

HOSTILE = st.text("\";,:\n\r\t\ufeff-.1e9aé٣٫ي\u200c\u200f\xa0\x1b\x07\x85\x9b<>&[]{}#*!'", max_size=5)
LONG = st.sampled_from(["a" * 5_000, "9" * 5_000, "\x1b[31m" * 500, "[" * 3_000, "1e999999999", "<a>" * 2_000, '"'])


@st.composite
def spoiled(draw, text):
    """A text with up to four places replaced by something else."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 8)))
        text = text[:start] + draw(HOSTILE | LONG) + text[end:]
    return text


def ties(path: Path) -> object:
    return read_ties(path, 4)


READERS = {
    "a table of neighbourhoods": (TABLE, "own.csv", lambda path: read_table(path, None, CATEGORIES)),
    "a map": (MAP, "own.geojson", lambda path: read_polygons(path, None, CATEGORIES)),
    "people": (PEOPLE, "people.csv", lambda path: read_people(path, None, ("A", "B"), 1404)),
    "an edge list": (EDGES, "ties.csv", ties),
    "an edge list without a header": ("1 2\n2 3 household\n", "ties.txt", ties),
    "GraphML": (GRAPHML, "ties.graphml", ties),
    "an election": (ELECTION, "f.pb", lambda path: parse_election(path.read_bytes().decode(), str(path))),
    "a city": (CITY, "own.yaml", load_config),
}


def assert_clear(fault: ConfigError, path: Path) -> None:
    line = str(fault)
    assert line.isprintable() or line.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert len(line) <= LONGEST_MESSAGE + len(str(path)) + 20
    assert fault.problem


@pytest.mark.parametrize("what", READERS)
@examples(100)
@given(data=st.data())
def test_a_spoiled_file_is_read_or_refused_in_one_line(what, tmp_path_factory, data):
    text, name, read = READERS[what]
    path = tmp_path_factory.getbasetemp() / name
    path.write_text(data.draw(spoiled(text)), encoding="utf-8", newline="")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            assert read(path) is not None
        except ConfigError as error:
            for fault in error.all:
                assert_clear(fault, path)
                assert fault.source == str(path)
    for warning in heard:
        assert issubclass(warning.category, CautionWarning)
        assert len(str(warning.message)) <= LONGEST_MESSAGE


CHECKED = {
    "a policy": POLICY,
    "an experiment": EXPERIMENT,
    "a city": CITY,
    "a calibration": CALIBRATION,
    "a plan": PLAN,
    "a figure": FIGURE,
}


@pytest.mark.parametrize("text", CHECKED.values(), ids=list(CHECKED))
@examples(50)
@given(data=st.data())
def test_check_of_a_spoiled_file_gives_clear_lines(text, tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    (folder / "city.yaml").write_text(CITY, encoding="utf-8")
    path = folder / "spoiled.yaml"
    path.write_text(data.draw(spoiled(text)), encoding="utf-8", newline="")
    for fault in faults_of(path)[1]:
        assert_clear(fault, path)


@examples(75)
@given(key=spoiled("run.weeks"), value=spoiled("12"))
def test_a_spoiled_setting_is_taken_or_refused_in_one_line(key, value):
    try:
        assert isinstance(load_config(VILLAGE, settings=[f"{key}={value}"]), Config)
    except ConfigError as fault:
        assert_clear(fault, Path("--set"))


def parquet_of_people() -> bytes:
    columns = {"neighbourhood": ["A", "B"] * 50, "sex": ["man", "woman"] * 50, "birth_year": [1360, 1370] * 50}
    return in_bytes(lambda path: pq.write_table(pa.table({**columns, "hope": [0.5, None] * 50}), path))


def parquet_of_a_posterior() -> bytes:
    columns = {name: [0.5, 0.5] for name in ("weight", "distance")} | {"generation": [1, 1], "seed": [1, 2]}
    own = {"behaviour.delivery.programme_success": [0.5, 0.6]}
    return in_bytes(lambda path: write_posterior(path, columns, own, {"keys": list(own)}))


def parquet_of_a_shard() -> bytes:
    rows = {"run_id": [0, 1], "replication": [0, 0], "outcome": ["hope", "hope"], "week": [-1, -1], "value": [0.1, 0.2]}

    def write(path: Path) -> None:
        (path.parent / SHARDS).mkdir(exist_ok=True)
        shard = Shard("0.parquet", "a model", (0, 1), {})
        write_shard(path.parent, shard, pa.table(rows, SCHEMA))
        (path.parent / SHARDS / shard.file).rename(path)

    return in_bytes(write)


def in_bytes(write) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "file")
        return (Path(folder) / "file").read_bytes()


def read_manifest(path: Path) -> object:
    (path.parent / "manifest.json").write_bytes(path.read_bytes())
    return manifest_in(path.parent)


def read_line(path: Path) -> object:
    return JournalEntry.model_validate_json(path.read_bytes())


BINARY: dict[str, tuple[Any, Any, Any]] = {
    "people in Parquet": (parquet_of_people, lambda path: read_people(path, None, ("A", "B"), 1404), ConfigError),
    "a posterior": (parquet_of_a_posterior, read_posterior, ValueError),
    "a shard": (parquet_of_a_shard, read_shard, (ValueError, OSError)),
    "a manifest": (
        lambda: b'{"made_by": "mahalle sweep", "digest": "0", "models": {"a": {"b": "c"}}}',
        read_manifest,
        (),
    ),
    "a line of a journal": (lambda: b'{"file": "0.parquet", "sha256": "0", "bytes": 3}', read_line, ValueError),
}
"""What makes a sound file, what reads it, and how the reader refuses one that is not."""


@pytest.mark.parametrize("what", BINARY)
@examples(150)
@given(data=st.data())
def test_spoiled_bytes_are_read_or_refused(what, tmp_path_factory, data):
    make, read, refusals = BINARY[what]
    content = bytearray(make())
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, max(0, len(content) - 1)))
        content[start : start + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    path = tmp_path_factory.getbasetemp() / "spoiled.parquet"
    path.write_bytes(content)
    try:
        read(path)
    except refusals as fault:
        if isinstance(fault, ConfigError):  # the others are put into a line by commands
            assert_clear(fault, path)
