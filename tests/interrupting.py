"""Programs started so that Ctrl-C reaches them, also where the tests themselves run in the background of a shell."""

from __future__ import annotations

import signal


def heed_ctrl_c() -> None:
    """For `preexec_fn`: a shell's background jobs ignore the signal, and what they start inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
