"""A birth to register: answers as the form returns them, and getting them into a database."""

from __future__ import annotations

import random
from datetime import datetime
from functools import cache
from typing import Any

from cases.actions import Application, Submitted, new_reference, submit
from cases.db import Database
from cases.likeness import row_of
from cases.permissions import SYSTEM
from cases.transaction import carry_out
from cases.vocabulary import Channel
from config.likeness import Likeness
from config.services import SERVICES_FOLDER, load_service
from tests.conftest import NOW

ANSWERS: dict[str, Any] = {
    "child_name": "Losalini Tikoisuva",
    "child_sex": "female",
    "child_birth_date": "2026-04-20",
    "birth_place_kind": "hospital",
    "birth_facility": "Colonial War Memorial Hospital",
    "birth_province": "Naitasiri",
    "birth_type": "single",
    "birth_weight_grams": 3120,
    "attendant": "midwife",
    "mother_name": "Ana Tikoisuva",
    "mother_birth_date": "1996-02-11",
    "mother_nationality": "FJ",
    "mother_province": "Naitasiri",
    "mother_village": "Vunidawa",
    "mother_marital_status": "married",
    "mother_education": "secondary",
    "mother_occupation": "teacher",
    "mother_previous_births": 1,
    "father_known": True,
    "father_name": "Josaia Tikoisuva",
    "father_birth_date": "1993-08-30",
    "father_on_notification": True,
    "paternity_declaration": False,
    "itaukei": True,
    "vkb_number": "VKB-1234567",
    "notification_number": "NOB-2026-123456",
    "informant_relationship": "mother",
    "informant_name": "Ana Tikoisuva",
    "informant_phone": "+6799012345",
    "informant_email": None,
    "language": "en",
    "reason_for_delay": None,
    "documents": ["photo_id", "notification", "vkb"],
}


SYLLABLES = [a + b for a in ("k", "l", "m", "n", "r", "s", "t", "v", "d", "g") for b in "aeiou"]


def family(token: str) -> dict[str, str]:
    """Return names and days of a family that is like no other, always the same for one `token`.

    Many births in one database must differ, else each is a likely duplicate of all the others.
    """
    chance = random.Random(token)

    def name() -> str:
        return "".join(chance.choice(SYLLABLES) for _ in range(4)).capitalize()

    surname = name()
    return {
        "child_name": f"{name()} {surname}",
        "mother_name": f"{name()} {surname}",
        "mother_birth_date": f"{chance.randrange(1980, 2006)}-{chance.randrange(1, 13):02d}-11",
        "father_name": f"{name()} {surname}",
        "notification_number": f"NOB-2026-{chance.randrange(10**6):06d}",
    }


def application(
    *,
    received_at: datetime = NOW,
    office: str = "suva",
    client_key: str | None = None,
    external_id: str | None = None,
    **changes: Any,
) -> Application:
    """A birth registration as it would be submitted; `changes` replace answers."""
    answers = ANSWERS | changes
    number = answers["notification_number"]
    return Application(
        service="birth-registration",
        form_version=1,
        answers=answers,
        language=answers["language"],
        channel=Channel.WEB,
        office=office,
        received_at=received_at,
        reference=new_reference("birth-registration"),
        match={"notification": number.casefold()} if number else {},
        likeness=row_of(likeness(), answers),
        client_key=client_key,
        external_id=external_id,
    )


@cache
def likeness() -> Likeness:
    """By which answers of a birth registration other cases are found."""
    found = load_service(SERVICES_FOLDER / "birth_registration.toml").likeness
    assert found is not None
    return found


def submit_birth(db: Database, **named: Any) -> Submitted:
    """Submit a birth registration and return the case."""
    return carry_out(db, submit, application(**named), actor=SYSTEM, now=named.get("received_at", NOW))
