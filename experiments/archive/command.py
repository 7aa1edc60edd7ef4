"""`mahalle archive`, step by step: refuse what is stale, gather, describe, write one zip of the same bytes."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import experiments
from experiments.archive.descriptions import (
    CODECHECK,
    CODEMETA,
    CRATE,
    README,
    citation,
    codecheck,
    codemeta,
    crate,
    how_to,
)
from experiments.escaping import say
from experiments.figure_files import FORMATS
from experiments.figures.stamps import stamp_in
from experiments.folders import atomic_write, maker_of
from experiments.paper.building import PICTURES, RUNS, SETTINGS, TABLES, Paper, stamp_of
from experiments.paper.command import OUT, REFERENCE
from experiments.paper.figure import PaperFigure, figures_in
from experiments.provenance import circumstances, model_digest, sha256
from sim.errors import ConfigError

MANIFEST = "manifest.json"
PROJECT = ("sim", "experiments", "configs", "results/reference")
SINGLE = ("pyproject.toml", "setup.py", "requirements.lock", "LICENSE", "CITATION.cff", "README.md")
"""Folders and files of the project that reproduce the figures."""

WHEELS = "wheelhouse"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Time of all files in the zip, so that equal contents have equal bytes."""


@dataclass(frozen=True)
class Request:
    """The arguments of `mahalle archive`.

    Attributes:
        folder: of the paper's results; that of its form by default.
        out: the zip.
        quick: whether it is the quick form.
        wheels: folder of wheels for a machine without network, or None.
    """

    folder: Path | None = None
    out: Path | None = None
    quick: bool = False
    wheels: Path | None = None


def carry_out(request: Request) -> Path:
    """Write the archive and return its path.

    Raises:
        ConfigError: figures are missing or were made by another model, or the project's source is not here.
    """
    root = Path(str(experiments.__file__)).resolve().parents[1]
    if not (root / "pyproject.toml").is_file():
        raise ConfigError("an archive is made in the project's own folder, where its source is")
    paper = Paper((request.folder if request.folder is not None else root / OUT[request.quick]).resolve())
    figures = figures_in(quick=request.quick)
    _refuse_unless_paper(figures, paper.folder, request.folder, quick=request.quick)
    _refuse_stale(figures, paper)
    if not (root / REFERENCE[request.quick]).is_dir():
        raise ConfigError(f"has no reference to compare with: {REFERENCE[request.quick]}", source=root)
    if request.wheels is not None and not any(request.wheels.glob("*.whl")):
        raise ConfigError("holds no wheels", source=f"--wheelhouse {request.wheels}")
    target = request.out if request.out is not None else Path(f"{paper.folder.name}.zip")
    with atomic_write(target) as partial:
        _write(partial, dict(_contents(root, paper, figures, request)))
    say(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {len(figures)} figures; how to reproduce: {README} in it")
    return target


def _refuse_unless_paper(figures: list[PaperFigure], folder: Path, given: Path | None, *, quick: bool) -> None:
    """Refuse a folder in which no figures of the paper were made.

    Raises:
        ConfigError: what the folder is instead, and what to do.
    """
    source, how = str(given or folder), f"mahalle figures{' --quick' if quick else ''}"
    if (folder / SETTINGS).is_file():
        if not any(Paper(folder).done(figure).is_file() for figure in figures):
            problem = f"holds none of the paper's figures, which {how} makes"
            raise ConfigError(f"{problem}; those of a study of one's own are not archived", source=source)
        return
    if not folder.exists():
        raise ConfigError(f"there is no such folder; make the paper's figures first: {how}", source=source)
    if not folder.is_dir():
        raise ConfigError("is a file, not the folder of a paper's results", source=source)
    maker = maker_of(folder)
    what = f"was made by {maker}, and is no folder" if maker else "is no folder"
    problem = f"{what} of a paper's results; an archive is made of what {how} wrote"
    raise ConfigError(f"{problem}, {OUT[quick]} where nothing else was said", source=source)


def _refuse_stale(figures: list[PaperFigure], paper: Paper) -> None:
    for figure in figures:
        kinds = (*FORMATS, "md")
        pictures = [paper.picture(figure, language, kind) for language in figure.languages for kind in kinds]
        needed = [paper.done(figure), paper.table(figure), paper.facts(figure), *pictures]
        if missing := [path for path in needed if not path.is_file()]:
            how = "mahalle figures --quick" if figure.quick else "mahalle figures"
            raise ConfigError(f"the figure {figure.name} is not there ({missing[0].name}); make it: {how}")
        made_by = json.loads(paper.done(figure).read_text(encoding="utf-8"))
        if made_by.get("model_digest") != model_digest(figure.source.base.loaded):
            raise ConfigError(f"the model has changed since the runs of {figure.name}; make the figures again first")
        if made_by.get("asked") != figure.source.digest:
            raise ConfigError(f"the runs of {figure.name} have changed since; make the figures again first")
        facts = json.loads(paper.facts(figure).read_text(encoding="utf-8"))
        same_table = facts.get("table") == sha256(paper.table(figure)) and facts.get("asked") == figure.source.digest
        if not same_table or not all(
            _says(paper.picture(figure, language, kind), stamp_of(figure, paper, language))
            for language in figure.languages
            for kind in FORMATS
        ):
            problem = f"the table or pictures of {figure.name} are not those of its runs"
            raise ConfigError(f"{problem}; make the figures again first")


def _says(picture: Path, stamp: dict[str, Any]) -> bool:
    """Whether a picture says of itself what is true now; it may name an earlier model that gave the same table."""
    found = stamp_in(picture)
    return all(found.get(key) == value for key, value in stamp.items() if key != "model")


def _contents(root: Path, paper: Paper, figures: list[PaperFigure], request: Request) -> Iterator[tuple[str, bytes]]:
    """Paths and bytes of all files, the manifest last."""
    held: dict[str, bytes] = {}
    captions: dict[str, str] = {}
    place = OUT[request.quick].as_posix()
    for name in (*SINGLE, *PROJECT):
        for path in _files(root / name):
            held[path.relative_to(root).as_posix()] = path.read_bytes()
    for figure in figures:
        for path in (paper.table(figure), paper.facts(figure)):
            held[f"{place}/{TABLES}/{path.name}"] = path.read_bytes()
        held[f"{place}/{RUNS}/{paper.done(figure).name}"] = paper.done(figure).read_bytes()
        for path in sorted((paper.folder / PICTURES).glob(f"{figure.name}.*")):
            held[f"{place}/{PICTURES}/{path.name}"] = path.read_bytes()
        caption = paper.picture(figure, "en", "md").read_text(encoding="utf-8").strip()
        captions[f"{place}/{PICTURES}/{figure.name}.en.pdf"] = caption
    if request.wheels is not None:
        held |= {f"{WHEELS}/{path.name}": path.read_bytes() for path in sorted(request.wheels.glob("*.whl"))}
    cited, made_by = citation(root), circumstances()
    day = datetime.fromtimestamp(max(paper.done(figure).stat().st_mtime for figure in figures), UTC).date().isoformat()
    texts = {
        CODEMETA: codemeta(cited, made_by["version"]),
        CODECHECK: codecheck(cited, captions),
        README: how_to([figure.name for figure in figures], quick=request.quick, wheels=request.wheels is not None),
        CRATE: crate(cited, {name: captions.get(name, "") for name in held}, day, made_by["version"]),
    }
    held |= {name: text.encode() for name, text in texts.items()}
    yield from sorted(held.items())
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(held.items())}
    runs = {figure.runs: json.loads(paper.done(figure).read_text(encoding="utf-8")) for figure in figures}
    own = {key: made_by[key] for key in ("version", "model_digest", "python", "packages", "git")}
    manifest = {**own, "runs": runs, "files": digests}
    yield MANIFEST, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [file for file in sorted(path.rglob("*")) if file.is_file() and "__pycache__" not in file.parts]


def _write(target: Path, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
