"""How gunicorn serves the web: one process, its threads from the settings.

One process keeps memory small; a larger installation sets `--workers` and a proxy in front.
"""

from __future__ import annotations

from config.settings import Settings

_settings = Settings.from_env()
bind = f"{_settings.host}:{_settings.port}"
workers = 1
worker_class = "gthread"
threads = _settings.web_threads
accesslog = None
errorlog = "-"
graceful_timeout = 20
timeout = 60
