"""The relay: which shifts it asks for, of whom, and what it does when nobody answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import update

from cases.db import Database
from cases.models import Lease
from flows.engine import leases
from flows.engine.leases import Request
from flows.engine.relay import Relay
from flows.engine.shift import Standing
from tests.engine.slips import Slips, lease_row, let_expire, live_lease


class Board:
    """Stands in for Prefect: notes what it is asked, and can be away."""

    def __init__(self) -> None:
        self.started: list[Request] = []
        self.dead: list[str] = []
        self.paused: frozenset[str] = frozenset()
        self.away = False

    def start(self, request: Request) -> None:
        """Note the request."""
        self._answer()
        self.started.append(request)

    def crashed(self, run_id: str) -> None:
        """Note the death."""
        self.dead.append(run_id)

    def look(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return what is paused."""
        self._answer()
        return self.paused, frozenset()

    def _answer(self) -> None:
        if self.away:
            raise ConnectionError("refused")


def a_relay(db: Database, slips: Slips, board: Board, holder: str = "suva#1") -> Relay:
    """Return a relay for the slips that looks at the board in every round."""

    class Impatient(Relay):
        def round(self) -> None:
            self.next_look = 0.0
            super().round()

    return Impatient(db, [slips], board, Standing(), holder=holder)


def test_a_queue_with_work_gets_one_shift(db: Database) -> None:
    board = Board()
    relay = a_relay(db, Slips(db, 3), board)
    relay.round()
    relay.round()
    assert board.started == [Request("slips", 0, 1)]


def test_a_queue_without_work_gets_none(db: Database) -> None:
    board = Board()
    a_relay(db, Slips(db), board).round()
    assert board.started == []


def test_two_relays_ask_for_one_shift_between_them(db: Database) -> None:
    board = Board()
    relays = [a_relay(db, Slips(db, 3), board, f"worker-{n}#1") for n in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(Relay.round, relays))
    assert board.started == [Request("slips", 0, 1)]


def test_a_paused_queue_is_asked_for_nothing(db: Database) -> None:
    board = Board()
    board.paused = frozenset({"slips"})
    a_relay(db, Slips(db, 3), board).round()
    assert board.started == []


def test_a_queue_whose_code_is_not_active_is_left_to_others(db: Database) -> None:
    board, slips = Board(), Slips(db, 3)
    slips.active = False
    a_relay(db, slips, board).round()
    assert board.started == []


def test_a_dead_shift_is_replaced_and_its_run_called_crashed(db: Database) -> None:
    board = Board()
    live_lease(db, run="run-1")
    let_expire(db)
    a_relay(db, Slips(db), board).round()
    assert board.started == [Request("slips", 0, 2, dead_run="run-1")]
    assert board.dead == ["run-1"]


def test_a_request_that_prefect_never_heard_of_is_made_again_with_its_epoch(db: Database) -> None:
    board = Board()
    leases.request(db, "slips", 0, "suva#1")  # and there its relay died
    relay = a_relay(db, Slips(db, 3), board, "nadi#2")
    relay.round()
    assert board.started == []  # it may just be calling
    with db.write() as connection:
        age = leases.REQUESTED_FOR - timedelta(seconds=5)
        connection.execute(update(Lease).values(expires_at=db.now(connection) + age))
    relay.round()
    assert board.started == [Request("slips", 0, 1)]


def test_suspects_get_a_shift_even_when_their_queue_seems_empty(db: Database) -> None:
    board = Board()
    live_lease(db).hold([1])
    let_expire(db)
    live_lease(db).release()
    a_relay(db, Slips(db), board).round()
    assert board.started == [Request("slips", 0, 3)]


def test_a_long_backlog_makes_another_worker_help(db: Database) -> None:
    if not db.is_postgresql:
        return  # one writer: a second shift would only wait for the first
    board = Board()
    live_lease(db, holder="suva#1")
    a_relay(db, Slips(db, 11), board, "suva#1").round()
    assert board.started == []
    a_relay(db, Slips(db, 10), board, "nadi#2").round()
    assert board.started == []
    a_relay(db, Slips(db, 11), board, "nadi#2").round()
    assert board.started == [Request("slips", 1, 1)]


def test_while_prefect_is_away_no_lease_is_touched(sqlite_db: Database) -> None:
    board = Board()
    board.away = True
    relay = a_relay(sqlite_db, Slips(sqlite_db, 3), board)
    relay.round()
    with sqlite_db.read() as connection:
        assert leases.read_leases(connection) == {}
    board.away = False
    relay.round()
    assert board.started == [Request("slips", 0, 1)]


def test_a_request_that_fails_in_prefect_stays_requested(sqlite_db: Database) -> None:
    board = Board()

    def fail(request: Request) -> None:
        raise ConnectionError("in the middle")

    relay = a_relay(sqlite_db, Slips(sqlite_db, 3), board)
    board.start = fail  # type: ignore[method-assign]
    relay.round()
    assert lease_row(sqlite_db).state == "requested"
    assert not relay.standing.reachable
