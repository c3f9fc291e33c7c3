"""The periodic Prefect flows. Each does one thing on a schedule, which an operator may edit in Prefect."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import State
from prefect.context import SyncClientContext
from prefect.states import Completed, Crashed, Failed

from cases.db import Database
from cases.files import FileStore
from cases.standards import Standards
from flows.engine.deployments import Job, in_pool, publish
from flows.engine.leases import read_leases
from flows.engine.queues import BatchReport
from flows.platform.deadlines import climb_ladders, sweep_deadlines
from flows.platform.housekeeping import tidy, tidy_files
from flows.platform.prefect_settings import KEPT_DAYS

log = logging.getLogger("s2f.periodic")
EVERY_MINUTE = timedelta(seconds=60)
NIGHTLY = "20 2 * * *"
STRAY_AFTER = timedelta(minutes=30)
MOST_BATCHES = 400  # of Prefect's fifty runs each


def periodic_jobs(db: Database, files: FileStore, standards: Standards, pool: str) -> dict[str, Job]:
    """Return the periodic flows by name."""
    return {
        "deadlines": periodic_job(
            "deadlines",
            lambda: _deadlines(db, standards),
            EVERY_MINUTE,
            "Closes waits whose time has run out, and climbs the ladders of what is late",
        ),
        "housekeeping": periodic_job(
            "housekeeping",
            lambda: _housekeeping(db, files, pool),
            NIGHTLY,
            f"Deletes old drafts and counts, and Prefect's own records of more than {KEPT_DAYS} days",
        ),
    }


def periodic_job(name: str, work: Callable[[], BatchReport], every: timedelta | str, description: str) -> Job:
    """Return a Prefect flow that calls `work` and shows its report when there is something to show."""

    def run() -> State[Any]:
        try:
            report = work()
        except Exception as error:  # Prefect would show its words, which may hold personal data
            log.exception("%s failed", name)
            return Failed(message=type(error).__name__)
        end = ", ".join(f"{count} {what}" for what, count in sorted(report.counts.items())) or "nothing due"
        if report.counts or report.incidents:
            publish(name, report, end)
        return Completed(message=end)

    flow = Flow(run, name=name, persist_result=False, validate_parameters=False)
    return Job(flow, description, every)


def _deadlines(db: Database, standards: Standards) -> BatchReport:
    swept = sweep_deadlines(db, now=datetime.now(UTC))
    counts = Counter({"expired": swept.expired, "held": int(swept.held is not None)})
    if swept.held is None:  # a wrong clock must not tell thousands of families that they wait too long
        counts += climb_ladders(db, standards, now=datetime.now(UTC))
    incidents = [f"waits for an operator's word: {swept.held}"] if swept.held else []
    return BatchReport(counts.total() - counts["held"], +counts, incidents=incidents)


def _housekeeping(db: Database, files: FileStore, pool: str) -> BatchReport:
    counts = Counter(tidy(db, now=datetime.now(UTC)))
    counts.update(tidy_files(db, files, now=datetime.now(UTC)))
    with SyncClientContext.get_or_create() as context:
        counts["runs closed"] = close_strays(context.client, db, pool, now=datetime.now(UTC))
        counts["runs forgotten"] = forget_old_runs(context.client, pool, now=datetime.now(UTC))
    return BatchReport(counts.total(), +counts)


def close_strays(client: SyncPrefectClient, db: Database, pool: str, *, now: datetime) -> int:
    """Mark as Crashed what Prefect believes to be running though no lease says so; return how many.

    Prefect keeps a run in Running for ever when its process died while the server was away.
    """
    with db.read() as connection:
        live = {row.flow_run_id for row in read_leases(connection).values()}
    begun = {"before_": (now - STRAY_AFTER).isoformat()}
    running = {
        "state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}},
        "expected_start_time": begun,
    }
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter.model_validate(running),
        work_pool_filter=in_pool(pool),
        limit=200,
    )
    strays = [run.id for run in runs if str(run.id) not in live]
    for run_id in strays:
        state: State[Any] = Crashed(message="no worker has it")
        client.set_flow_run_state(run_id, state, force=True)
    return len(strays)


def forget_old_runs(client: SyncPrefectClient, pool: str, *, now: datetime) -> int:
    """Delete Prefect's runs of our pool that ended more than 14 days ago; return how many.

    The embedded server does so by itself; an existing one may keep its runs longer.
    """
    of_pool = client.read_deployments(work_pool_filter=in_pool(pool))
    before = (now - timedelta(days=KEPT_DAYS)).isoformat()
    old = {
        "end_time": {"before_": before},
        "deployment_id": {"any_": [str(deployment.id) for deployment in of_pool]},
    }
    forgotten, anything = 0, cast(Any, client)  # the client knows no type for this address
    for _ in range(MOST_BATCHES):
        deleted = anything.request("POST", "/flow_runs/bulk_delete", json={"flow_runs": old}).json()[
            "deleted"
        ]
        if not deleted:
            break
        forgotten += len(deleted)
    return forgotten
