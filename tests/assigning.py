"""A toy service that gives each case to somebody of a register, until an officer says that it is done."""

from __future__ import annotations

import dataclasses

from sqlalchemy import func, select

from cases.assignments import load_of
from cases.db import Database
from cases.journal import CaseFile
from cases.models import Assignment, Case
from config.registers import Holder, Register
from flows.engine.queries import Known
from flows.engine.runtime import Runtime
from tasks.approval import Choice, approval
from tasks.assessment import assess
from tasks.assignment import assign, end_assignment, register_load
from tests.births import family, submit_birth
from tests.engine.toys import settle, toy

ANA, JONE = "ana-vula", "jone-lal"
ROOM = {ANA: 2, JONE: 1}
REGISTER = Register(
    "test",
    "lawyers",
    {"en": "Lawyers"},
    {key: Holder(key, key.title(), "Central", ("family",), room) for key, room in ROOM.items()},
)


def procedure(case: CaseFile) -> str:
    """Give the case to whom the application names, if there is room; then wait for an officer, twice."""
    assess(case, "begin", lambda case: 1)
    register_load(case, "load", "lawyers")
    if not assign(case, "taken", register="lawyers", holder=case.answers.informant_name):
        return "no-room"
    approval(case, "work", by="registrar", outcomes=(Choice("done"),))
    end_assignment(case, "over", of="taken")
    approval(case, "look", by="registrar", outcomes=(Choice("end"),))
    return "finished"


def assigns() -> Runtime:
    """The toy service."""
    return dataclasses.replace(toy(procedure), known=Known({}, {"lawyers": REGISTER}))


def applied(db: Database, token: str, holder: str = JONE) -> int:
    """Submit a case for a holder, without advancing it; return its id."""
    return submit_birth(db, **family(token), informant_name=holder).case_id


def given(db: Database, token: str, holder: str = JONE) -> int:
    """Submit a case for a holder and let it be assigned; return its id."""
    case_id = applied(db, token, holder)
    settle(db, assigns())
    return case_id


def load(db: Database) -> dict[str, int]:
    """How many cases everybody has, as officers are told."""
    with db.read() as connection:
        return {each["key"]: each["open"] for each in load_of(connection, REGISTER)}


def taken(db: Database) -> dict[str, int]:
    """How many places everybody has given away, counted plainly."""
    statement = (
        select(Assignment.holder, func.count(Assignment.id).label("count"))
        .join(Case, Case.id == Assignment.case_id)
        .where(Assignment.ended_at.is_(None), Case.status == "open")
        .group_by(Assignment.holder)
    )
    with db.read() as connection:
        return {row.holder: row.count for row in connection.execute(statement)}
