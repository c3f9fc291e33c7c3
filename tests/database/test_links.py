"""Cases that have to do with each other are found from both ends."""

from __future__ import annotations

from sqlalchemy import insert, update

from cases.db import Database
from cases.links import Link, links_of
from cases.models import CaseLink, JournalEntry
from cases.vocabulary import LinkKind, StepKind
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import look, write_step


def test_a_link_is_read_from_both_cases_as_long_as_its_step_stands(db: Database) -> None:
    first, second = submit_birth(db), submit_birth(db)
    step = write_step(db, second.case_id, "duplicate-link", StepKind.LINK)
    row = {"case_id": second.case_id, "generation": 0, "key": "duplicate-link", "created_at": NOW}
    row |= {"kind": LinkKind.DUPLICATE_OF, "other_reference": first.reference}
    with db.write() as connection:
        connection.execute(insert(CaseLink).values(row))

    def read(case_id: int) -> list[Link]:
        case = look(db, case_id).case
        with db.read() as connection:
            return list(links_of(connection, case))

    common = ("birth-registration", "open", None)
    assert read(second.case_id) == [Link(LinkKind.DUPLICATE_OF, False, first.reference, *common)]
    assert read(first.case_id) == [Link(LinkKind.DUPLICATE_OF, True, second.reference, *common)]
    with db.write() as connection:
        connection.execute(update(JournalEntry).where(JournalEntry.id == step).values(cut_by=1))
    assert read(first.case_id) == []
