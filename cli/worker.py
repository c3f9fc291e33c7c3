"""`s2f worker`: a process that works the shifts."""

from __future__ import annotations

import logging

import click

from cases.installation import require_mode
from cli.common import open_database, utc_now
from config.settings import Settings


@click.command()
@click.option("--name", help="Unlike that of any other worker; left out: this machine's name.")
def worker(name: str | None) -> None:
    """Work ready cases, letters, messages and deadlines until it is stopped.

    Several may run, on one machine or many, if each has its own name.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("alembic", "httpx"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    settings = Settings.from_env()
    with open_database(settings) as db, db.write() as connection:
        require_mode(connection, settings.mode, now=utc_now())
    from flows.platform.worker_main import work  # only now: whoever asks for help needn't wait for it

    work(settings, name=name)
