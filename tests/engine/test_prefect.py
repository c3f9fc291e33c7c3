"""Shifts under a real Prefect server: what an operator sees and does, and what happens without it."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select

from cases.db import Database
from cases.models import Case, Lease
from tests.births import ANSWERS, submit_birth
from tests.engine.conftest import Office
from tests.engine.prefect_side import Server, WorkerProcess, until

pytestmark = pytest.mark.engine
SERVICE = "birth-registration"
Hire = Callable[[str, str], WorkerProcess]
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def is_advanced(db: Database, case_id: int) -> bool:
    """Whether a shift has worked the case."""
    with db.read() as connection:
        return not connection.execute(select(Case.ready).where(Case.id == case_id)).scalar_one()


def submit_and_wait(db: Database) -> int:
    """Submit a birth, wait until a shift has worked it, and return its id."""
    case_id = submit_birth(db).case_id
    until(lambda: is_advanced(db, case_id))
    return case_id


def url_of(db: Database) -> str:
    """Return the address of the database."""
    return db.engine.url.render_as_string(hide_password=False)


def test_a_run_says_which_service_slot_and_worker_it_is_of(office: Office) -> None:
    submit_and_wait(office.db)
    run = until(lambda: office.pages.run_in(SERVICE, "Running"))
    assert run["name"].startswith("birth-registration shift 20") and run["name"].endswith(" suva-1")
    assert {SERVICE, "slot-0"} <= set(run["tags"])


def test_a_paused_service_rests_until_it_is_resumed(office: Office) -> None:
    submit_and_wait(office.db)
    office.pages.pause(SERVICE, True)
    until(lambda: not office.pages.run_in(SERVICE, "Running"))
    case_id = submit_birth(office.db).case_id
    office.pages.pause(SERVICE, False)
    until(lambda: is_advanced(office.db, case_id))
    messages = [run["state"]["message"] for run in office.pages.runs(SERVICE)]
    assert any(message and message.endswith("; paused") for message in messages)


def test_a_shift_reports_counts_and_references_and_no_personal_data(office: Office, server: Server) -> None:
    case_id = submit_and_wait(office.db)
    with office.db.read() as connection:
        reference = connection.execute(select(Case.reference).where(Case.id == case_id)).scalar_one()
    office.pages.pause(SERVICE, True)
    until(lambda: any(reference in report for report in office.pages.reports(SERVICE)))
    office.pages.pause(SERVICE, False)
    everything = b"".join(file.read_bytes() for file in (server.home / "prefect").glob("prefect.db*"))
    assert reference.encode() in everything
    assert ANSWERS["child_name"].encode() not in everything


def test_a_run_that_an_operator_cancels_ends_as_cancelled(office: Office, server: Server) -> None:
    submit_and_wait(office.db)
    run = until(lambda: office.pages.run_in(SERVICE, "Running"))
    server.ask("POST", f"/flow_runs/{run['id']}/set_state", state={"type": "CANCELLING"})
    until(lambda: office.pages.state_of(run) == "CANCELLED")


@pytest.mark.parametrize("flow", ["deadlines", "housekeeping"])
def test_an_operator_can_run_a_periodic_flow_by_hand(office: Office, server: Server, flow: str) -> None:
    deployment = until(lambda: office.pages.deployment(flow))
    run = server.ask("POST", f"/deployments/{deployment['id']}/create_flow_run")
    assert until(lambda: (state := office.pages.state_of(run)) in FINAL and state) == "COMPLETED"


def test_a_schedule_that_an_operator_edited_survives_the_next_worker(
    sqlite_db: Database, server: Server, hire: Hire
) -> None:
    first = hire(url_of(sqlite_db), "nadi-1")
    deployment = until(lambda: first.pages.deployment("deadlines"))
    path = f"/deployments/{deployment['id']}/schedules"
    schedule = until(lambda: server.ask("GET", path))[0]
    server.ask("PATCH", f"{path}/{schedule['id']}", schedule={"interval": 300}, active=False)
    submit_and_wait(sqlite_db)
    first.end()
    hire(url_of(sqlite_db), "nadi-2")
    submit_and_wait(sqlite_db)
    found = server.ask("GET", path)
    assert [(one["schedule"]["interval"], one["active"]) for one in found] == [(300.0, False)]


def test_a_worker_that_is_told_to_stop_gives_its_leases_back(sqlite_db: Database, hire: Hire) -> None:
    worker = hire(url_of(sqlite_db), "labasa-1")
    submit_and_wait(sqlite_db)
    assert worker.end(signal.SIGTERM) == 0
    with sqlite_db.read() as connection:
        assert set(connection.execute(select(Lease.state)).scalars()) == {"idle"}
    assert worker.pages.runs(SERVICE)[0]["state"]["message"] == "1 done; the worker stops"


def test_a_worker_that_was_killed_is_replaced_and_its_run_called_crashed(db: Database, hire: Hire) -> None:
    worker = hire(url_of(db), "levuka-1")
    submit_and_wait(db)
    run = until(lambda: worker.pages.run_in(SERVICE, "Running"))
    worker.end(signal.SIGKILL)
    case_id = submit_birth(db).case_id
    hire(url_of(db), "levuka-1")
    until(lambda: is_advanced(db, case_id))
    until(lambda: worker.pages.state_of(run) == "CRASHED")


def test_epochs_that_come_again_get_runs_of_their_own(sqlite_db: Database, hire: Hire) -> None:
    first = hire(url_of(sqlite_db), "ba-1")
    submit_and_wait(sqlite_db)
    first.end()
    with sqlite_db.write() as connection:  # as when the database is put back to an older state
        connection.execute(delete(Lease))
    hire(url_of(sqlite_db), "ba-1")
    submit_and_wait(sqlite_db)
    assert len(first.pages.runs(SERVICE)) > 1


def test_with_prefect_away_and_back_on_an_empty_database_every_case_moves_on(
    sqlite_db: Database, server: Server, hire: Hire
) -> None:
    pages = hire(url_of(sqlite_db), "rotuma-1").pages
    submit_and_wait(sqlite_db)
    pages.pause(SERVICE, True)
    until(lambda: not pages.run_in(SERVICE, "Running"))
    server.kill()
    case_id = submit_birth(sqlite_db).case_id  # is accepted all the same
    server.forget_everything()
    server.start()
    until(lambda: is_advanced(sqlite_db, case_id))
    deadlines = until(lambda: pages.deployment("deadlines"))
    assert deadlines["schedules"]
