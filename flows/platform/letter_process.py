"""The process that lays letters out: started by `letter_pool`, never imported by it.

It imports WeasyPrint (the worker doesn't, which keeps that one small), warms up, says so, and then makes
one letter after another, signed if it is given a key and its certificates (PEM files). It ends when nothing
came for a while, after many letters, when the pool closes the connection, and when the worker dies, even in
the middle of a letter.

    python -m flows.platform.letter_process FILE_DESCRIPTOR IDLE_SECONDS [KEY CERTIFICATES]
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from traceback import extract_tb
from typing import Any

NICENESS = 10  # people who wait for a page come before letters
MOST_LETTERS = 5_000  # then a new process: signing leaves 2 KB behind each time, in a library beneath Python


def main(descriptor: int, idle_seconds: float, *signing: str) -> None:
    """Serve the pool at the other end of the socket until it has nothing to do for `idle_seconds`."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which then ends this process
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the worker is gone
        _serve(Connection(descriptor), idle_seconds, [Path(path) for path in signing])


def _serve(connection: Connection[Any, Any], idle_seconds: float, signing: list[Path]) -> None:
    try:
        from flows.platform.rendering import warm_up

        sign = _signer(*signing) if signing else None
        warm_up()
    except Exception as error:
        connection.send(("broken", f"{type(error).__name__}: {error}"))
        return
    connection.send(("ready",))
    patience = None  # for the first letter, for which the pool started this process
    for _ in range(MOST_LETTERS):
        if not connection.poll(patience):
            return
        connection.send(_make(*connection.recv(), sign=sign))
        patience = idle_seconds


def _signer(key: Path, certificates: Path) -> Callable[[bytes, str], bytes]:
    """What signs. Raises ConfigError also for a certificate that has run out since the start."""
    from config.signing import SigningFiles, check_signing
    from flows.platform.signing import LetterSigner

    files = SigningFiles(key, certificates)
    check_signing(files, now=datetime.now(UTC))
    return LetterSigner(files)


def _make(
    template: str,
    facts: dict[str, Any],
    language: str,
    verify_url: str,
    issued_on: date,
    *,
    sign: Callable[[bytes, str], bytes] | None,
) -> tuple[Any, ...]:
    """The letter as ("made", its files), or ("failed", cause, words) without personal data."""
    from flows.platform.letter_html import LetterFailed
    from flows.platform.rendering import render_letter

    try:
        letter = render_letter(
            template, facts, language=language, verify_url=verify_url, issued_on=issued_on, sign=sign
        )
    except LetterFailed as error:
        return ("failed", type(error).__name__, str(error))
    except Exception as error:  # its words may quote the letter: the class and the place must do
        place = extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return ("failed", type(error).__name__, f"{type(error).__name__} at {where}")
    return ("made", letter.files)


def _end_with_parent(parent: int) -> None:
    """End this process within a second of the worker; the connection is only looked at between letters."""
    while os.getppid() == parent:
        _PAUSE.wait(1.0)
    os._exit(1)


_PAUSE = threading.Event()

if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
