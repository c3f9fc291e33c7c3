"""A process dies at every failpoint there is; another takes over; nothing is lost and nothing is doubled."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cases.failpoints import FAILPOINTS
from tests.births import ANSWERS, family
from tests.chaos.conftest import DATABASES, Runs
from tests.chaos.ledger import Line, Pen
from tests.chaos.scene import Running, Scene, until

pytestmark = pytest.mark.chaos

LIST = "lands-commission"
WHOLE = ("ask+answer+register", "register", "refuse")
"""What an office has to do in most scenes: every kind of step, letters and messages."""
PLANS = {
    "submit": WHOLE,
    "decide": WHOLE,
    "answer": ("ask+answer+ask+answer+refuse",),
    "confirm_receipt": ("register", "ask+answer+register"),
    "hand_over": ("collect", "register", "collect"),
    "claim": ("claim+register", "claim+refuse"),
    "release": ("claim+release+claim+register",),
    "withdraw": ("ask+withdraw", "withdraw", "register"),
    "rewind": ("ask+answer+rewind+register", "rewind+refuse"),
    "reopen": ("register+reopen+register", "refuse+reopen+register", "register+reopen+refuse"),
    "retry": ("retry+register", "ask+retry+answer+refuse"),
}
"""What people do in whose hands the process dies."""
LATER = (
    "submit.after-commit:2",
    "decide.before-commit:3",
    "advance.before-commit:4",
    "advance.after-commit:3",
    "lease.after-live-commit:3",
    "lease.after-hold-commit:3",
    "letter.after-store:2",
    "message.after-send:2",
    "message.after-finish-commit:3",
)
"""Failpoints that matter also when they aren't passed for the first time."""


def at_the_counter(scene: Scene, name: str) -> None:
    """People's own process dies: they try again what wasn't acknowledged."""
    plans = PLANS[name.partition(".")[0]]
    scene.office()
    _died(scene.counter(*plans, failpoint=name))
    _come_to_an_end(scene, *plans)


def at_work(scene: Scene, name: str) -> None:
    """The worker dies in the middle of its work."""
    letters = "real" if name in ("letter.after-render", "letter.before-finish-commit") else "plain"
    armed = scene.office(name, letters=letters)
    counter = scene.counter(*WHOLE)
    _died(armed)
    scene.office(letters=letters)
    _come_to_an_end(scene, counter=counter)


def with_cases_in_a_dead_hand(scene: Scene, name: str) -> None:
    """A worker dies with cases in hand, and so does the next one while it takes over."""
    first = scene.office("lease.after-hold-commit")
    counter = scene.counter(*WHOLE)
    _died(first)
    _died(scene.office(name))
    scene.office()
    _come_to_an_end(scene, counter=counter)


def at_a_sweep(scene: Scene, name: str) -> None:
    """The worker dies as it closes a question whose time has run out."""
    office = scene.office()
    counter = scene.counter("ask+silence+register", "ask+silence+refuse")
    asked = "SELECT count(*) AS n FROM journal WHERE kind = 'question'"
    until(lambda: scene.sql(asked)[0]["n"] == 2, scene.logs)
    scene.settle()
    assert office.stop() == 0, office.tail()
    scene.sql("UPDATE journal SET expires_at = opened_at WHERE kind = 'question'")
    _died(scene.office(name))
    scene.office()
    _come_to_an_end(scene, counter=counter)


def at_a_rung(scene: Scene, name: str) -> None:
    """The worker dies as clocks climb their ladders; each rung is climbed once all the same."""
    office = scene.office()
    assert scene.counter("claim+release", "claim+release").end() == 0
    scene.settle()
    assert office.stop() == 0, office.tail()
    long_ago = "since = '2026-01-05 00:00:00.000000', next_at = '2026-01-05 00:00:00.000000'"
    scene.sql(f"UPDATE clocks SET {long_ago} WHERE key = 'review'")
    _died(scene.office(name))
    scene.office()
    until(
        lambda: scene.sql("SELECT count(*) AS n FROM clocks WHERE next_at IS NOT NULL")[0]["n"] == 0,
        scene.logs,
    )
    climbed = scene.sql("SELECT clock_id, act, count(*) AS n FROM escalations GROUP BY clock_id, act")
    assert sorted(row["n"] for row in climbed) == [1] * 10, climbed
    late = scene.sql("SELECT case_id FROM messages WHERE template = 'platform/late'")
    assert len({row["case_id"] for row in late}) == len(late) == 2
    _come_to_an_end(scene, "register")


def at_a_change_of_code(scene: Scene, name: str) -> None:
    """The worker dies as it makes its code the active one; cases wait that older code has left."""
    office = scene.office()
    assert scene.counter("ask", "ask").end() == 0
    scene.settle()
    assert office.stop() == 0, office.tail()
    scene.sql("UPDATE cases SET code = 'older'")
    scene.sql("UPDATE service_code SET digest = 'older'")
    _died(scene.office(name))
    scene.office()
    _come_to_an_end(scene, "ask+answer+register", "ask+answer+refuse")


def at_an_import(scene: Scene, name: str) -> None:
    """The import dies; the same file is given again."""
    plans = ("ask+answer+register", "register", "refuse")
    file, ids = _import_file(scene.home, len(plans))
    pen = Pen(scene.home, "import")
    for token in ids:
        pen.write(Line("submit", token, sure=False))
    _died(scene.command("import", str(file), failpoint=name))
    again = scene.command("import", str(file), "--json")
    assert again.end() == 0, again.tail()
    for row in scene.sql("SELECT external_id, reference FROM cases"):
        pen.write(Line("submit", row["external_id"], sure=True, reference=row["reference"]))
    scene.office()
    _come_to_an_end(scene, counter=scene.counter(*plans, name="import"))


def _import_file(home: Path, count: int) -> tuple[Path, list[str]]:
    """Write a file of births to import; return it and its ids."""
    whole: dict[str, Any] = {"service": "birth-registration", "channel": "counter", "office": "suva"}
    whole |= {"received_at": "2026-05-04T21:00:00Z"}
    ids = [f"import/{index:03d}" for index in range(count)]
    file = home / "births.jsonl"
    lines = [whole | {"external_id": id_, "answers": ANSWERS | family(id_)} for id_ in ids]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file, ids


def at_a_batch(scene: Scene, name: str) -> None:
    """The command that closes or confirms a batch dies; it is given again."""
    scene.office()
    assert scene.counter("register", "register").end() == 0
    scene.settle()
    confirms, is_done = name.startswith("confirm_batch"), name.endswith("after-commit")
    command = ["export", LIST]
    if confirms:
        assert scene.command(*command).end() == 0
        command = ["batch", "confirm", str(scene.sql("SELECT id FROM export_batches")[0]["id"])]
    _died(scene.command(*command, failpoint=name))
    assert scene.command(*command).end() == (1 if confirms and is_done else 0)
    assert len(scene.sql("SELECT id FROM export_batches")) == 1
    rows = scene.sql("SELECT status, batch_id FROM export_rows")
    assert [row["status"] for row in rows] == ["confirmed" if confirms else "exported"] * 2
    scene.settle()
    assert scene.faults() == [], scene.logs()


SCENES: Mapping[str, Callable[[Scene, str], None]] = {
    **dict.fromkeys(PLANS, at_the_counter),
    **dict.fromkeys(("advance", "lease", "relay", "letter", "message"), at_work),
    **dict.fromkeys(
        ("lease.before-expire", "lease.after-expire", "lease.before-acquit", "lease.after-acquit"),
        with_cases_in_a_dead_hand,
    ),
    **dict.fromkeys(("close_batch", "confirm_batch"), at_a_batch),
    "deadline": at_a_sweep,
    "rung": at_a_rung,
    "import": at_an_import,
    "activate": at_a_change_of_code,
}
"""The scene for each failpoint whose name begins so; the longest beginning counts."""


def scene_of(name: str) -> Callable[[Scene, str], None] | None:
    """Return what is played for a failpoint; None when there is no scene for it."""
    return next((SCENES[start] for start in sorted(SCENES, reverse=True) if name.startswith(start)), None)


def _died(running: Running) -> None:
    status = running.end()
    assert status == -signal.SIGKILL, f"ended with {status} and not at the failpoint:\n{running.tail()}"


def _come_to_an_end(scene: Scene, *plans: str, counter: Running | None = None) -> None:
    counter = counter or scene.counter(*plans)
    assert counter.end() == 0, scene.logs()
    scene.settle()
    assert scene.faults() == [], scene.logs()


@pytest.mark.parametrize("failpoint", ["lease.before-acquit-commit", "lease.after-acquit-commit"])
def test_dying_while_a_deadly_case_is_given_up_makes_one_incident(failpoint: str, scene: Scene) -> None:
    assert scene.counter("").end() == 0
    _died(scene.office("advance.before-commit"))
    _died(scene.office("advance.before-commit"))
    _died(scene.office(failpoint))
    scene.office()
    until(lambda: bool(scene.sql("SELECT id FROM cases WHERE halted")), scene.logs)
    scene.settle()
    assert len(scene.sql("SELECT id FROM incidents")) == 1
    _come_to_an_end(scene, "rescue+register")


def play(scene: Scene, failpoint: str) -> None:
    """Play the scene of a failpoint."""
    played = scene_of(failpoint)
    assert played is not None, f"no scene for {failpoint}"
    played(scene, failpoint)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("what", sorted([*FAILPOINTS, *LATER]))
def test_nothing_is_lost_or_doubled_by_dying_here(what: str, database: str, runs: Runs) -> None:
    runs[what, database].result()


@pytest.mark.parametrize("name", sorted(FAILPOINTS))
def test_every_failpoint_has_a_scene(name: str) -> None:
    assert scene_of(name) is not None
