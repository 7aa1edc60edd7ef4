"""A new folder that is filled completely, or not made at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments.folders import umask
from sim.errors import ConfigError


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `folder`, which becomes `folder` when the block ends without an error.

    Args:
        folder: a new one, or an empty one.

    Raises:
        ConfigError: it is a file or not empty, or cannot be made.
    """
    refuse_folder(folder)
    target = Path(os.path.realpath(folder))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    except OSError as error:
        raise ConfigError(f"cannot be made: {error.strerror}", source=str(folder)) from None
    try:
        yield partial
        partial.chmod(0o777 & ~umask())
        os.rename(partial, target)  # an empty folder gives way
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def refuse_folder(folder: Path) -> None:
    """Raise unless a new folder can be put there.

    Raises:
        ConfigError: it is a file, or is not empty.
    """
    if folder.is_dir():
        if any(folder.iterdir()):
            raise ConfigError("is not empty; name a new folder", source=str(folder))
    elif os.path.lexists(folder):
        raise ConfigError("is a file; name a new folder", source=str(folder))
