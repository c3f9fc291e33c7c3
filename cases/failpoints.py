"""Named places where a test can make the process die.

`S2F_FAILPOINT=name` kills the process (SIGKILL, as a power cut would) when it first passes `name`;
`S2F_FAILPOINT=name:3` at the third passing; `S2F_FAILPOINT=name:1:stop` stops it there instead (SIGSTOP),
until it gets SIGCONT. Without the variable a failpoint does nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from functools import cache

_passed: Counter[str] = Counter()

FAILPOINTS: frozenset[str] = frozenset(
    {
        "submit.before-commit",
        "submit.after-commit",
        "import.before-commit",
        "import.after-commit",
        "decide.before-commit",
        "decide.after-commit",
        "answer.before-commit",
        "answer.after-commit",
        "confirm_receipt.before-commit",
        "confirm_receipt.after-commit",
        "hand_over.before-commit",
        "hand_over.after-commit",
        "close_batch.before-commit",
        "close_batch.after-commit",
        "confirm_batch.before-commit",
        "confirm_batch.after-commit",
        "claim.before-commit",
        "claim.after-commit",
        "release.before-commit",
        "release.after-commit",
        "withdraw.before-commit",
        "withdraw.after-commit",
        "rewind.before-commit",
        "rewind.after-commit",
        "reopen.before-commit",
        "reopen.after-commit",
        "retry.before-commit",
        "retry.after-commit",
        "advance.before-commit",
        "advance.after-commit",
        "activate.before-begin-commit",
        "activate.after-begin-commit",
        "activate.before-pass-commit",
        "activate.after-pass-commit",
        "lease.before-request-commit",
        "lease.after-request-commit",
        "relay.after-create-run",
        "lease.before-expire-commit",
        "lease.after-expire-commit",
        "lease.before-live-commit",
        "lease.after-live-commit",
        "lease.before-hold-commit",
        "lease.after-hold-commit",
        "lease.before-keep-commit",
        "lease.after-keep-commit",
        "lease.before-acquit-commit",
        "lease.after-acquit-commit",
        "lease.before-finish-commit",
        "lease.after-finish-commit",
        "letter.before-claim-commit",
        "letter.after-claim-commit",
        "letter.after-render",
        "letter.after-store",
        "letter.before-finish-commit",
        "letter.after-finish-commit",
        "message.before-claim-commit",
        "message.after-claim-commit",
        "message.after-send",
        "message.before-finish-commit",
        "message.after-finish-commit",
        "deadline.before-commit",
        "deadline.after-commit",
        "rung.before-commit",
        "rung.after-commit",
    }
)


def failpoint(name: str) -> None:
    """Die (or stand still) here if the environment says so.

    Raises KeyError for a name that `FAILPOINTS` doesn't list, so that the list stays complete.
    """
    if name not in FAILPOINTS:
        raise KeyError(f"failpoint {name!r} is not listed in cases/failpoints.py")
    armed, target, what = _armed()
    if name == armed:
        _passed[name] += 1
        if _passed[name] == target:
            # To this thread, which then does nothing more; the signal takes the whole process all the same.
            signal.pthread_kill(threading.get_ident(), what)


@cache
def _armed() -> tuple[str, int, signal.Signals]:
    """Which failpoint is armed, at which passing, and what happens there; read when one is first passed."""
    name, nth, how, *_ = [*os.environ.get("S2F_FAILPOINT", "").split(":"), "", ""]
    return name, int(nth) if nth.isdigit() else 1, signal.SIGSTOP if how == "stop" else signal.SIGKILL
