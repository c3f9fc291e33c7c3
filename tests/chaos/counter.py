"""A process of people at a counter: they submit, decide and answer through the verbs, and remember.

What they mean to do is on disk before they try, what was acknowledged right after (`ledger.py`). Killed and
started again, they go on where their memory and the database say they are: a submission without an
acknowledgement is sent again under its client key.

    python -m tests.chaos.counter DATABASE_URL HOME NAME PLAN... [--pen NAME]

A plan is what happens to one case after it was submitted, e.g. `ask+answer+register`.
"""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.exc import DBAPIError

from cases import actions, handing_over, revisions
from cases.db import Database
from cases.errors import CaseError, Conflict
from cases.permissions import SYSTEM, Actor
from cases.transaction import carry_out
from cases.vocabulary import Role
from tests.births import application, family
from tests.chaos.ledger import Line, Pen, read

REGISTRAR = Actor("mere", role="registrar", office="suva", full_name="Mere Tukana")
SUPERVISOR = Actor("sela", role=Role.SUPERVISOR, full_name="Sela Qalo")
ADMINISTRATOR = Actor("adi", role=Role.ADMINISTRATOR, full_name="Adi Koroi")
REASON = {"key": "evidence-missing", "text": "The hospital has no record of this birth."}
ANOTHER_CHILD = actions.TaskForm(1, {"reason": "Another child of the same mother."})
PAUSE = 0.02

DECISIONS = ("ask", "register", "refuse")
KIND_OF = {
    **dict.fromkeys(DECISIONS, "decided"),
    "answer": "answered",
    "confirm": "confirmed",
    "hand": "handed-over",
    "silence": "expired",
    "claim": "claimed",
    "release": "released",
    "withdraw": "withdrawn",
    "rewind": "rewound",
    "reopen": "reopened",
    "retry": "retried",
    "rescue": "retried",
}
"""What can stand in a plan, and the event by which it is seen to have happened."""

_CASES = text(
    "SELECT c.id, c.reference, COALESCE(c.client_key, c.external_id) AS token, c.status, c.halted,"
    " (SELECT count(*) FROM events e WHERE e.case_id = c.id AND e.kind IN :kinds) AS done,"
    " (SELECT max(l.id) FROM letters l WHERE l.case_id = c.id AND l.status = 'issued') AS letter FROM cases c"
    " WHERE c.client_key IN :keys OR c.external_id IN :keys"
).bindparams(bindparam("kinds", expanding=True), bindparam("keys", expanding=True))
_WAITS = text(
    "SELECT id, case_id, key, kind, digest FROM journal"
    " WHERE status = 'open' AND cut_by IS NULL AND case_id IN :cases"
).bindparams(bindparam("cases", expanding=True))


class Counter:
    """The cases of one counter, by client key, each with its plan."""

    def __init__(self, db: Database, pen: Pen, plans: dict[str, list[str]], known: Sequence[Line]) -> None:
        self._db = db
        self._pen = pen
        self._plans = plans
        self._unsent = set(plans) - {line.token for line in known if line.what == "submit" and line.sure}

    def work(self) -> None:
        """Return when every case has gone through its plan."""
        while True:
            try:
                if self._round():
                    return
            except DBAPIError:  # cut off: whether it was written is unknown, so look again
                time.sleep(PAUSE)

    def _round(self) -> bool:
        if self._unsent:
            self._submit(min(self._unsent))
        cases, waits = self._look()
        unfinished = 0
        for case in cases:
            plan = self._plans[case.token]
            if case.done < len(plan):
                unfinished += 1
                self._act(case, plan[case.done], waits.get(case.id))
        if not self._unsent and unfinished:
            time.sleep(PAUSE)
        return not self._unsent and not unfinished

    def _look(self) -> tuple[Sequence[Any], dict[int, Any]]:
        with self._db.read() as connection:
            kinds = sorted(set(KIND_OF.values()))
            cases = connection.execute(_CASES, {"kinds": kinds, "keys": sorted(self._plans)}).all()
            waits = connection.execute(_WAITS, {"cases": [case.id for case in cases]}).all()
        return cases, {wait.case_id: wait for wait in waits}

    def _submit(self, key: str) -> None:
        now = datetime.now(UTC)
        born = (now - timedelta(days=20)).date().isoformat()  # a late registration would be asked more
        what = application(client_key=key, received_at=now, child_birth_date=born, **family(key))
        line = Line("submit", key, sure=False)
        self._pen.write(line)
        try:
            done = carry_out(self._db, actions.submit, what, actor=SYSTEM, now=now)
        except Conflict:
            return  # the random reference was taken: next time with another
        self._pen.write(replace(line, sure=True, reference=done.reference))
        self._unsent.discard(key)

    def _act(self, case: Any, act: str, wait: Any) -> None:
        """Do the next thing of the plan if its time has come."""
        try:
            if act in DECISIONS and wait is not None and wait.kind == "approval":
                self._decide(case, act, wait)
            elif act == "answer" and wait is not None and wait.kind == "question":
                self._answer(case, wait)
            elif act == "confirm" and wait is not None and wait.kind == "confirmation":
                citizen = Actor.citizen(case.id)
                self._verb(case, act, handing_over.confirm_receipt, step_id=wait.id, actor=citizen)
            elif act == "hand" and case.letter is not None:
                to = {"letter_id": case.letter, "to": "Ana, voter card"}
                self._verb(case, act, handing_over.hand_over, actor=REGISTRAR, **to)
            elif act in ("claim", "release") and wait is not None and wait.kind == "approval":
                self._verb(case, act, getattr(actions, act), step_id=wait.id, actor=REGISTRAR)
            elif act in ("withdraw", "rewind", "reopen", "retry", "rescue"):
                self._revise(case, act)
        except CaseError:
            pass  # somebody else was quicker

    def _decide(self, case: Any, outcome: str, wait: Any) -> None:
        line = Line("decide", uuid.uuid4().hex, False, case.reference, wait.key, outcome)
        self._tell(
            line,
            actions.decide,
            step_id=wait.id,
            outcome=outcome,
            actor=REGISTRAR,
            reasons=[REASON] if outcome == "refuse" else [],
            question="Who was the midwife?" if outcome == "ask" else None,
            note=line.token,
            details=ANOTHER_CHILD,  # needed when another application looks like the same birth
            seen=wait.digest,
        )

    def _answer(self, case: Any, wait: Any) -> None:
        line = Line("answer", uuid.uuid4().hex, False, case.reference, wait.key)
        citizen = Actor.citizen(case.id)
        self._tell(line, actions.answer, step_id=wait.id, text=line.token, actor=citizen)

    def _revise(self, case: Any, act: str) -> None:
        there = {"case_id": case.id}
        back = {"to_key": "review", "reason": "The registrar was mistaken."}
        if act == "withdraw":
            self._verb(case, act, revisions.withdraw, actor=Actor.citizen(case.id), **there)
        elif act == "rewind" and case.status == "open":
            self._verb(case, act, revisions.rewind, actor=SUPERVISOR, **there, **back)
        elif act == "reopen" and case.status == "closed":
            self._verb(case, act, revisions.reopen, actor=SUPERVISOR, **there, **back)
        elif act == "retry" or (act == "rescue" and case.halted):
            self._verb(case, "retry", revisions.retry, actor=ADMINISTRATOR, **there)

    def _verb(self, case: Any, act: str, verb: Any, **named: Any) -> None:
        self._tell(Line(act, f"{case.reference}:{case.done}", False, case.reference), verb, **named)

    def _tell(self, line: Line, verb: Any, **named: Any) -> None:
        self._pen.write(line)
        carry_out(self._db, verb, now=datetime.now(UTC), **named)
        self._pen.write(replace(line, sure=True))


def plans_of(name: str, plans: Sequence[str]) -> dict[str, list[str]]:
    """Return each case's acts by its client key. Whatever is registered is confirmed to have arrived.

    Raises KeyError for an act that there isn't.
    """
    return {
        f"{name}/{index:03d}": [
            act
            for act in plan.replace("collect", "register+hand")
            .replace("register", "register+confirm")
            .split("+")
            if act and KIND_OF[act]
        ]
        for index, plan in enumerate(plans)
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a counter until its cases have gone through their plans."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.counter")
    parser.add_argument("database_url")
    parser.add_argument("home", type=Path)
    parser.add_argument("name")
    parser.add_argument("plans", nargs="+")
    parser.add_argument("--pen", help="write under this name; two counters of one name race for its cases")
    given = parser.parse_args(arguments)
    db = Database.connect(given.database_url)
    pen = given.pen or given.name
    plans = plans_of(given.name, given.plans)
    Counter(db, Pen(given.home, pen), plans, read(given.home, pen)).work()
    db.dispose()


if __name__ == "__main__":
    main()
