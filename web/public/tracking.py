"""An application as its applicant sees it: what has happened, who has it now, what comes next and by when.

Made from the rows of the case in the words of the service's steps, outcomes and milestones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from cases.payments import PAID
from cases.reading import WholeCase
from cases.vocabulary import CaseStatus, LetterStatus, StepKind, StepStatus
from config.services import Milestone, ServiceConfig
from config.steps import Basis, Turn
from config.words import Words


@dataclass(frozen=True)
class Happened:
    """Something that has happened, and when."""

    words: Words
    at: datetime


@dataclass(frozen=True)
class Question:
    """A question waiting for the applicant. `expires_at`: when it comes back unanswered (None: never)."""

    step_id: int
    key: str
    text: str
    expires_at: datetime | None


@dataclass(frozen=True)
class Confirmation:
    """The applicant is asked whether what was decided has arrived: a letter or, with `money`, a payment.
    `choose`: the button in the service's words, None where it has none."""

    step_id: int
    key: str
    choose: Words | None
    money: bool


@dataclass(frozen=True)
class Ready:
    """A letter that can be downloaded, and how it left the office (None: it hasn't) and when."""

    id: int
    title: Words
    issued_at: datetime
    size: int
    delivery: str | None
    delivered_at: datetime | None


@dataclass(frozen=True)
class Tracked:
    """The application. `title` and `about` say where it stands, and `since` since when if that isn't told by
    what `happened`; `with_role` is who has it (None: the applicant, or nobody) and `facility` the key of the
    facility that was asked, for whose answer it waits until `waits_until`; `your_turn` says that it
    waits for something the applicant does elsewhere; `due_at` is by when, and `due_step` which
    step that is about; `statutory` whether a law says so; `later` are the stages to come; `decided` says that
    nothing can be added or taken back any more;
    `making_letter` that a letter is on its way; `closed_at` is None while it is open; `review` is the service
    by which the applicant can have the decision reviewed, or None."""

    title: Words
    about: Words
    since: datetime | None
    happened: Sequence[Happened]
    with_role: str | None
    facility: str | None
    waits_until: datetime | None
    your_turn: bool
    due_at: datetime | None
    due_step: int | None
    statutory: bool
    later: Sequence[Milestone]
    question: Question | None
    confirmation: Confirmation | None
    decided: bool
    letters: Sequence[Ready]
    making_letter: bool
    closed_at: datetime | None
    review: str | None


_ENDED_BY_WORD = {StepKind.QUESTION: "answered", StepKind.CONFIRMATION: "confirmed"}
_ASKED_OUTSIDE = (StepKind.QUESTION, StepKind.FACILITY)
_ON_ITS_WAY = (LetterStatus.PENDING, LetterStatus.RENDERING)


def base_key(key: str) -> str:
    """Return a step's key without the number of the visit: `review` for `review#2`."""
    return key.partition("#")[0]


def track(config: ServiceConfig, whole: WholeCase) -> Tracked:
    """Return what an applicant is told about a case."""
    case = whole.case
    waits = [entry for entry in whole.in_force if entry.status == StepStatus.OPEN]
    reached = list(_reached(config, whole))
    current = _current(config, whole.in_force, waits, reached)
    ended = config.outcomes.get(case.outcome) if case.status == CaseStatus.CLOSED else None
    title = ended.title if ended else current.title
    happened = _happened(config, whole)
    asked = next((entry for entry in waits if entry.kind == StepKind.QUESTION), None)
    officer = None if asked else next((entry for entry in waits if entry.role is not None), None)
    your_turn = officer is not None and _is_applicants_turn(config, officer.key)
    if your_turn:
        officer = None
    facility = next((entry for entry in waits if entry.kind == StepKind.FACILITY), None)
    dated = officer if officer and officer is not facility else None
    return Tracked(
        title=title,
        about=ended.about if ended else current.about,
        since=case.closed_at or next((event.at for event in happened if event.words == title), None),
        happened=[event for event in happened if event.words != title],
        with_role=officer.role if officer else None,
        facility=facility.office if facility else None,
        waits_until=facility.expires_at if facility else None,
        your_turn=your_turn,
        due_at=dated.due_at if dated else None,
        due_step=dated.id if dated else None,
        statutory=officer is not None and _is_statutory(config, officer.key),
        later=[] if ended else _later(config, reached, current),
        question=_question(asked),
        confirmation=_confirmation(config, whole, waits),
        decided=ended is not None or _is_carried_out(whole, waits),
        letters=_ready(config, whole),
        making_letter=any(letter.status in _ON_ITS_WAY for letter in whole.letters),
        closed_at=case.closed_at,
        review=_review(config, case),
    )


def _is_carried_out(whole: WholeCase, waits: Sequence[Any]) -> bool:
    """Whether what was decided is being done already: money is ordered, or only its arrival is waited for."""
    ordered = any(entry.kind == StepKind.PAYMENT for entry in whole.in_force)
    return ordered or any(entry.kind == StepKind.CONFIRMATION for entry in waits)


def _review(config: ServiceConfig, case: Any) -> str | None:
    closed_so = case.outcome if case.status == CaseStatus.CLOSED else None
    review = config.review
    return review.service if review is not None and closed_so in review.outcomes else None


def _current(
    config: ServiceConfig, entries: Sequence[Any], waits: Sequence[Any], reached: Sequence[str]
) -> Milestone:
    """Return the stage a case is in: that of what it waits for, else the latest it reached, but for those
    in which something was waited for that has come by now."""
    by_key = {milestone.key: milestone for milestone in config.milestones}
    questions_first = sorted(waits, key=lambda entry: entry.kind != StepKind.QUESTION)
    for entry in questions_first:
        step = config.steps.get(base_key(entry.key))
        if step is not None and step.milestone is not None:
            return by_key[step.milestone]
    over = {
        step.milestone
        for entry in entries
        if entry.status != StepStatus.OPEN and (step := config.steps.get(base_key(entry.key)))
        if entry.kind in _ASKED_OUTSIDE or step.turn is Turn.APPLICANT
    }
    return by_key[next((key for key in reversed(reached) if key not in over), reached[0])]


def _reached(config: ServiceConfig, whole: WholeCase) -> Iterator[str]:
    includes = {milestone.key: milestone.includes for milestone in config.milestones}
    yield config.milestones[0].key
    for entry in whole.in_force:
        step = config.steps.get(base_key(entry.key))
        if step is None:
            continue
        done = entry.status == StepStatus.DONE
        if entry.kind == StepKind.LETTER:
            done = any(_is_issue_of(letter, entry) for letter in whole.letters)
        for key in step.milestones_reached(done=done, outcome=_outcome(entry)):
            yield from (*includes[key], key)


def _is_issue_of(letter: Any, entry: Any) -> bool:
    same = (letter.generation, letter.key) == (entry.generation, entry.key)
    return same and letter.status == LetterStatus.ISSUED


def valid_letters(whole: WholeCase) -> list[Any]:
    """Return the issued letters whose decision stands: not those of before a rewind."""
    return [
        letter for letter in whole.letters if any(_is_issue_of(letter, entry) for entry in whole.in_force)
    ]


def _outcome(entry: Any) -> str | None:
    if entry.status == StepStatus.NO_ANSWER:
        return "no-answer"
    if entry.status != StepStatus.DONE:
        return None
    if entry.kind in _ENDED_BY_WORD:
        return _ENDED_BY_WORD[entry.kind]
    if entry.kind == StepKind.RECHECK:
        return "found" if entry.result else None
    outcome = entry.result.get("outcome") if isinstance(entry.result, dict) else None
    return outcome if isinstance(outcome, str) else None


def _happened(config: ServiceConfig, whole: WholeCase) -> list[Happened]:
    """Return what has happened, in the order of time, as far as the service has words for it; the same one
    time after another is told once, the last time."""
    found = [Happened(config.milestones[0].title, whole.case.received_at)]
    for entry in whole.in_force:
        step = config.steps.get(base_key(entry.key))
        outcome = step.outcomes.get(_outcome(entry) or "") if step else None
        if outcome is not None and entry.done_at is not None:
            found.append(Happened(outcome.done, entry.done_at))
    for letter in valid_letters(whole):
        step = config.steps.get(base_key(letter.key))
        if step is not None:
            stage = next((m for m in config.milestones if m.key == step.milestone), None)
            found.append(Happened(stage.title if stage else step.title, letter.issued_at))
    found.sort(key=lambda event: event.at)
    return [
        event for event, after in zip_longest(found, found[1:]) if after is None or event.words != after.words
    ]


def _later(config: ServiceConfig, reached: Sequence[str], current: Milestone) -> list[Milestone]:
    shown = config.milestones_shown(reached, None)
    return [stage for stage in shown if stage.key not in reached and stage.key != current.key]


def _is_statutory(config: ServiceConfig, key: str) -> bool:
    step = config.steps.get(base_key(key))
    return step is not None and step.sla is not None and step.sla.basis is Basis.STATUTORY


def _is_applicants_turn(config: ServiceConfig, key: str) -> bool:
    step = config.steps.get(base_key(key))
    return step is not None and step.turn is Turn.APPLICANT


def _confirmation(config: ServiceConfig, whole: WholeCase, waits: Sequence[Any]) -> Confirmation | None:
    """Return what is asked about the arrival of a letter or of money; None before the letter is made or the
    money paid, since then it can't have arrived."""
    entry = next((entry for entry in waits if entry.kind == StepKind.CONFIRMATION), None)
    if entry is None or not _was_sent(whole, entry.shows or {}):
        return None
    key = base_key(entry.key)
    step = config.steps.get(key)
    outcome = step.outcomes.get("confirmed") if step else None
    return Confirmation(entry.id, key, outcome.choose if outcome else None, "payment" in entry.shows)


def _was_sent(whole: WholeCase, about: Mapping[str, str]) -> bool:
    if "payment" in about:
        paid = [entry for entry in whole.in_force if entry.kind == StepKind.PAYMENT]
        return any(base_key(entry.key) == about["payment"] and _outcome(entry) == PAID for entry in paid)
    return about.get("letter") in {base_key(letter.key) for letter in valid_letters(whole)}


def _question(entry: Any) -> Question | None:
    if entry is None:
        return None
    return Question(entry.id, base_key(entry.key), (entry.shows or {}).get("question", ""), entry.expires_at)


def _ready(config: ServiceConfig, whole: WholeCase) -> list[Ready]:
    return [
        Ready(
            letter.id,
            config.steps[base_key(letter.key)].title,
            letter.issued_at,
            letter.size,
            letter.delivery,
            letter.delivered_at,
        )
        for letter in valid_letters(whole)
    ]
