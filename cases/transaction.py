"""Run a verb in a transaction of its own, and wake whoever waits for its effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cases.case_rows import Done
from cases.db import Database
from cases.failpoints import FAILPOINTS, failpoint

DoneT = TypeVar("DoneT", bound=Done)


def carry_out(db: Database, verb: Callable[..., DoneT], *args: Any, **named: Any) -> DoneT:
    """Call `verb(connection, ...)` in one write transaction, commit, and wake its service's shift.

    Returns what the verb returns, when it is committed. Raises what the verb raises (nothing was
    written), or sqlalchemy.exc.DBAPIError (whether it was written may then be unknown: read again).
    """
    with db.write() as connection:
        done = verb(connection, *args, **named)
        _failpoint(f"{verb.__name__}.before-commit")
    _failpoint(f"{verb.__name__}.after-commit")
    db.wake(done.service)
    return done


def _failpoint(name: str) -> None:
    if name in FAILPOINTS:
        failpoint(name)
