"""An empty, migrated database of a benchmark's own, gone at its end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from cases.db import Database
from migrations.run import upgrade


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Yield the URL of a new database.

    server: a PostgreSQL URL (whose user may create databases; `s2f_bench_<process id>` is made beside the
    one it names), or any SQLite URL (a temporary file is used, whatever it names).
    """
    if make_url(server).get_backend_name() == "sqlite":
        with tempfile.TemporaryDirectory(prefix="s2f-bench-") as folder:
            yield _migrated(f"sqlite:///{Path(folder) / 's2f.db'}")
        return
    address = make_url(server).set(drivername="postgresql")
    name = f"s2f_bench_{os.getpid()}"
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        try:
            own = make_url(server).set(drivername="postgresql+psycopg", database=name)
            yield _migrated(own.render_as_string(hide_password=False))
        finally:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _migrated(url: str) -> str:
    db = Database.connect(url)
    upgrade(db)
    db.dispose()
    return url
