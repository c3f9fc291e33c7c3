"""Transactions, clocks and wake-up calls, and what the two kinds of database do differently."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from cases.db import MAX_CLOCK_DIFFERENCE_SECONDS, ClockDiffers, Database
from cases.models import AccessLogEntry, Case, Note, NumberSeries
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.racing import PATIENCE, meanwhile

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def _series(db: Database) -> list[str]:
    with db.read() as connection:
        return list(connection.execute(select(NumberSeries.series)).scalars())


# -- transactions ----------------------------------------------------------------------------------


def test_a_write_is_committed_at_its_end(db: Database) -> None:
    with db.write() as connection:
        connection.execute(insert(NumberSeries).values(series="a", last=1))
    assert _series(db) == ["a"]


def test_an_exception_rolls_a_write_back(db: Database) -> None:
    with pytest.raises(KeyError), db.write() as connection:
        connection.execute(insert(NumberSeries).values(series="a", last=1))
        raise KeyError
    assert _series(db) == []


def test_a_write_in_a_reading_transaction_does_not_last(db: Database) -> None:
    with suppress(DBAPIError), db.read() as connection:  # PostgreSQL refuses it outright
        connection.execute(insert(NumberSeries).values(series="a", last=1))
    assert _series(db) == []


def test_readers_are_not_held_up_by_a_writer_and_see_what_was_before(db: Database) -> None:
    with db.write() as connection:
        connection.execute(insert(NumberSeries).values(series="a", last=1))
        assert _series(db) == []


def test_whoever_writes_the_same_row_waits_and_then_sees_the_other_write(db: Database) -> None:
    raised = update(NumberSeries).values(last=NumberSeries.last + 1).returning(NumberSeries.last)
    with db.write() as connection:
        connection.execute(insert(NumberSeries).values(series="a", last=1))

    def second() -> int:
        with db.write() as connection:
            return int(connection.execute(raised).scalar_one())

    assert meanwhile(db, lambda connection: connection.execute(raised), second) == 3


def test_a_foreign_key_is_kept(db: Database) -> None:
    with pytest.raises(IntegrityError), db.write() as connection:
        connection.execute(insert(Note).values(case_id=999, at=NOW, actor="mere", body="?"))


def test_sqlite_takes_its_write_lock_at_the_beginning(sqlite_db: Database) -> None:
    other = sqlite3.connect(str(sqlite_db.engine.url.database), timeout=0, isolation_level=None)
    try:
        with sqlite_db.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    finally:
        other.close()


def test_sqlite_keeps_an_acknowledged_commit_through_a_power_cut(sqlite_db: Database) -> None:
    with sqlite_db.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL


@pytest.fixture
def impatient(postgresql_url: str) -> Iterator[Database]:
    """A PostgreSQL database that waits 50 ms for a lock."""
    database = Database.connect(postgresql_url, lock_timeout_ms=50)
    yield database
    database.dispose()


def test_postgresql_waits_for_a_lock_no_longer_than_it_was_told(impatient: Database) -> None:
    submit_birth(impatient)
    with impatient.write() as connection:
        connection.execute(update(Case).values(ready=False))
        with pytest.raises(OperationalError, match="lock timeout"), impatient.write() as another:
            another.execute(update(Case).values(ready=True))


def test_postgresql_ends_whoever_idles_in_a_transaction(impatient: Database) -> None:
    with impatient.read() as connection:
        assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "10s"


# -- instants and clocks ---------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [UTC, timezone(timedelta(hours=12)), timezone(timedelta(hours=-11))])
def test_an_instant_comes_back_in_utc_to_the_microsecond(db: Database, offset: timezone) -> None:
    instant = datetime(2026, 5, 5, 9, 0, 0, 123457, tzinfo=offset)
    with db.write() as connection:
        connection.execute(insert(AccessLogEntry).values(at=instant, actor="mere", action="read"))
        read = connection.execute(select(AccessLogEntry.at)).scalar_one()
    assert (read, read.tzinfo) == (instant, UTC)


def test_instants_are_compared_as_instants(db: Database) -> None:
    with db.write() as connection:
        connection.execute(insert(AccessLogEntry).values(at=NOW, actor="mere", action="read"))
        same = NOW.astimezone(timezone(timedelta(hours=12)))
        found = connection.execute(select(AccessLogEntry.id).where(AccessLogEntry.at == same)).all()
    assert len(found) == 1


def test_the_databases_clock_is_aware_and_close(db: Database) -> None:
    with db.read() as connection:
        assert abs(db.now(connection) - datetime.now(UTC)) < timedelta(seconds=MAX_CLOCK_DIFFERENCE_SECONDS)
    db.check_clock()


@contextmanager
def _clock_ahead(url: str, seconds: int) -> Iterator[None]:
    """Let the database's `clock_timestamp()` be a function of ours that runs ahead."""
    db = Database.connect(url)
    name = db.engine.url.database
    with db.write() as connection:
        connection.execute(text("CREATE SCHEMA skewed"))
        connection.execute(
            text(
                "CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                f"$$ SELECT pg_catalog.clock_timestamp() + interval '{seconds} s' $$"
            )
        )
        connection.execute(text(f"ALTER DATABASE {name} SET search_path = skewed, pg_catalog, public"))
    try:
        yield
    finally:
        with db.write() as connection:
            connection.execute(text(f"ALTER DATABASE {name} RESET search_path"))
            connection.execute(text("DROP SCHEMA skewed CASCADE"))
        db.dispose()


def test_a_clock_that_differs_from_the_databases_is_refused(postgresql_url: str) -> None:
    with _clock_ahead(postgresql_url, seconds=5):
        db = Database.connect(postgresql_url)
        with pytest.raises(ClockDiffers, match=r"is (5\.0|4\.9) s from this machine's"):
            db.check_clock()
        db.dispose()


# -- wake-up calls ---------------------------------------------------------------------------------


@pytest.fixture
def heard(db: Database) -> Iterator[queue.Queue[str | None]]:
    """What a listener in a thread of its own hears."""
    stop, calls = threading.Event(), queue.Queue[str | None]()

    def listen() -> None:
        for call in db.listen(stop):
            calls.put(call)

    thread = threading.Thread(target=listen)
    thread.start()
    yield calls
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def _call_until_heard(db: Database, heard: queue.Queue[str | None], name: str) -> None:
    """Wake `name` until the listener hears it: who begins to listen just then may miss a call."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        db.wake(name)
        try:
            if heard.get(timeout=0.05) == name:
                return
        except queue.Empty:
            continue
    raise AssertionError(f"nobody heard {name}")


def test_whoever_listens_looks_at_least_once_a_second(heard: queue.Queue[str | None]) -> None:
    assert heard.get(timeout=PATIENCE) is None


@on_postgresql
def test_a_call_reaches_whoever_listens(db: Database, heard: queue.Queue[str | None]) -> None:
    _call_until_heard(db, heard, "birth-registration")


@on_sqlite
def test_a_commit_wakes_whoever_listens_on_sqlite(db: Database, heard: queue.Queue[str | None]) -> None:
    heard.get(timeout=PATIENCE)
    began = time.monotonic()
    for _ in range(6):
        submit_birth(db)
        heard.get(timeout=PATIENCE)
    assert time.monotonic() - began < 4  # six looks a second apart would take six


@on_postgresql
def test_a_listener_whose_connection_was_cut_listens_again(
    db: Database, heard: queue.Queue[str | None]
) -> None:
    _call_until_heard(db, heard, "letters")
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    with db.read() as connection:
        assert connection.execute(text(cut + " AND datname = current_database()")).scalar_one() == 1
    _call_until_heard(db, heard, "messages")


def test_a_call_after_the_database_was_disposed_of_does_no_harm(db: Database) -> None:
    db.dispose()
    db.wake("letters")
    assert _series(db) == []
