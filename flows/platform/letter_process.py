"""The process that lays letters out: started by `letter_pool`, never imported by it.

It imports WeasyPrint (the worker doesn't, which keeps that one small), warms up, says so, and then makes
one letter after another. It ends when nothing came for a while, when the pool closes the connection, and
when the worker dies, even in the middle of a letter.

    python -m flows.platform.letter_process FILE_DESCRIPTOR IDLE_SECONDS
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from traceback import extract_tb
from typing import Any

NICENESS = 10  # people who wait for a page come before letters


def main(descriptor: int, idle_seconds: float) -> None:
    """Serve the pool at the other end of the socket until it has nothing to do for `idle_seconds`."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which then ends this process
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the worker is gone
        _serve(Connection(descriptor), idle_seconds)


def _serve(connection: Connection[Any, Any], idle_seconds: float) -> None:
    try:
        from flows.platform.rendering import warm_up

        warm_up()
    except Exception as error:
        connection.send(("broken", f"{type(error).__name__}: {error}"))
        return
    connection.send(("ready",))
    patience = None  # for the first letter, for which the pool started this process
    while connection.poll(patience):
        connection.send(_make(*connection.recv()))
        patience = idle_seconds


def _make(
    template: str, facts: dict[str, Any], language: str, verify_url: str, issued_on: date
) -> tuple[Any, ...]:
    """The letter as ("made", pdf, pages), or ("failed", cause, words) without personal data."""
    from flows.platform.rendering import LetterFailed, render_letter

    try:
        letter = render_letter(template, facts, language=language, verify_url=verify_url, issued_on=issued_on)
    except LetterFailed as error:
        return ("failed", type(error).__name__, str(error))
    except Exception as error:  # its words may quote the letter: the class and the place must do
        place = extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return ("failed", type(error).__name__, f"{type(error).__name__} at {where}")
    return ("made", letter.pdf, letter.pages)


def _end_with_parent(parent: int) -> None:
    """End this process within a second of the worker; the connection is only looked at between letters."""
    while os.getppid() == parent:
        _PAUSE.wait(1.0)
    os._exit(1)


_PAUSE = threading.Event()

if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
