"""Work that takes its worker with it, in a module that workers can import."""

from __future__ import annotations

import os


def deadly_work(work, folder, digest, runs):
    if 5 in runs:
        os._exit(1)
    return work(folder, digest, runs)
