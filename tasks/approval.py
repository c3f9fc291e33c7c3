"""A human approval: an officer with a role decides between named outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.journal import CaseFile, Entry, Wait
from cases.vocabulary import StepKind


@dataclass(frozen=True, slots=True)
class Choice:
    """An outcome that an officer may choose.

    needs: what must come with it. "grounds": an adverse outcome, with a ground for every criterion it rests
    on; "criteria": a favourable one, of which every criterion shown is met; "reasons": an adverse outcome of
    a step that shows no criteria; "question"; or "" for nothing.
    form: the name of a task form, forms/<service>/<form>.yaml, that the officer fills in with it, or "".
    refers_to: the field of that form which names another case, or "": it is checked that the case exists.
    """

    key: str
    needs: str = ""
    form: str = ""
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer decided. `reasons` are {"key", "text"} mappings in order, `grounds` {"criterion",
    "text"}, `overrides` {"criterion", "to", "text"}.

    by_name and by_role: as the officer was called on that day, for the letter. details: the answers of the
    task form, by field.
    """

    outcome: str
    by: str
    by_name: str
    by_role: str
    at: datetime
    reasons: Sequence[Mapping[str, str]] = ()
    question: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    grounds: Sequence[Mapping[str, str]] = ()
    overrides: Sequence[Mapping[str, str]] = ()

    def chose(self, *choices: Choice) -> bool:
        """Whether one of these outcomes was chosen."""
        return self.outcome in [choice.key for choice in choices]

    @property
    def shown(self) -> dict[str, Any]:
        """The decision as a later officer is shown it."""
        shown: dict[str, Any] = {
            "outcome": self.outcome,
            "by_name": self.by_name,
            "at": self.at.isoformat(),
            "details": dict(self.details),
        }
        shown |= {"overrides": list(self.overrides)} if self.overrides else {}
        shown |= {"grounds": list(self.grounds)} if self.grounds else {}
        return shown | ({"note": self.note} if self.note else {})


def approval(
    case: CaseFile,
    key: str,
    *,
    by: str,
    outcomes: Sequence[Choice],
    shows: Mapping[str, Any] | None = None,
    criteria: Sequence[Mapping[str, Any]] | None = None,
    not_by: Sequence[str] = (),
    urgent: str | None = None,
) -> Decision:
    """Return the decision of an officer with role `by`; the case waits until there is one.

    shows: results of earlier steps that the officer sees; their digest is kept with the task, so that
    a decision belongs to the evidence that was seen.
    criteria: what it is decided on (`assess_criteria`, `decided_criteria`), kept as shows["criteria"].
    not_by: usernames (`Decision.by`) of officers who took part earlier and may not decide this.
    urgent: why the task goes before all others in the inbox, one of the service's [phrases]; or None.
    Raises LookupError for a phrase there isn't.
    """
    if urgent is not None and urgent not in case.config.phrases:
        raise LookupError(f"the service {case.service} has no phrase {urgent!r}")
    wait = approval_wait(
        key, by=by, outcomes=outcomes, shows=shows, criteria=criteria, not_by=not_by, urgent=urgent
    )
    return as_decision(case.wait(wait))


def approval_wait(
    key: str,
    *,
    by: str,
    outcomes: Sequence[Choice],
    shows: Mapping[str, Any] | None = None,
    criteria: Sequence[Mapping[str, Any]] | None = None,
    not_by: Sequence[str] = (),
    urgent: str | None = None,
) -> Wait:
    """Return the wait of an approval, for use in `together`."""
    if criteria is not None:
        shows = {**(shows or {}), "criteria": list(criteria)}
    return Wait(
        key,
        StepKind.APPROVAL,
        role=by,
        outcomes=offer(outcomes),
        shows=shows or {},
        not_by=tuple(not_by),
        urgent=urgent,
    )


def offer(outcomes: Sequence[Choice]) -> tuple[Mapping[str, str], ...]:
    """Return the outcomes as the journal keeps them."""
    return tuple(
        {"key": choice.key, "needs": choice.needs}
        | ({"form": choice.form} if choice.form else {})
        | ({"refers_to": choice.refers_to} if choice.refers_to else {})
        for choice in outcomes
    )


def as_decision(entry: Entry) -> Decision:
    """Return the decision that a finished approval holds."""
    result = entry.result
    assert entry.done_at is not None, "a finished entry has its instant"
    return Decision(
        outcome=result["outcome"],
        by=entry.done_by or "",
        by_name=result["by_name"],
        by_role=result["by_role"],
        at=entry.done_at,
        reasons=result.get("reasons", ()),
        question=result.get("question"),
        note=result.get("note"),
        details=result.get("details", {}),
        grounds=result.get("grounds", ()),
        overrides=result.get("overrides", ()),
    )
