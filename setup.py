"""Puts configs/ into a wheel, inside the package `sim`; pyproject.toml says all else.

The folder stands at the top of the repository, where people look for it, and package data must lie inside its package.
An editable install finds it where it stands (`sim.shipped`).
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CONFIGS = Path("configs")
KEPT = {".yaml", ".csv", ".geojson", ".pb", ".md"}
"""Endings of the files: a lock that somebody wrote beside a plan, say, stays out."""

SCHEMAS = CONFIGS / "schemas"
"""Folder of which everything is kept."""


def is_kept(path: Path) -> bool:
    """Whether a file of the configs belongs into a wheel."""
    return path.suffix in KEPT or path.parent == SCHEMAS


class BuildWithConfigs(build_py):
    """Builds the packages, and copies the configs into one of them."""

    def run(self) -> None:
        """Build, and copy unless the install is editable."""
        super().run()
        if not self.editable_mode:
            for source, target in self.copies().items():
                self.mkpath(str(target.parent))
                self.copy_file(str(source), str(target), preserve_mode=False)

    def copies(self) -> dict[Path, Path]:
        """Where each file of the configs goes."""
        files = sorted(path for path in CONFIGS.rglob("*") if path.is_file() and is_kept(path))
        return {path: Path(self.build_lib) / "sim" / path for path in files}

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """All files that are made."""
        return [*super().get_outputs(include_bytecode), *map(str, self.copies().values())]

    def get_source_files(self) -> list[str]:
        """All files that are needed, so that a source distribution has them."""
        return [*super().get_source_files(), *map(str, self.copies())]


setup(cmdclass={"build_py": BuildWithConfigs})
