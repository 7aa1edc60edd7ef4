"""What is stale is made anew, and nothing else: runs, tables and pictures as tasks of pytask.

Each figure has three tasks: its runs, its table, its pictures. A task is done again when what it depends on has
changed: runs by the digest of what is run and of the model's source, a table by its runs and by the source of
`experiments`, pictures by the table's bytes, the drawing's source and the figure's texts. So a change of a colour runs
nothing, and a change of the model that leaves a table as it is draws nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.figure_files import FORMATS
from experiments.figures.pictures import save_pictures
from experiments.folders import remove_left_over, write_text_atomically
from experiments.languages import LANGUAGES
from experiments.locks import InUseError, Lock
from experiments.paper.code import code_of_experiments, code_of_statistics
from experiments.paper.figure import PaperFigure
from experiments.paper.sources import KEPT, Hands
from experiments.paper.tables import read_table, write_table
from experiments.paper.task import task_of
from experiments.provenance import circumstances, model_digest, sha256
from experiments.results import write_json_atomically
from experiments.study.work import FailedRunError
from sim.errors import ConfigError
from sim.outcome import Language

RUNS, TABLES, PICTURES = "runs", "tables", "figures"
"""Folders within the paper's."""

LOCK = ".lock"

SETTINGS = "pytask.toml"
"""Marks the folder as pytask's; what it has noted stands beside it, in .pytask."""


@dataclass(frozen=True)
class Paper:
    """The folder of the paper's results.

    Attributes:
        folder: where.
    """

    folder: Path

    def runs(self, figure: PaperFigure) -> Path:
        """Folder of the runs."""
        return self.folder / RUNS / figure.runs

    def done(self, figure: PaperFigure) -> Path:
        """File that says that the runs are done, of what and by which model."""
        return self.folder / RUNS / f"{figure.runs}.json"

    def table(self, figure: PaperFigure) -> Path:
        """The table."""
        return self.folder / TABLES / f"{figure.name}.csv"

    def facts(self, figure: PaperFigure) -> Path:
        """Numbers for the caption."""
        return self.folder / TABLES / f"{figure.name}.json"

    def picture(self, figure: PaperFigure, language: Language, kind: str) -> Path:
        """A picture, or with the kind ``md`` the caption."""
        return self.folder / PICTURES / f"{figure.name}.{language}.{kind}"


@dataclass(frozen=True)
class Built:
    """What was done.

    Attributes:
        done: names of tasks that were done, such as ``delegation: table``.
        skipped: those that were as they should be.
    """

    done: tuple[str, ...]
    skipped: tuple[str, ...]


def build(figures: Sequence[PaperFigure], folder: Path, hands: Hands, say: Callable[[str], None]) -> Built:
    """Bring figures up to date.

    Args:
        figures: which.
        folder: of the paper's results.
        hands: what does the runs.
        say: called with each step that is done.

    Raises:
        ConfigError: pytask is not installed, or a figure cannot be made as its file asks.
        FailedRunError: a run failed.
        StoppedEarlyError: it was interrupted; the same again goes on.
    """
    pytask = require_pytask()
    folder = folder.resolve()  # pytask takes what is relative to be beside this file
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / SETTINGS
    form = "quick" if figures[0].quick else "full"
    written = f"# {form} form\n[tool.pytask.ini_options]\n"
    if settings.exists() and settings.read_text(encoding="utf-8") != written:
        raise ConfigError(
            f"holds figures of another form than the {form} one; choose another folder", source=f"--out {folder}"
        )
    if not settings.exists():
        write_text_atomically(settings, written)
    tasks = list(_tasks(pytask, figures, Paper(folder), hands, say))
    try:
        with Lock(folder / LOCK), _without_its_words():
            for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
                remove_left_over(place)
            session = pytask.build(tasks=tasks, config=settings, capture="no", verbose=0, max_failures=1)
    except InUseError as error:
        raise ConfigError(
            f"is in use by another command{error.advice and f': {error.advice}'}", source=f"--out {folder}"
        ) from None
    reports = session.execution_reports
    for report in reports:
        if report.exc_info is not None and report.outcome == pytask.TaskOutcome.FAIL:
            raise report.exc_info[1]
    if session.exit_code != pytask.ExitCode.OK:
        raise FailedRunError(f"the figures could not be brought up to date: pytask ended with {session.exit_code.name}")
    done = tuple(report.task.name for report in reports if report.outcome == pytask.TaskOutcome.SUCCESS)
    return Built(done, tuple(report.task.name for report in reports if report.task.name not in done))


def require_pytask() -> Any:
    """The package pytask.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import pytask
    except ImportError:
        raise ConfigError("the paper needs the package pytask: pip install 'mahalle[paper]'") from None
    return pytask


def _tasks(
    pytask: Any, figures: Sequence[PaperFigure], paper: Paper, hands: Hands, say: Callable[[str], None]
) -> Iterator[Any]:
    """Runs (once where figures share them), table and pictures of each figure."""

    def task(name: str, do: Callable[[], None], depends: Mapping[str, Path | str], produces: Sequence[Path]) -> Any:
        def carry_out() -> None:
            say(name)
            do()

        return task_of(pytask, name, carry_out, depends, produces)

    shared: set[str] = set()
    for figure in figures:
        if figure.runs not in shared:
            shared.add(figure.runs)
            decides = {"asked": figure.source.digest, "model": model_digest(figure.source.base.loaded)}
            yield task(f"{figure.runs}: runs", _Runs(figure, paper, hands), decides, [paper.done(figure)])
        yield task(
            f"{figure.name}: table",
            _Table(figure, paper),
            {"runs": paper.done(figure), "options": figure.look, "code": _code_of_table(figure)},
            [paper.table(figure), paper.facts(figure)],
        )
        kinds = (*FORMATS, "md")
        yield task(
            f"{figure.name}: pictures",
            _Pictures(figure, paper),
            {
                "table": paper.table(figure),
                "facts": paper.facts(figure),
                "look": figure.look,
                "code": code_of_experiments(),
            },
            [paper.picture(figure, language, kind) for language in figure.languages for kind in kinds],
        )


@dataclass(frozen=True)
class _Runs:
    figure: PaperFigure
    paper: Paper
    hands: Hands

    def __call__(self) -> None:
        source, folder = self.figure.source, self.paper.runs(self.figure)
        folder.parent.mkdir(parents=True, exist_ok=True)
        source.make(folder, self.hands)
        made_by = circumstances(source.base.loaded)
        note = {"asked": source.digest, **{key: made_by[key] for key in ("version", "model_digest", "git", "packages")}}
        write_json_atomically(self.paper.done(self.figure), note)


@dataclass(frozen=True)
class _Table:
    figure: PaperFigure
    paper: Paper

    def __call__(self) -> None:
        figure, folder = self.figure, self.paper.runs(self.figure)
        target = self.paper.table(figure)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            table = figure.drawing.kind.table(figure.source.read(folder), figure.options)
        except ConfigError as error:
            raise error if error.source else ConfigError(error.problem, source=figure.path, key=error.key) from None
        if table.empty:
            problem = "the table is empty: its options ask for nothing that the runs have"
            raise ConfigError(problem, source=figure.path)
        write_table(table, target)
        facts = {**figure.source.facts(folder), "asked": figure.source.digest, "table": sha256(target)}
        if arms := getattr(figure.options, "arms", ()):  # the table has their numbers
            facts["arms"] = [arm.en or arm.fa for arm in arms]
        if "n" in table and "n" in facts:
            facts["n"] = int(table["n"].min())  # fewer where runs of an arm failed, or where one has no value
        write_json_atomically(self.paper.facts(figure), facts)


@dataclass(frozen=True)
class _Pictures:
    figure: PaperFigure
    paper: Paper

    def __call__(self) -> None:
        for language in LANGUAGES:
            if language not in self.figure.languages:  # it may have had the texts of it before
                for kind in (*FORMATS, "md"):
                    self.paper.picture(self.figure, language, kind).unlink(missing_ok=True)
        for language in self.figure.languages:
            draw(self.figure, self.paper, language)


def draw(figure: PaperFigure, paper: Paper, language: Language) -> None:
    """Draw a figure from its table: three formats and the caption, each atomically."""
    facts = json.loads(paper.facts(figure).read_text(encoding="utf-8"))
    stamp = stamp_of(figure, paper, language)
    sheet = figure.sheet(language)
    paper.picture(figure, language, "png").parent.mkdir(parents=True, exist_ok=True)
    with sheet.styled():
        drawn = figure.drawing.kind.draw(read_table(paper.table(figure)), figure.options, sheet)
        if figure.quick:
            sheet.mark_as_trial(drawn)
        target = paper.picture(figure, language, "png")
        save_pictures(drawn, target.parent, target.stem, stamp)
    caption = figure.caption(facts, language)
    write_text_atomically(paper.picture(figure, language, "md"), f"{caption}\n")


def _code_of_table(figure: PaperFigure) -> str:
    """Of statistics, and of the drawing's own file, which makes the table, too."""
    return f"{code_of_statistics()} {sha256(figure.drawing.file)}"


def digest_of_asked(figure: PaperFigure) -> str:
    """SHA-256 of what a figure asks of its source: what is run, how often, measured by which code."""
    return hashlib.sha256(figure.runs.encode()).hexdigest()


def stamp_of(figure: PaperFigure, paper: Paper, language: Language) -> dict[str, Any]:
    """Where a picture comes from: figure and form, digests of config, model and table, seeds, version."""
    facts = json.loads(paper.facts(figure).read_text(encoding="utf-8"))
    made_by = json.loads(paper.done(figure).read_text(encoding="utf-8"))
    seeds = {key: facts[key] for key in ("seed", "place_seed", "n") if key in facts}
    return {
        "figure": figure.name,
        "quick": figure.quick,
        "language": language,
        "asked": digest_of_asked(figure),
        **({} if figure.drawing.source == KEPT else {"model": made_by["model_digest"]}),
        "version": made_by["version"],
        "table": sha256(paper.table(figure)),
        **seeds,
    }


@contextmanager
def _without_its_words() -> Iterator[None]:
    """Keep pytask's own report off the screen: what is said is ours."""
    from _pytask.console import console  # it has no public way to be quiet

    before = console.file
    console.file = io.StringIO()
    try:
        yield
    finally:
        console.file = before
