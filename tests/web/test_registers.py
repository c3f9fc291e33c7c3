"""An officer who chooses somebody of a register sees how full everybody is, as it is just then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from cases.models import Assignment
from cases.vocabulary import StepKind
from forms.compiler import FIJI, compile_form
from forms.model import Option
from tests.assigning import ANA, JONE, REGISTER, ROOM
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import open_task, write_step
from tests.web.site import SERVICE, Site, Visitor, words_of
from web.platform import EXTENSION

FORM = """\
service: birth-registration
version: 1
title: {en: Who}
pages:
  - id: who
    title: {en: Who}
    fields:
      - id: lawyer
        type: choice
        options_from: lawyers
        required: true
        label: {en: Lawyer}
        purpose: {en: To give it to them}
        errors: {required: {en: Choose somebody}}
"""


@pytest.fixture
def task(site: Site, tmp_path: Path) -> int:
    """The id of a task in which a lawyer is chosen; Jone has one case, all that he has room for."""
    (tmp_path / "who.yaml").write_text(FORM)
    people = {"lawyers": [Option(key, {"en": key.title()}) for key in ROOM]}
    form = compile_form(tmp_path / "who.yaml", people, FIJI, service=SERVICE)
    platform = site.app.extensions[EXTENSION]
    forms = {**platform.task_forms, (SERVICE, "who"): form}
    site.app.extensions[EXTENSION] = replace(platform, task_forms=forms, registers={"lawyers": REGISTER})
    case_id = submit_birth(site.db).case_id
    write_step(site.db, case_id, "taken", StepKind.ASSIGNMENT, result=True)
    place = {"case_id": case_id, "generation": 0, "key": "taken", "register": "lawyers", "holder": JONE}
    with site.db.write() as connection:
        connection.execute(insert(Assignment).values(place | {"capacity": 1, "taken_at": NOW}))
    return open_task(site.db, case_id, outcomes=[{"key": "give", "needs": "", "form": "who"}])


def test_everybody_is_offered_with_their_load(task: int, mere: Visitor) -> None:
    words = words_of(mere.get(f"/staff/tasks/{task}/decide/give"))
    assert "Ana-Vula, Central: 0 of 2" in words
    assert "Jone-Lal, Central: 1 of 1, full" in words


def test_who_is_chosen_is_kept_by_their_key(task: int, mere: Visitor, site: Site) -> None:
    address = f"/staff/tasks/{task}/decide/give"
    assert mere.send(address, {}).status_code == 422
    assert mere.send(address, {"lawyer": ANA}).status_code == 302
