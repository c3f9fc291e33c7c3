"""Processes that make letters, started when there is a letter and ended when there has been none for a while.

Each is a plain new program, not a fork of the worker: it imports WeasyPrint alone, so it weighs what
letters weigh, and nothing of the worker's threads and locks gets into it. A process has one letter in hand
at a time; when it dies or takes too long it is clear which letter it was.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from cases.vocabulary import LetterVariant
from config.signing import SigningFiles
from flows.platform.letter_file import LetterFile

ROOT = Path(__file__).resolve().parents[2]
TICK_SECONDS = 3.0
DEATHS_ALLOWED = 1  # a process can be killed for reasons that aren't the letter's: once is forgiven


class LettersBroken(Exception):
    """No letter at all can be made here (fonts or a library are missing, the style sheet is wrong)."""


@dataclass(frozen=True, slots=True)
class LetterJob:
    """A letter to make: the arguments of `rendering.render_letter`."""

    template: str
    facts: dict[str, Any]
    language: str
    verify_url: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class Made:
    """A finished letter in all its variants."""

    files: Mapping[LetterVariant, LetterFile]


@dataclass(frozen=True, slots=True)
class NotMade:
    """A letter that can't be made. `cause` is equal for equal causes; neither holds personal data."""

    cause: str
    words: str


class LetterPool:
    """Makes letters in `size` processes of their own. May be used from several threads, one at a time."""

    def __init__(
        self,
        size: int = 1,
        *,
        letter_seconds: float = 20.0,
        start_seconds: float = 60.0,
        idle_seconds: float = 60.0,
        signing: SigningFiles | None = None,
    ) -> None:
        """signing: with what the PDFs are signed; None: not at all."""
        self._size = size
        self._signing = signing
        self._letter_seconds = letter_seconds
        self._start_seconds = start_seconds
        self._idle_seconds = idle_seconds
        self._processes: list[_Process] = []
        self._turn = threading.Lock()

    def make(
        self, jobs: Sequence[LetterJob], *, tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[int, Made | NotMade], None, None]:
        """Yield each job's index and what became of it, in the order in which they are done.

        tick: called every few seconds while waiting; whatever it raises ends the work.
        Raises LettersBroken when no letter could be made at all.
        """
        with self._turn:
            batch = _Batch(self, jobs, tick)
            try:
                yield from batch.run()
            finally:
                batch.abandon()

    def close(self) -> None:
        """End the processes. The pool may be used again afterwards."""
        with self._turn:
            while self._processes:
                self._processes.pop().kill()

    def pids(self) -> list[int]:
        """The process ids of the live processes, for looking at their memory."""
        return [process.pid for process in self._processes if process.is_alive()]

    def _ready_processes(self, wanted: int, tick: Callable[[], None]) -> list[_Process]:
        """The live processes, new ones among them so that there are `wanted` or the pool's size."""
        for process in [process for process in self._processes if not process.is_alive()]:
            self._drop(process)
        while len(self._processes) < min(wanted, self._size):
            process = _Process(self._idle_seconds, self._signing)
            try:
                process.wait_until_ready(self._start_seconds, tick)
            except BaseException:
                process.kill()
                raise
            self._processes.append(process)
        return self._processes

    def _drop(self, process: _Process) -> None:
        process.kill()
        self._processes.remove(process)


class _Batch:
    """One call of `LetterPool.make`: which letters wait, and which process has which in hand."""

    def __init__(self, pool: LetterPool, jobs: Sequence[LetterJob], tick: Callable[[], None]) -> None:
        self._pool = pool
        self._jobs = jobs
        self._tick = tick
        self._waiting = deque(range(len(jobs)))
        self._deaths: Counter[int] = Counter()
        self._busy: dict[_Process, tuple[int, float]] = {}

    def run(self) -> Iterator[tuple[int, Made | NotMade]]:
        while self._waiting or self._busy:
            self._hand_out()
            done = [outcome for process in self._wait() if (outcome := self._collect(process))]
            self._hand_out()  # before the caller stores a letter, so that no process waits for the disk
            yield from done

    def abandon(self) -> None:
        """End the processes that still have a letter in hand, as when the caller stops half-way."""
        for process in self._busy:
            self._pool._drop(process)

    def _hand_out(self) -> None:
        if not self._waiting:
            return
        for process in self._pool._ready_processes(len(self._waiting) + len(self._busy), self._tick):
            if process not in self._busy and self._waiting:
                index = self._waiting.popleft()
                self._busy[process] = (index, time.monotonic() + self._pool._letter_seconds)
                process.hand(self._jobs[index])

    def _wait(self) -> list[_Process]:
        """Wait for a letter, a death, the end of somebody's time, or a few seconds."""
        by_connection: dict[object, _Process] = {process.connection: process for process in self._busy}
        nearest = min(deadline for _, deadline in self._busy.values()) - time.monotonic()
        heard = wait(list(by_connection), timeout=max(0.0, min(TICK_SECONDS, nearest)))  # type: ignore[arg-type]
        self._tick()
        late = [process for process, (_, deadline) in self._busy.items() if deadline <= time.monotonic()]
        return list(dict.fromkeys([by_connection[connection] for connection in heard] + late))

    def _collect(self, process: _Process) -> tuple[int, Made | NotMade] | None:
        """What became of the letter this process has in hand; None when it is to be tried again."""
        index, _ = self._busy.pop(process)
        answer = process.answer()
        if answer is not None:
            return index, Made(*answer[1:]) if answer[0] == "made" else NotMade(*answer[1:])
        if process.is_alive():
            self._pool._drop(process)
            return index, NotMade("TimeoutError", f"not ready after {self._pool._letter_seconds:g} s")
        self._pool._drop(process)
        if not process.went_idle():
            self._deaths[index] += 1
        if self._deaths[index] > DEATHS_ALLOWED:
            return index, NotMade("ProcessDied", "the process that made it died, twice")
        self._waiting.appendleft(index)
        return None


class _Process:
    """One process and the connection to it."""

    def __init__(self, idle_seconds: float, signing: SigningFiles | None) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "flows.platform.letter_process", str(theirs.fileno())]
            paths = [str(signing.key), str(signing.certificates)] if signing else []
            self._popen = subprocess.Popen(
                [*command, str(idle_seconds), *paths],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self.connection: Connection[Any, Any] = Connection(ours.detach())
        self.pid = self._popen.pid

    def wait_until_ready(self, seconds: float, tick: Callable[[], None]) -> None:
        """Return when the process has warmed up. Raises LettersBroken when it can't."""
        deadline = time.monotonic() + seconds
        while not self.connection.poll(TICK_SECONDS):
            tick()
            if time.monotonic() > deadline:
                raise LettersBroken(f"the letter process wasn't ready after {seconds:g} s")
        answer = self.answer()
        if answer != ("ready",):
            raise LettersBroken(answer[1] if answer else "the letter process died while it started")

    def hand(self, job: LetterJob) -> None:
        """Give it a letter. If it has just died, waiting for the answer will show it."""
        with suppress(OSError):
            self.connection.send((job.template, job.facts, job.language, job.verify_url, job.issued_on))

    def answer(self) -> tuple[Any, ...] | None:
        """What it says; None when it has said nothing yet, or died."""
        try:
            if not self.connection.poll():
                return None
            answer: tuple[Any, ...] = self.connection.recv()
            return answer
        except (EOFError, OSError):
            self._popen.wait()
            return None

    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def went_idle(self) -> bool:
        """Whether it ended by itself because nothing came for a while."""
        return self._popen.poll() == 0

    def kill(self) -> None:
        self._popen.kill()
        self._popen.wait()
        self.connection.close()
