"""What the absolute times depend on: processor, Python, and the packages that do the work. Never names or paths."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = {"numpy": "NumPy", "scipy": "SciPy", "mesa": "Mesa"}


def describe() -> str:
    """One clause: processor and versions."""
    packages = [f"{name} {version(package)}" for package, name in PACKAGES.items()]
    return ", ".join([f"{processor()} ({os.cpu_count()} cores)", f"Python {platform.python_version()}", *packages])


def processor() -> str:
    """The processor's model, as the system names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
