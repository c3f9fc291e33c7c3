"""The database: engines, transactions, and everything in which SQLite and PostgreSQL differ.

    db = Database.connect(settings.database_url)
    with db.write() as connection: ...     # one transaction; SQLite: BEGIN IMMEDIATE
    with db.read() as connection: ...      # only reads; each statement sees the newest commits

SQLAlchemy silently drops FOR UPDATE on SQLite; `write()` takes SQLite's one write lock at once instead,
so that "lock the case row first" holds on both.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

READY_CHANNEL = "s2f_ready"
SQLITE_BUSY_SECONDS = 60
SQLITE_LOOK_SECONDS = 0.003
NOTIFY_TOGETHER_SECONDS = 0.01
MAX_CLOCK_DIFFERENCE_SECONDS = 2.0


_CLOCK = select(func.clock_timestamp())


class ClockDiffers(Exception):
    """This machine's clock and the database's differ by more than two seconds."""


class Database:
    """An engine with the two kinds of transaction and the wake-up call between processes."""

    def __init__(self, engine: Engine, reading: Engine | None = None) -> None:
        """reading: an engine of its own for `read()`; left out, `engine` serves it too."""
        self.engine = engine
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._writing = engine.execution_options(s2f_write=True)
        self.reading = reading or engine
        self._notifier = _Notifier(engine) if self.is_postgresql else None

    @classmethod
    def connect(cls, url: str, *, lock_timeout_ms: int = 10_000, pool_size: int = 10) -> Database:
        """Return a Database for `url` (`sqlite:///path` or `postgresql+psycopg://...`).

        lock_timeout_ms: how long a statement waits for a row (PostgreSQL); the web uses 2,000.
        Raises sqlalchemy.exc.ArgumentError for a URL that can't be read. Doesn't connect yet.
        """
        if make_url(url).get_backend_name() == "sqlite":
            return cls(_sqlite_engine(url))
        return cls(
            _postgresql_engine(url, pool_size, f"-c lock_timeout={lock_timeout_ms}"),
            # Without transactions a read is one journey to the server and not three. And psycopg forgets
            # what it has prepared at every ROLLBACK, which is how a transaction that only read ends.
            _postgresql_engine(url, pool_size, "-c default_transaction_read_only=on", "AUTOCOMMIT"),
        )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that will write. Commits at the end, rolls back on any exception."""
        with self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Only reads. On PostgreSQL each statement is its own transaction and sees the newest commits."""
        with self.reading.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One transaction that only reads, all of it as of one moment: for comparing rows with each other."""
        level = "REPEATABLE READ" if self.is_postgresql else "SERIALIZABLE"
        with self.engine.execution_options(isolation_level=level).connect() as connection:
            yield connection

    def now(self, connection: Connection) -> datetime:
        """Return the database's clock (aware UTC). Leases expire by this one, never by a worker's."""
        if not self.is_postgresql:
            return datetime.now(UTC)  # SQLite's clock is this machine's
        value: datetime = connection.execute(_CLOCK).scalar_one()
        return value.astimezone(UTC)

    def check_clock(self) -> None:
        """Raise ClockDiffers if the database's clock is more than 2 s from this machine's."""
        with self.read() as connection:
            before = datetime.now(UTC)
            theirs = self.now(connection)
            after = datetime.now(UTC)
        middle = before + (after - before) / 2
        difference = abs((theirs - middle).total_seconds())
        if difference > MAX_CLOCK_DIFFERENCE_SECONDS:
            raise ClockDiffers(
                f"the database's clock is {difference:.1f} s from this machine's; "
                "set both by NTP, then start again"
            )

    def wake(self, queue: str) -> None:
        """Tell sleeping shifts and relays that `queue` has work. Call after the commit.

        A hint that may be lost: whoever sleeps also looks once a second. It is sent from a
        connection of its own, because a NOTIFY inside the transaction would make PostgreSQL
        take commits one at a time.
        """
        if self._notifier:
            self._notifier.notify(queue)

    def listen(self, stop: threading.Event) -> Iterator[str | None]:
        """Yield a queue name when one is woken, and None at least once a second, until `stop` is set.

        On SQLite, where nobody can notify, None comes as soon as another connection has committed
        (seen within 20 ms), else after a second.
        """
        return self._listen_postgresql(stop) if self.is_postgresql else self._watch_sqlite(stop)

    def _listen_postgresql(self, stop: threading.Event) -> Iterator[str | None]:
        while not stop.is_set():
            try:
                with _raw_connection(self.engine) as raw:
                    raw.execute(f"LISTEN {READY_CHANNEL}")
                    while not stop.is_set():
                        for notice in raw.notifies(timeout=1.0):
                            yield notice.payload
                            if stop.is_set():
                                return
                        yield None
            except psycopg.Error:
                yield None
                stop.wait(1.0)

    def _watch_sqlite(self, stop: threading.Event) -> Iterator[str | None]:
        with self.engine.connect() as connection:
            seen = _data_version(connection)
            while not stop.is_set():
                until = time.monotonic() + 1.0
                while time.monotonic() < until and not stop.wait(0.02):
                    current = _data_version(connection)
                    if current != seen:
                        seen = current
                        break
                yield None

    def dispose(self) -> None:
        """Close every connection."""
        if self._notifier:
            self._notifier.close()
        self.engine.dispose()
        self.reading.dispose()


class _Among(FunctionElement[Any]):
    inherit_cache = True
    # Not Boolean: for SQLite "= 1" would be written behind it then, and no index be used.
    type = NullType()


def among(column: Any) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the ids (a list) that the parameter `ids` has.

    One parameter however many ids there are, so that the statement is made, and prepared by PostgreSQL,
    once; with `column.in_(ids)` a shift spent an eighth of its time on writing out the statements.
    """
    return _Among(column, bindparam("ids", type_=ARRAY(BigInteger).with_variant(JSON(), "sqlite")))


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY({ids})"


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"


def take_turns(connection: Connection, what: str) -> None:
    """Wait until no other transaction has taken `what`, and take it until this one ends.

    On SQLite a transaction that writes is the only one that does.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], signed=True)
        connection.execute(_TAKE, {"number": number})


_TAKE = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)))


def _data_version(connection: Connection) -> int:
    value: int = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    connection.rollback()
    return value


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")  # an acknowledged commit survives a power cut
        raw.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("s2f_write", False):
            _begin_to_write(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin_to_write(connection: Connection) -> None:
    """Take SQLite's write lock, looking for it every few milliseconds.

    SQLite itself looks ever more rarely, in the end ten times a second, and can so miss every gap between
    the batches of an import and of a shift: somebody on a page would wait for seconds.
    """
    raw: Any = connection.connection.driver_connection
    end = time.monotonic() + SQLITE_BUSY_SECONDS
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < end:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
            time.sleep(SQLITE_LOOK_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises as SQLAlchemy's errors are
    finally:
        raw.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}")


def _postgresql_engine(url: str, pool_size: int, option: str, isolation: Any = None) -> Engine:
    options = f"-c timezone=UTC -c idle_in_transaction_session_timeout=10000 {option}"
    return create_engine(
        url,
        isolation_level=isolation,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        connect_args={"options": options, "prepare_threshold": 2, "connect_timeout": 5},
    )


def _raw_connection(engine: Engine) -> psycopg.Connection[Any]:
    """Return a psycopg connection of its own in autocommit, for LISTEN and NOTIFY."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=5)


class _Notifier:
    """Sends NOTIFY from one thread: at once after a quiet moment, else those of 10 ms together.

    Each NOTIFY is a transaction of its own, so one for every decision would cost the database as much as
    a third of the decisions themselves; and whoever is awake looks again by itself.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: set[str] = set()
        self._condition = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._pid = 0

    def notify(self, queue: str) -> None:
        with self._condition:
            if queue in self._waiting:
                return
            self._waiting.add(queue)
            if self._thread is None or self._pid != os.getpid():  # a forked web process starts its own
                self._pid = os.getpid()
                self._thread = threading.Thread(target=self._send, name="notify", daemon=True)
                self._thread.start()
            self._condition.notify()

    def close(self) -> None:
        """End the thread and its connection; calls not yet sent are lost."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if self._thread is not None and self._pid == os.getpid():
            self._thread.join(timeout=10)

    def _send(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while queues := self._next():
            try:
                connection = connection or _raw_connection(self._engine)
                for queue in queues:
                    connection.execute("SELECT pg_notify(%s, %s)", (READY_CHANNEL, queue))
                time.sleep(NOTIFY_TOGETHER_SECONDS)
            except psycopg.Error:  # lost calls are made good by the sleepers' own look each second
                if connection:
                    connection.close()
                connection = None
        if connection:
            connection.close()

    def _next(self) -> set[str]:
        """Wait until there is somebody to call; return the queues, or an empty set when closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return set()
            queues, self._waiting = self._waiting, set()
            return queues
