"""Processor time and memory of the processes a measurement concerns, by what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psutil

KINDS = {
    "letter_process": "letters",
    "gunicorn": "web",
    "cli.main worker": "worker",
    "prefect": "prefect",
    "cli.main run": "run",
}


class Processor:
    """Processor seconds by kind of process since it was made.

    roots: process ids by name; the children of each are counted under the kind that their command line
    tells, else under the name of their root. A process that has ended counts as far as it was last seen.
    """

    def __init__(self, roots: Mapping[str, Sequence[int]]) -> None:
        self._roots = roots
        self._before = self._seconds()
        self._latest = dict(self._before)

    def used(self) -> dict[str, float]:
        """Return the seconds used so far by each kind."""
        self._latest |= self._seconds()
        total: dict[str, float] = defaultdict(float)
        for (name, pid), seconds in self._latest.items():
            total[name] += seconds - self._before.get((name, pid), 0.0)
        return dict(total)

    def _seconds(self) -> dict[tuple[str, int], float]:
        found = {}
        for name, pids in self._roots.items():
            for process in _with_children(pids):
                with suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    found[_kind(process, name), process.pid] = times.user + times.system
        return found


def _with_children(pids: Sequence[int]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            found |= {one.pid: one for one in (process, *process.children(recursive=True))}
    return list(found.values())


def _kind(process: psutil.Process, otherwise: str) -> str:
    command = " ".join(process.cmdline())
    return next((kind for part, kind in KINDS.items() if part in command), otherwise)


def postmaster() -> list[int]:
    """Return the process id of the PostgreSQL server on this machine, in a list; none if it is elsewhere."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            parent = process.parent()
            if parent is None or parent.name() != "postgres":
                return [process.pid]
    return []


def memory(pid: int) -> dict[str, Any]:
    """Return RSS and PSS in MB of a process and all its children, together and by kind.

    PSS counts memory that processes share only once, so it is what they weigh together.
    """
    rss: dict[str, float] = defaultdict(float)
    pss: dict[str, float] = defaultdict(float)
    for process in _with_children([pid]):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            info, kind = process.memory_full_info(), _kind(process, "run")
            rss[kind] += info.rss / 1_000_000
            pss[kind] += info.pss / 1_000_000
    return {
        "rss_mb": round(sum(rss.values())),
        "pss_mb": round(sum(pss.values())),
        "pss_mb_by_kind": {kind: round(size) for kind, size in sorted(pss.items())},
    }
