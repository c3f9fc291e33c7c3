"""The Prefect worker type `s2f`: one long-lived process that runs shifts in threads of its own.

Nothing is imported or started for a run: the flows are loaded once, and Prefect hands out their names.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import signal
import time
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import partial
from threading import Thread, current_thread
from typing import Any

import httpx
from prefect.client.schemas.objects import FlowRun
from prefect.context import SyncClientContext
from prefect.exceptions import PrefectSignal
from prefect.flow_engine import run_flow
from prefect.states import Pending
from prefect.utilities.engine import propose_state_sync
from prefect.workers.base import BaseJobConfiguration, BaseWorker, BaseWorkerResult

from cases.db import Database
from flows.engine import leases
from flows.engine.deployments import WORKER_TYPE, Deployments, Job, PatientTransport, shift_job
from flows.engine.queues import Queue
from flows.engine.relay import Relay
from flows.engine.shift import Bells, Standing

log = logging.getLogger("s2f.worker")
POLL_SECONDS, SYNC_SECONDS, REST_SECONDS, JOIN_SECONDS = 5.0, 30.0, 2.0, 30.0
RELAY = "relay"
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Worker(BaseWorker[BaseJobConfiguration, Any, BaseWorkerResult]):
    """Takes runs from the pool and works each in a thread of this process."""

    type = WORKER_TYPE
    job_configuration = BaseJobConfiguration

    def __init__(self, deployments: Deployments, standing: Standing, threads: set[Thread]) -> None:
        super().__init__(
            deployments.pool, name=deployments.worker, prefetch_seconds=2, create_pool_if_not_found=False
        )
        self.deployments, self.standing, self.threads = deployments, standing, threads

    async def run(self, *args: Any, **kwargs: Any) -> BaseWorkerResult:
        """Never called: `_submit_run` starts a thread instead of infrastructure."""
        raise NotImplementedError

    async def _submit_run(self, flow_run: FlowRun) -> None:
        context = contextvars.copy_context()  # with the client that all threads share
        thread = Thread(target=context.run, args=(self._work, flow_run), name=flow_run.name, daemon=True)
        self.threads.add(thread)
        thread.start()

    def _work(self, run: FlowRun) -> None:
        try:
            job = self.deployments.job_of(run)
            client = self.deployments.client
            if job and propose_state_sync(client, Pending(), run.id).is_pending():
                if not run.name.endswith(self.name):
                    client.set_flow_run_name(run.id, self.deployments.run_name(job.flow.name))
                run_flow(job.flow, flow_run=run, return_type="state")
        except PrefectSignal:
            log.info("%s is another worker's", run.name)
        except Exception as error:
            log.warning("%s: Prefect doesn't know how it ended: %s", run.name, type(error).__name__)
            while not self.standing.stopping.wait(REST_SECONDS):
                with contextlib.suppress(Exception):
                    return self.deployments.crashed(str(run.id))
        finally:
            self._submitting_flow_run_ids.discard(run.id)
            self.threads.discard(current_thread())

    async def serve(self, woken: asyncio.Event) -> None:
        """Take runs when woken or every few seconds, and tell Prefect that this worker lives."""
        loop = asyncio.get_running_loop()
        async with self:
            synced = loop.time()
            while not self.standing.stopping.is_set():
                woken.clear()
                try:
                    await self.get_and_submit_flow_runs()
                    if loop.time() - synced > SYNC_SECONDS or not self._has_successfully_synced:
                        await self._sync_and_initialize()
                        synced = loop.time()
                        continue
                except httpx.HTTPError:  # the relay notices too, and says so
                    await asyncio.sleep(REST_SECONDS)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), POLL_SECONDS)


def run_worker(
    db: Database,
    queues: Sequence[Queue],
    periodic: Mapping[str, Job],
    *,
    pool: str,
    name: str,
    zone: tzinfo,
) -> None:
    """Work until SIGTERM or SIGINT; then end the shifts between batches and give their leases back.

    pool: of this installation alone. name: of this worker alone. zone: of the times in names of runs.
    """
    standing, holder, threads = Standing(), f"{name}#{os.getpid()}", set[Thread]()
    bells = Bells([RELAY, *(queue.name for queue in queues)])
    jobs = {queue.name: shift_job(db, queue, standing, bells, holder) for queue in queues}
    leases.expire_leases_of_dead(db, name)
    with SyncClientContext(httpx_settings={"transport": PatientTransport()}) as context:
        deployments = Deployments(context.client, pool, {**jobs, **periodic}, worker=name, zone=zone)
        relay = Relay(db, queues, deployments, standing, holder=holder)
        log.info("worker %s works %s", name, ", ".join(jobs))
        asyncio.run(_serve(db, deployments, relay, bells, threads))
        end = time.monotonic() + JOIN_SECONDS
        for thread in list(threads):
            thread.join(max(0.0, end - time.monotonic()))
    log.info("worker %s has stopped", name)


async def _serve(
    db: Database, deployments: Deployments, relay: Relay, bells: Bells, threads: set[Thread]
) -> None:
    loop, woken, standing = asyncio.get_running_loop(), asyncio.Event(), relay.standing

    def stop() -> None:
        log.info("stopping: shifts end after their batch")
        for signum in STOP_SIGNALS:
            loop.remove_signal_handler(signum)  # a second one ends the process at once
        standing.stopping.set()
        bells.ring()
        woken.set()

    def listen() -> None:
        for queue in db.listen(standing.stopping):
            bells.ring(queue)
            bells.of[RELAY].set()

    for signum in STOP_SIGNALS:
        loop.add_signal_handler(signum, stop)
    relay.on_run = lambda: loop.call_soon_threadsafe(woken.set)
    for name, task in (("relay", partial(relay.run, bells.of[RELAY])), ("listen", listen)):
        threads.add(Thread(target=task, name=name, daemon=True))
    for thread in list(threads):
        thread.start()
    while not standing.stopping.is_set():
        try:
            await Worker(deployments, standing, threads).serve(woken)
        except Exception as error:
            log.warning("the worker begins again: %s", type(error).__name__)
            await asyncio.sleep(REST_SECONDS)
