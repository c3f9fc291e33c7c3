"""What gunicorn serves: `gunicorn -c web/gunicorn_conf.py web.wsgi:app`, one process with threads."""

from __future__ import annotations

from cases.db import Database
from config.settings import Settings
from web.app import create_app

LOCK_TIMEOUT_MS = 2_000

settings = Settings.from_env()
app = create_app(settings, Database.connect(settings.database_url, lock_timeout_ms=LOCK_TIMEOUT_MS))
