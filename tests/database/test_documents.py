"""Documents that families send: with a draft, with an answer, later; once, and never a file too few."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from cases.audit import verify
from cases.db import Database
from cases.documents import (
    Added,
    StoredFile,
    add_to_case,
    answer,
    as_answer,
    clean_name,
    document_of_case,
    keep_with_answer,
    keep_with_draft,
    move_to_case,
    of_answer,
    of_case,
    of_draft,
    remove_from_answer,
    remove_from_draft,
)
from cases.errors import CaseClosed, NotAllowed, NotFound
from cases.files import FileKind, FileStore
from cases.models import Document, Draft
from cases.permissions import SYSTEM, Actor
from cases.revisions import withdraw
from cases.transaction import carry_out
from cases.vocabulary import EventKind
from config.uploads import LIMITS
from flows.platform.housekeeping import DRAFTS_KEPT, tidy, tidy_files
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.rows import look, look_at_step, open_question, open_task

DAY = timedelta(days=1)


def file(content: str, name: str = "photo.jpg") -> StoredFile:
    return StoredFile(name, "image/jpeg", sha256(content.encode()).hexdigest(), 1000, 1)


def begin(db: Database, token: str = "draft") -> str:
    row = {"token": token, "service": "birth-registration", "form_version": 1, "answers": {}}
    row |= {"client_key": token, "created_at": NOW, "updated_at": NOW}
    with db.write() as connection:
        connection.execute(insert(Draft).values(row))
    return token


def keep(db: Database, draft: str, *contents: str, field: str = "papers", most: int = 8) -> list[StoredFile]:
    with db.write() as connection:
        return keep_with_draft(
            connection,
            draft=draft,
            field=field,
            files=[file(content) for content in contents],
            most=most,
            by="citizen",
            now=NOW,
        )


def names(db: Database, draft: str) -> list[str]:
    with db.read() as connection:
        return [document.sha256 for document in of_draft(connection, draft)]


def sent(db: Database, case_id: int) -> list[str]:
    with db.read() as connection:
        return [document.sha256 for document in of_case(connection, case_id)]


def digests(*contents: str) -> list[str]:
    return [file(content).sha256 for content in contents]


# -- with a draft ----------------------------------------------------------------------------------


def test_files_stay_with_a_draft_in_the_order_they_were_added(db: Database) -> None:
    draft = begin(db)
    assert keep(db, draft, "b", "a") == []
    keep(db, draft, "c")
    assert names(db, draft) == digests("b", "a", "c")


def test_the_same_file_twice_is_one_document(db: Database) -> None:
    draft = begin(db)
    keep(db, draft, "a", "a")
    keep(db, draft, "a")
    assert names(db, draft) == digests("a")


def test_what_there_is_no_room_for_is_handed_back(db: Database) -> None:
    draft = begin(db)
    assert [left.sha256 for left in keep(db, draft, "a", "b", "c", most=2)] == digests("c")
    assert keep(db, draft, "a", most=2) == []


def test_a_removed_file_is_gone_and_can_be_added_again(db: Database) -> None:
    draft = begin(db)
    keep(db, draft, "a", "b")
    with db.write() as connection:
        first = of_draft(connection, draft)[0].id
        for _ in range(2):
            remove_from_draft(connection, draft=draft, document_id=first, now=NOW)
    assert names(db, draft) == digests("b")
    keep(db, draft, "a")
    assert names(db, draft) == digests("b", "a")


def test_nobody_removes_a_file_of_another_draft(db: Database) -> None:
    mine, theirs = begin(db, "mine"), begin(db, "theirs")
    keep(db, theirs, "a")
    with db.write() as connection:
        theirs_id = of_draft(connection, theirs)[0].id
        remove_from_draft(connection, draft=mine, document_id=theirs_id, now=NOW)
    assert names(db, theirs) == digests("a")


def test_adding_and_removing_again_and_again_comes_to_an_end(db: Database) -> None:
    draft = begin(db)
    keep(db, draft, *map(str, range(LIMITS.files_of_a_case)), most=100)
    with db.write() as connection:
        first = of_draft(connection, draft)[0].id
        remove_from_draft(connection, draft=draft, document_id=first, now=NOW)
    assert len(keep(db, draft, "one more", most=100)) == 1


def test_a_file_for_a_draft_that_was_tidied_away_is_refused(db: Database) -> None:
    with pytest.raises(NotFound):
        keep(db, "none", "a")


# -- submitting ------------------------------------------------------------------------------------


def move(db: Database, draft: str, case_id: int, *fields: str) -> None:
    with db.write() as connection:
        move_to_case(connection, draft=draft, case_id=case_id, fields=fields, now=NOW, by="citizen")


def test_the_files_of_a_draft_go_with_its_case_and_the_trail_tells_of_them(db: Database) -> None:
    draft, case_id = begin(db), submit_birth(db).case_id
    keep(db, draft, "a", "b")
    move(db, draft, case_id, "papers")
    assert names(db, draft) == []
    assert sent(db, case_id) == digests("a", "b")
    event = look(db, case_id).events[-1]
    assert (event.kind, json.loads(event.body)["data"]["count"]) == (EventKind.DOCUMENT_ADDED, 2)
    assert digests("a")[0] not in event.body
    with db.read() as connection:
        assert list(verify(connection)) == [1]


def test_moving_a_second_time_changes_nothing(db: Database) -> None:
    draft, case_id = begin(db), submit_birth(db).case_id
    keep(db, draft, "a")
    move(db, draft, case_id, "papers")
    before = look(db, case_id).case
    move(db, draft, case_id, "papers")
    assert look(db, case_id).case == before


def test_files_of_a_field_that_is_no_longer_asked_stay_behind(db: Database) -> None:
    draft, case_id = begin(db), submit_birth(db).case_id
    keep(db, draft, "a")
    keep(db, draft, "b", field="father_papers")
    move(db, draft, case_id, "papers")
    assert sent(db, case_id) == digests("a")


def test_files_are_listed_as_the_answer_of_their_field(db: Database) -> None:
    draft = begin(db)
    keep(db, draft, "a")
    with db.read() as connection:
        [listed] = as_answer(of_draft(connection, draft, "papers"))
        assert as_answer(of_draft(connection, draft, "others")) == []
    assert listed["name"] == "photo.jpg" and listed["id"] > 0


# -- answering -------------------------------------------------------------------------------------


def keep_answer(db: Database, step_id: int, case_id: int, *contents: str) -> list[StoredFile]:
    files = [file(content) for content in contents]
    with db.write() as connection:
        return keep_with_answer(
            connection, step_id=step_id, files=files, actor=Actor.citizen(case_id), now=NOW
        )


def test_files_go_with_the_answer_they_were_added_to(db: Database) -> None:
    case_id = submit_birth(db).case_id
    step_id = open_question(db, case_id)
    keep_answer(db, step_id, case_id, "a", "b", "a")
    assert sent(db, case_id) == []
    done = carry_out(db, answer, step_id=step_id, text="See here", actor=Actor.citizen(case_id), now=NOW)
    assert not done.late
    assert sent(db, case_id) == digests("a", "b")
    result = look_at_step(db, step_id).result
    assert [document["name"] for document in result["documents"]] == ["photo.jpg", "photo.jpg"]
    with db.read() as connection:
        assert [document.step_key for document in of_case(connection, case_id)] == ["evidence", "evidence"]
        assert list(verify(connection)) == [1]


def test_an_answer_without_files_is_as_ever(db: Database) -> None:
    case_id = submit_birth(db).case_id
    step_id = open_question(db, case_id)
    carry_out(db, answer, step_id=step_id, text="Ana", actor=Actor.citizen(case_id), now=NOW)
    assert look_at_step(db, step_id).result == {"text": "Ana"}


def test_a_file_can_be_taken_out_of_an_answer_until_it_is_sent(db: Database) -> None:
    case_id = submit_birth(db).case_id
    step_id, actor = open_question(db, case_id), Actor.citizen(case_id)
    keep_answer(db, step_id, case_id, "a", "b")
    with db.write() as connection:
        first = of_answer(connection, step_id)[0].id
        remove_from_answer(connection, step_id=step_id, document_id=first, actor=actor, now=NOW)
    carry_out(db, answer, step_id=step_id, text="See here", actor=actor, now=NOW)
    with db.write() as connection:
        last = of_case(connection, case_id)[0].id
        remove_from_answer(connection, step_id=step_id, document_id=last, actor=actor, now=NOW)
    assert sent(db, case_id) == digests("b")


def test_nobody_adds_to_the_answer_of_another_family(db: Database) -> None:
    case_id, other = submit_birth(db).case_id, submit_birth(db).case_id
    step_id = open_question(db, case_id)
    with pytest.raises(NotAllowed):
        keep_answer(db, step_id, other, "a")


def test_a_task_of_officers_takes_no_files_of_families(db: Database) -> None:
    case_id = submit_birth(db).case_id
    with pytest.raises(NotFound):
        keep_answer(db, open_task(db, case_id), case_id, "a")


# -- later -----------------------------------------------------------------------------------------


def add(db: Database, case_id: int, *contents: str, actor: Actor | None = None) -> Added:
    files = [file(content) for content in contents]
    return carry_out(
        db, add_to_case, case_id=case_id, files=files, actor=actor or Actor.citizen(case_id), now=NOW
    )


def test_a_family_adds_a_document_to_its_open_case(db: Database) -> None:
    case_id = submit_birth(db).case_id
    assert add(db, case_id, "a").left_out == []
    assert sent(db, case_id) == digests("a")
    assert look(db, case_id).events[-1].kind == EventKind.DOCUMENT_ADDED


def test_a_second_click_adds_nothing_and_tells_nothing(db: Database) -> None:
    case_id = submit_birth(db).case_id
    add(db, case_id, "a")
    before = look(db, case_id).case
    add(db, case_id, "a")
    assert look(db, case_id).case == before
    assert sent(db, case_id) == digests("a")


def test_nothing_is_added_to_a_closed_case(db: Database) -> None:
    case_id = submit_birth(db).case_id
    carry_out(db, withdraw, case_id=case_id, actor=SYSTEM, now=NOW)
    with pytest.raises(CaseClosed):
        add(db, case_id, "a")


def test_nobody_adds_to_the_case_of_another_family(db: Database) -> None:
    case_id, other = submit_birth(db).case_id, submit_birth(db).case_id
    with pytest.raises(NotAllowed):
        add(db, case_id, "a", actor=Actor.citizen(other))


def test_a_case_takes_so_many_documents_and_no_more(db: Database) -> None:
    case_id = submit_birth(db).case_id
    added = add(db, case_id, *map(str, range(LIMITS.files_of_a_case + 2)))
    assert len(added.left_out) == 2
    assert len(sent(db, case_id)) == LIMITS.files_of_a_case


def test_a_document_is_found_in_its_own_case_only(db: Database) -> None:
    case_id, other = submit_birth(db).case_id, submit_birth(db).case_id
    add(db, case_id, "a")
    with db.read() as connection:
        [document] = of_case(connection, case_id)
        assert document_of_case(connection, case_id, document.id).sha256 == document.sha256
        with pytest.raises(NotFound):
            document_of_case(connection, other, document.id)


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("IMG_0001.HEIC", "IMG_0001.HEIC"),
        ("C:\\fakepath\\birth  notice.pdf", "birth notice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\u202egpj.exe\n", "abgpj.exe"),
        ("काग़ज़.jpg", "काग़ज़.jpg"),
        ("x" * 300 + ".jpeg", "x" * 94 + "….jpeg"),
        ("", ""),
        ("\u200b", ""),
    ],
)
def test_a_name_is_kept_as_sent_without_folders_and_signs_nobody_sees(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


# -- housekeeping ----------------------------------------------------------------------------------


class Shelf:
    """A store whose files are all as old as a test says."""

    def __init__(self, home: Path) -> None:
        self.files, self.home = FileStore(home), home

    def put(self, *contents: str, age: timedelta = 2 * DAY) -> None:
        for content in contents:
            for kind in (FileKind.DOCUMENT, FileKind.THUMBNAIL):
                digest = self.files.put(kind, content.encode(), file(content).sha256)
                path = self.home / kind / f"{digest}{kind.suffix}"
                os.utime(path, times=((NOW - age).timestamp(),) * 2)

    def kept(self) -> set[str]:
        folder = self.home / FileKind.DOCUMENT
        assert {path.stem for path in (self.home / FileKind.THUMBNAIL).iterdir()} == {
            path.name for path in folder.iterdir()
        }
        return {path.name for path in folder.iterdir()}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "home")


def test_the_files_of_a_draft_that_was_tidied_away_are_deleted(db: Database, shelf: Shelf) -> None:
    keep(db, begin(db), "a")
    shelf.put("a")
    later = NOW + DRAFTS_KEPT + DAY
    assert tidy_files(db, shelf.files, now=later) == {"unsent documents": 0, "files": 0}
    tidy(db, now=later)
    assert tidy_files(db, shelf.files, now=later) == {"unsent documents": 1, "files": 1}
    assert shelf.kept() == set()


def test_a_file_that_another_row_needs_stays(db: Database, shelf: Shelf) -> None:
    add(db, submit_birth(db).case_id, "a")
    draft = begin(db)
    keep(db, draft, "a", "b")
    shelf.put("a", "b")
    with db.write() as connection:
        connection.execute(delete(Draft))
    assert tidy_files(db, shelf.files, now=NOW) == {"unsent documents": 2, "files": 1}
    assert shelf.kept() == set(digests("a"))


def test_what_was_removed_from_a_draft_is_deleted_at_night(db: Database, shelf: Shelf) -> None:
    draft = begin(db)
    keep(db, draft, "a", "b")
    shelf.put("a", "b")
    with db.write() as connection:
        first = of_draft(connection, draft)[0].id
        remove_from_draft(connection, draft=draft, document_id=first, now=NOW)
    tidy_files(db, shelf.files, now=NOW)
    assert shelf.kept() == set(digests("b"))


def test_files_of_cases_are_never_tidied_away(db: Database, shelf: Shelf) -> None:
    case_id = submit_birth(db).case_id
    add(db, case_id, "a")
    shelf.put("a")
    for days in (0, 3, 6, 10_000):
        tidy_files(db, shelf.files, now=NOW + timedelta(days=days))
    assert shelf.kept() == set(digests("a"))


def test_files_of_an_answer_that_was_never_sent_are_deleted_after_a_month(db: Database, shelf: Shelf) -> None:
    case_id = submit_birth(db).case_id
    keep_answer(db, open_question(db, case_id), case_id, "a")
    shelf.put("a")
    tidy_files(db, shelf.files, now=NOW + DRAFTS_KEPT)
    assert shelf.kept() == set(digests("a"))
    tidy_files(db, shelf.files, now=NOW + DRAFTS_KEPT + DAY)
    assert shelf.kept() == set()


def test_a_file_whose_row_was_never_written_is_deleted_when_it_is_a_day_old(
    db: Database, shelf: Shelf
) -> None:
    shelf.put("old")
    shelf.put("new", age=timedelta(hours=23))
    assert tidy_files(db, shelf.files, now=NOW)["files"] == 1
    assert shelf.kept() == set(digests("new"))


def test_a_file_that_is_stored_again_while_it_is_tidied_stays(shelf: Shelf) -> None:
    shelf.put("a")
    shelf.put("a", age=timedelta(0))
    assert not shelf.files.discard(FileKind.DOCUMENT, digests("a")[0], older_than=NOW - DAY)
    assert shelf.kept() == set(digests("a"))


def test_a_document_says_when_and_by_whom_it_was_added(db: Database) -> None:
    keep(db, begin(db), "a")
    with db.read() as connection:
        document = connection.execute(select(Document.__table__)).one()
    assert (document.added_at, document.added_by, document.sent_at) == (NOW, "citizen", None)
