"""What readers of experiments and of calibrations have in common: faults by line, the base, keys and distributions."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from experiments.missing import missing_files
from experiments.register import value_at
from experiments.resolved import with_absolute_files
from experiments.sweeps.designs import Factor, Family
from experiments.sweeps.form import FAMILIES, DistributionForm
from experiments.sweeps.spreads import misfits
from sim.config import Config, RunParameters, class_of, load_config
from sim.elections import open_elections
from sim.errors import ConfigError
from sim.loading import KEY, location_of
from sim.near_files import no_such_file
from sim.parameters import Registered, register
from sim.place import geography_of
from sim.policies import Timeline
from sim.reading import merge, nearest, nest, problems
from sim.separators import split_by_commas
from sim.shipped import Kind, find
from sim.wording import Place, printable, refusal
from sim.yaml_text import Document, read_yaml


@cache
def registered(kind: type[Config] = Config) -> dict[str, Registered]:
    """The register of parameters by key, those of a class's extensions included."""
    return {row.key: row for row in register(kind)}


class PartsReader[T]:
    """Reads a document part by part and keeps every fault, so that a user sees all of them at once.

    Attributes:
        document: the file as data.
        path: where it lies.
        faults: what is wrong so far.
        base: the base city, once it is read.
    """

    base: Config

    def __init__(self, document: Document, path: Path) -> None:
        self.document = document
        self.path = path
        self.faults: list[ConfigError] = []

    def read(self) -> T | None:
        """What the document describes, or None if there are faults."""
        raise NotImplementedError

    @property
    def known(self) -> dict[str, Registered]:
        """The register of parameters of the base, by key."""
        return registered(type(self.base))

    def read_or_refuse(self) -> T:
        """What the document describes.

        Raises:
            ConfigError: the first fault.
        """
        found = self.read()
        if found is None:
            first, *others = self.faults_by_line()
            for other in others:
                other.others = ()
            first.others = tuple(others)
            raise first
        return found

    def all_faults(self) -> list[ConfigError]:
        """Everything that is wrong with the document."""
        self.read()
        return self.faults_by_line()

    def form_as_far_as_sound[Form: BaseModel](self, kind: type[Form], stand_ins: Mapping[str, Any]) -> Form | None:
        """The document's keys; those at fault are noted and left out, so that the faults of all others are found, too.

        Args:
            kind: the form.
            stand_ins: sound values, by key, for keys that must be there; used where the document's own is at fault.

        Returns:
            The form; None where it cannot be filled in without what is at fault.
        """
        found = problems(kind, self.document.data, self.document)
        self.faults += found
        wrong = {re.split(r"[.\[]", fault.key or "", maxsplit=1)[0] for fault in found}
        sound = {key: value for key, value in self.document.data.items() if key not in wrong}
        try:
            return kind.model_validate({**sound, **{key: stand_ins[key] for key in wrong & stand_ins.keys()}})
        except ValidationError:
            return None

    def faults_by_line(self) -> list[ConfigError]:
        """The faults by line, those of other files last."""
        own = self.document.source
        return sorted(self.faults, key=lambda fault: (fault.source != own, fault.line or 0))

    def refuse(self, problem: str, *place: str | int) -> None:
        """Note a fault at a place of the document."""
        self.faults.append(refusal(problem, self.document.source, self.document.line_of(place), place))

    def read_base(self, name: str, run: Mapping[str, Any], what: str) -> Config | None:
        """The base city with the overrides of `run`; None if there are faults.

        Args:
            name: the file, relative to the document, or the name of a shipped city.
            run: overrides of the base's `run`.
            what: what the document is, for the message.
        """
        before = len(self.faults)
        file = self.named("city", name, what, "base")
        if file is None:
            return None
        try:
            base = load_config(file)
            kind = class_of({KEY: self.document.data.get(KEY, [])}, self.path.parent, self.document)
        except ConfigError as error:
            self.faults.append(error)
            return None
        try:
            base = base.with_extensions([one.location for one in kind.loaded])
        except ConfigError as error:
            self.refuse(error.problem, KEY)
            return None
        self.faults += missing_files(base, read_yaml(file))
        if "seed" in run:
            self.refuse(f"the seeds of runs follow from the {what}'s own `seed`; set that", "run", "seed")
        whole = merge(base.run.model_dump(), run)
        self.faults += problems(RunParameters, whole, self.document, at=("run",))
        if len(self.faults) > before:
            return None
        base = with_absolute_files(base)  # a run may be started in another folder
        return base.with_values({f"run.{name}": value for name, value in run.items()})

    def own_extensions(self) -> dict[str, list[str]]:
        """The document's own extensions, found from any folder, as the key and its value; nothing if it has none."""
        own = self.document.data.get(KEY)
        return {KEY: [location_of(text, self.path.parent) for text in own]} if own else {}

    def beside(self, file: str) -> Path:
        """A path relative to the document's folder."""
        return self.path.parent / file

    def named(self, kind: Kind, given: str, what: str, *place: str | int) -> Path | None:
        """The file that a path relative to the document, or a name, means; None, and a fault, if there is none.

        Args:
            kind: what the file is.
            given: path or name.
            what: what the document is, for the message.
            place: where the document names it.
        """
        try:
            found = find(kind, given, self.path.parent)
        except ConfigError as error:
            self.refuse(f'"{given}" {error.problem}', *place)
            return None
        if not os.path.isfile(found):
            self.refuse(no_such_file(found, given, what), *place)
            return None
        return found

    def refuse_elections(self, configs: Iterable[Config]) -> None:
        """Read the elections of files that these configs hold, once for each set of ways of choosing that they need."""
        tried: set[frozenset[str]] = set()
        for config in configs:
            ways = frozenset(Timeline(config.policy, config.timeline).ways_of_choosing)
            if not config.city.elections or ways in tried:
                continue
            tried.add(ways)
            try:
                open_elections(config.city.elections, geography_of(config).names, Path(config.base_folder), ways)
            except ConfigError as error:
                self.faults.append(error)
                return

    def absolute(self, kind: Kind, given: str) -> str:
        """The path, from any folder, of a file that was found by path or name."""
        return str(find(kind, given, self.path.parent).resolve())

    def is_key(self, key: str, parts: tuple[str, ...], what: str, place: Place) -> bool:
        """Whether a key may be varied here; refuses it if not."""
        known = self.known
        part = key.partition(".")[0]
        allowed = f"{what} is a key of {' or '.join(parts)}"
        if key not in known:
            near = nearest(key, [name for name in (*known, *parts) if name.startswith(parts)])
            self.refuse(f"unknown key{near or f'; {allowed}: see mahalle parameters'}", *place)
        elif part not in parts:
            advice = {"behaviour": "; put it under uncertainties", "city": "; put it under uncertainties"}
            advice |= {"run": "; put it under run", "timeline": "; put it into a policy file"}
            self.refuse(f"{allowed}{advice.get(part, '')}", *place)
        return key in known and part in parts

    def values(self, key: str, values: Sequence[Any], place: Place) -> list[Any]:
        """The values of a key as the config holds them; refuses what is not allowed or given twice."""
        plain: list[Any] = []
        for position, value in enumerate(values):
            hint = split_by_commas(values[max(0, position - 1) : position + 1])
            ok, held = self.value(key, value, (*place, position), f"; {hint}" if hint else "")
            if ok and held in plain:
                self.refuse(f"the value {short(held)} is given twice", *place, position)
            elif ok:
                plain.append(held)
        return plain

    def value(self, key: str, value: Any, place: Place, advice: str = "") -> tuple[bool, Any]:
        """Whether a value is allowed for a key, and the value as the config holds it; else `advice` ends the fault."""
        try:
            data = {**merge(self.base.model_dump(), nest({key: value})), "base_folder": self.base.base_folder}
        except ConfigError as error:
            self.refuse(error.problem, *place)
            return False, None
        kind = type(self.base)
        for fault in problems(kind, data):
            elsewhere = fault.key is not None and not (fault.key.startswith(key) or key.startswith(fault.key))
            self.refuse((f"{fault.key}: {fault.problem}" if elsewhere else fault.problem) + advice, *place)
            return False, None
        held = value_at(kind.model_validate(data), key)
        return True, plain(held)

    def factor(self, key: str, spread: DistributionForm, place: Place) -> Factor | None:
        """The distribution of a known key, given at a place; None, and a fault, if it makes no sense."""
        row = self.known[key]
        family: Family = next(name for name in FAMILIES if getattr(spread, name) is not None)
        arguments = getattr(spread, family)
        place = (*place, family)
        if family in ("choice", "levels"):
            return Factor(key, family, tuple(self.values(key, arguments, place)))
        if row.kind.removesuffix(" or nothing") not in ("number", "whole number"):
            allowed = f", such as {{choice: [{', '.join(map(short, row.choices or (True, False)))}]}}"
            self.refuse(f"{key} is no number: it takes choice or levels{allowed if row.kind != 'list' else ''}", *place)
            return None
        unfit = list(misfits(row, family, arguments))
        for position, problem in unfit:
            self.refuse(problem, *place, *position)
        if unfit:
            return None
        whole = row.kind.startswith("whole")
        return Factor(key, family, tuple(arguments), whole=whole, low=row.low, high=row.high)


def plain(value: Any) -> Any:
    """A value of a config as YAML would hold it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def short(value: Any) -> str:
    """A value as YAML writes it, safe to print."""
    return printable(json.dumps(value, ensure_ascii=False))
