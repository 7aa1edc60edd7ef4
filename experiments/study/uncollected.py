"""Turns the garbage collector off while the server of the workers imports; `executors._prepare` turns it on again."""

import gc

gc.disable()
