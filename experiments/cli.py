"""The command `mahalle`: its commands, and its messages and exit status on errors."""

from __future__ import annotations

import atexit
import gc
import os
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache
from typing import Annotated, Any

import typer

from experiments.cautions import in_a_line
from experiments.commands import (
    archive,
    brief,
    calibrate,
    check,
    compare,
    count,
    dashboard,
    discover,
    doctor,
    figures,
    imports,
    init,
    listing,
    parameters,
    plan,
    plot,
    run,
    schema,
    sensitivity,
    sweep,
    validate,
)
from experiments.commands.completion import COMPLETE, answer_the_shell
from experiments.escaping import safe
from experiments.interruption import StoppedEarlyError, heeding_signals, leave_at_the_next, line_of, status_of

app = typer.Typer(
    name="mahalle",
    help="Simulate participatory governance, neighbourhood by neighbourhood.",
    epilog="Files that come with the program go by name: mahalle list. "
    "Exit status: 0 done; 1 the work failed; 2 the request was wrong; 130 Ctrl-C; 143 SIGTERM.",
    rich_markup_mode=None,  # Rich would be imported for every --help
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command("run")(run.run)
app.command("check")(check.check)
app.command("list")(listing.listing)
app.command("parameters")(parameters.parameters)
app.command("schema")(schema.schema)
app.command("count")(count.count)
app.command("import")(imports.import_)
app.command("sweep")(sweep.sweep)
app.command("compare")(compare.compare)
app.command("brief")(brief.brief)
app.command("merge")(sweep.merge)
app.command("verify")(sweep.verify)
app.command("validate")(validate.validate)
app.command("calibrate")(calibrate.calibrate)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("discover")(discover.discover)
app.add_typer(plan.app, name="plan")
app.command("report")(plan.report)
app.command("audit")(plan.audit)
app.command("plot")(plot.plot)
app.command("figures")(figures.figures)
app.command("reproduce")(figures.reproduce)
app.command("archive")(archive.archive)
app.command("dashboard")(dashboard.dashboard)
app.command("init")(init.init)
app.command("doctor")(doctor.doctor)

USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""Typer's base of wrong arguments, which has no public name; newer versions of Typer no longer use Click's."""

DONE, FAILED, WRONG = 0, 1, 2

LONGEST = 300
"""Characters of a message; what a user wrote may be of any length."""


def _print_version(wanted: bool) -> None:
    if wanted:
        from experiments.provenance import version_line

        typer.echo(version_line())
        raise typer.Exit


@app.callback()
def _group(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print version, model digest and Python."
        ),
    ] = False,
) -> None:
    """Keep `mahalle` a group of commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit status; nothing is ever raised.

    Args:
        arguments: words after `mahalle`; those of the process if None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:  # the process is ours
        atexit.register(gc.freeze)  # else the last collections go through all that was imported, for half a second
    if arguments is None and not _open_streams():
        return _say("mahalle: standard output is closed; direct it somewhere, such as > /dev/null", WRONG)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows "?" and goes on
    ours = arguments is None
    with heeding_signals() if ours else nullcontext():
        return _answer(words, ours=ours)


def _open_streams() -> bool:
    """Point streams that were closed nowhere, so that no file takes their place; False if output was closed."""
    closed = sys.stdout is None
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, number)
            if nowhere != number:
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
    return not closed


def _answer(words: list[str], *, ours: bool) -> int:
    try:
        with in_a_line(lambda line: _say(f"mahalle: {line}", DONE), quiet="--quiet" in words):
            status = _carry_out(words or ["--help"])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has closed it
        _discard_output()
        return DONE
    except (StoppedEarlyError, KeyboardInterrupt) as ending:
        if ours:
            leave_at_the_next()
        status = status_of(ending) if isinstance(ending, KeyboardInterrupt) else ending.status
        return _say(line_of(ending, words), status)
    except Exception as error:
        return _explain(error, words)
    return status


def _carry_out(words: list[str]) -> int:
    try:
        command = _command()
        if COMPLETE in os.environ:
            return answer_the_shell(command.main)
        with command.make_context("mahalle", words) as context:
            command.invoke(context)
    except typer.Exit as ending:
        return ending.exit_code
    except SystemExit as ending:  # Typer's own options for completion end the process
        return ending.code if isinstance(ending.code, int) else DONE
    return DONE


@cache
def _command() -> Any:
    """All commands; to make them takes longer than most of what a process does that carries out several."""
    return typer.main.get_command(app)


def _explain(error: Exception, words: Sequence[str]) -> int:
    """Print the error in one or two lines, with --debug the traceback too; return the exit status for its cause."""
    if isinstance(error, USAGE_ERROR):
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "mahalle"
        message = _in_our_words(" ".join(getattr(error, "format_message", error.__str__)().split()), words)
        return _say(f"{path}: {_cut(message)}", WRONG, f"Try '{path} --help'.")
    debug = "--debug" in words
    if debug:
        traceback.print_exception(error)
    if _is_config_error(error):
        return _say(f"{error}{_and_others(error)}", WRONG)
    if isinstance(error, OSError):
        return _say(line_of(error, words), FAILED)
    reason = " ".join(str(error).split())
    what = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    advice = "" if debug else "; run with --debug for the traceback"
    return _say(f"mahalle: failed: {_cut(what)}{advice}", FAILED)


_OF_AN_OPTION = re.compile(r"(?P<where>Invalid value for '(?P<option>--[\w-]+)'[^:]*): .*")


def _in_our_words(message: str, words: Sequence[str]) -> str:
    """What a library says of an option that is no number, with what was written and what is probably meant."""
    message = message.replace(": Value error, ", ": ", 1)  # a word of Python's
    found = _OF_AN_OPTION.fullmatch(message)
    if found is None or "valid" not in message:
        return message
    kind = next(
        (kind for word, kind in (("integer", "a whole number"), ("number", "a number")) if word in message), None
    )
    written = _written(found["option"], words)
    if kind is None or written is None:
        return message
    from sim.separators import as_meant

    advice = as_meant(written, whole=kind != "a number")
    return f'{found["where"]}: must be {kind}, not "{written}"{advice and f"; {advice}"}'


def _written(option: str, words: Sequence[str]) -> str | None:
    """The value of an option on a command line, ``--scale 0.1`` or ``--scale=0.1``; None if it is not there."""
    for word, following in zip(words, [*words[1:], None], strict=True):
        name, equals, value = word.partition("=")
        if name == option:
            return value if equals else following
    return None


def _and_others(error: Exception) -> str:
    others = len(getattr(error, "others", ()))
    return f" (and {others} more; mahalle check names all)" if others else ""


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"


def _is_config_error(error: Exception) -> bool:
    """Tell whether the model refused what the user wrote, without importing the model to know."""
    errors = sys.modules.get("sim.errors")
    return errors is not None and isinstance(error, errors.ConfigError)


def _say(line: str, status: int, *further: str) -> int:
    """Print a line, and maybe further ones, in letters that are safe to print; return the exit status."""
    try:
        print(*map(safe, (line, *further)), sep="\n", file=sys.stderr, flush=True)
    except BrokenPipeError:
        _discard_output()
    return status


def _discard_output() -> None:
    """Point standard output and error nowhere, so that Python does not complain about them when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


__all__ = ["app", "main"]
