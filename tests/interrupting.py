"""Programs started so that Ctrl-C reaches them, also where the tests themselves run in the background of a shell."""

from __future__ import annotations

import signal

HANGING = 3_600.0
"""Seconds after which something hangs. The only limit of time in tests: none of them measures speed, which differs with
the machine and with what else runs there; `make bench-guard` does that."""


def heed_ctrl_c() -> None:
    """For `preexec_fn`: a shell's background jobs ignore the signal, and what they start inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
