"""Correct an entry in the register of births: what it says now, what it should say, and who decided so.

The entry is found by its registration number or by the reference of the application that made it. A registrar
corrects it, refuses with reasons, or asks. The former words stay in the register, with a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.journal import Answers, CaseFile
from cases.vocabulary import LinkKind
from config.budget import working_days
from flows.engine.service_flow import service_flow
from tasks.approval import Choice, Decision, approval
from tasks.citizen import ask_citizen
from tasks.criteria import (
    Assessed,
    Criterion,
    Fact,
    Finding,
    Source,
    assess_criteria,
    met,
    not_met,
    not_proven,
    shortfalls,
)
from tasks.dates import local_date
from tasks.entry import find_entry
from tasks.letter import letter
from tasks.link import link
from tasks.message import message
from tasks.reasons import reasons_in_words

CORRECT = Choice("correct", form="notation")
CORRECT_FOUND_BY_HAND = Choice("correct", form="notation-and-entry", refers_to="reference")
REFUSE = Choice("refuse", needs="grounds")
ASK = Choice("ask", needs="question")

OF_THE_ENTRY = ("child_name", "child_sex", "child_birth_date", "mother_name", "father_name")


@service_flow("birth-correction", version=1)
def birth_correction(case: CaseFile) -> str:
    """Return how the case ends: "corrected" or "refused"."""
    answers = case.answers
    entry = find_entry(
        case,
        "entry",
        service="birth-registration",
        number=_number(answers.entry_number),
        reference=_plain(answers.entry_reference) or None,
        shows=OF_THE_ENTRY,
    )
    criteria = assess_criteria(case, "criteria", CRITERIA, Evidence(answers, entry))
    asked: list[dict[str, Any]] = []
    while True:
        review = approval(
            case,
            "review",
            by="registrar",
            outcomes=(CORRECT if entry else CORRECT_FOUND_BY_HAND, REFUSE, ASK),
            shows={"entry": entry, "criteria": criteria, "asked": asked},
        )
        if not review.chose(ASK):
            break
        message(case, "question-message", to=_address(case))
        answer = ask_citizen(case, "evidence", review.question or "", within=working_days(20))
        asked.append({"question": review.question, **answer.shown})
    if review.chose(REFUSE):
        return refuse(case, review, criteria, asked)
    return correct(case, review, entry)


def correct(case: CaseFile, review: Decision, entry: Mapping[str, Any] | None) -> str:
    """Note the correction with the entry, and tell the family what it says now."""
    reference = entry["reference"] if entry else review.details["reference"]
    link(case, "correction-link", to=reference, kind=LinkKind.CORRECTION_OF)
    known = entry["facts"] if entry else {}
    changes = [
        {
            "item": change["item"],
            "was": known.get(change["item"], change["as_it_stands"]),
            "recorded": change["item"] in known,
            "is_now": change["should_be"],
        }
        for change in case.answers.corrections
    ]
    facts = _facts(case, review) | {
        "entry_number": entry["number"] if entry else None,
        "entry_reference": reference,
        "changes": changes,
        "notation": review.details["notation"],
    }
    letter(case, "correction", facts)
    message(case, "correction-message", to=_address(case))
    return "corrected"


def refuse(
    case: CaseFile, review: Decision, criteria: Sequence[Assessed], asked: Sequence[Mapping[str, Any]]
) -> str:
    """Tell whoever applied why the entry isn't corrected; nothing of what the entry says."""
    facts = _facts(case, review) | {
        "reasons": reasons_in_words(case, review),
        "criteria": shortfalls(case, criteria, review),
        "asked": asked,
        "corrections": case.answers.corrections,
    }
    letter(case, "refusal", facts)
    message(case, "refusal-message", to=_address(case))
    return "refused"


# -- criteria ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the criteria are judged on: the application, and the entry it names (None: there is none)."""

    answers: Answers
    entry: Mapping[str, Any] | None


def _entry_is_known(evidence: Evidence) -> Finding:
    named = evidence.answers.entry_number or evidence.answers.entry_reference
    fact = Fact("entry_named", named)
    return met(fact) if evidence.entry else not_met(fact)


def _entry_is_meant(evidence: Evidence) -> Finding | None:
    if evidence.entry is None:
        return None
    answers, entry = evidence.answers, evidence.entry["facts"]
    told = (Fact("child_name", answers.child_name), Fact("child_birth_date", answers.child_birth_date))
    same_name = _plain(answers.child_name) == _plain(entry["child_name"])
    same = same_name and answers.child_birth_date == entry["child_birth_date"]
    return met(*told) if same else not_met(*told)


def _applicant_may_ask(evidence: Evidence) -> Finding:
    relationship = evidence.answers.informant_relationship
    fact = Fact("informant_relationship", relationship)
    return met(fact) if relationship in ("self", "mother", "father") else not_proven(fact)


def _change_is_proven(evidence: Evidence) -> Finding:
    proofs = evidence.answers.proofs or []
    fact = Fact("proofs", proofs, Source.DOCUMENT)
    return met(fact) if proofs else not_proven(fact)


CRITERIA = (
    Criterion("entry-known", _entry_is_known),
    Criterion("entry-meant", _entry_is_meant),
    Criterion("applicant-may-ask", _applicant_may_ask),
    Criterion("change-proven", _change_is_proven),
)


# -- words ------------------------------------------------------------------------------------------


def _number(typed: str | None) -> str | None:
    """Return a registration number as it is printed, though spaces and leading noughts were left out."""
    *before, last = _plain(typed).split("/")
    return "/".join([*before, last.zfill(6)]) if before else None


def _plain(text: str | None) -> str:
    return "".join((text or "").split()).upper()


def _facts(case: CaseFile, decision: Decision) -> dict[str, Any]:
    return {
        "child_name": case.answers.child_name,
        "child_birth_date": case.answers.child_birth_date,
        "informant_name": case.answers.informant_name,
        "received_on": local_date(case, case.received_at).isoformat(),
        "decided_on": local_date(case, decision.at).isoformat(),
        "decided_by": {"name": decision.by_name, "role": decision.by_role},
    }


def _address(case: CaseFile) -> str | None:
    address: str | None = case.answers.informant_phone or case.answers.informant_email
    return address
