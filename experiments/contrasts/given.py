"""Policies as a comparison is given them: files, names of shipped ones, the city as it is, levers written out."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from experiments.folders import write_text_atomically
from experiments.lever_values import as_json, levers_in_words, short
from experiments.missing import load_city
from experiments.register import value_at
from experiments.resolved import plain_yaml
from experiments.sweeps.parts import plain
from sim.config import Config
from sim.errors import ConfigError
from sim.policies import TimedPolicy, changed
from sim.policy_files import read_policy
from sim.reading import flatten, nearest, nest
from sim.shipped import find
from sim.yaml_text import Document, parse_value, read_yaml

AS_IT_IS = "as_is"
"""Stands for no policy file: the city's config as it is."""

_PREFIX = "policy."
_LEVERS = re.compile(r"[\w.]+=")
_JOINT = re.compile(r"\+(?=policy\.[\w.]*=)")
_MISJOINED = re.compile(r"[+,;&|\s]\s*[\w.]+=")
_EXAMPLE = "policy.authority.delegated_share=1+policy.mayor.kind=none"
_EXAMPLE_ON_TOP = "tokenism+policy.mayor.kind=none"
_JOINED_BADLY = re.compile(r"\+\s*[\w.]+=")
_NAMED_PLAINLY = re.compile(r"[A-Za-z0-9_.,=+-]{1,80}")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.,=+-]+")


def named(base: str | Path, policies: Sequence[str | Path]) -> dict[str, Path | None]:
    """Policy files by name, the base first.

    Raises:
        ConfigError: a file is not there, two have one name, or nothing is left to compare.
    """
    files: dict[str, Path | None] = {}
    for policy in (base, *policies):
        file = None if str(policy) == AS_IT_IS else _file_of(policy)
        name = AS_IT_IS if file is None else file.stem
        if any(unicodedata.category(letter) == "Cc" for letter in name):  # the name stands in YAML, which has none
            raise ConfigError("has a control character in its name; give it another one", source=str(policy))
        if name in files:
            twice = f'"{name}" is named twice; to see what comparing a policy with itself gives, copy its file'
            other = f'has the name "{name}", as another policy has; rename its file'
            raise ConfigError(twice if file == files[name] else other, source=str(policy))
        files[name] = file
    if len(files) < 2:
        raise ConfigError("name at least one policy to compare with the base")
    return files


def _file_of(policy: str | Path) -> Path:
    if _JOINED_BADLY.search(str(policy)) and not os.path.isfile(policy):
        raise ConfigError(f"levers on top of a policy begin with {_PREFIX}: {_EXAMPLE_ON_TOP}", source=str(policy))
    try:
        file = find("policy", policy).resolve()
    except ConfigError as error:
        also = nearest(str(policy), [AS_IT_IS]) or ";"
        raise ConfigError(f"{error.problem}{also} {AS_IT_IS} is the city as it is", source=error.source) from None
    if not os.path.isfile(file):
        raise ConfigError(f"no such policy file; write {AS_IT_IS} for the city as it is", source=str(policy))
    return file


@contextmanager
def written_out(
    policies: Sequence[str | Path], city: str | Path, settings: Sequence[str] = ()
) -> Iterator[tuple[str | Path, ...]]:
    """The policies, with a file for each that is written as levers; these files are there until the block ends.

    Args:
        policies: files, names, ``as_is``, or levers such as ``policy.authority.delegated_share=1``, joined by ``+``;
            or a file or a name with levers that are set on top, ``tokenism+policy.mayor.kind=none``.
        city: the city whose levers they are, and whose extensions may have more.
        settings: of the city, as ``key=value``.

    Raises:
        ConfigError: a lever is unknown or its value is not allowed.
    """
    if not any(_is_levers(policy) for policy in policies):
        yield tuple(policies)
        return
    config = load_city(city, settings=settings)
    with tempfile.TemporaryDirectory() as name:  # the comparison's own folder keeps copies
        files: dict[str, Path] = {}
        for place, policy in enumerate(dict.fromkeys(map(str, filter(_is_levers, policies)))):
            folder = Path(name).resolve() / str(place)  # one each: two may have the same name
            folder.mkdir()
            files[policy] = _written(policy, config, folder)
        given = {str(file): policy for policy, file in files.items()}
        try:
            yield tuple(files.get(str(policy), policy) for policy in policies)
        except ConfigError as error:
            if error.source is None or error.source not in given:  # else of a file that the user has never seen
                raise
            raise ConfigError(error.problem, source=given[error.source], key=error.key) from None


def _is_levers(policy: str | Path) -> bool:
    """Whether a policy is written as levers, alone or on top of another; a file comes first."""
    written = bool(_LEVERS.match(str(policy)) or _JOINT.search(str(policy)))
    return written and not os.path.isfile(policy)


def _written(policy: str, config: Config, folder: Path) -> Path:
    """The file of a policy that is written as levers."""
    under, _, levers = policy.partition("+policy.") if not _LEVERS.match(policy) else ("", "", "")
    if under in ("", AS_IT_IS):
        return _write(_levers_of(policy.removeprefix(f"{AS_IT_IS}+"), config), config, folder)
    document = read_yaml(_file_of(under))
    first, *later = read_policy(document, config.policy)
    held = config.model_copy(update={"policy": changed(config.policy, first.set)})
    own = _levers_of(_PREFIX + levers, held)
    again = {key for part in later for key in part.set} & {key.removeprefix(_PREFIX) for key in own}
    if again:
        raise ConfigError("the policy file sets it in later weeks, too: copy the file and change it", key=min(again))
    return _write(own, config, folder, document)


def _levers_of(text: str, config: Config) -> dict[str, Any]:
    """Levers by dotted key, each with its value as the city's config holds it, so that 1 and 1.0 are one policy."""
    given: dict[str, Any] = {}
    for part in _JOINT.split(text):
        key, _, value = part.partition("=")
        if not key.startswith(_PREFIX):
            raise ConfigError(f"a lever begins with {_PREFIX}, as in {_EXAMPLE}; --set sets other keys", key=key)
        if _MISJOINED.search(value):
            raise ConfigError(f"write {_PREFIX}KEY=VALUE, several joined by + without spaces: {_EXAMPLE}", key=key)
        if key in given:
            raise ConfigError("is set twice", key=key)
        given[key] = parse_value(value, key)
    try:
        held = config.with_values(given)
    except ConfigError as error:
        raise ConfigError(error.problem, key=error.key) from None
    return {key: plain(value_at(held, key)) for key in sorted(flatten(nest(given)))}


def _write(levers: dict[str, Any], config: Config, folder: Path, under: Document | None = None) -> Path:
    """Write levers as a policy file with a title in both languages, and return it.

    Args:
        levers: dotted keys and values.
        config: the city's.
        folder: for the file.
        under: a policy file on top of which they are set, as long as it is in force.
    """
    name = "+".join(f"{key.removeprefix(_PREFIX)}={short(value)}" for key, value in levers.items())
    said = ", ".join(f"{key}={as_json(value)}" for key, value in levers.items())
    content: dict[str, Any] = {
        "title": {"en": levers_in_words(levers, config, "en"), "fa": levers_in_words(levers, config, "fa")},
        "description": {"en": f"Levers set: {said}.", "fa": f"مقدار اهرم‌ها: {said}."},
        "set": {key.removeprefix(_PREFIX): value for key, value in levers.items()},
    }
    decides = levers
    if under is not None:
        stem, own = Path(under.source).stem, TimedPolicy.model_validate(under.data)
        name, decides = f"{stem}+{name}", {**levers, "": stem}
        content["title"]["en"] = f"{own.title.en or stem}; {content['title']['en']}"
        content["title"]["fa"] = f"{own.title.fa or stem}؛ {content['title']['fa']}"
        for language, text in content["description"].items():
            content["description"][language] = f"{getattr(own.description, language)} {text}".strip()
        content = {**under.data, **content, "set": {**own.set, **content["set"]}}
    file = folder / f"{_file_safe(name, decides)}.yaml"
    write_text_atomically(file, plain_yaml(content))
    return file


def _file_safe(name: str, levers: dict[str, Any]) -> str:
    """A name as a file may have it anywhere; where letters are lost, with letters of the levers' digest."""
    if _NAMED_PLAINLY.fullmatch(name):
        return name
    return f"{_NOT_PLAIN.sub('-', name)[:60]}-{hashlib.sha256(as_json(levers).encode()).hexdigest()[:6]}"
