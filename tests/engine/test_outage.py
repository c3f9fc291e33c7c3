"""Prefect's server dies, and comes back knowing nothing: nobody at a counter notices, and no case is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.conftest import new_scene, scene, template  # noqa: F401
from tests.chaos.scene import Scene
from tests.engine.prefect_side import Server, WorkerProcess, until

pytestmark = pytest.mark.engine
SERVICE = "birth-registration"
WAITS = "SELECT kind FROM journal WHERE status = 'open'"


@pytest.fixture
def worker(server: Server, scene: Scene) -> Iterator[WorkerProcess]:  # noqa: F811
    """A real worker on the scene's database."""
    kind = scene.url.partition(":")[0].partition("+")[0]
    worker = WorkerProcess(server, scene.url, scene.home, name="savusavu-1", pool=f"outage-{kind}")
    worker.start()
    yield worker
    if worker.process and worker.process.poll() is None:
        worker.process.kill()
        worker.process.wait()


def test_submissions_decisions_and_answers_are_taken_without_prefect_and_take_effect_on_an_empty_one(
    server: Server,
    scene: Scene,  # noqa: F811
    worker: WorkerProcess,
) -> None:
    early = scene.counter("ask", "", name="early")
    assert early.end() == 0, scene.logs()
    until(lambda: {row["kind"] for row in scene.sql(WAITS)} == {"question", "approval"})
    worker.pages.pause(SERVICE, True)
    until(lambda: not worker.pages.run_in(SERVICE, "Running"))
    server.kill()
    early = scene.counter("ask+answer+register", "refuse", name="early")
    late = scene.counter("register", "refuse", "ask+answer+register", name="late")
    ready = "SELECT count(*) AS n FROM cases WHERE ready"
    until(lambda: scene.sql(ready)[0]["n"] == 5)
    server.forget_everything()
    server.start()
    assert (early.end(), late.end()) == (0, 0), scene.logs()
    scene.settle()
    assert scene.faults() == []
    assert scene.sql("SELECT count(*) AS n FROM cases WHERE status = 'closed'")[0]["n"] == 5
