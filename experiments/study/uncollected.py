"""What the server of the workers does first: it ends with its command, and imports without the garbage collector.

`executors._prepare` turns the collector on again in the workers.
"""

import gc
import os

from experiments.study.fork_server import ENDS_WITH_PARENT, end_with_parent

if os.environ.pop(ENDS_WITH_PARENT, None):
    end_with_parent()
gc.disable()
