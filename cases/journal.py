"""Record once, replay: the journal of a case and the CaseFile that a procedure is given.

To move a case on, its procedure is run again from the top. A step whose entry stands in the journal
returns what it holds; a new rule or effect is noted to be written; the first wait that is still open
ends the run by raising `Waiting`. Nothing here touches a database or a clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from cases.audit import digest
from cases.vocabulary import DECIDED, WAITS, StepKind, StepStatus
from cases.working_time import WorkingCalendar
from config.budget import Budget

MAX_STEPS = 10_000


class Waiting(BaseException):
    """The procedure has reached a step that isn't finished.

    Derives from BaseException so that no `except Exception` in a procedure swallows it.
    """


class ReplayMismatch(Exception):
    """The journal and the procedure disagree. `str()` says what differed, without personal data."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry as replay reads it."""

    key: str
    kind: StepKind
    status: StepStatus
    done_at: datetime | None = None
    result: Any = None
    role: str | None = None
    outcomes: Sequence[Mapping[str, str]] | None = None
    done_by: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """What a procedure asks somebody for. `outcomes` as `{"key": ..., "needs": ...}` mappings."""

    key: str
    kind: StepKind
    role: str | None = None
    outcomes: Sequence[Mapping[str, str]] | None = None
    shows: Mapping[str, Any] = field(default_factory=dict)
    within: Budget | None = None
    until: datetime | None = None
    office: str | None = None  # whose task it is; None: of the case's own office
    not_by: Sequence[str] = ()  # usernames of officers who may not decide it
    urgent: str | None = None  # why it goes before all others: a key of the service's [phrases]


@dataclass(frozen=True, slots=True)
class Query:
    """A question to our own database that the shift answers in bulk."""

    key: str
    name: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """To be written: a wait that opens. `since` starts its service standard."""

    wait: Wait
    key: str
    since: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """To be written: a rule, query or effect with its result, at `at`.

    `payload` is an effect's own row (the letter's facts, the message, the number's year). The result of a
    number or recheck is made in the writing transaction, under a lock.
    """

    key: str
    kind: StepKind
    at: datetime
    result: Any
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """To be written: an open wait that the procedure no longer needs."""

    key: str


Write = Opened | Recorded | Cancelled


class Answers(Mapping[str, Any]):
    """The answers as submitted: `answers.child_name`, `answers["child_name"]`. Never changed.

    A field the form has and nobody answered is None; a field it doesn't have raises AttributeError.
    """

    __slots__ = ("_fields", "_values")

    def __init__(self, values: Mapping[str, Any], fields: Iterable[str] = ()) -> None:
        self._values = values
        self._fields = frozenset(fields)

    def __getattr__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        if name in self._fields:
            return None
        raise AttributeError(f"the form has no field {name!r}")

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def whole(self) -> Mapping[str, Any]:
        """Return all answers at once, which is quicker than one by one. Not to be changed."""
        return self._values


class CaseFile:
    """What a procedure is given: the answers, and the steps that have been taken.

    Procedures use the public attributes; the methods are for `tasks/`.
    """

    def __init__(
        self,
        *,
        reference: str,
        service: str,
        answers: Answers,
        language: str,
        office: str,
        channel: str,
        received_at: datetime,
        entries: Iterable[Entry] = (),
        query_answers: Mapping[str, Any] | None = None,
        config: Any = None,
        places: Any = None,
        calendar: WorkingCalendar | None = None,
    ) -> None:
        self.reference = reference
        self.service = service
        self.answers = answers
        self.language = language
        self.office = office
        self.channel = channel
        self.received_at = received_at
        self.config = config
        self.places = places
        self.calendar = calendar  # the office's
        self.zone: tzinfo = calendar.zone if calendar else UTC  # in which it counts its calendar dates
        self.now = received_at
        self.writes: list[Write] = []
        self.pending_query: Query | None = None
        self.pending_write: str | None = None
        self._entries = {entry.key: entry for entry in entries}
        self._unmet = dict.fromkeys(self._entries)
        self._query_answers = query_answers or {}
        self._visits: dict[str, int] = {}
        self._steps = 0

    # -- steps -------------------------------------------------------------------------------

    def record(self, key: str, kind: StepKind, compute: Callable[[], Any]) -> Any:
        """Return the recorded result of a rule, computing and noting it the first time.

        Raises TypeError or ValueError for a result that isn't JSON.
        """
        key, entry = self._meet(key, kind)
        if entry is not None:
            return entry.result
        result = _as_kept(compute())
        self.writes.append(Recorded(key, kind, self.now, result))
        return result

    def query(self, key: str, name: str, params: Mapping[str, Any]) -> Any:
        """Return the recorded answer of a query; raise Waiting until the shift has answered it."""
        key, entry = self._meet(key, StepKind.QUERY)
        if entry is not None:
            return entry.result
        if key not in self._query_answers:
            self.pending_query = Query(key, name, params)
            raise Waiting
        result = self._query_answers[key]
        self.writes.append(Recorded(key, StepKind.QUERY, self.now, result))
        return result

    def effect(self, key: str, kind: StepKind, payload: Mapping[str, Any]) -> None:
        """Note a letter or message to be made, once. Raises TypeError or ValueError for what isn't JSON."""
        key, entry = self._meet(key, kind)
        if entry is None:
            self.writes.append(Recorded(key, kind, self.now, None, _as_kept(payload)))

    def number(self, key: str, year: int) -> str:
        """Return the number allotted from the step's series; raise Waiting until the shift has done so.

        The shift allots under a lock in its writing transaction, so that a series has no gaps.
        """
        value: str = self._made_in_writing(key, StepKind.NUMBER, {"year": year})
        return value

    def recheck(self, key: str, params: Mapping[str, Any]) -> Any:
        """Return what a query finds once more, now under a lock; raise Waiting until the shift has asked.

        The shift asks in its writing transaction, so that of two equal cases only one can find nothing.
        """
        return self._made_in_writing(key, StepKind.RECHECK, params)

    def assign(self, key: str, params: Mapping[str, Any]) -> Any:
        """Return whether the case got its place of a register; raise Waiting until the shift has tried.

        The shift takes it in its writing transaction, under the register's lock.
        """
        return self._made_in_writing(key, StepKind.ASSIGNMENT, params)

    def _made_in_writing(self, key: str, kind: StepKind, payload: Mapping[str, Any]) -> Any:
        key, entry = self._meet(key, kind)
        if entry is not None:
            return entry.result
        self.writes.append(Recorded(key, kind, self.now, None, _as_kept(payload)))
        self.pending_write = key
        raise Waiting

    def wait(self, wait: Wait) -> Entry:
        """Return the finished entry of a wait; raise Waiting while it is open."""
        return self.wait_all([wait])[0]

    def wait_all(
        self, waits: Sequence[Wait], enough: Callable[[Sequence[Entry]], bool] | None = None
    ) -> list[Entry]:
        """Return the finished entries of all waits, in the order given; raise Waiting before that.

        New waits are opened in one go. With `enough`, the waits still open are cancelled as soon as
        `enough(finished)` is true; their entries come back with status CANCELLED.
        """
        if len({wait.key for wait in waits}) != len(waits):
            raise ReplayMismatch("two waits of one `together` have the same key")
        met = [(wait, *self._meet(wait.key, wait.kind)) for wait in waits]
        for wait, key, entry in met:
            self._compare(wait, key, entry)
        finished = [entry for _, _, entry in met if entry and entry.status is not StepStatus.OPEN]
        for entry in finished:
            # When a wait was cancelled says when a shift ran, and nothing about the case.
            if entry.done_at is not None and entry.status is not StepStatus.CANCELLED:
                self.now = max(self.now, entry.done_at)
        if len(finished) == len(met):
            return finished
        if enough is not None and enough(finished):
            return [self._cancel(wait, key, entry) for wait, key, entry in met]
        for wait, key, entry in met:
            if entry is None:
                self._open(wait, key)
        raise Waiting

    # -- replay ------------------------------------------------------------------------------

    def check_all_met(self) -> None:
        """Raise ReplayMismatch if the run ended without meeting every entry of the journal."""
        if self._unmet:
            names = ", ".join(self._unmet)
            raise ReplayMismatch(f"the procedure no longer comes to these steps of the journal: {names}")

    def _meet(self, base: str, kind: StepKind) -> tuple[str, Entry | None]:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise ReplayMismatch(f"more than {MAX_STEPS} steps in one replay")
        visit = self._visits[base] = self._visits.get(base, 0) + 1
        key = base if visit == 1 else f"{base}#{visit}"
        entry = self._entries.get(key)
        if entry is None:
            return key, None
        self._unmet.pop(key, None)
        if entry.kind is not kind:
            raise ReplayMismatch(f"step {key} is a {kind}, the journal has a {entry.kind}")
        if kind not in WAITS and entry.done_at is not None:
            self.now = max(self.now, entry.done_at)
        return key, entry

    @staticmethod
    def _compare(wait: Wait, key: str, entry: Entry | None) -> None:
        if entry is None:
            return
        if entry.role != wait.role:
            raise ReplayMismatch(f"step {key} is asked of {wait.role}, the journal asked {entry.role}")
        offered = [choice["key"] for choice in wait.outcomes or ()]
        if entry.status is StepStatus.OPEN:
            asked = [choice["key"] for choice in entry.outcomes or ()]
            if asked != offered:
                raise ReplayMismatch(f"step {key} offers {offered}, the open one offers {asked}")
        elif entry.status is StepStatus.DONE and wait.kind in DECIDED:
            outcome = entry.result["outcome"]
            if outcome not in offered:
                raise ReplayMismatch(f"step {key} no longer offers the recorded outcome {outcome}")

    def _open(self, wait: Wait, key: str) -> None:
        shown = digest({"answers": self.answers.whole(), "shows": wait.shows})
        self.writes.append(Opened(wait, key, self.now, shown))

    def _cancel(self, wait: Wait, key: str, entry: Entry | None) -> Entry:
        if entry is not None and entry.status is not StepStatus.OPEN:
            return entry
        if entry is None:
            # Never opened and no longer needed: it is recorded as cancelled, so that every later
            # replay comes to the same end.
            self._open(wait, key)
        self.writes.append(Cancelled(key))
        return Entry(key, wait.kind, StepStatus.CANCELLED, role=wait.role)


def _as_kept(value: Any) -> Any:
    """Return a value as the journal will give it back, tuples as lists, so that the first run sees what
    every later one does."""
    return json.loads(json.dumps(value, allow_nan=False))


@dataclass(slots=True)
class Replay:
    """What one replay came to.

    outcome: the case's outcome when the procedure returned, else None.
    writes: what is new. query / in_writing: the query, or the key of the step whose result is made in the
    writing transaction, for which it stopped and can go on at once.
    """

    outcome: str | None
    writes: list[Write]
    query: Query | None
    in_writing: str | None


def replay(procedure: Callable[[CaseFile], str], case: CaseFile) -> Replay:
    """Run `procedure` on `case` until it returns or waits.

    Raises ReplayMismatch when journal and procedure disagree, and whatever the procedure raises.
    """
    outcome: str | None = None
    try:
        outcome = procedure(case)
        if not outcome:
            raise ReplayMismatch("the procedure returned no outcome")
    except Waiting:
        pass
    if case.pending_query is None and case.pending_write is None:
        case.check_all_met()
    return Replay(outcome, case.writes, case.pending_query, case.pending_write)
