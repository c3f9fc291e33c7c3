"""What happens behind the pages, done at once: cases advanced, letters made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from cases.db import Database
from cases.files import FileKind, FileStore
from cases.letters import KIND_OF, IssuedFile, claim_letters, finish_letter
from cases.vocabulary import LetterVariant
from config.settings import Settings
from flows.engine.advance import advance, ready_ids
from flows.engine.runtime import Runtime, load_runtimes

SMALL_PDF = b"%PDF-1.7\n%%EOF\n"
runtimes = cache(load_runtimes)


def advance_all(db: Database, now: datetime) -> None:
    """Advance every case that is ready until none is."""
    for runtime in runtimes().values():
        while ids := _ready(db, runtime):
            advance(db, runtime, ids, now=now)


def _ready(db: Database, runtime: Runtime) -> list[int]:
    with db.read() as connection:
        return ready_ids(connection, runtime.flow, limit=50)


def make_letters(db: Database, settings: Settings, now: datetime, pdf: bytes = SMALL_PDF) -> None:
    """Issue every letter that was asked for, with `pdf` as its file."""
    digest = FileStore(settings.home).put(FileKind.LETTER, pdf)
    files = {LetterVariant.PDF: IssuedFile(digest, len(pdf), 1)}
    with db.write() as connection:
        works = claim_letters(connection, holder="test", now=now, limit=50, hold_for=timedelta(minutes=1))
        for work in works:
            finish_letter(connection, work, files=files, now=now)


def make_real_letters(
    db: Database, settings: Settings, now: datetime, sign: Callable[[bytes, str], bytes] | None = None
) -> None:
    """Issue every letter that was asked for as a letter process makes it, in every form."""
    from flows.platform.rendering import render_letter  # takes its time to load

    store = FileStore(settings.home)
    with db.write() as connection:
        for work in claim_letters(
            connection, holder="test", now=now, limit=50, hold_for=timedelta(minutes=1)
        ):
            made = render_letter(
                work.template,
                work.facts,
                language=work.language,
                verify_url=f"https://births.example.org/verify/{work.code}",
                issued_on=now.date(),
                sign=sign,
            )
            files = {
                variant: IssuedFile(store.put(KIND_OF[variant], file.content), len(file.content), file.pages)
                for variant, file in made.files.items()
            }
            finish_letter(connection, work, files=files, now=now)
