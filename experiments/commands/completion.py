"""What the shell completes in place of an argument: names of what comes with the program, and files."""

from __future__ import annotations

import os
from collections.abc import Callable
from glob import escape, iglob

from typer import Exit

COMPLETE = "_MAHALLE_COMPLETE"
"""Variable by which a shell asks for completions; Typer derives it from the name of the command."""


def names_of(*kinds: str, more: tuple[str, ...] = ()) -> Callable[[str], list[str]]:
    """A function that completes the beginning of an argument.

    Args:
        kinds: of shipped configs, as in `sim.shipped.KINDS`.
        more: further words that are allowed there.
    """

    def complete(incomplete: str) -> list[str]:
        from sim.shipped import KINDS, shipped  # only now: completion must be quick for all other words

        names = {name for kind in KINDS if kind in kinds for name in shipped(kind)}
        found = sorted(name for name in {*names, *more} if name.startswith(incomplete))
        return found + files(incomplete, ".yaml")

    return complete


def files(incomplete: str, ending: str) -> list[str]:
    """Files of one ending, and folders, that begin like this."""
    found = sorted(iglob(escape(incomplete) + "*"))
    return [
        f"{path}/" if os.path.isdir(path) else path for path in found if os.path.isdir(path) or path.endswith(ending)
    ]


def answer_the_shell(main: Callable[..., object]) -> int:
    """Print the completions that a shell asks for, and return the exit status.

    Args:
        main: of the group of commands, as Typer makes it.
    """
    try:
        main(args=[], prog_name="mahalle", standalone_mode=False)
    except SystemExit as ending:  # Typer ends the process once it has answered
        return ending.code if isinstance(ending.code, int) else 0
    except Exit as ending:
        return ending.exit_code
    return 0
