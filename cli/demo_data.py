"""Made-up applications for a demonstration, so that the inbox is alive on the first page.

All names are put together from common given names and surnames by a generator with a fixed seed: no real
person is meant. The applications go through the form like any other. Births are made here; other services
bring theirs in files (cli/demo_files.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

from cases.db import Database
from cases.people import add_staff, has_demo_staff
from cases.permissions import SYSTEM
from cli.demo_files import file_lines
from cli.import_file import import_lines
from cli.import_lines import Checker, Line
from config.demo import accounts, demo_password
from config.places import load_places
from config.services import load_services
from forms.compiler import load_forms

APPLICATIONS = 40
SEED = 20
ITAUKEI = {
    "female": ("Litia", "Mereani", "Salote", "Unaisi", "Vasiti", "Kelera", "Laite", "Losana"),
    "male": ("Epeli", "Jone", "Manoa", "Semi", "Tevita", "Viliame", "Apenisa", "Meli"),
    "surname": ("Vakatawa", "Naulu", "Cokanasiga", "Tawake", "Tuilawa", "Nabobo", "Waqa", "Bola"),
}
INDO_FIJIAN = {
    "female": ("Priya", "Shalini", "Anjali", "Reshma", "Kavita", "Sunita", "Nisha", "Pooja"),
    "male": ("Rohit", "Vikash", "Sanjay", "Amit", "Praveen", "Nitesh", "Arvind", "Deepak"),
    "surname": ("Chand", "Lal", "Narayan", "Reddy", "Sharma", "Prakash", "Gounder", "Nair"),
}
PLACES = (  # office, province, hospital, how often
    ("suva", "Rewa", "Colonial War Memorial Hospital", 9),
    ("lautoka", "Ba", "Lautoka Hospital", 6),
    ("labasa", "Macuata", "Labasa Hospital", 3),
    ("sigatoka", "Nadroga-Navosa", "Sigatoka Hospital", 1),
    ("savusavu", "Cakaudrove", "Savusavu Hospital", 1),
)
VILLAGES = ("Nadera", "Vatuwaqa", "Drasa", "Waiyavi", "Tabia", "Naselai", "Korotogo", "Vunidawa")
AGES = ((0, 4, 7, 30, 80), (80, 6, 4, 5, 5))  # of the children in months, and how often
DELAYS = (
    "We live far from the office.",
    "The father was at sea.",
    "We did not know.",
    "The boat was not running.",
)
TWICE = 13  # every so many, the application before comes once more
WORK = ("teacher", "nurse", "farmer", "market vendor", "home duties", "driver", None)


def load_demo(db: Database, place: str, *, now: datetime) -> int:
    """Load accounts and applications into a demonstration that has none yet; return how many applications.

    They were received during the three weeks before `now`, so that some are late.
    """
    with db.read() as connection:
        if has_demo_staff(connection):
            return 0
    places, services, forms = load_places(place), load_services(), load_forms()
    checker = Checker(services, forms, places.offices, now=now)
    lines = chain(demo_lines(APPLICATIONS, now=now), file_lines(now=now, first=APPLICATIONS + 1))
    report = import_lines(db, checker, lines, actor=SYSTEM, now=now)
    assert not report.errors, f"the made-up applications must be good: {report.errors}"
    _add_accounts(db, now)  # last, so that a start that was cut short begins again
    return report.imported


def _add_accounts(db: Database, now: datetime) -> None:
    with db.write() as connection:
        for account in accounts():
            add_staff(
                connection,
                username=account.username,
                name=account.name,
                role=account.role,
                office=account.office,
                password=demo_password(account.username),
                now=now,
                demo=True,
            )


def demo_lines(count: int, *, now: datetime, seed: int = SEED) -> Iterator[Line]:
    """Yield `count` good lines of an import file. The same seed gives the same families."""
    random = Random(seed)
    line: dict[str, Any] = {}
    for number in range(1, count + 1):
        if number % TWICE == 0:
            line = _once_more(line, number)
        else:
            line = _application(random, number, now - timedelta(minutes=random.randrange(60, 21 * 24 * 60)))
        yield Line(number, json.dumps(line).encode())


def _once_more(line: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return an application about the same birth, by somebody who spells a little otherwise."""
    answers = line["answers"]
    spelt = answers["mother_name"].replace("sh", "s").replace("Li", "Le")
    other = answers | {"mother_name": spelt, "informant_name": spelt, "notification_number": None}
    return {**line, "external_id": f"DEMO-{number:05d}", "channel": "web", "answers": other}


def _application(random: Random, number: int, received_at: datetime) -> dict[str, Any]:
    office, province, hospital, _ = random.choices(PLACES, [place[3] for place in PLACES])[0]
    return {
        "external_id": f"DEMO-{number:05d}",
        "service": "birth-registration",
        "received_at": f"{received_at:%Y-%m-%dT%H:%M:%SZ}",
        "channel": random.choice(("counter", "counter", "web", "centre", "outreach")),
        "office": office,
        "answers": _answers(random, received_at, province, hospital),
    }


def _answers(random: Random, received_at: datetime, province: str, hospital: str) -> dict[str, Any]:
    itaukei = random.random() < 0.6
    names = ITAUKEI if itaukei else INDO_FIJIAN
    sex = random.choice(("female", "male"))
    surname = random.choice(names["surname"])
    months = random.choices(*AGES)[0]
    born = received_at - timedelta(days=months * 30 + random.randrange(2, 40))
    mother = f"{random.choice(names['female'])} {random.choice(names['surname'])}"
    at_home = random.random() < 0.1
    has_paper = not at_home and random.random() < 0.85
    return {
        "child_name": f"{random.choice(names[sex])} {surname}",
        "child_sex": sex,
        "child_birth_date": f"{born:%Y-%m-%d}",
        "birth_place_kind": "home" if at_home else "hospital",
        "birth_facility": None if at_home else hospital,
        "birth_province": province,
        "birth_type": "single",
        "birth_weight_grams": random.randrange(240, 420) * 10,
        "attendant": "midwife" if at_home else random.choice(("doctor", "midwife", "nurse")),
        **_parents(random, born, mother, province, names, surname),
        "itaukei": itaukei,
        "vkb_number": f"VKB-{random.randrange(10**6, 10**7)}" if itaukei else None,
        "notification_number": f"NOB-{born.year}-{random.randrange(10**5, 10**6)}" if has_paper else None,
        "informant_relationship": "mother",
        "informant_name": mother,
        "informant_phone": f"{random.randrange(700, 1000)} {random.randrange(1000, 10000)}",
        "informant_email": None,
        "language": random.choice(("en", "en", "fj")) if itaukei else random.choice(("en", "en", "hif")),
        "reason_for_delay": random.choice(DELAYS) if months else None,
        "documents": [
            "photo_id",
            *(["notification"] if has_paper else []),
            *(["declaration"] if months else []),
            *(["school_confirmation"] if months > 60 else []),
        ],
    }


def _parents(
    random: Random,
    born: datetime,
    mother: str,
    province: str,
    names: Mapping[str, tuple[str, ...]],
    surname: str,
) -> dict[str, Any]:
    def birth_date() -> str:
        return f"{born - timedelta(days=random.randrange(19 * 365, 40 * 365)):%Y-%m-%d}"

    return {
        "mother_name": mother,
        "mother_birth_date": birth_date(),
        "mother_nationality": "FJ",
        "mother_province": province,
        "mother_village": random.choice(VILLAGES),
        "mother_marital_status": random.choice(("married", "married", "de_facto")),
        "mother_education": random.choice(("primary", "secondary", "secondary", "tertiary")),
        "mother_occupation": random.choice(WORK),
        "mother_previous_births": random.randrange(0, 4),
        "father_known": True,
        "father_name": f"{random.choice(names['male'])} {surname}",
        "father_birth_date": birth_date(),
        "father_on_notification": (on_paper := random.random() < 0.9),
        "paternity_declaration": False if on_paper else random.random() < 0.4,
    }
