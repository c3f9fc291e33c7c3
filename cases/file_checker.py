"""The program that opens what people upload: short-lived, bounded, and started by `cases/uploads.py`.

    check SECONDS FD ...     each file checked, shrunk or cleaned
    page SECONDS FD PAGE     one page of a PDF as a picture
    letter SECONDS FD CERTS  the codes of letters in it, and whether it bears one of these signatures

It is given nothing but open files. For each it writes a line of JSON and then the bytes that line announces;
when it dies, the file it was at is the one without a line.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from config.uploads import LIMITS, Refusal

JPEG = "image/jpeg"
PDF = "application/pdf"


def main(arguments: Sequence[str]) -> None:
    """Do what the arguments say (see above), within the limits."""
    _bound_memory()
    command, (seconds, *numbers) = arguments[0], map(int, arguments[1:])
    if command == "check":
        for number in numbers:
            _bound_time(seconds)
            _answer(*_checked(number))
    elif command == "page":
        descriptor, page = numbers
        _bound_time(seconds)
        _answer(*_page(descriptor, page))
    else:
        _bound_time(seconds)
        _answer_letter(*numbers)


def _bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMITS.check_memory, LIMITS.check_memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has no business writing files


def _bound_time(seconds: int) -> None:
    """Let the next file have so many seconds of the processor; the kernel ends the process after that."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


Told = tuple[dict[str, Any], bytes, bytes]


def _checked(descriptor: int) -> Told:
    from cases.pictures import Refused

    try:
        with os.fdopen(descriptor, "rb") as file:
            return _opened(file)
    except Refused as refused:
        return _refusal(refused.reason)
    except MemoryError:
        return _refusal(Refusal.TOO_MUCH_WORK)
    except Exception:  # whatever a library says of a file that it can't open: it can't be opened
        return _refusal(Refusal.BROKEN)


def _refusal(reason: Refusal) -> Told:
    return {"refused": reason}, b"", b""


def _opened(file: BinaryIO) -> Told:
    from cases.pictures import picture_format, shrink

    head = file.read(1024)
    file.seek(0)
    if not head:
        return _refusal(Refusal.EMPTY)
    if format_name := picture_format(head):
        picture = shrink(file, format_name)
        return {"media_type": JPEG, "pages": 1}, picture.jpeg, picture.thumbnail
    if b"%PDF-" not in head:
        return _refusal(Refusal.NOT_A_PAPER)
    from cases.pdfs import clean_pdf, page_picture

    content, pages = clean_pdf(file)
    return {"media_type": PDF, "pages": pages}, content, page_picture(content, 0).thumbnail


def _page(descriptor: int, page: int) -> Told:
    from cases.pdfs import page_picture

    try:
        with os.fdopen(descriptor, "rb") as file:
            picture = page_picture(file.read(), page)
    except Exception:
        return _refusal(Refusal.BROKEN)
    return {"media_type": JPEG, "pages": 1}, picture.jpeg, picture.thumbnail


def _answer_letter(descriptor: int, certificates: int) -> None:
    from cases.letter_evidence import evidence

    os.nice(5)  # whoever asks is a stranger; the pages of those who apply come first
    with os.fdopen(descriptor, "rb") as file, os.fdopen(certificates, "rb") as ours:
        print(json.dumps(evidence(file.read(), ours.read())))


def _answer(told: dict[str, Any], content: bytes, thumbnail: bytes) -> None:
    told |= {"content": len(content), "thumbnail": len(thumbnail)}
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content + thumbnail)
        sys.stdout.buffer.flush()
