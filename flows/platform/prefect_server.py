"""Prefect's server as `prefect server start` runs it, but never standing still for a minute.

On SQLite it could: Python's garbage collector, running on the server's event loop, frees a cursor of a
connection that is waiting for the write lock; freeing it waits for that connection; and whoever has the
lock waits for the event loop. Only SQLite's time-out of 60 s ends it. So a thread of its own collects the
garbage here: it may wait without anybody waiting for it.
"""

from __future__ import annotations

import gc
import runpy
import sys
import threading

SETTLED_AFTER, EVERY = 20.0, 5.0  # seconds


def collect_in_a_thread() -> None:
    """Take garbage collection off all other threads."""
    gc.disable()
    threading.Thread(target=_collect, name="garbage", daemon=True).start()


def _collect() -> None:
    never = threading.Event()
    never.wait(SETTLED_AFTER)
    gc.collect()
    gc.freeze()  # what was loaded stays for good, so that each collection looks at little
    while True:
        never.wait(EVERY)
        gc.collect()


if __name__ == "__main__":
    collect_in_a_thread()
    sys.argv = ["prefect", "server", "start", *sys.argv[1:]]
    runpy.run_module("prefect", run_name="__main__")
