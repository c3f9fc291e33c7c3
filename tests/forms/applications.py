"""One good application to register a birth, and ways to spoil it."""

from datetime import UTC, datetime

from forms.form import Form

RECEIVED = datetime(2026, 5, 12, 1, 30, tzinfo=UTC)  # 13:30 in Fiji

GOOD: dict[str, object] = {
    "child_name": "Asenaca Cakau",
    "child_sex": "female",
    "child_birth_date": "2026-04-28",
    "birth_place_kind": "hospital",
    "birth_facility": "Labasa Hospital",
    "birth_province": "Macuata",
    "birth_type": "single",
    "birth_weight_grams": 2990,
    "attendant": "midwife",
    "mother_name": "Vani",
    "mother_birth_date": "1994-10-21",
    "mother_nationality": "FJ",
    "mother_province": "Nadroga-Navosa",
    "mother_village": "Naduri",
    "mother_marital_status": "de_facto",
    "mother_education": "tertiary",
    "mother_occupation": None,
    "mother_previous_births": 0,
    "father_known": True,
    "father_name": "Sakiusa Rokotui",
    "father_birth_date": "1993-05-15",
    "father_on_notification": False,
    "paternity_declaration": True,
    "itaukei": True,
    "vkb_number": "VKB-7560803",
    "notification_number": "NOB-2026-931835",
    "informant_relationship": "mother",
    "informant_name": "Vani",
    "informant_phone": "(679) 820-2453",
    "informant_email": None,
    "language": "en",
    "reason_for_delay": None,
    "documents": ["photo_id", "notification", "vkb"],
    "papers": [],
}


def application(**changes: object) -> dict[str, object]:
    """Return the good application with some answers changed."""
    return {**GOOD, **changes}


def wrong_fields(form: Form, received_at: datetime = RECEIVED, **changes: object) -> list[str | None]:
    """Return the fields with an error, of the good application with some answers changed."""
    checked = form.validate(application(**changes), received_at=received_at)
    return [error.field for error in checked.errors]
