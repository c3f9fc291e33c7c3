"""What gunicorn serves: `gunicorn --config web/gunicorn_conf.py web.wsgi:app`."""

from __future__ import annotations

from cases.db import Database
from cases.installation import require_mode
from config.settings import Settings
from web.app import create_app
from web.platform import utc_now

LOCK_TIMEOUT_MS = 2_000  # a page says "try again" rather than keep somebody waiting

settings = Settings.from_env()
database = Database.connect(settings.database_url, lock_timeout_ms=LOCK_TIMEOUT_MS)
with database.write() as connection:
    # Everybody knows the passwords of a demonstration: its database is never served as a real one.
    require_mode(connection, settings.mode, now=utc_now())
app = create_app(settings, database)
