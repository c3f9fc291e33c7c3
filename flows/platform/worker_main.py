"""A whole worker: every service's queue, letters, messages and the periodic flows in one process."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from cases.db import Database
from cases.files import FileStore
from cases.standards import load_standards
from config.calendar_file import load_calendar
from config.services import load_services
from config.settings import Mode, Settings, secret_key
from config.signing import signing_files
from flows.engine.queues import Queue
from flows.engine.replay_check import activate
from flows.engine.runtime import Runtime, load_runtimes
from flows.engine.service_queue import ServiceQueue
from flows.platform.gateways import Apprise, Mailbox
from flows.platform.letter_pool import LetterPool
from flows.platform.letters import LetterQueue
from flows.platform.messages import MessageQueue
from flows.platform.prefect_settings import quieten, worker_environment


def work(settings: Settings, *, name: str | None = None) -> None:
    """Work until SIGTERM or SIGINT. The database must be migrated; the Prefect server may be away.

    name: unlike that of any other worker; by default the machine's. Raises ConfigError for a mistake in
    any file or setting, ClockDiffers when this machine's clock is wrong.
    """
    os.environ.update(worker_environment(settings))
    from flows.engine.worker import run_worker  # only now: importing Prefect reads the environment
    from flows.platform.periodic import periodic_jobs

    quieten()

    runtimes = load_runtimes(demo=settings.mode is Mode.DEMO, place=settings.place)
    zone = load_calendar(settings.place).zone
    standards, _ = load_standards(load_services(), settings.place)
    db = Database.connect(settings.database_url)
    letters = LetterPool(signing=signing_files(settings, now=datetime.now(UTC)))
    try:
        db.check_clock()
        for runtime in runtimes.values():
            activate(db, runtime, now=datetime.now(UTC))
        queues = all_queues(db, settings, runtimes, letters, zone)
        pool, name = settings.prefect_pool, name or socket.gethostname()
        jobs = periodic_jobs(db, FileStore(settings.home), standards, pool)
        run_worker(db, queues, jobs, pool=pool, name=name, zone=zone)
    finally:
        letters.close()
        db.dispose()


def all_queues(
    db: Database, settings: Settings, runtimes: Mapping[str, Runtime], letters: LetterPool, zone: tzinfo
) -> list[Queue]:
    """Return every queue there is to work. Raises ConfigError for a messages address without {recipient}."""
    gateway = Apprise(settings.messages_url) if settings.messages_url else Mailbox(db)
    files, url = FileStore(settings.home), settings.public_url
    queues: list[Queue] = [ServiceQueue(db, runtime) for runtime in runtimes.values()]
    return [
        *queues,
        LetterQueue(db, files, letters, public_url=url, zone=zone),
        MessageQueue(db, gateway, f"{url}/track", secret=secret_key(settings)),
    ]
