"""Two at once: calls from threads, and an interleaving that is forced instead of hoped for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, text

from cases.db import Database
from cases.errors import CaseError

PATIENCE = 20.0


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Begin all calls at the same moment; return what each returned, or the CaseError it raised."""
    barrier = threading.Barrier(len(calls), timeout=PATIENCE)

    def begin(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [_result(future) for future in [pool.submit(begin, call) for call in calls]]


def meanwhile(
    db: Database, first: Callable[[Connection], Any], second: Callable[[], Any], *, commit: bool = True
) -> Any:
    """Run `first` in a transaction, let `second` run into its locks in a thread, then end the transaction.

    Returns what `second` returned, or the CaseError it raised. commit: whether the transaction of
    `first` commits or is rolled back.
    """
    with ThreadPoolExecutor(1) as pool:
        with db.engine.execution_options(s2f_write=True).connect() as connection:
            first(connection)
            future = pool.submit(second)
            _let_it_block(db, future)
            connection.commit() if commit else connection.rollback()
        return _result(future)


@contextmanager
def after_select(db: Database, number: int, act: Callable[[], object]) -> Iterator[None]:
    """Within, `act` happens right after the `number`-th SELECT that locks nothing."""
    seen = 0

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal seen
        if statement.startswith("SELECT") and " FOR " not in statement:
            seen += 1
            if seen == number:
                act()

    engines = {db.engine, db.reading}  # one and the same on SQLite
    for engine in engines:
        event.listen(engine, "after_cursor_execute", count)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", count)


def _result(future: Future[Any]) -> Any:
    try:
        return future.result(timeout=PATIENCE)
    except CaseError as error:
        return error


def _let_it_block(db: Database, future: Future[Any]) -> None:
    """Return when somebody waits for a lock. SQLite lets nobody begin meanwhile, so there it's certain."""
    if not db.is_postgresql:
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not future.done():
        with db.read() as connection:
            if connection.execute(waiting).scalar_one():
                return


def of_kind(results: Sequence[Any], kind: type) -> list[Any]:
    """The results that are of this class."""
    return [result for result in results if isinstance(result, kind)]
