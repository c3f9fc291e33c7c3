"""Child programs under one foreground program: started, watched, started again, and stopped.

Each writes its log to a file of its own, so that a terminal that is held (Ctrl-S) holds none of them; the
warnings in the files are repeated on the terminal. Each is a process group of its own, so that Ctrl-C
reaches only this program, which then stops them in order. On Linux they are also told to end when this
program dies, even by SIGKILL.
"""

from __future__ import annotations

import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
STEADY_AFTER = 60.0  # a program that ran so long starts again after the first pause
TICK = 0.5
STOP_WITHIN = 40.0  # a shift ends after its batch, a letter may take half a minute
LARGEST_LOG = 20_000_000
MOST_REPEATED = 20  # lines of a log a tick
WARNING = re.compile(r"\b(WARNING|ERROR|CRITICAL|Traceback)\b")
PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass
class Program:
    """A program to run.

    stopped: in which round of stopping it is told to end (the lowest first). repeated: whether warnings in
    its log are repeated on the terminal.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Path
    stopped: int = 0
    repeated: bool = True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float | None = None
    read_to: int = 0

    def start(self) -> None:
        """Start it, adding to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.read_to = log.tell()
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=_end_with_parent(os.getpid()),
            )
        self.started, self.again_at = time.monotonic(), None

    def has_ended(self) -> bool:
        """Whether it ran and has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def ask_to_end(self) -> None:
        """Ask it to end in its own good order; what it started is its own business then."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def plan_next_start(self) -> float:
        """After its end, choose when it starts again; return the pause in seconds."""
        steady = time.monotonic() - self.started > STEADY_AFTER
        self.failures = 0 if steady else self.failures + 1
        pause: float = min(FIRST_PAUSE * 2 ** max(self.failures - 1, 0), LONGEST_PAUSE)
        self.process, self.again_at = None, time.monotonic() + pause
        return pause

    def new_warnings(self) -> list[str]:
        """Return the lines with warnings that were added to the log since the last call, at most
        MOST_REPEATED."""
        if not self.repeated or not self.log.exists():
            return []
        with self.log.open("rb") as log:
            log.seek(self.read_to if self.log.stat().st_size >= self.read_to else 0)
            added = log.read()
            self.read_to = log.tell()
        lines = added.decode(errors="replace").splitlines()
        return [line for line in lines if WARNING.search(line)][-MOST_REPEATED:]

    def keep_log_small(self) -> None:
        """Set a log that has grown too large aside as <name>.log.1; the program goes on writing."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(self.log, self.log.with_name(f"{self.log.name}.1"))
            os.truncate(self.log, 0)
            self.read_to = 0


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    """Return what a child does before its program starts: ask Linux for SIGTERM at its parent's death."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask


class Programs:
    """Runs programs until SIGINT, SIGTERM or SIGHUP. Single-threaded: the death signal of a child is
    bound to the thread that started it."""

    def __init__(self, programs: Sequence[Program], say: Say) -> None:
        self.programs = programs
        self.say = say
        self.stopping = False
        self.stop_within = STOP_WITHIN
        self._signals, self._signalled = os.pipe()
        os.set_blocking(self._signals, False)
        os.set_blocking(self._signalled, False)

    def listen(self) -> None:
        """Take over the signals that stop a foreground program."""
        signal.set_wakeup_fd(self._signalled, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the end of a child wakes us

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping:  # asked for the second time
            for program in self.programs:
                program.kill()
        self.stopping = True

    def pause(self, seconds: float = TICK) -> None:
        """Wait, but not beyond a signal."""
        if select.select([self._signals], [], [], seconds)[0]:
            os.read(self._signals, 4096)

    def watch(self) -> None:
        """Repeat warnings and start again what has died, until it is time to stop."""
        while not self.stopping:
            self.look_after_all()
            self.pause()

    def look_after_all(self) -> None:
        """Do for every program what is to be done now."""
        for program in self.programs:
            self.look_after(program)

    def look_after(self, program: Program) -> None:
        """Do for one program what is to be done now."""
        program.keep_log_small()
        for line in program.new_warnings():
            self.say(f"{program.name}: {line}")
        if program.has_ended() and program.process is not None:
            status = program.process.returncode
            how = f"exit status {status}" if status >= 0 else f"signal {-status}"
            program.kill()  # what it may have left behind
            pause = program.plan_next_start()
            self.say(
                f"{program.name} has ended ({how}); it starts again in {pause:.0f} s. Its log: {program.log}"
            )
        elif program.again_at is not None and time.monotonic() >= program.again_at:
            program.start()

    def stop(self) -> None:
        """Stop everything, round by round; kill what doesn't end in time."""
        for stopped in sorted({program.stopped for program in self.programs}):
            group = [program for program in self.programs if program.stopped == stopped]
            for program in group:
                program.ask_to_end()
            self._wait_for(group)
            for program in group:
                program.kill()

    def _wait_for(self, group: Sequence[Program]) -> None:
        until = time.monotonic() + self.stop_within
        while any(program.process and program.process.poll() is None for program in group):
            if time.monotonic() > until:
                names = ", ".join(program.name for program in group if not program.has_ended())
                self.say(f"{names} didn't end within {self.stop_within:.0f} s and will be killed")
                return
            self.pause(0.1)
