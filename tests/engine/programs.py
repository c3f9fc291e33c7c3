"""Random procedures for the replay tests, and an oracle that runs one in a single go.

A program is a tree of steps with a key each. `procedure_of` makes a procedure of it, written with the
real step kinds. The oracle is a CaseFile that never waits: it answers each wait on the spot, so that the
journal it keeps is that of one uninterrupted play.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from cases.duplicates import asked_of
from cases.journal import Answers, CaseFile, Entry, Wait
from cases.vocabulary import StepKind, StepStatus
from config.budget import working_hours
from tasks.approval import Choice, approval_wait
from tasks.assessment import assess
from tasks.citizen import question_wait
from tasks.letter import letter
from tasks.message import message
from tasks.number import allot_number
from tasks.together import together
from tests.births import likeness

RECEIVED = datetime.fromisoformat("2026-03-02T21:00:00+00:00")
CHOICES = (Choice("left"), Choice("right"), Choice("again"))
Rates = dict[str, int]


@dataclass(frozen=True)
class Step:
    """One step: `kind` says which; `body` are the steps of a loop or the two branches of a choice."""

    kind: str
    key: str
    body: tuple[Any, ...] = ()


def programs() -> st.SearchStrategy[tuple[Step, ...]]:
    """Programs of a few steps, nested twice at most, every key used at one place only."""
    leaf = st.sampled_from(["rule", "query", "approval", "question", "letter", "message", "together"])
    shape = st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.just("loop"), st.lists(inner, min_size=1, max_size=2)),
            st.tuples(st.just("choose"), st.lists(inner, max_size=2), st.lists(inner, max_size=2)),
        ),
        max_leaves=6,
    )
    return st.lists(shape, min_size=1, max_size=5).map(_name_all)


def _name_all(shapes: Sequence[Any]) -> tuple[Step, ...]:
    counter = iter(range(10_000))

    def name(shape: Any) -> Step:
        number = next(counter)
        if isinstance(shape, str):
            return Step(shape, f"{shape}-{number}")
        kind, *branches = shape
        return Step(kind, f"{kind}-{number}", tuple(tuple(map(name, branch)) for branch in branches))

    return (*map(name, shapes), Step("number", "registration-number"))


def procedure_of(program: Sequence[Step], rates: Rates) -> Callable[[CaseFile], str]:
    """Return the procedure that runs `program`; its rules read `rates`, which the tests edit meanwhile."""

    def procedure(case: CaseFile) -> str:
        _run(case, program, rates)
        return "finished"

    return procedure


def _run(case: CaseFile, program: Sequence[Step], rates: Rates) -> None:
    for step in program:
        RUN[step.kind](case, step, rates)


def _loop(case: CaseFile, step: Step, rates: Rates) -> None:
    while True:
        _run(case, step.body[0], rates)
        decided = case.wait(approval_wait(step.key, by="registrar", outcomes=CHOICES))
        if decided.result["outcome"] != "again":
            return


def _choose(case: CaseFile, step: Step, rates: Rates) -> None:
    entry = case.wait(approval_wait(step.key, by="registrar", outcomes=CHOICES))
    _run(case, step.body[0 if entry.result["outcome"] == "left" else 1], rates)


def _together(case: CaseFile, step: Step, _rates: Rates) -> None:
    together(
        case,
        question_wait(f"{step.key}-a", "Why?", within=working_hours(8)),
        approval_wait(f"{step.key}-b", by="registrar", outcomes=CHOICES),
        enough=lambda done: any(entry.status is StepStatus.NO_ANSWER for entry in done),
    )


RUN: Mapping[str, Callable[[CaseFile, Step, Rates], Any]] = {
    "rule": lambda case, step, rates: assess(
        case, step.key, lambda case: {"rate": rates["rate"], "now": case.now.isoformat()}
    ),
    "query": lambda case, step, _rates: case.query(step.key, "likely-duplicates", asked_of(likeness())),
    "approval": lambda case, step, _rates: case.wait(
        approval_wait(step.key, by="registrar", outcomes=CHOICES, shows={"now": case.now.isoformat()})
    ),
    "question": lambda case, step, _rates: case.wait(
        question_wait(step.key, "Why?", within=working_hours(8))
    ),
    "letter": lambda case, step, _rates: letter(case, step.key, {"now": case.now.isoformat()}),
    "message": lambda case, step, _rates: message(case, step.key, to="+6799000000"),
    "number": lambda case, step, _rates: allot_number(case, step.key, year=2026),
    "together": _together,
    "loop": _loop,
    "choose": _choose,
}


@dataclass(frozen=True)
class Reply:
    """What somebody does with a wait: an outcome, an answer, or silence (text None)."""

    outcome: str
    text: str | None
    rate: int  # what the rate is edited to just before


def replies() -> st.SearchStrategy[list[Reply]]:
    """Replies to be used in turn; after the last one, every loop is left."""
    one = st.builds(
        Reply,
        st.sampled_from(["left", "right", "again"]),
        st.one_of(st.none(), st.sampled_from(["Because", "मालूम नहीं"])),
        st.integers(0, 9),
    )
    return st.lists(one, max_size=8)


def reply_number(replies: Sequence[Reply], number: int) -> Reply:
    """The reply to the `number`-th wait that is dealt with."""
    return replies[number] if number < len(replies) else Reply("left", "Yes", number % 10)


class Oracle(CaseFile):
    """Runs a procedure in one go: each wait is dealt with on the spot, and nothing is ever replayed.

    pace: the time from one wait dealt with to the next.
    """

    def __init__(
        self, replies: Sequence[Reply], rates: Rates, pace: timedelta = timedelta(minutes=1)
    ) -> None:
        super().__init__(
            reference="TEST",
            service="birth-registration",
            answers=Answers({"child_name": "Ana"}),
            language="en",
            office="suva",
            channel="web",
            received_at=RECEIVED,
        )
        self.journal: dict[str, tuple[str, str, Any]] = {}
        self._replies = replies
        self._rates = rates
        self._dealt_with = 0
        self._clock = RECEIVED
        self._pace = pace
        self._visited: dict[str, int] = {}

    def _key(self, base: str) -> str:
        visit = self._visited[base] = self._visited.get(base, 0) + 1
        return base if visit == 1 else f"{base}#{visit}"

    def record(self, key: str, kind: StepKind, compute: Callable[[], Any]) -> Any:
        result = compute()
        self.journal[self._key(key)] = (kind, "done", result)
        return result

    def query(self, key: str, name: str, params: Mapping[str, Any]) -> Any:
        self.journal[self._key(key)] = ("query", "done", [])
        return []

    def effect(self, key: str, kind: StepKind, payload: Mapping[str, Any]) -> None:
        self.journal[self._key(key)] = (kind, "done", None)

    def number(self, key: str, year: int) -> str:
        self.journal[self._key(key)] = ("number", "done", "2026/SUV/000001")
        return "2026/SUV/000001"

    def wait_all(
        self, waits: Sequence[Wait], enough: Callable[[Sequence[Entry]], bool] | None = None
    ) -> list[Entry]:
        keys = [self._key(wait.key) for wait in waits]
        entries: dict[str, Entry] = {}
        for wait, key in zip(waits, keys, strict=True):
            if entries and enough and enough(list(entries.values())):
                entries[key] = Entry(key, wait.kind, StepStatus.CANCELLED)
            else:
                entries[key] = self._deal_with(wait, key)
            entry = entries[key]
            self.journal[key] = (wait.kind, entry.status, entry.result)
        return [entries[key] for key in keys]

    def _deal_with(self, wait: Wait, key: str) -> Entry:
        reply = reply_number(self._replies, self._dealt_with)
        self._dealt_with += 1
        self._clock += self._pace
        self._rates["rate"] = reply.rate
        status, result = outcome_of(wait.kind, reply)
        at = self._clock
        self.now = max(self.now, at)
        return Entry(key, wait.kind, status, at, result)


def outcome_of(kind: StepKind, reply: Reply) -> tuple[StepStatus, Any]:
    """What a wait of this kind becomes by this reply: its status and result."""
    if kind is StepKind.APPROVAL:
        return StepStatus.DONE, {"outcome": reply.outcome, "by_name": "M", "by_role": "registrar"}
    if reply.text is None:
        return StepStatus.NO_ANSWER, None
    return StepStatus.DONE, {"text": reply.text}
