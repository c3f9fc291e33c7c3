"""What is thrown away each night: drafts nobody came back to with their messages and files, wrong tries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import delete

from cases.db import Database
from cases.decision_drafts import forget_settled
from cases.documents import forget_unsent, needed_files
from cases.files import FileKind, FileStore
from cases.models import Draft, Message
from cases.people import forget_old_tries
from cases.retention import DRAFTS_KEPT

MOST_AT_ONCE = 500
SAFE_AGE = timedelta(days=1)
"""How long a file stays whatever the rows say: it is stored before its row is written."""
LOOKED_FOR = timedelta(days=8)
"""How old the files are among which strays are looked for, which a crash between the two leaves behind."""


def tidy(db: Database, *, now: datetime) -> dict[str, int]:
    """Delete what has served its time; return how many rows by what they were."""
    with db.write() as connection:
        drafts = connection.execute(delete(Draft).where(Draft.updated_at < now - DRAFTS_KEPT)).rowcount
        of_drafts = Message.case_id.is_(None) & (Message.created_at < now - DRAFTS_KEPT)
        connection.execute(delete(Message).where(of_drafts))
        return {
            "drafts": drafts,
            "words on settled tasks": forget_settled(connection, now=now),
            "wrong tries": forget_old_tries(connection, now=now),
        }


def tidy_files(db: Database, files: FileStore, *, now: datetime) -> dict[str, int]:
    """Delete documents that were never sent, and every file that no row needs; return how many of each.

    Run it after `tidy`, which deletes the drafts that documents are with.
    """
    with db.write() as connection:
        forgotten = forget_unsent(connection, before=now - DRAFTS_KEPT)
    safe = now - SAFE_AGE
    strays = files.stored_between(FileKind.DOCUMENT, now - LOOKED_FOR, safe)
    unneeded = {*_unneeded(db, forgotten), *_unneeded(db, strays)}
    deleted = sum(files.discard(FileKind.DOCUMENT, digest, older_than=safe) for digest in unneeded)
    for digest in unneeded:
        files.discard(FileKind.THUMBNAIL, digest, older_than=safe)
    for digest in files.stored_between(FileKind.PAGE, datetime.fromtimestamp(0, UTC), now - LOOKED_FOR):
        files.discard(FileKind.PAGE, digest, older_than=safe)  # made again when an officer looks
    return {"unsent documents": len(forgotten), "files": deleted}


def _unneeded(db: Database, digests: Iterable[str]) -> Iterator[str]:
    remaining = iter(digests)
    while batch := list(islice(remaining, MOST_AT_ONCE)):
        with db.read() as connection:
            needed = needed_files(connection, batch)
        yield from (digest for digest in batch if digest not in needed)
