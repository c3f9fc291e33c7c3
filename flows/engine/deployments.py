"""What Prefect is told: one pool, and a queue, a flow and a deployment for each kind of work.

On Prefect's pages an operator pauses the pool (everything) or one queue (one service), and edits the
schedules of the periodic flows. What exists already is therefore left as it is.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

import httpx
from prefect import Flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Cancelled, Completed, Crashed, Failed

from cases.db import Database
from flows.engine import leases
from flows.engine.leases import Request
from flows.engine.queues import BatchReport, Queue
from flows.engine.shift import Bells, End, Shift, Standing

log = logging.getLogger("s2f.worker")

WORKER_TYPE = "s2f"
MOST_SHOWN = 500
STATES = {End.CANCELLED: Cancelled, End.LOST: Crashed, End.ERRORS: Failed}
CANCELLING = FlowRunFilter.model_validate({"state": {"type": {"any_": ["CANCELLING"]}}})


def in_pool(pool: str) -> WorkPoolFilter:
    """Return Prefect's filter for what belongs to a pool."""
    return WorkPoolFilter.model_validate({"name": {"any_": [pool]}})


@dataclass(frozen=True)
class Job:
    """A Prefect flow to be deployed; `every` is its first schedule (an interval, or a cron line)."""

    flow: Flow[..., Any]
    description: str
    every: timedelta | str | None = None


class PatientTransport(httpx.HTTPTransport):
    """Asks again soon after "503", which Prefect's server says when two writers meet on SQLite."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for pause in (0.05, 0.1, 0.2, 0.4):  # Prefect's own client would wait two seconds
            response = super().handle_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return response
            response.close()
            time.sleep(pause)
        return super().handle_request(request)


class Deployments:
    """The jobs of this process as Prefect knows them: the relay's Orchestrator.

    Every method raises what Prefect's client raises (httpx errors, PrefectException).
    """

    def __init__(
        self, client: SyncPrefectClient, pool: str, jobs: Mapping[str, Job], *, worker: str, zone: tzinfo
    ) -> None:
        self.client, self.pool, self.jobs, self.worker, self.zone = client, pool, jobs, worker, zone
        self.ids: dict[str, UUID] = {}

    def register(self) -> None:
        """Make the pool and the deployments that are missing."""
        with contextlib.suppress(ObjectAlreadyExists):
            self.client.create_work_pool(WorkPoolCreate(name=self.pool, type=WORKER_TYPE))
        for name, job in self.jobs.items():
            try:
                self.ids[name] = self.client.read_deployment_by_name(f"{name}/{self.pool}").id
            except ObjectNotFound:
                self.ids[name] = self._create(name, job)

    def _create(self, name: str, job: Job) -> UUID:
        schedule: Any = IntervalSchedule(interval=job.every) if isinstance(job.every, timedelta) else None
        if isinstance(job.every, str):
            schedule = CronSchedule(cron=job.every, timezone=str(self.zone))
        return self.client.create_deployment(
            flow_id=self.client.create_flow_from_name(name),
            name=self.pool,
            description=job.description,
            work_pool_name=self.pool,
            work_queue_name=name,
            schedules=[DeploymentScheduleCreate(schedule=schedule)] if schedule else [],
            enforce_parameter_schema=False,
            tags=[name],
        )

    def start(self, request: Request) -> None:
        """Create the run of a requested shift, unless it exists.

        A run of that key that has ended is another's: an operator cancelled it, or our database was put
        back to an older state and its epochs come again. Then the next run has a key that follows from it.
        """
        name, key = request.queue, f"{request.queue}:{request.slot}:{request.epoch}"
        run: FlowRun | None = None
        try:
            while run is None or (run.state and run.state.is_final()):
                run = self.client.create_flow_run_from_deployment(
                    self.ids[name],
                    parameters={"slot": request.slot, "epoch": request.epoch},
                    idempotency_key=f"{self.pool}:{key}:{run.id}" if run else f"{self.pool}:{key}",
                    name=self.run_name(name),
                    tags=[name, f"slot-{request.slot}"],
                )
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                self.ids.clear()  # the next look registers again
            raise

    def crashed(self, run_id: str) -> None:
        """Mark a run as Crashed whose lease was taken over, unless Prefect has forgotten it."""
        with contextlib.suppress(ObjectNotFound):
            died: State[None] = Crashed(
                message="its worker died or stood still, and the lease was taken over"
            )
            self.client.set_flow_run_state(run_id, died, force=True)

    def look(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the paused queues and the ids of cancelled runs; register again what is missing."""
        try:
            pool, queues = self.client.read_work_pool(self.pool), self.client.read_work_queues(self.pool)
        except ObjectNotFound:
            pool, queues = None, []
        if pool is None or not self.ids or not self.jobs.keys() <= {queue.name for queue in queues}:
            self.register()
        paused = {queue.name for queue in queues if queue.is_paused or (pool and pool.is_paused)}
        cancelled = self.client.read_flow_runs(
            flow_run_filter=CANCELLING, work_pool_filter=in_pool(self.pool)
        )
        return frozenset(paused), frozenset(str(run.id) for run in cancelled)

    def job_of(self, run: FlowRun) -> Job | None:
        """Return the job that the run is of; None if this process has no such job."""
        if run.deployment_id not in self.ids.values():
            self.register()
        names = {id_: name for name, id_ in self.ids.items()}
        return self.jobs.get(names.get(run.deployment_id, "")) if run.deployment_id else None

    def run_name(self, name: str) -> str:
        """Return e.g. "birth-registration shift 2026-11-23 14:05 suva-1"."""
        return f"{name} shift {datetime.now(self.zone):%Y-%m-%d %H:%M} {self.worker}"


def shift_job(db: Database, queue: Queue, standing: Standing, bells: Bells, holder: str) -> Job:
    """Return the Prefect flow whose runs are shifts of the queue."""

    def shift(slot: int = 0, epoch: int | None = None) -> State[None]:
        context = FlowRunContext.get()
        run_id = str(context.flow_run.id) if context and context.flow_run else ""
        try:
            asked = Request(queue.name, slot, epoch) if epoch else None
            asked = asked or leases.request(db, queue.name, slot, holder)  # started by an operator
            lease = leases.take(db, asked, holder=holder, flow_run_id=run_id) if asked else None
            if lease is None:
                return Completed(message="another shift has this slot")
            work = Shift(db, queue, lease, standing, bells.of[queue.name], run_id)
            end = work.run()
            publish(queue.name, work.report, end)
            return STATES.get(end, Completed)(message=f"{work.report.done} done; {end}")
        except Exception as error:  # Prefect would show its words, which may hold personal data
            log.exception("a shift of %s failed", queue.name)
            return Failed(message=type(error).__name__)

    flow = Flow(shift, name=queue.name, persist_result=False, validate_parameters=False)
    return Job(flow, f"Shifts of {queue.name}: each works what is ready, in batches")


def publish(name: str, report: BatchReport, end: str) -> None:
    """Show in Prefect what a run did: counts, incidents (exception classes) and references."""
    lines = [f"**{report.done} done; {end}.**", "", "| What | Count |", "| --- | --- |"]
    lines += [f"| {what} | {count} |" for what, count in sorted(report.counts.items())]
    for title, items in (("Incidents", report.incidents), ("References", report.references)):
        more = f" and {len(items) - MOST_SHOWN} more" if len(items) > MOST_SHOWN else ""
        lines += ["", f"{title}: {', '.join(items[:MOST_SHOWN]) or 'none'}{more}"]
    try:
        create_markdown_artifact("\n".join(lines), key=f"{name}-report", description=f"{name}: {end}")
    except Exception as error:
        log.warning("Prefect has no report of a run of %s: %s", name, type(error).__name__)
