"""The real worker as a program: `python -m tests.engine.worker_program NAME`, settings by environment."""

from __future__ import annotations

import logging
import sys

from config.settings import Settings
from flows.platform.worker_main import work

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    work(Settings.from_env(), name=sys.argv[1])
