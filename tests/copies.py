"""Copies of the project that use what was compiled of the original."""

import shutil
from pathlib import Path

from numba.core.caching import _CacheLocator

ROOT = Path(__file__).parents[1]


def carry_compiled(copy: Path) -> None:
    """Put what was compiled of `sim` into a copy of it, where Numba and we look for it.

    Numba goes by the folder and the content of a file, we by the content of all files that have a part in it
    (`sim.compiling`): so nothing of it is used in a copy in which one of these was changed.

    Args:
        copy: folder that holds the copy of `sim`.
    """
    for folder in (ROOT / "sim/__pycache__").glob("compiled-*"):
        for part in ("sim", "sim/kernels"):
            own, other = (
                _CacheLocator.get_suitable_cache_subpath(str(place / part / "any.py")) for place in (ROOT, copy)
            )
            if (folder / own).is_dir():
                target = copy / "sim/__pycache__" / folder.name
                target.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copytree(folder / own, target / other, dirs_exist_ok=True)
