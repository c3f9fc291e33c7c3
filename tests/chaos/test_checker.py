"""The checker itself: it is content with a clean case file, and finds each kind of fault planted in one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos import ledger
from tests.chaos.checker import check
from tests.chaos.conftest import NewScene
from tests.chaos.ledger import Line
from tests.chaos.records import execute
from tests.chaos.scene import Scene

pytestmark = pytest.mark.chaos

PLANS = (
    "ask+answer+register",
    "refuse",
    "ask",
    "register+reopen+register",
    "claim+register",
    "ask+withdraw",
)
REGISTERED = "(SELECT id FROM cases WHERE outcome = 'registered' ORDER BY id LIMIT 1)"
WAITING = "(SELECT id FROM cases WHERE status = 'open')"
ANOTHER_KEY = "(case_id, generation, key, kind, status, opened_at, done_at, result, service)"
LETTER = "case_id, key, template, language, facts, status, attempt, sha256, size, created_at"
COPIED = "case_id, generation, 'review#7', kind, status, opened_at, done_at, result, service"


@pytest.fixture(scope="module")
def clean(new_scene: NewScene) -> Iterator[Scene]:
    """A scene in which every kind of thing happened and nothing went wrong."""
    with new_scene("sqlite") as scene:
        office = scene.office()
        assert scene.counter(*PLANS).end() == 0, scene.logs()
        scene.settle()
        assert office.stop() == 0, office.tail()
        yield scene


@pytest.fixture
def copy(clean: Scene, tmp_path: Path) -> Scene:
    """A copy of it to plant a fault in."""
    home = tmp_path / "copy"
    shutil.copytree(clean.home, home)
    return Scene(f"sqlite:///{home / 's2f.db'}", home)


def test_it_finds_nothing_where_nothing_is_wrong(clean: Scene) -> None:
    assert clean.faults() == []


PLANTED = {
    "a case is gone": (f"UPDATE cases SET client_key = 'x' WHERE id = {REGISTERED}", "was acknowledged as"),
    "a case from nowhere": (f"UPDATE cases SET client_key = 'x' WHERE id = {REGISTERED}", "nobody submitted"),
    "a decision is gone": (
        f"UPDATE journal SET status = 'open', result = NULL WHERE key = 'review' AND case_id = {REGISTERED}",
        "was acknowledged, there is None",
    ),
    "a decision became another": (
        f"UPDATE journal SET result = json_set(result, '$.outcome', 'refuse')"
        f" WHERE kind = 'approval' AND status = 'done' AND case_id = {REGISTERED}",
        "nobody decided",
    ),
    "a decision stands twice": (
        f"INSERT INTO journal {ANOTHER_KEY} SELECT {COPIED} FROM journal"
        " WHERE id = (SELECT max(id) FROM journal WHERE kind = 'approval' AND status = 'done')",
        "one decision stands 2 times",
    ),
    "a decision without an event": (
        "DELETE FROM events WHERE id = (SELECT max(id) FROM events WHERE kind = 'decided')",
        "events of decisions",
    ),
    "an answer is gone": (
        "UPDATE journal SET result = json_set(result, '$.text', 'x')"
        " WHERE kind = 'question' AND status = 'done'",
        "was acknowledged and isn't there",
    ),
    "an answer of nobody": (
        "UPDATE journal SET result = json_set(result, '$.text', 'x')"
        " WHERE kind = 'question' AND status = 'done'",
        "nobody answered",
    ),
    "a claim that wasn't noted": (
        "DELETE FROM events WHERE kind = 'claimed'",
        "acknowledged 1, and happened 0",
    ),
    "a key in force in two generations": (
        "UPDATE journal SET cut_by = NULL WHERE kind = 'letter'",
        "times the entry in force",
    ),
    "a letter nobody asked for": (
        "DELETE FROM journal WHERE kind = 'letter' AND cut_by IS NULL",
        "was never asked for",
    ),
    "a message that got no row": ("DELETE FROM messages WHERE id = 1", "was asked for and has no row"),
    "a letter that was never made": (
        "UPDATE letters SET status = 'rendering' WHERE key = 'refusal'",
        "is rendering",
    ),
    "a letter issued twice": (
        f"INSERT INTO letters ({LETTER}, generation, code)"
        f" SELECT {LETTER}, generation + 1, 'x' FROM letters WHERE key = 'refusal'",
        "2 times the issued letter",
    ),
    "a letter issued without an event": (
        "DELETE FROM events WHERE id = (SELECT max(id) FROM events WHERE kind = 'letter-issued')",
        "events of letters",
    ),
    "a letter cancelled though it was decided": (
        "UPDATE letters SET status = 'cancelled' WHERE key = 'refusal'",
        "is refused and has the letters []",
    ),
    "a message delivered twice": (
        "INSERT INTO mailbox SELECT NULL, message_id, 'again', recipient, subject, body, delivered_at"
        " FROM mailbox WHERE id = 1",
        "was delivered 2 times, 0 doubles are recorded",
    ),
    "an attempt delivered twice": (
        "INSERT INTO mailbox SELECT NULL, message_id, attempt_id, recipient, subject, body, delivered_at"
        " FROM mailbox WHERE id = 1",
        "was delivered 2 times",
    ),
    "a message never delivered": ("DELETE FROM mailbox WHERE id = 1", "was never delivered"),
    "a message that still waits": ("UPDATE messages SET status = 'pending' WHERE id = 1", "is pending"),
    "a delivery from nowhere": (
        "UPDATE mailbox SET message_id = 99 WHERE id = 1",
        "nobody asked for the message",
    ),
    "a gap in the numbers": (
        "UPDATE allotted_numbers SET value = substr(value, 1, 9) || '000009' WHERE id = 1",
        "have gaps or doubles",
    ),
    "a series that skipped one": ("UPDATE number_series SET last = last + 1", "the series of"),
    "a number that isn't on the certificate": (
        "UPDATE letters SET facts = json_set(facts, '$.registration_number', 'x') WHERE key = 'certificate'",
        "its certificate has another number",
    ),
    "a number that isn't the journal's": (
        "UPDATE journal SET result = '\"x\"' WHERE kind = 'number'",
        "isn't the one that was allotted",
    ),
    "a registration without a number": ("DELETE FROM allotted_numbers", "is registered with 0 numbers"),
    "an event that was changed": (
        "UPDATE events SET body = replace(body, 'mere', 'ravi') WHERE kind = 'decided'",
        "the chain breaks at event",
    ),
    "an event that is missing": (
        "DELETE FROM events WHERE seq = 2",
        "event 2 is missing or says something else",
    ),
    "a chain that was cut off": (
        f"DELETE FROM events WHERE seq = (SELECT audit_count FROM cases WHERE id = {REGISTERED})"
        f" AND case_id = {REGISTERED}",
        "isn't the newest event",
    ),
    "a change without an event": (f"UPDATE cases SET version = version + 1 WHERE id = {WAITING}", "changed"),
    "a case that stays ready": (f"UPDATE cases SET ready = 1 WHERE id = {WAITING}", "is still ready"),
    "a case that is halted": (f"UPDATE cases SET halted = 1 WHERE id = {WAITING}", "is halted"),
    "an open case that waits for nothing": (
        f"UPDATE journal SET status = 'cancelled' WHERE status = 'open' AND case_id = {WAITING}",
        "is open and waits for []",
    ),
    "a closed case that waits": (
        f"UPDATE cases SET status = 'closed', outcome = 'withdrawn' WHERE id = {WAITING}",
        "is closed as withdrawn and waits for",
    ),
    "an outcome that nobody decided": (
        "UPDATE cases SET outcome = 'registered' WHERE outcome = 'refused'",
        "the last decision says refused",
    ),
    "cases left in a dead hand": ("UPDATE leases SET suspects = '[1]'", "still has [1] in hand"),
    "an incident": (
        f"INSERT INTO incidents (case_id, service, generation, cause, summary, occurred_at)"
        f" SELECT id, service, 0, 'x', 'KeyError', created_at FROM cases WHERE id = {WAITING}",
        "incident KeyError",
    ),
}


@pytest.mark.parametrize("what", sorted(PLANTED))
def test_it_finds_a_fault_in_the_database(what: str, copy: Scene) -> None:
    plant, words = PLANTED[what]
    execute(copy.url, plant)
    assert any(words in fault for fault in copy.faults()), copy.faults()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.unlink(), "has no file"),
        (lambda file: file.write_bytes(file.read_bytes() + b"\n"), "has a file with other bytes"),
    ],
)
def test_it_finds_a_fault_in_the_files(spoil: Callable[[Path], object], words: str, copy: Scene) -> None:
    spoil(next((copy.home / "letters").glob("*.pdf")))
    assert any(words in fault for fault in copy.faults())


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("submit", "nobody submitted"),
        ("decide", "nobody decided"),
        ("answer", "nobody answered"),
        ("claim", "was tried 0 times"),
    ],
)
def test_it_finds_what_happened_though_nobody_did_it(what: str, words: str, copy: Scene) -> None:
    lines = [line for line in ledger.read(copy.home) if line.what != what]
    assert any(words in fault for fault in check(copy.url, copy.home, lines))


def test_it_finds_a_submission_that_was_acknowledged_and_lost(copy: Scene) -> None:
    lines = [*ledger.read(copy.home), Line("submit", "till/999", sure=True, reference="BR-222-222-222")]
    (fault,) = check(copy.url, copy.home, lines)
    assert "till/999 was acknowledged" in fault


def test_it_finds_two_acknowledged_decisions_on_one_step(copy: Scene) -> None:
    lines = ledger.read(copy.home)
    decided = next(line for line in lines if line.what == "decide" and line.sure)
    (fault,) = check(copy.url, copy.home, [*lines, replace(decided, token="another")])
    assert "was acknowledged, there is None" in fault
