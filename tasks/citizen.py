"""A question to the citizen, which comes back with an answer or with none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.journal import CaseFile, Entry, Wait
from cases.vocabulary import StepKind, StepStatus
from config.budget import Budget


@dataclass(frozen=True, slots=True)
class Answer:
    """What the citizen answered, and when. documents: {"id", "name"} of each that came with it."""

    text: str
    at: datetime
    documents: Sequence[Mapping[str, Any]] = ()

    @property
    def shown(self) -> dict[str, Any]:
        """The answer as an officer is shown it."""
        shown: dict[str, Any] = {"answer": self.text, "at": self.at.isoformat()}
        return shown | ({"documents": list(self.documents)} if self.documents else {})


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The time for an answer ran out. Decides nothing: the procedure says what follows."""

    at: datetime

    @property
    def shown(self) -> dict[str, str]:
        """The silence as an officer is shown it."""
        return {"no_answer": self.at.isoformat()}


def ask_citizen(case: CaseFile, key: str, question: str, *, within: Budget) -> Answer | NoAnswer:
    """Ask the citizen `question`; return the answer, or NoAnswer when `within` has run out."""
    return as_answer(case.wait(question_wait(key, question, within=within)))


def question_wait(key: str, question: str, *, within: Budget | None) -> Wait:
    """Return the wait of a question to the citizen, for use in `together`."""
    return Wait(key, StepKind.QUESTION, shows={"question": question}, within=within)


def as_answer(entry: Entry) -> Answer | NoAnswer:
    """Return the answer that a finished question holds."""
    assert entry.done_at is not None, "a finished entry has its instant"
    if entry.status is StepStatus.DONE:
        return Answer(entry.result["text"], entry.done_at, entry.result.get("documents", ()))
    return NoAnswer(entry.done_at)
