"""Whatever a user writes, the answer is a validated group or one clear line with file, line and key."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field, field_validator, model_validator

from sim.errors import ConfigError
from sim.parameters import Parameters, parameter
from sim.reading import flatten, merge, nest, problems, validate
from sim.yaml_text import Document, parse_value, read_yaml

SHARE = {"unit": "share", "source": "test", "tag": "assumption", "effect": None}
BILLION_LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20)
)


class Trust(Parameters):
    loss_to_gain_ratio: float = parameter(2.0, "Losses weigh more.", range=(1, 3), **SHARE)
    memory_weeks: int = parameter(4, "Weeks remembered.", range=(1, 52), **SHARE)
    decay: float | None = parameter(None, "Decay, if any.", range=(0, 1), **SHARE)


class Hub(Parameters):
    kind: Literal["none", "mosque", "school"] = parameter("none", "The place.", **SHARE)
    open_at_night: bool = parameter(False, "Also at night.", **SHARE)
    title: str = parameter("hub", "Its name.", **SHARE)

    @field_validator("title")
    @classmethod
    def _polite(cls, title: str) -> str:
        if title.startswith("rude"):
            raise ValueError(f"a rude title:\n{title}")
        return title


class Uniform(Parameters):
    kind: Literal["uniform"]
    low: float
    high: float


class Normal(Parameters):
    kind: Literal["normal"]
    mean: float

    @model_validator(mode="after")
    def _positive(self) -> Normal:
        if self.mean < 0:
            raise ValueError("a negative mean")
        return self


class Timed(Parameters):
    start: int
    share: Annotated[float, Field(ge=0, le=1)] = 0.5


class Policy(Parameters):
    hub: Hub = Hub()
    timed: tuple[Timed, ...] = parameter((), "Timed parts.", lax=True, **SHARE)
    shares: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = parameter((), "Shares.", lax=True, **SHARE)
    pair: tuple[float, float] = parameter((0.0, 1.0), "Two ends.", lax=True, **SHARE)
    amount: int | float | Literal["auto", "none"] = parameter("auto", "Amount.", **SHARE)
    spread: Uniform | Normal | float | None = None
    tagged: Annotated[Uniform | Normal, Field(discriminator="kind")] | None = None
    levers: dict[str, list[float | str] | Uniform] = Field(default_factory=dict)


class Config(Parameters):
    policy: Policy = Policy()
    trust: Trust = Trust()


class Named(Parameters):
    name: str
    trust: Trust


def is_safe(fault: ConfigError) -> bool:
    """One line, nothing that steers a terminal; the joiners of Persian words may stand."""
    return str(fault).replace("\u200c", "").replace("\u200d", "").isprintable()


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> ConfigError:
    """The error of reading `text`, checked to be one printable line that names the file."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert caught.value.source == str(path)
    assert is_safe(caught.value)
    return caught.value


def faults(folder: Path, text: str, group: type[Parameters] = Config) -> list[tuple[int | None, str | None, str]]:
    document = read_yaml(write(folder, text))
    found = problems(group, document.data, document)
    for fault in found:
        assert is_safe(fault)
        assert fault.source == document.source
    return [(fault.line, fault.key, fault.problem) for fault in found]


# --- Files --------------------------------------------------------------------------------------------------------


def test_a_sound_file_is_plain_python_with_its_lines(tmp_path):
    text = "# comment\npolicy:\n  hub:\n    kind: mosque\n  timed:\n  - start: 1\n\n  -\n    start: 2\n"
    document = read_yaml(write(tmp_path, text))
    assert document.source == str(tmp_path / "config.yaml")
    assert document.data == {"policy": {"hub": {"kind": "mosque"}, "timed": [{"start": 1}, {"start": 2}]}}
    assert {type(value) for value in (document.data, document.data["policy"]["timed"])} == {dict, list}
    assert type(document.data["policy"]["hub"]["kind"]) is str
    places = [(), ("policy",), ("policy", "hub", "kind"), ("policy", "timed", 0), ("policy", "timed", 1, "start")]
    assert [document.line_of(place) for place in places] == [2, 2, 4, 6, 9]
    assert document.line_of(("policy", "hub", "absent", "deeper")) == 3
    assert document.line_of(("absent",)) == 2
    assert validate(Config, document.data, document).policy.timed[1].start == 2


def test_a_document_survives_a_trip_between_processes_and_may_have_no_lines(tmp_path):
    document = read_yaml(write(tmp_path, "a: 1\n"))
    assert pickle.loads(pickle.dumps(document)).line_of(("a",)) == 1
    assert Document("--set a", {"a": 1}).line_of(("a",)) is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [("absent.yaml", "no such file"), (".", "is a directory"), ("a\0b", "null"), ("x/" * 3000, "long")],
)
def test_a_path_that_is_no_file(tmp_path, path, reason):
    with pytest.raises(ConfigError, match=reason) as caught:
        read_yaml(f"{tmp_path}/{path}")
    assert is_safe(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    path = write(tmp_path, "a: 1")
    path.chmod(0)
    with pytest.raises(ConfigError, match="permission denied"):
        read_yaml(path)


def test_no_permission_even_for_root(tmp_path, monkeypatch):
    def forbid(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", forbid)
    with pytest.raises(ConfigError, match="permission denied"):
        read_yaml(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (b"a: 1\nb: \xff\xfe\n", 2, "not UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, "not UTF-8"),
        (b"a: 1\n\x00", 2, "U+0000"),
        (b"\x7fELF\x01\x01\x00", 1, "U+007F"),
        (b"a: 1\nb: \x1b[31mred\n", 2, "U+001B"),
        (b'a: 1\nb: "\\e[31mred"\n', 2, "U+001B"),
        (b'a: "\\ud800"', 1, "U+D800"),
        (b"a: " + b"x" * 4_000_001, None, "larger than 4 MB"),
        (b"", None, "empty"),
        (b"# only a comment\n", None, "empty"),
        (b"---\n", None, "empty"),
        (b"- a\n- b\n", 1, "not a list"),
        (b"\njust text\n", 2, 'not the text "just text"'),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"---\na: 1\n...\n---\n", 4, "second document"),
    ],
)
def test_faults_of_the_file_itself(tmp_path, text, line, reason):
    fault = refusal(tmp_path, text)
    assert reason in fault.problem
    assert fault.line == line


def test_marks_that_editors_add_are_allowed(tmp_path):
    text = (
        b"\xef\xbb\xbf---\r\ntitle: caf\xc3\xa9 \xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb1\xd9\x88\xd8\xaf\r\nb: 1\r\n...\r\n"
    )
    document = read_yaml(write(tmp_path, text))
    assert document.data == {"title": "café می\u200cرود", "b": 1}
    assert document.line_of(("b",)) == 3


# --- YAML ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1e3", 1000.0), ("-.5", -0.5), ("7.", 7.0), ("+12", 12), ("007", 7), ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"), ("0b1", "0b1"), ("12:30:45", "12:30:45"), ("2021-09-23", "2021-09-23"), ("۱۲", "۱۲"),
        ("2021-09-23T10:00:00Z", "2021-09-23T10:00:00Z"), ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("y", "y"),
        ("true", True), ("FALSE", False), ("~", None), ("null", None), ('""', ""), ("'1'", "1"), ('"true"', "true"),
        (".inf", float("inf")), ("-.INF", float("-inf")), ("1e999", float("inf")),
        ("[1, [2.0], {a: ~}]", [1, [2.0], {"a": None}]),
        ("=", "="), ("a b", "a b"), ("mosque # why", "mosque"), ('"\\ud83c\\udf33"', "\U0001f333"),
        ("{en: A, fa: ب}", {"en": "A", "fa": "ب"}),
    ],
)  # fmt: skip
def test_values_follow_the_core_schema_of_yaml_1_2(text, value):
    found = parse_value(text, "--set key")
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_float():
    found = parse_value(".nan", "--set key")
    assert found != found


def test_a_directive_does_not_bring_back_yaml_1_1(tmp_path):
    assert read_yaml(write(tmp_path, "%YAML 1.1\n---\na: no\nb: 012\n")).data == {"a": "no", "b": 12}


@pytest.mark.parametrize("text", ["", "  ", "# nothing"])
def test_a_missing_value_of_an_option_is_refused(text):
    with pytest.raises(ConfigError, match="a value is missing"):
        parse_value(text, "--set key")


@pytest.mark.parametrize(
    "text", ["[1", "!!int 1", "a: 1\na: 2", "*a", "{<<: 1}", "1\n---\n2", "\x1b", "9" * 5000, "@a"]
)
def test_an_option_is_as_strict_as_a_file_and_has_no_line(text):
    with pytest.raises(ConfigError) as caught:
        parse_value(text, "--set key")
    assert (caught.value.source, caught.value.line) == ("--set key", None)


@pytest.mark.parametrize(
    ("text", "line", "key", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a", "duplicate key, given on line 1 already"),
        ("a: 1\nb:\n  c: [{d: 1}, {d: 1,\n  'd': 2}]\n", 4, "b.c[1].d", "duplicate key"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, None, "tag !!python/object/apply:os.system"),
        ("a: !foo 1\n", 1, None, "tag !foo"),
        ("a: !!int 1\n", 1, None, "tag !!int"),
        ("a: ! x\n", 1, None, "tag !"),
        ("!!map\na: 1\n", 1, None, "tag !!map"),
        ("a: 1\n!!str b: 1\n", 2, None, "tag !!str"),
        ("%TAG !e! tag:e.org,2000:\n---\na: !e!x 1\n", 3, None, "tag tag:e.org,2000:x"),
        ("a: &x [1, *x]\n", 1, None, "refers to itself"),
        ("a: &x\n  b: *x\n", 2, None, "refers to itself"),
        ("&x a: 1\nb: &x {c: *x}\n", 2, None, "refers to itself"),
        ("a: *nowhere\n", 1, None, "no anchor"),
        ("a: &x {c: 1}\nb:\n  <<: *x\n", 3, "b", "merge keys"),
        ("1: a\n", 1, None, "a key must be text, not 1; put it in quotes"),
        ("a: {week: 4, share: 0,5}\n", 1, "a", "not 5; if 0,5 is one number, write it with a decimal point: 0.5"),
        ("a: 1\n5: 2\n", 2, None, "a key must be text, not 5; put it in quotes"),
        ("a:\n  null: 1\n", 2, "a", "a key must be text"),
        ("true: 1\n", 1, None, "a key must be text, not true"),
        ("a: 1\n? [b]\n: 1\n", 2, None, "a key must be text, not a list"),
        ("a: &x 1\n*x : 2\n", 2, None, "a key must be text"),
        ("a: " + "9" * 5000, 1, None, "5000 digits"),
        ("a: 0x" + "F" * 5000, 1, None, "5002 digits"),
        ("a: " + "[" * 10_000, 1, None, "nested more than 100"),
        ("a: " + "{a: " * 10_000, 1, None, "nested more than 100"),
        ("".join(" " * i + "a:\n" for i in range(500)), 102, None, "nested more than 100"),
        ("- " * 10_000, 1, None, "nested more than 100"),
        ("? " * 10_000, 1, None, "a key must be text, not a list or a mapping"),
        ("a0: &a0 [1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 300)), 100, None, "nested more than"),
        (BILLION_LAUGHS, 6, None, "more than 100000 values"),
        ("a:\n" + "- 1\n" * 100_001, 99_999, None, "more than 100000 values"),
    ],
)
def test_what_a_config_has_no_need_of_is_refused(tmp_path, text, line, key, reason):
    fault = refusal(tmp_path, text)
    assert reason in fault.problem
    assert (fault.line, fault.key) == (line, key)


def test_plain_aliases_are_copies_that_know_the_lines_they_were_written_on(tmp_path):
    document = read_yaml(write(tmp_path, "a: &x\n  b: [1,\n      2]\nc: *x\nd: &s text\n*s : 3\n"))
    assert document.data == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": "text", "text": 3}
    assert document.data["a"] is not document.data["c"]
    assert document.data["a"]["b"] is not document.data["c"]["b"]
    assert [document.line_of(place) for place in [("c",), ("c", "b"), ("c", "b", 1)]] == [4, 2, 3]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\n  b: 2\n", 2, "check the indentation"),
        ("a: b: c\n", 1, "put the text in quotes"),
        ("a:\n\tb: 1\n", 2, "a tab cannot"),
        ("a: @b\n", 1, "must stand in quotes"),
        ("a: 1\nb\nc: 2\n", 3, '":"'),
        ("a: 'b\nc: 1\n", 1, "never closed"),
        ("a: 1\nb: [1, 2\nc: 3\n", 2, '"["'),
        ("a: {b: 1\n", 1, '"{"'),
        ("a: 1\n- b\n", 2, "does not fit"),
        ("a: }\n", 1, "a value is missing"),
        ('a: "\\q"\n', 1, "unknown escape"),
        ("a: - b\n", 1, "list item"),
        ('a: "\\U99999999"\n', 1, "names no letter"),
        ("%YAML 9.9\n---\na: 1\n", 1, "not valid YAML"),
    ],
)
def test_syntax_errors_are_one_line_in_plain_words(tmp_path, text, line, reason):
    fault = refusal(tmp_path, text)
    assert reason in fault.problem
    assert fault.line == line
    assert "unicode string" not in str(fault)


# --- Values -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "key", "problem"),
    [
        ("trust:\n\n  los_to_gain_ratio: 2\n", 3, "trust.los_to_gain_ratio",
         'unknown key; did you mean "loss_to_gain_ratio"?'),
        ("trust:\n  LOSS_TO_GAIN_RATIO: 2\n", 2, "trust.LOSS_TO_GAIN_RATIO",
         'unknown key; did you mean "loss_to_gain_ratio"?'),
        ("trust:\n  zzz: 2\n", 2, "trust.zzz", "unknown key; allowed here: loss_to_gain_ratio, memory_weeks, decay"),
        ("polcy: {}\n", 1, "polcy", 'unknown key; did you mean "policy"?'),
        ("trust:\n  loss_to_gain_ratio: high\n", 2, "trust.loss_to_gain_ratio",
         'must be a number, not the text "high"'),
        ("trust:\n  loss_to_gain_ratio: '2'\n", 2, "trust.loss_to_gain_ratio", 'must be a number, not the text "2"'),
        ("trust: {loss_to_gain_ratio: 1_0}\n", 1, "trust.loss_to_gain_ratio", 'must be a number, not the text "1_0"'),
        ("trust: {loss_to_gain_ratio: true}\n", 1, "trust.loss_to_gain_ratio", "must be a number, not true"),
        ("trust: {loss_to_gain_ratio: }\n", 1, "trust.loss_to_gain_ratio", "must be a number, not empty (null)"),
        ("trust: {loss_to_gain_ratio: 3.5}\n", 1, "trust.loss_to_gain_ratio", "must lie between 1 and 3, not 3.5"),
        ("trust: {loss_to_gain_ratio: 0}\n", 1, "trust.loss_to_gain_ratio", "must lie between 1 and 3, not 0"),
        ("trust: {decay: -1e-3}\n", 1, "trust.decay", "must lie between 0 and 1, not -0.001"),
        ("trust: {decay: low}\n", 1, "trust.decay", 'must be a number, not the text "low"'),
        ("trust: {memory_weeks: 3.0}\n", 1, "trust.memory_weeks",
         "must be a whole number, not 3.0; a point separates decimals, not thousands"),
        ("trust:\n  loss_to_gain_ratio: 1,5\n", 2, "trust.loss_to_gain_ratio",
         'must be a number, not the text "1,5"; write a decimal point, 1.5'),
        ("trust:\n  memory_weeks: 1,5\n", 2, "trust.memory_weeks", 'must be a whole number, not the text "1,5"'),
        ("policy: {pair: [0,2, 0,6]}\n", 1, "policy.pair",
         "must hold at most 2 items, not 4; if 0,2 is one number, write it with a decimal point: 0.2"),
        ("trust: {memory_weeks: '12,500'}\n", 1, "trust.memory_weeks",
         'must be a whole number, not the text "12,500"; write 12500, without separators of thousands'),
        ("trust: {loss_to_gain_ratio: 45.000.000}\n", 1, "trust.loss_to_gain_ratio",
         'must be a number, not the text "45.000.000"; write 45000000, without separators of thousands'),
        ("trust:\n  loss_to_gain_ratio: 1.234,5\n", 2, "trust.loss_to_gain_ratio",
         'must be a number, not the text "1.234,5"; write 1234.5, without separators of thousands'),
        ("trust:\n  loss_to_gain_ratio: 1,200\n", 2, "trust.loss_to_gain_ratio",
         'must be a number, not the text "1,200"; write a decimal point, 1.200, '
         "or 1200 without separators of thousands"),
        ("trust: {memory_weeks: 99}\n", 1, "trust.memory_weeks", "must lie between 1 and 52, not 99"),
        ("trust: {memory_weeks: " + "9" * 100 + "}\n", 1, "trust.memory_weeks",
         "must lie between 1 and 52, not " + "9" * 100),
        ("trust: {loss_to_gain_ratio: .nan}\n", 1, "trust.loss_to_gain_ratio", "must be a finite number, not NaN"),
        ("trust: {loss_to_gain_ratio: -.inf}\n", 1, "trust.loss_to_gain_ratio",
         "must be a finite number, not -infinity"),
        ("trust: {loss_to_gain_ratio: 1e999}\n", 1, "trust.loss_to_gain_ratio",
         "must be a finite number, not infinity"),
        ("trust: [1]\n", 1, "trust", "must be a mapping of keys to values, not a list"),
        ("trust:\n", 1, "trust", "must be a mapping of keys to values, not empty (null)"),
        ("policy:\n  hub:\n    kind: mosqe\n", 3, "policy.hub.kind",
         'must be one of: none, mosque, school, not "mosqe"; did you mean "mosque"?'),
        ("policy: {hub: {kind: 5}}\n", 1, "policy.hub.kind", "must be one of: none, mosque, school, not 5"),
        ("policy: {hub: {open_at_night: on}}\n", 1, "policy.hub.open_at_night",
         'must be true or false, not the text "on"'),
        ("policy: {hub: {open_at_night: 1}}\n", 1, "policy.hub.open_at_night", "must be true or false, not 1"),
        ("policy: {hub: {title: 2021}}\n", 1, "policy.hub.title", "must be text, not 2021; put it in quotes"),
        ("policy:\n  hub:\n    title: rude\n", 3, "policy.hub.title", "a rude title: rude"),
        ("policy:\n  timed: 5\n", 2, "policy.timed", "must be a list, not 5"),
        ("policy:\n  timed: {a: 1}\n", 2, "policy.timed", "must be a list, not a mapping"),
        ("policy:\n  timed:\n  - start: 1\n  - share: 0.1\n", 4, "policy.timed[1].start", "this key is missing"),
        ("policy:\n  timed:\n  - start: 1\n    share: 2\n", 4, "policy.timed[0].share",
         "must lie between 0 and 1, not 2"),
        ("policy:\n  timed:\n  - start: 1\n    shar: 2\n", 4, "policy.timed[0].shar",
         'unknown key; did you mean "share"?'),
        ("policy:\n  shares:\n  - 0.5\n  - x\n", 4, "policy.shares[1]", 'must be a number, not the text "x"'),
        ("policy:\n  shares: [0.5,\n   1]\n", 3, "policy.shares[1]", "must be more than 0 and less than 1, not 1"),
        ("policy: {pair: [1]}\n", 1, "policy.pair", "must hold 2 items, not 1"),
        ("policy: {pair: []}\n", 1, "policy.pair", "must hold 2 items, not 0"),
        ("policy: {pair: [1.5, 2, 3]}\n", 1, "policy.pair", "must hold at most 2 items, not 3"),
    ],
)  # fmt: skip
def test_a_fault_of_a_value_is_one_line_with_its_place(tmp_path, text, line, key, problem):
    assert faults(tmp_path, text) == [(line, key, problem)]


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("amount: [1]", "amount", "must be a number or one of: auto, none, not a list"),
        ("amount: atuo", "amount", 'must be a number or one of: auto, none, not "atuo"; did you mean "auto"?'),
        ("amount: true", "amount", "must be a number or one of: auto, none, not true"),
        ("amount: .nan", "amount", "must be a finite number, not NaN"),
        ("spread: wide", "spread", 'must be a mapping of keys to values or a number, not the text "wide"'),
        ("spread: {kind: uniform, low: 1, hihg: 2, high: 3}", "spread.hihg", 'unknown key; did you mean "high"?'),
        ("spread: {kind: uniform, low: a, high: 3}", "spread.low", 'must be a number, not the text "a"'),
        ("spread: {kind: normal, mean: -1}", "spread", "a negative mean"),
        ("spread: {kind: normal, mean: 1, meen: 1}", "spread.meen", 'unknown key; did you mean "mean"?'),
        ("spread: {kind: gamma, mean: 1}", "spread.kind", 'must be one of: uniform, normal, not "gamma"'),
        ("tagged: {kind: normol}", "tagged.kind",
         'must be one of: uniform, normal, not "normol"; did you mean "normal"?'),
        ("tagged: {mean: 1}", "tagged.kind", "this key is missing"),
        ("tagged: {kind: normal}", "tagged.mean", "this key is missing"),
        ("tagged: {kind: normal, mean: -1}", "tagged", "a negative mean"),
        ("tagged: 3", "tagged", "must be a mapping of keys to values, not 3"),
        ("levers: {a: 1}", "levers.a", "must be a list or a mapping of keys to values, not 1"),
        ("levers: {a: [1, b, true]}", "levers.a[2]", "must be a number or text, not true"),
        ("levers: {uniform: {kind: uniform, low: 1, high: x}}", "levers.uniform.high",
         'must be a number, not the text "x"'),
    ],
)  # fmt: skip
def test_a_union_gives_one_line_for_one_fault(tmp_path, text, key, problem):
    assert faults(tmp_path, text, Policy) == [(1, key, problem)]


def test_sound_unions_pass(tmp_path):
    text = "amount: 3\nspread: {kind: normal, mean: 1}\ntagged: {kind: uniform, low: 0, high: 1}\nlevers: {a: [1, b]}\n"
    document = read_yaml(write(tmp_path, text))
    assert problems(Policy, document.data, document) == []
    assert validate(Policy, document.data, document).levers == {"a": [1, "b"]}


def test_two_faults_in_one_union_are_two_lines(tmp_path):
    text = "spread:\n  kind: uniform\n  low: a\n  high: b\n"
    assert [fault[:2] for fault in faults(tmp_path, text, Policy)] == [(3, "spread.low"), (4, "spread.high")]


def test_missing_keys_stand_at_the_line_of_the_mapping_around_them(tmp_path):
    assert faults(tmp_path, "\n\nother: 1\n", Named)[0] == (3, "name", "this key is missing")
    assert ("timed[0].start") in str(problems(Policy, {"timed": [{}]})[0])


def test_problems_are_in_order_of_line_then_key(tmp_path):
    text = "zz: 1\ntrust: {memory_weeks: x, loss_to_gain_ratio: 9, decay: y}\npolicy:\n  hub: {kind: a}\n  aa: 1\n"
    assert [fault[:2] for fault in faults(tmp_path, text)] == [
        (1, "zz"),
        (2, "trust.decay"),
        (2, "trust.loss_to_gain_ratio"),
        (2, "trust.memory_weeks"),
        (4, "policy.hub.kind"),
        (5, "policy.aa"),
    ]


def test_a_part_of_a_document_keeps_its_place_and_its_prefix(tmp_path):
    document = read_yaml(write(tmp_path, "title: x\npolicy:\n  hub:\n    kind: mosqe\n"))
    with pytest.raises(ConfigError) as caught:
        validate(Policy, document.data["policy"], document, at=("policy",))
    assert (caught.value.line, caught.value.key) == (4, "policy.hub.kind")
    other = problems(Policy, {"hub": {"kind": "x"}}, document, source="base.yaml", at=("policy",))[0]
    assert str(other).startswith("base.yaml:4: policy.hub.kind: must be one of")
    bare = problems(Policy, {"hub": {"kind": "x"}}, source="--set", at=("levers", 3))[0]
    assert str(bare).startswith("--set: levers[3].hub.kind: must be")


def test_validate_raises_the_first_problem(tmp_path):
    document = read_yaml(write(tmp_path, "trust: {decay: 2}\nb: 1\n"))
    with pytest.raises(ConfigError) as caught:
        validate(Config, document.data, document)
    assert str(caught.value) == str(problems(Config, document.data, document)[0])
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "data",
    [None, 3, [], "text", {1: 2}, {"policy": {3: 4}}, {"policy": {"levers": {1: [1]}}}, {"policy": object()},
     {"\ud800": 1}, {"policy": {"hub": {"kind": "\ud800\0\n"}}}, {"trust": {"memory_weeks": 2**60_000}},
     {"trust": {"loss_to_gain_ratio": 2**60_000}}],
    ids=lambda data: type(data).__name__,  # pytest cannot print a number of 20,000 digits
)  # fmt: skip
def test_hostile_python_gives_lines_too(data):
    found = problems(Config, data)
    assert found
    assert all(is_safe(fault) for fault in found)


# --- One safe line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["a\nb\r\n\tc", "x" * 10_000, "[red]bold[/red]", "\\[red]", "\u202eevil", "\u2028", "[link=x]"]
)
def test_what_the_user_wrote_never_breaks_the_line(tmp_path, value):
    from rich.text import Text

    data = {"policy": {"hub": {"kind": value, "title": "rude" + value}, value: 1}, "trust": {"decay": value}, value: 1}
    found = problems(Config, data, source=str(tmp_path / value[:50]))
    assert len(found) == 5
    for fault in found:
        line = str(fault)
        assert is_safe(fault)
        assert len(line.removeprefix(str(fault.source))) < 700
        assert not Text.from_markup(line).spans


def test_a_long_value_is_cut_at_60_letters():
    (fault,) = problems(Config, {"trust": {"decay": "x" * 1000}})
    assert fault.problem == f'must be a number, not the text "{"x" * 59}…"'


def test_persian_words_stay_readable():
    (fault,) = problems(Config, {"trust": {"decay": "می\u200cرود"}})
    assert fault.problem == 'must be a number, not the text "می\u200cرود"'


# --- Nested and dotted --------------------------------------------------------------------------------------------


def test_nest():
    assert nest({"a.b": 1, "a.c.d": [2], "e": None, "a.c": {"f": 3}}) == {
        "a": {"b": 1, "c": {"d": [2], "f": 3}},
        "e": None,
    }
    assert nest({}) == {}


@pytest.mark.parametrize(
    "values",
    [{"a": 1, "a.b": 2}, {"a.b": 2, "a": 1}, {"a": 1, "a.b.c": 2}, {"": 1}, {"a..b": 1}, {".a": 1}, {"a.": 1},
     {".".join("a" * 10_000): 1}, {"a": None, "a.b": 1}],
)  # fmt: skip
def test_keys_that_cannot_be_nested_are_refused(values):
    with pytest.raises(ConfigError) as caught:
        nest(values)
    assert caught.value.key


def test_merge_is_deep_for_dicts_only_and_changes_neither_side():
    base = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}, "f": 1}
    difference = {"a": {"c": [3]}, "d": 4, "f": {"g": [5]}}
    before = repr((base, difference))
    merged = merge(base, difference)
    assert merged == {"a": {"b": 1, "c": [3]}, "d": 4, "f": {"g": [5]}}
    merged["a"]["c"].append(9)
    merged["f"]["g"].append(9)
    assert repr((base, difference)) == before


def test_what_was_read_before_is_a_copy_and_faults_name_the_file_at_hand(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    for file in (first, second):
        file.write_text("a: {b: [1, 2]}\n", encoding="utf-8")
    data = read_yaml(first).data
    data["a"]["b"].append(3)
    data["a"]["c"] = 4
    again = read_yaml(second)
    assert (again.source, again.data) == (str(second), {"a": {"b": [1, 2]}})
    assert again.line_of(("a", "b")) == 1
    for file in (first, second):
        file.write_text("a: 1\nb: [2\n", encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            read_yaml(file)
        assert str(caught.value).startswith(f"{file}:2: not valid YAML")


def test_flatten():
    assert flatten({"a": {"b": 1, "c": {}}, "d": [{"e": 1}]}) == {"a.b": 1, "a.c": {}, "d": [{"e": 1}]}
    assert flatten({"a": 1}, "policy.hub") == {"policy.hub.a": 1}


NAMES = st.sampled_from(["a", "b", "c", "title", "می"])
PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(PRINTABLE),
    st.lists(st.integers()),
)
TREES = st.dictionaries(NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner), max_leaves=8))


@given(TREES)
def test_nest_undoes_flatten(tree):
    assert nest(flatten(tree)) == tree


@given(TREES, TREES)
def test_merge_keeps_what_the_difference_leaves_alone_and_takes_what_it_says(base, difference):
    merged = merge(base, difference)
    assert merge(base, {}) == base
    assert merge({}, difference) == difference
    assert merge(merged, difference) == merged
    flat = flatten(merged)
    assert all(flat[key] == value for key, value in flatten(difference).items() if value != {})
    assert set(merged) == set(base) | set(difference)


@given(TREES, TREES, TREES)
def test_merge_is_associative_where_no_scalar_meets_a_dict(first, second, third):
    def shape(tree: dict[str, Any]) -> dict[str, Any]:
        return {f"{key}{'.' if isinstance(value, dict) else ''}": shape(value) if isinstance(value, dict) else value
                for key, value in tree.items()}  # fmt: skip

    first, second, third = shape(first), shape(second), shape(third)
    assert merge(merge(first, second), third) == merge(first, merge(second, third))


# --- Noise --------------------------------------------------------------------------------------------------------

NOISE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
YAMLISH = st.text(st.sampled_from("ab1.:-?[]{},&*!|>'\"%@`#~ \n\t\\<=\u00e9\u0085\u2028\ufeffxU0e"), max_size=60)


def survives(path: Path) -> bool:
    """Reading and validating end in a group or in one printable line."""
    try:
        document = read_yaml(path)
        validate(Config, document.data, document)
    except ConfigError as error:
        return is_safe(error) and (error.line is None or error.line >= 1)
    return True


@NOISE
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_config_errors(tmp_path, raw):
    assert survives(write(tmp_path, raw))


@NOISE
@given(YAMLISH)
def test_random_yaml_raises_nothing_but_config_errors(tmp_path, text):
    assert survives(write(tmp_path, text))


@NOISE
@given(st.one_of(YAMLISH, st.text()))
def test_random_options_raise_nothing_but_config_errors(text):
    value, fault = None, None
    try:
        value = parse_value(text, "--set key")
    except ConfigError as error:
        fault = error
    assert isinstance(value, str | int | float | bool | list | dict | None)
    assert fault is None or is_safe(fault)


KNOWN = st.sampled_from([*Config.model_fields, *Policy.model_fields, *Hub.model_fields, *Uniform.model_fields])
KEYS = st.one_of(st.text(max_size=3), KNOWN)


@NOISE
@given(st.recursive(st.one_of(LEAVES, st.floats()), lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner)))
def test_random_data_has_one_line_a_place(data):
    for group in (Config, Policy):
        found = problems(group, data)
        assert all(is_safe(fault) for fault in found)
        assert len(found) == len({fault.key for fault in found})


@NOISE
@given(TREES)
def test_json_is_read_as_it_was_written(tmp_path, tree):
    assert read_yaml(write(tmp_path, json.dumps(tree))).data == tree


def test_the_deepest_text_allowed_can_be_merged_flattened_and_validated(tmp_path):
    data = read_yaml(write(tmp_path, "{a: " * 99 + "1" + "}" * 99)).data
    assert nest(flatten(merge({}, data))) == data
    assert [fault.key for fault in problems(Config, data)] == ["a"]


def test_a_thousand_faults_are_enough():
    data = {f"key{number}": number for number in range(5000)}
    assert len(problems(Config, data)) == 1000
