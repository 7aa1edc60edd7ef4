"""The server ends as it says on the screen: by Ctrl-C, with a line and status 0."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interrupting import HANGING, heed_ctrl_c

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("language", "number", "status", "word"),
    [("fa", signal.SIGINT, 0, "صفحه بسته شد."), ("en", signal.SIGTERM, 143, None)],
)
def test_ctrl_c_closes_the_page_and_is_no_failure(language, number, status, word):
    words = [sys.executable, "-m", "experiments", "dashboard", "--lang", language, "--port", "0", "--workers", "1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    server = subprocess.Popen(words, cwd=ROOT, preexec_fn=heed_ctrl_c, **pipes)
    try:
        assert server.stdout.readline().startswith("http://127.0.0.1:")
        server.stdout.readline()  # how to stop it
        server.send_signal(number)
        out, err = server.communicate(timeout=HANGING)
    finally:
        server.kill()
    assert server.returncode == status, err
    if word is None:
        assert "terminated" in err
    else:
        assert word in out
        assert "interrupted" not in err
