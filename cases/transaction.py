"""Run a verb in a transaction of its own, and wake whoever waits for its effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

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


class Spread(Protocol):
    """What a verb on many cases returns: the services whose shifts should look."""

    @property
    def services(self) -> frozenset[str]:
        """Their keys."""
        ...


SpreadT = TypeVar("SpreadT", bound=Spread | None)


def carry_out_for_all(db: Database, verb: Callable[..., SpreadT], *args: Any, **named: Any) -> SpreadT:
    """Call a verb on the cases of several services as `carry_out` does, and wake all of them."""
    with db.write() as connection:
        done = verb(connection, *args, **named)
        _failpoint(f"{verb.__name__}.before-commit")
    _failpoint(f"{verb.__name__}.after-commit")
    for service in sorted(done.services) if done is not None else ():
        db.wake(service)
    return done


def _failpoint(name: str) -> None:
    if name in FAILPOINTS:
        failpoint(name)
