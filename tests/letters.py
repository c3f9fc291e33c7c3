"""Facts of letters, as the procedure of birth registration gives them."""

from __future__ import annotations

from datetime import date
from typing import Any

from flows.platform.rendering import RenderedLetter, render_letter

ADDRESS = "https://births.example.org/verify/3KD9XM2P7QRT"
ISSUED_ON = date(2026, 5, 12)

CERTIFICATE: dict[str, Any] = {
    "reference": "BR-7K3-M94-QX2",
    "office_name": "Suva",
    "demo": False,
    "registration_number": "2026/SUV/000123",
    "decided_on": "2026-05-12",
    "decided_by": {"name": "Mere Tukana", "role": "registrar"},
    "child_name": "Losalini Tikoisuva",
    "child_sex": "female",
    "child_birth_date": "2026-04-20",
    "birth_type": "single",
    "birth_place_kind": "hospital",
    "birth_facility": "Colonial War Memorial Hospital",
    "birth_province": "Naitasiri",
    "mother_name": "Ana Tikoisuva",
    "father_name": "Josaia Tikoisuva",
    "informant_name": "Ana Tikoisuva",
    "informant_relationship": "mother",
}
REFUSAL: dict[str, Any] = {
    name: CERTIFICATE[name]
    for name in (
        *("reference", "office_name", "demo", "decided_on", "decided_by", "child_name", "child_birth_date"),
        *("birth_place_kind", "birth_facility", "birth_province", "mother_name", "informant_name"),
    )
} | {
    "received_on": "2026-05-05",
    "reasons": [
        {"text": "No paper shows where the child was born.", "change": "A Notification of Birth."},
        {"text": "The photo shows another person.", "change": None},
    ],
    "notification_number": None,
    "documents": ["photo_id", "vkb"],
}
FACTS = {"birth_registration/certificate": CERTIFICATE, "birth_registration/refusal": REFUSAL}


def certificate(language: str = "en", **changes: Any) -> RenderedLetter:
    """Render the certificate; `changes` replace facts."""
    return render("birth_registration/certificate", language, **changes)


def refusal(language: str = "en", **changes: Any) -> RenderedLetter:
    """Render the refusal letter; `changes` replace facts."""
    return render("birth_registration/refusal", language, **changes)


def render(template: str, language: str = "en", **changes: Any) -> RenderedLetter:
    """Render any letter with the facts above; `changes` replace facts."""
    facts = FACTS[template] | changes
    return render_letter(template, facts, language=language, verify_url=ADDRESS, issued_on=ISSUED_ON)
