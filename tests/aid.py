"""Applications for help that name people in roles, of services that only tests have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.actions import Application, Submitted, new_reference, submit
from cases.db import Database
from cases.parties import rows_of, version_of
from cases.permissions import SYSTEM
from cases.transaction import carry_out
from cases.vocabulary import Channel
from config.parties import PartyRole
from tests.conftest import NOW

AID, ADVICE = "storm-aid", "legal-advice"


def role(key: str, *, group: str | None = None) -> PartyRole:
    """A role whose fields are called after it."""
    return PartyRole(key, f"{key}_name", f"{key}_born", f"{key}_number", group, {"en": key.title()})


PARTIES = {"applicant": role("applicant"), "member": role("member", group="household")}


def person(of: str, name: str | None, born: str | None = None, number: str | None = None) -> dict[str, Any]:
    """Answers that name one person in the role `of`."""
    return {f"{of}_name": name, f"{of}_born": born, f"{of}_number": number}


def apply(
    db: Database, answers: dict[str, Any], *, service: str = AID, received_at: datetime = NOW
) -> Submitted:
    """Submit an application with these answers."""
    application = Application(
        service=service,
        form_version=1,
        answers=answers,
        language="en",
        channel=Channel.WEB,
        office="suva",
        received_at=received_at,
        reference=new_reference(service),
        match={},
        likeness=None,
        parties=rows_of(PARTIES, answers),
        parties_version=version_of(PARTIES),
    )
    return carry_out(db, submit, application, actor=SYSTEM, now=received_at)
