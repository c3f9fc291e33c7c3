"""Letters from asked for to issued: once each, whatever dies when."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from cases import audit
from cases.db import Database
from cases.failpoints import FAILPOINTS
from cases.files import FileKind, FileStore
from cases.letter_evidence import evidence
from cases.letters import KIND_OF, files_of
from cases.models import Case, Event, Incident, Letter
from cases.vocabulary import LetterVariant
from config.signing import SigningFiles, certificates_alone, self_signed
from flows.engine.leases import LeaseLost
from flows.platform.letter_pool import LetterJob, LetterPool, LettersBroken, Made, NotMade
from tests.births import submit_birth
from tests.conftest import NOW
from tests.database.letter_shift import Press, a_lease, a_queue, work
from tests.letters import CERTIFICATE

TEMPLATE = "birth_registration/certificate"


def ask_for_letter(db: Database, *, template: str = TEMPLATE, key: str = "certificate", **facts: Any) -> int:
    """Ask for a letter of a case of its own; returns the letter's id."""
    case = submit_birth(db, notification_number=None)
    values = {
        "case_id": case.case_id,
        "generation": 0,
        "key": key,
        "template": template,
        "language": "en",
        "facts": CERTIFICATE | facts,
        "status": "pending",
        "code": f"CODE{case.case_id:08d}",
        "attempt": 0,
        "created_at": NOW,
    }
    with db.write() as connection:
        return int(connection.execute(insert(Letter).values(values).returning(Letter.id)).scalar_one())


def letters(db: Database) -> list[Any]:
    with db.read() as connection:
        return list(connection.execute(select(Letter).order_by(Letter.id)).all())


def events(db: Database, kind: str) -> int:
    with db.read() as connection:
        return len(connection.execute(select(Event.id).where(Event.kind == kind)).all())


def files(home: Path) -> list[str]:
    folder = home / "letters"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def is_sound(db: Database) -> bool:
    with db.read() as connection:
        return not [fault for fault in audit.verify(connection) if isinstance(fault, audit.BrokenChain)]


def test_a_letter_is_made_stored_and_noted_as_issued(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db)
    report = work(db, tmp_path)
    [letter] = letters(db)
    assert (letter.status, letter.pages, letter.holder) == ("issued", 1, None)
    with FileStore(tmp_path).open(FileKind.LETTER, letter.sha256) as file:
        content = file.read()
    assert letter.size == len(content) and b"https://births.example.org/verify/CODE" in content
    assert events(db, "letter-issued") == 1 and is_sound(db)
    assert (report.done, report.counts["letters issued"], report.more) == (1, 1, False)


def test_the_backlog_counts_what_waits_up_to_a_limit(db: Database, tmp_path: Path) -> None:
    for _ in range(3):
        ask_for_letter(db)
    queue = a_queue(db, tmp_path)
    with db.read() as connection:
        assert (queue.backlog(connection, 100), queue.backlog(connection, 2)) == (3, 2)
    queue.work_once(a_lease(db))
    with db.read() as connection:
        assert queue.backlog(connection, 100) == 0


def test_letters_beyond_one_batch_are_announced_as_more(db: Database, tmp_path: Path) -> None:
    for _ in range(9):
        ask_for_letter(db)
    queue, lease = a_queue(db, tmp_path), a_lease(db)
    assert (first := queue.work_once(lease)).more and first.done == 8
    assert not (second := queue.work_once(lease)).more and second.done == 1


def test_a_letter_that_fails_is_an_incident_and_harms_no_other(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db, template="birth_registration/broken")
    ask_for_letter(db)
    report = work(db, tmp_path)
    failed, issued = letters(db)
    assert (failed.status, issued.status) == ("failed", "issued")
    with db.read() as connection:
        incident = connection.execute(select(Incident)).one()
    assert incident.cause == "letter birth_registration/broken: LetterFailed"
    assert "Tikoisuva" not in incident.summary + "".join(report.incidents)
    assert report.incidents[0].endswith(": LetterFailed") and is_sound(db)


def test_a_letter_cancelled_while_it_is_made_is_not_issued(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db)

    class Cancelling(Press):
        def make(
            self, jobs: Sequence[LetterJob], *, tick: Callable[[], None] = lambda: None
        ) -> Generator[tuple[int, Made | NotMade], None, None]:
            with db.write() as connection:
                connection.execute(update(Letter).values(status="cancelled"))
            yield from super().make(jobs, tick=tick)

    report = work(db, tmp_path, pool=Cancelling())
    assert [letter.status for letter in letters(db)] == ["cancelled"]
    assert report.counts == {"letters no longer wanted": 1} and events(db, "letter-issued") == 0


def test_when_no_letter_can_be_made_none_is_marked_failed(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db)

    class Broken(Press):
        def make(
            self, jobs: Sequence[LetterJob], *, tick: Callable[[], None] = lambda: None
        ) -> Generator[tuple[int, Made | NotMade], None, None]:
            raise LettersBroken("the fonts are missing")
            yield

    with pytest.raises(LettersBroken):
        work(db, tmp_path, pool=Broken())
    assert [letter.status for letter in letters(db)] == ["pending"]


def test_a_full_disk_gives_the_letters_back(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db)
    (tmp_path / "letters").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="letters"):
        work(db, tmp_path)
    assert [letter.status for letter in letters(db)] == ["pending"]


def test_a_shift_whose_lease_was_taken_over_issues_nothing(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db)
    lease = a_lease(db)
    lease.release()
    with pytest.raises(LeaseLost):
        a_queue(db, tmp_path).work_once(lease)
    assert [letter.status for letter in letters(db)] == ["pending"]


def test_a_letter_in_hand_is_not_claimed_by_another_shift(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db)
    other = a_queue(db, tmp_path)
    other_lease = a_lease(db, slot=1)
    seen: list[int] = []

    class Watching(Press):
        def make(
            self, jobs: Sequence[LetterJob], *, tick: Callable[[], None] = lambda: None
        ) -> Generator[tuple[int, Made | NotMade], None, None]:
            seen.append(other.work_once(other_lease).done)
            yield from super().make(jobs, tick=tick)

    queue = a_queue(db, tmp_path, Watching(), hold_for=timedelta(minutes=1))
    assert queue.work_once(a_lease(db)).done == 1
    assert seen == [0] and events(db, "letter-issued") == 1


def test_of_two_attempts_at_a_letter_only_the_later_one_issues_it(db: Database, tmp_path: Path) -> None:
    ask_for_letter(db)
    other, other_lease = a_queue(db, tmp_path), a_lease(db, slot=1)

    class TooSlow(Press):
        def make(
            self, jobs: Sequence[LetterJob], *, tick: Callable[[], None] = lambda: None
        ) -> Generator[tuple[int, Made | NotMade], None, None]:
            other.work_once(other_lease)
            yield from super().make(jobs, tick=tick)

    report = work(db, tmp_path, pool=TooSlow())
    assert report.counts == {"letters no longer wanted": 1}
    assert events(db, "letter-issued") == 1 and len(files(tmp_path)) == 1


@pytest.mark.parametrize("place", sorted(name for name in FAILPOINTS if name.startswith("letter.")))
def test_death_at_any_moment_loses_and_doubles_no_letter(
    db: Database, database_url: str, tmp_path: Path, place: str
) -> None:
    ask_for_letter(db)
    home = tmp_path / "home"
    program = [sys.executable, "-m", "tests.database.letter_shift", database_url, str(home)]
    died = subprocess.run(program, env=os.environ | {"S2F_FAILPOINT": place}, check=False)
    assert died.returncode == -signal.SIGKILL

    work(db, home, slot=1)
    [letter] = letters(db)
    assert letter.status == "issued" and events(db, "letter-issued") == 1
    assert files(home) == [f"{letter.sha256}.pdf"] and is_sound(db)


# -- with the real processes -----------------------------------------------------------------------


def a_pair(folder: Path, *, now: datetime) -> SigningFiles:
    path = folder / "pair.pem"
    path.write_bytes(self_signed("Registry", now=now, years=2))
    return SigningFiles(path, path)


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> SigningFiles:
    return a_pair(tmp_path_factory.mktemp("keys"), now=datetime.now(UTC))


@pytest.fixture(scope="module")
def pool(signing: SigningFiles) -> Iterator[LetterPool]:
    pool = LetterPool(letter_seconds=30.0, signing=signing)
    yield pool
    pool.close()


def jobs(count: int = 1, **changes: Any) -> list[LetterJob]:
    facts = CERTIFICATE | changes
    return [LetterJob(TEMPLATE, facts, "en", "https://births.example.org/verify/X", NOW.date())] * count


def test_a_letter_is_issued_and_stored_in_every_form_and_its_pdfs_are_signed(
    sqlite_db: Database, tmp_path: Path, pool: LetterPool, signing: SigningFiles
) -> None:
    ask_for_letter(sqlite_db)
    work(sqlite_db, tmp_path, pool=pool)
    letter = letters(sqlite_db)[0]
    with sqlite_db.read() as connection:
        issued = files_of(connection, letter.id)
    assert list(issued) == list(LetterVariant) and issued[LetterVariant.PDF].sha256 == letter.sha256
    for variant, file in issued.items():
        with FileStore(tmp_path).open(KIND_OF[variant], file.sha256) as opened:
            content = opened.read()
        assert (sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)
        is_pdf = variant in (LetterVariant.PDF, LetterVariant.LARGE)
        assert bool(file.pages) == is_pdf
        found = evidence(content, certificates_alone(signing))
        assert found["signature"] == ("whole" if is_pdf else None)


def test_the_event_of_a_letter_names_the_hash_of_every_file(
    sqlite_db: Database, tmp_path: Path, pool: LetterPool
) -> None:
    ask_for_letter(sqlite_db)
    work(sqlite_db, tmp_path, pool=pool)
    with sqlite_db.read() as connection:
        issued = files_of(connection, letters(sqlite_db)[0].id)
        told = connection.execute(select(Event.body).where(Event.kind == "letter-issued")).scalar_one()
    assert all(file.sha256 in str(told) for file in issued.values())


def test_with_a_certificate_that_has_run_out_no_letter_is_made_and_none_is_marked_failed(
    sqlite_db: Database, tmp_path: Path
) -> None:
    ask_for_letter(sqlite_db)
    pool = LetterPool(signing=a_pair(tmp_path, now=datetime(2020, 1, 1, tzinfo=UTC)))
    with pytest.raises(LettersBroken, match="a certificate that is valid now"):
        work(sqlite_db, tmp_path, pool=pool)
    assert [letter.status for letter in letters(sqlite_db)] == ["pending"]


def test_the_processes_make_a_pdf_for_the_queue(
    sqlite_db: Database, tmp_path: Path, pool: LetterPool
) -> None:
    ask_for_letter(sqlite_db)
    ask_for_letter(sqlite_db, mother_name=None)
    report = work(sqlite_db, tmp_path, pool=pool)
    assert report.counts == {"letters issued": 1, "letters failed": 1}
    letter = letters(sqlite_db)[0]
    with FileStore(tmp_path).open(FileKind.LETTER, letter.sha256) as file:
        assert file.read().startswith(b"%PDF-1.7")
    with sqlite_db.read() as connection:
        assert connection.execute(select(Case.audit_count)).scalars().all() == [2, 2]


def test_a_process_that_dies_costs_no_letter(pool: LetterPool) -> None:
    made = pool.make(jobs(3))
    outcomes = [next(made)]
    for pid in pool.pids():
        os.kill(pid, signal.SIGKILL)
    outcomes += made
    assert sorted(index for index, _ in outcomes) == [0, 1, 2]
    assert all(isinstance(letter, Made) for _, letter in outcomes)


class Deadly:
    """A fact that ends the process which reads it."""

    def __reduce__(self) -> Any:
        return os._exit, (1,)


def test_a_letter_whose_process_dies_twice_fails_alone(pool: LetterPool) -> None:
    outcomes = dict(pool.make([*jobs(1), *jobs(1, child_name=Deadly()), *jobs(1)]))
    assert outcomes[1] == NotMade("ProcessDied", "the process that made it died, twice")
    assert isinstance(outcomes[0], Made) and isinstance(outcomes[2], Made)


def test_a_letter_that_takes_too_long_fails_and_the_next_is_made() -> None:
    hasty = LetterPool(letter_seconds=0.0)
    try:
        assert [letter for _, letter in hasty.make(jobs(2))] == [
            NotMade("TimeoutError", "not ready after 0 s")
        ] * 2
    finally:
        hasty.close()


def test_a_process_without_work_ends_and_another_takes_the_next_letter() -> None:
    pool = LetterPool(idle_seconds=0.0)
    try:
        assert all(isinstance(letter, Made) for _, letter in pool.make(jobs(2)))
    finally:
        pool.close()


def test_processes_end_with_the_program_that_started_them() -> None:
    program = (
        "import os, signal; from tests.database.test_letter_queue import *;"
        "pool = LetterPool(); list(pool.make(jobs())); print(*pool.pids(), flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        # The line comes while the process lives; the end of the output only when it has ended too,
        # because it has inherited this pipe.
        assert int(parent.stdout.read()) > 0
